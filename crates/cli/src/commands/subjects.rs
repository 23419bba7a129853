//! Which instances a command acts on, and how it goes through them.

use std::fmt;
use std::io::{self, Write};
use std::str::FromStr;

use clap::Args;

use super::confirm::Confirm;
use crate::client::wire::Instance;
use crate::client::{Acted, Client, Fitting, Subject};
use crate::failure::Failure;
use crate::output::note;
use crate::words::count;

/// An instance, as it is named on the command line: `SERVICE/ID`. An id may hold slashes itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Named {
    service: String,
    id: String,
    node: String,
}

impl Named {
    /// What the registry is asked about.
    pub(super) fn subject(&self) -> Subject<'_> {
        Subject { service: &self.service, id: &self.id, node: &self.node }
    }
}

impl FromStr for Named {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once('/') {
            Some((service, id)) if !service.is_empty() && !id.is_empty() => {
                Ok(Self { service: service.to_owned(), id: id.to_owned(), node: String::new() })
            }
            _ => Err("expected SERVICE/ID in one word, such as orders/10.0.0.7:8080".to_owned()),
        }
    }
}

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.service, self.id)
    }
}

/// Instances by name, or all of a service or zone.
#[derive(Debug, Args)]
pub(super) struct Selection {
    /// The instances, as `lubdub instances` shows them
    #[arg(value_name = "SERVICE/ID", required_unless_present_any = ["service", "zone"], conflicts_with_all = ["service", "zone"])]
    named: Vec<Named>,

    /// All instances of this service (in any case); asks first
    #[arg(long)]
    service: Option<String>,

    /// All instances in this zone; asks first
    #[arg(long)]
    zone: Option<String>,

    #[command(flatten)]
    confirm: Confirm,
}

impl Selection {
    /// The instances. Those that were not named one by one must fit, and somebody must mean it:
    /// `verb` is what is about to be done to them, such as `Drain`.
    pub(super) fn read(
        &self,
        client: &Client,
        verb: &str,
        fits: impl Fn(&Instance) -> bool,
    ) -> Result<Vec<Named>, Failure> {
        if !self.named.is_empty() {
            return Ok(self.named.clone());
        }
        let fitting =
            Fitting { service: self.service.as_deref(), zone: self.zone.as_deref(), ..Fitting::default() };
        let instances = client.instances::<Instance>(&fitting)?.instances;
        let found: Vec<Named> = instances
            .into_iter()
            .filter(fits)
            .map(|instance| Named { service: instance.service, id: instance.id, node: instance.node })
            .collect();
        if found.is_empty() {
            return Err(Failure::new(
                format_args!("there is no instance at {} for this", client.server()),
                "see who is there with `lubdub instances`",
            ));
        }
        let names: Vec<String> = found.iter().take(SHOWN).map(ToString::to_string).collect();
        let more = if found.len() > SHOWN { ", …" } else { "" };
        self.confirm.ask(&format!(
            "{verb} {} ({}{more})?",
            count(found.len(), "instance"),
            names.join(", ")
        ))?;
        Ok(found)
    }
}

/// A question names so many at most.
const SHOWN: usize = 5;

/// What became of one.
#[derive(Debug)]
pub(super) struct Told {
    /// For machines, the instance as the registry wrote it; none where nothing was done.
    pub(super) json: Option<String>,
    /// For people.
    pub(super) words: String,
}

impl Told {
    /// What an action answered; none when its instance is not there.
    pub(super) fn of<T>(acted: Acted<T>, words: impl FnOnce(T) -> String) -> Option<Self> {
        match acted {
            Acted::Done(reply) => Some(Self { json: Some(reply.json), words: words(reply.document) }),
            Acted::Nothing(said) => Some(Self { json: None, words: said }),
            Acted::Absent => None,
        }
    }
}

/// Acts on each in turn and says what became of it. Those that are not registered do not keep
/// the others from their turn.
pub(super) fn each(
    instances: &[Named],
    client: &Client,
    json: bool,
    mut act: impl FnMut(&Named) -> Result<Option<Told>, Failure>,
) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    let mut documents = Vec::new();
    let mut absent = Vec::new();
    let mut ended = Ok(());
    for instance in instances {
        match act(instance) {
            Ok(None) => absent.push(instance),
            Ok(Some(told)) if json => documents.extend(told.json),
            Ok(Some(told)) => writeln!(out, "{}", told.words)?,
            // What holds for one (no token, no registry) holds for all that would follow.
            Err(failure) => {
                ended = Err(failure);
                break;
            }
        }
    }
    if json {
        writeln!(out, "{{\"instances\":[{}]}}", documents.join(","))?;
    }
    out.flush()?;
    let missing = |instance: &Named| format!("{instance} is not registered at {}", client.server());
    if let (Ok(()), [rest @ .., last]) = (&ended, absent.as_slice()) {
        for instance in rest {
            note(format_args!("error: {}", missing(instance)));
        }
        let see = format!("see who is there with `lubdub instances {}`", last.service);
        return Err(Failure::new(missing(last), see));
    }
    ended
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instance_is_named_by_service_and_id_in_one_word() {
        let named: Named = "orders/a/b:80".parse().unwrap();
        assert_eq!((named.service.as_str(), named.id.as_str()), ("orders", "a/b:80"));
        assert_eq!(named.to_string(), "orders/a/b:80");
        for wrong in ["orders", "/a", "orders/", ""] {
            assert!(wrong.parse::<Named>().unwrap_err().contains("SERVICE/ID"), "{wrong}");
        }
    }
}
