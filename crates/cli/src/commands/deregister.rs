//! `lubdub deregister`: removes instances at once.

use clap::Args;

use super::acting::Acting;
use super::confirm::Confirm;
use super::subjects::{Named, Told, each};
use super::target::Target;
use crate::failure::Failure;
use crate::output::note;
use crate::words::count;

#[derive(Debug, Args)]
#[command(after_help = "\
A provider that still runs registers again, most at their next beat: to keep one from its consumers, \
drain it. Use this for what will not come back. It asks first on a terminal, and wants --yes elsewhere.

Examples:
  lubdub deregister orders/10.0.0.7:orders:8080
  lubdub deregister orders/web-1 orders/web-2 --yes --as alice")]
pub(super) struct Deregister {
    /// The instances, as `lubdub instances` shows them
    #[arg(value_name = "SERVICE/ID", required = true)]
    named: Vec<Named>,

    #[command(flatten)]
    confirm: Confirm,

    #[command(flatten)]
    acting: Acting,

    #[command(flatten)]
    target: Target,
}

impl Deregister {
    pub(super) fn run(&self) -> Result<(), Failure> {
        let client = self.target.client()?;
        let operator = self.acting.operator(&client)?;
        self.confirm.ask(&question(&self.named))?;
        each(&self.named, &client, self.target.json, |named| {
            let acted = client.remove(named.subject(), &operator)?;
            Ok(Told::of(acted, |_| format!("{named} is deregistered.")))
        })?;
        if !self.target.json {
            note("A provider that still runs registers again; `lubdub drain` keeps one from its consumers.");
        }
        Ok(())
    }
}

fn question(named: &[Named]) -> String {
    match named {
        [one] => format!("Deregister {one}?"),
        several => {
            let names: Vec<String> = several.iter().map(ToString::to_string).collect();
            format!("Deregister {} ({})?", count(several.len(), "instance"), names.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_question_names_who_would_go() {
        let named: Vec<Named> = ["orders/a", "orders/b"].iter().map(|name| name.parse().unwrap()).collect();
        assert_eq!(question(&named), "Deregister 2 instances (orders/a, orders/b)?");
        assert_eq!(question(&named[..1]), "Deregister orders/a?");
    }
}
