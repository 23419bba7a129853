//! `lubdub log`: shows or sets what the registry logs.

use std::io::{self, Write};

use clap::Args;

use super::acting::Acting;
use super::target::Target;
use crate::client::{Acted, Client};
use crate::failure::Failure;

#[derive(Debug, Args)]
#[command(after_help = "\
A filter is off, error, warn, info, debug or trace, or such levels by part. It counts until the \
registry ends; what it starts with is said by `lubdub serve --log`.

Examples:
  lubdub log                             what is logged now
  lubdub log debug                       more, from now on
  lubdub log info,lubdub_core=debug      more of one part
  lubdub log info                        back to the usual")]
pub(super) struct Log {
    /// What to log from now on
    filter: Option<String>,

    #[command(flatten)]
    acting: Acting,

    #[command(flatten)]
    target: Target,
}

impl Log {
    pub(super) fn run(&self) -> Result<(), Failure> {
        let client = self.target.client()?;
        let Some(now) = client.log_filter()? else { return Err(no_log(&client, None)) };
        let mut out = io::stdout().lock();
        let Some(filter) = &self.filter else {
            let shown = if self.target.json { &now.json } else { &now.document.filter };
            return Ok(writeln!(out, "{shown}")?);
        };
        let operator = self.acting.operator(&client)?;
        match client.set_log_filter(filter, &operator)? {
            Acted::Done(reply) if self.target.json => Ok(writeln!(out, "{}", reply.json)?),
            Acted::Done(reply) => {
                Ok(writeln!(out, "{}", changed(&now.document.filter, &reply.document.filter))?)
            }
            Acted::Nothing(said) => Err(no_log(&client, Some(&said))),
            Acted::Absent => Err(no_log(&client, None)),
        }
    }
}

fn changed(before: &str, after: &str) -> String {
    if before == after {
        format!("What is logged was {after} already.")
    } else {
        format!("From now on {after} is logged; it was {before}.")
    }
}

fn no_log(client: &Client, said: Option<&str>) -> Failure {
    let said = said.map_or_else(String::new, |said| format!(" ({said})"));
    Failure::new(
        format_args!("{} has no log whose filter can be asked or set{said}", client.server()),
        "say what it logs when it starts, with `lubdub serve --log FILTER`",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_that_was_set_is_told_with_the_one_before() {
        assert_eq!(changed("info", "debug"), "From now on debug is logged; it was info.");
        assert_eq!(changed("info", "info"), "What is logged was info already.");
    }
}
