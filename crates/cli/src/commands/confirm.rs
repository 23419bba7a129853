//! [`Confirm`]: whether somebody really means it.

use std::io::{self, BufRead, IsTerminal, Write};

use clap::Args;

use crate::failure::Failure;

#[derive(Debug, Args)]
pub(super) struct Confirm {
    /// Do not ask; needed where nobody can be asked, such as in a script
    #[arg(long, short)]
    yes: bool,
}

impl Confirm {
    /// Asks on a terminal, such as `Deregister orders/a?`. Anything but a yes is a no.
    ///
    /// # Errors
    ///
    /// They do not mean it, or nobody can be asked and `--yes` was not given.
    pub(super) fn ask(&self, question: &str) -> Result<(), Failure> {
        if self.yes {
            return Ok(());
        }
        let stdin = io::stdin();
        if !stdin.is_terminal() {
            return Err(Failure::new(
                format_args!("{question} Nobody can be asked here: this is no terminal"),
                "say --yes if you mean it; nothing was changed",
            ));
        }
        let mut stderr = io::stderr();
        // That nobody sees the question is told by what is answered.
        let _ = write!(stderr, "{question} [y/N] ").and_then(|()| stderr.flush());
        let mut answer = String::new();
        let read = stdin.lock().read_line(&mut answer);
        if read.is_ok() && is_yes(&answer) { Ok(()) } else { Err(Failure::bare("nothing was changed")) }
    }
}

fn is_yes(answer: &str) -> bool {
    matches!(answer.trim().to_lowercase().as_str(), "y" | "yes")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_yes_is_one() {
        for (answer, yes) in [("y\n", true), ("Yes\r\n", true), ("\n", false), ("", false), ("yep\n", false)]
        {
            assert_eq!(is_yes(answer), yes, "{answer:?}");
        }
    }
}
