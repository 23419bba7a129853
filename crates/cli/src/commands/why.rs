//! `lubdub why`: tells the life of one instance, also after its end.

use std::io::{self, Write};

use clap::error::ErrorKind;
use clap::{Args, CommandFactory};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::CommandLine;
use super::target::Target;
use crate::client::Subject;
use crate::failure::Failure;
use crate::output::Paint;
use crate::words::{Story, story};

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  lubdub why orders 10.0.0.7:orders:8080
  lubdub why orders/10.0.0.7:orders:8080
  lubdub why orders/10.0.0.7:orders:8080 --json | jq '.history[].cause'")]
pub(super) struct Why {
    /// The service, or SERVICE/ID
    service: String,

    /// The instance's id, as `lubdub instances` shows it
    id: Option<String>,

    #[command(flatten)]
    target: Target,
}

impl Why {
    pub(super) fn run(&self, paint: Paint) -> Result<(), Failure> {
        let Some((service, id)) = whom(&self.service, self.id.as_deref()) else {
            let told = format!("which instance of `{0}`? Give its id too: lubdub why {0} ID", self.service);
            let mut whole = CommandLine::command();
            whole.build();
            let own = whole.find_subcommand_mut("why").expect("invariant: this is a command");
            own.error(ErrorKind::MissingRequiredArgument, told).exit();
        };
        let client = self.target.client()?;
        let subject = Subject { service, id, node: "" };
        let instance = client.instance(subject)?;
        let history = client.history(subject)?;
        let entries = history.as_ref().map(|reply| reply.document.history.as_slice()).unwrap_or_default();
        if instance.is_none() && entries.is_empty() {
            return Err(Failure::new(
                format_args!(
                    "{service}/{id} is not registered at {}, and nothing is remembered of it",
                    client.server()
                ),
                format_args!("see who is there with `lubdub instances {service}`"),
            ));
        }
        let mut out = io::stdout().lock();
        if self.target.json {
            let now = instance.as_ref().map_or("null", |reply| reply.json.as_str());
            let past = history.as_ref().map_or("[]", |reply| raw_history(&reply.json));
            return Ok(writeln!(out, "{{\"instance\":{now},\"history\":{past}}}")?);
        }
        let told =
            Story { service, id, instance: instance.as_ref().map(|reply| &reply.document), history: entries };
        Ok(writeln!(out, "{}", story(&told, Timestamp::now(), paint).join("\n"))?)
    }
}

/// The entries as the registry wrote them.
fn raw_history(json: &str) -> &str {
    #[derive(Deserialize)]
    struct Raw<'a> {
        #[serde(borrow)]
        history: &'a RawValue,
    }
    serde_json::from_str::<Raw<'_>>(json).map_or("[]", |raw| raw.history.get())
}

/// The service and the id in `SERVICE ID` or `SERVICE/ID`; an id may hold slashes itself.
fn whom<'a>(service: &'a str, id: Option<&'a str>) -> Option<(&'a str, &'a str)> {
    match id {
        Some(id) => Some((service, id)),
        None => service.split_once('/').filter(|(service, id)| !service.is_empty() && !id.is_empty()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_passed_on_as_they_were_written() {
        assert_eq!(raw_history(r#"{"id":"a","history":[{"z":1, "a":2}]}"#), r#"[{"z":1, "a":2}]"#);
    }

    #[test]
    fn an_instance_is_named_in_two_words_or_with_a_slash() {
        assert_eq!(whom("orders", Some("a/b")), Some(("orders", "a/b")));
        assert_eq!(whom("orders/a/b", None), Some(("orders", "a/b")));
        assert_eq!(whom("orders", None), None);
        assert_eq!(whom("orders/", None), None);
        assert_eq!(whom("/a", None), None);
    }
}
