//! `lubdub services`: lists the services.

use std::io::{self, Write};

use clap::Args;

use super::target::Target;
use crate::client::wire::Service;
use crate::failure::Failure;
use crate::output::{Ink, Paint, Table};

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  lubdub services
  lubdub services --server http://registry.example:8761
  lubdub services --json | jq '.services[].name'")]
pub(super) struct Services {
    #[command(flatten)]
    target: Target,
}

impl Services {
    pub(super) fn run(&self, paint: Paint) -> Result<(), Failure> {
        let client = self.target.client()?;
        let reply = client.services()?;
        let mut out = io::stdout().lock();
        if self.target.json {
            return Ok(writeln!(out, "{}", reply.json)?);
        }
        let services = &reply.document.services;
        if services.is_empty() {
            writeln!(out, "No services: nothing is registered at {} yet.", client.server())?;
            return Ok(writeln!(
                out,
                "Point a provider at {}/eureka, or see `lubdub demo`.",
                client.server()
            )?);
        }
        Ok(writeln!(out, "{}", table(services, paint))?)
    }
}

fn table(services: &[Service], paint: Paint) -> Table {
    let mut table = Table::new(paint, &["SERVICE", "INSTANCES", "UP", "OTHERS"]);
    for service in services {
        let up = service.statuses.get("UP").copied().unwrap_or(0);
        let others = service.statuses.iter().filter(|(status, count)| *status != "UP" && **count > 0);
        let others: Vec<String> = others.map(|(status, count)| format!("{count} {status}")).collect();
        table.row([
            (service.name.clone(), Some(Ink::Strong)),
            (service.instances.to_string(), None),
            (up.to_string(), Some(if up == 0 { Ink::Bad } else { Ink::Good })),
            (others.join(", "), Some(Ink::Wary)),
        ]);
    }
    table.align_right(1);
    table.align_right(2);
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_are_listed_with_what_is_up_and_what_is_not() {
        let service = Service {
            name: "orders".to_owned(),
            instances: 4,
            statuses: [("UP".to_owned(), 3), ("DOWN".to_owned(), 1), ("STARTING".to_owned(), 0)].into(),
        };
        let text = table(&[service], Paint::PLAIN).to_string();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines, [" SERVICE  INSTANCES  UP  OTHERS", " orders           4   3  1 DOWN"]);
    }
}
