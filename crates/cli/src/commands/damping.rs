//! `lubdub damping`: shows which instances are kept out for their losses, or clears that.

use std::io::{self, Write};
use std::time::Duration;

use clap::{Args, Subcommand};
use jiff::Timestamp;

use super::acting::Acting;
use super::subjects::{Named, Told, each};
use super::target::Target;
use crate::client::wire::{self, DampingRules, Instance, Penalized};
use crate::failure::Failure;
use crate::output::{Ink, Paint, Table};
use crate::words::{chosen, until};

#[derive(Debug, Args)]
#[command(after_help = "\
Each time that an instance is lost for its silence and comes back, it gets a penalty, which halves \
with time. Where damping is on, one whose penalty is too high is kept from its consumers until it \
fell far enough.

Examples:
  lubdub damping
  lubdub damping --json | jq '.instances[] | select(.damped)'
  lubdub damping clear orders/10.0.0.7:orders:8080 --as alice")]
pub(super) struct Damping {
    #[command(subcommand)]
    action: Option<Action>,

    #[command(flatten)]
    target: Target,
}

#[derive(Debug, Subcommand)]
#[command(disable_help_subcommand = true)]
enum Action {
    /// Have instances offered again, and forget their penalties
    Clear(Clear),
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  lubdub damping clear orders/10.0.0.7:orders:8080
  lubdub damping clear orders/web-1 orders/web-2 --as alice")]
struct Clear {
    /// The instances, as `lubdub damping` shows them
    #[arg(value_name = "SERVICE/ID", required = true)]
    named: Vec<Named>,

    #[command(flatten)]
    acting: Acting,
}

impl Damping {
    pub(super) fn run(&self, paint: Paint) -> Result<(), Failure> {
        let client = self.target.client()?;
        if let Some(Action::Clear(clear)) = &self.action {
            let operator = clear.acting.operator(&client)?;
            return each(&clear.named, &client, self.target.json, |named| {
                let acted = client.clear_damping(named.subject(), &operator)?;
                Ok(Told::of(acted, |after| cleared(&named.to_string(), &after)))
            });
        }
        let Some(damping) = client.damping()? else {
            return Err(Failure::bare(format_args!("the registry at {} has no damping", client.server())));
        };
        let mut out = io::stdout().lock();
        if self.target.json {
            return Ok(writeln!(out, "{}", damping.json)?);
        }
        Ok(writeln!(out, "{}", in_words(&damping.document, Timestamp::now(), paint).join("\n"))?)
    }
}

fn cleared(who: &str, after: &Instance) -> String {
    format!(
        "{who} is damped no more, and its penalty is forgotten: consumers are shown {} now.",
        after.status
    )
}

fn in_words(damping: &wire::Damping, now: Timestamp, paint: Paint) -> Vec<String> {
    let mut lines = vec![format!("Damping is {}.", rules(&damping.rules))];
    lines.extend(
        damping.services.iter().map(|(name, own)| format!("For service {name} it is {}.", rules(own))),
    );
    lines.push(String::new());
    if damping.instances.is_empty() {
        lines.push("No instance has a penalty.".to_owned());
    } else {
        lines.push(table(&damping.instances, now, paint).to_string());
    }
    lines
}

fn rules(rules: &DampingRules) -> String {
    if !rules.enabled {
        return "off (damping.enabled)".to_owned();
    }
    let span = |millis| chosen(Duration::from_millis(millis));
    format!(
        "on: a loss costs 1000, which halves every {}; above {} an instance is kept out until it is below {}, \
         for {} at most",
        span(rules.half_life_ms),
        rules.suppress,
        rules.reuse,
        span(rules.longest_ms)
    )
}

fn table(instances: &[Penalized], now: Timestamp, paint: Paint) -> Table {
    let mut table =
        Table::new(paint, &["SERVICE", "INSTANCE", "PENALTY", "LOSSES", "STATE", "OFFERED AGAIN"]);
    for it in instances {
        let (state, ink) = if it.damped { ("kept out", Ink::Bad) } else { ("offered", Ink::Good) };
        let again = it.until.filter(|_| it.damped).map(|at| until(now, at));
        table.row([
            (it.service.clone(), None),
            (it.id.clone(), Some(Ink::Strong)),
            (it.penalty.to_string(), None),
            (it.losses.to_string(), None),
            (state.to_owned(), Some(ink)),
            (again.unwrap_or_default(), None),
        ]);
    }
    for column in [2, 3] {
        table.align_right(column);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: &str =
        r#"{"enabled":true,"half_life_ms":60000,"suppress":2500,"reuse":1000,"longest_ms":300000}"#;

    fn lines(json: &str) -> Vec<String> {
        let now = "2026-11-21T11:02:16.207Z".parse().unwrap();
        in_words(&serde_json::from_str(json).unwrap(), now, Paint::PLAIN)
    }

    #[test]
    fn penalties_are_listed_with_who_is_kept_out_and_for_how_long() {
        let json = format!(
            r#"{{"rules":{RULES},"services":{{"batch":{{"enabled":false}}}},"instances":[
                {{"service":"orders","id":"a","penalty":2800,"losses":3,"damped":true,"until":"2026-11-21T11:03:45.207Z"}},
                {{"service":"orders","id":"b","penalty":900,"losses":1,"damped":false,"until":null}}]}}"#
        );
        assert_eq!(
            lines(&json),
            [
                "Damping is on: a loss costs 1000, which halves every 1 min; above 2500 an instance is kept out until \
                 it is below 1000, for 5 min at most.",
                "For service batch it is off (damping.enabled).",
                "",
                " SERVICE  INSTANCE  PENALTY  LOSSES  STATE     OFFERED AGAIN\n \
                 orders   a            2800       3  kept out  in 1 min 29 s\n \
                 orders   b             900       1  offered",
            ]
        );
    }

    #[test]
    fn where_nobody_has_a_penalty_that_is_said() {
        assert_eq!(lines("{}"), ["Damping is off (damping.enabled).", "", "No instance has a penalty."]);
    }

    #[test]
    fn one_that_was_cleared_is_told_with_what_consumers_are_shown() {
        let after = Instance { status: "UP".to_owned(), ..Instance::default() };
        assert_eq!(
            cleared("orders/a", &after),
            "orders/a is damped no more, and its penalty is forgotten: consumers are shown UP now."
        );
    }
}
