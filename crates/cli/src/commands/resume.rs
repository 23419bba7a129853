//! `lubdub resume`: has what instances report count again.

use clap::Args;

use super::acting::Acting;
use super::drain::is_drained;
use super::subjects::{Selection, Told, each};
use super::target::Target;
use crate::client::wire::Instance;
use crate::failure::Failure;

#[derive(Debug, Args)]
#[command(after_help = "\
Takes back what `lubdub drain`, or another operator's override, said: what the instance reports itself \
counts again.

Examples:
  lubdub resume orders/10.0.0.7:orders:8080
  lubdub resume orders/web-1 orders/web-2 --as alice
  lubdub resume --service orders --zone eu-1a")]
pub(super) struct Resume {
    #[command(flatten)]
    selection: Selection,

    #[command(flatten)]
    acting: Acting,

    #[command(flatten)]
    target: Target,
}

impl Resume {
    pub(super) fn run(&self) -> Result<(), Failure> {
        let client = self.target.client()?;
        let operator = self.acting.operator(&client)?;
        let overridden = |instance: &Instance| instance.status_override.is_some();
        let instances = self.selection.read(&client, "Resume", overridden)?;
        each(&instances, &client, self.target.json, |named| {
            let subject = named.subject();
            let Some(before) = client.instance(subject)? else { return Ok(None) };
            if before.document.status_override.is_none() {
                let words = nothing_to_resume(&named.to_string(), &before.document);
                return Ok(Some(Told { json: Some(before.json), words }));
            }
            let acted = client.clear_override(subject, &operator)?;
            Ok(Told::of(acted, |after| resumed(&named.to_string(), &before.document, &after)))
        })
    }
}

fn nothing_to_resume(who: &str, instance: &Instance) -> String {
    format!("{who} was not drained: consumers are shown {}{}.", instance.status, why_not_up(who, instance))
}

fn resumed(who: &str, before: &Instance, after: &Instance) -> String {
    let what = match &before.status_override {
        Some(other) if !is_drained(before) => format!("its override {other} is taken back"),
        _ => "it is drained no more".to_owned(),
    };
    format!("{who} is resumed ({what}): consumers are shown {} now{}.", after.status, why_not_up(who, after))
}

/// What else keeps an instance from its consumers.
fn why_not_up(who: &str, instance: &Instance) -> String {
    if instance.damped {
        format!(", because damping keeps it out (`lubdub damping clear {who}` ends that)")
    } else if instance.status == "UP" {
        String::new()
    } else if instance.reported == instance.status {
        ", which it reports itself".to_owned()
    } else if instance.health == "critical" {
        ", because a check of it is critical".to_owned()
    } else {
        String::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instance(status: &str, status_override: Option<&str>) -> Instance {
        Instance {
            status: status.to_owned(),
            reported: "UP".to_owned(),
            status_override: status_override.map(str::to_owned),
            ..Instance::default()
        }
    }

    #[test]
    fn it_is_said_what_was_taken_back_and_what_consumers_are_shown() {
        let (drained, up) = (instance("OUT_OF_SERVICE", Some("OUT_OF_SERVICE")), instance("UP", None));
        assert_eq!(
            resumed("orders/a", &drained, &up),
            "orders/a is resumed (it is drained no more): consumers are shown UP now."
        );
        let down = Instance { reported: "DOWN".to_owned(), ..instance("DOWN", None) };
        assert_eq!(
            resumed("orders/a", &instance("DOWN", Some("DOWN")), &down),
            "orders/a is resumed (its override DOWN is taken back): consumers are shown DOWN now, which it \
             reports itself."
        );
    }

    #[test]
    fn one_that_was_not_drained_is_told_so_with_what_else_keeps_it_out() {
        assert_eq!(
            nothing_to_resume("orders/a", &instance("UP", None)),
            "orders/a was not drained: consumers are shown UP."
        );
        let damped = Instance { damped: true, ..instance("OUT_OF_SERVICE", None) };
        assert_eq!(
            nothing_to_resume("orders/a", &damped),
            "orders/a was not drained: consumers are shown OUT_OF_SERVICE, because damping keeps it out \
             (`lubdub damping clear orders/a` ends that)."
        );
        let critical = Instance { health: "critical".to_owned(), ..instance("DOWN", None) };
        assert!(nothing_to_resume("orders/a", &critical).ends_with("because a check of it is critical."));
    }
}
