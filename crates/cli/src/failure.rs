//! [`Failure`]: what went wrong and what to do next, for the person who typed the command.

use std::fmt;
use std::io;

/// Why a command ended without doing what it should.
#[derive(Debug)]
pub(crate) enum Failure {
    /// To be shown on standard error; the exit code is 1.
    Told {
        /// What went wrong.
        what: String,
        /// What to do next; may have several lines.
        next: Option<String>,
    },
    /// It was said on standard output that not all is well; the exit code is 1.
    Said,
    /// It was said that what was measured is void; the exit code is 3.
    Void,
    /// The command that we ran ended with this code, which is ours, too; never 0.
    Ended(u8),
    /// The program that read our output has closed it (`lubdub services | head -1`): it has
    /// what it wants, so this is a success.
    NobodyReads,
}

impl Failure {
    /// Something went wrong, and this is what to do next.
    pub(crate) fn new(what: impl fmt::Display, next: impl fmt::Display) -> Self {
        Self::Told { what: what.to_string(), next: Some(next.to_string()) }
    }

    /// Something went wrong; what to do next stands behind the first semicolon of its text.
    pub(crate) fn told(error: impl fmt::Display) -> Self {
        let text = error.to_string();
        match text.split_once("; ") {
            Some((what, next)) => Self::new(what, next),
            None => Self::bare(text),
        }
    }

    /// Something went wrong, and nothing more can be said.
    pub(crate) fn bare(what: impl fmt::Display) -> Self {
        Self::Told { what: what.to_string(), next: None }
    }
}

impl From<io::Error> for Failure {
    /// Of writing to standard output.
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::NobodyReads,
            _ => Self::bare(format_args!("cannot write to standard output: {error}")),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Said => f.write_str("not all is well"),
            Self::Void => f.write_str("what was measured is void"),
            Self::Ended(code) => write!(f, "the command ended with {code}"),
            Self::NobodyReads => f.write_str("nobody reads our output any more"),
            Self::Told { what, next } => {
                write!(f, "error: {what}")?;
                let next = next.iter().flat_map(|next| next.lines());
                next.into_iter().try_for_each(|line| write!(f, "\n  {line}"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_says_what_to_do_next_on_lines_of_its_own() {
        let failure = Failure::new("nothing answers", "start one\nor name one");
        assert_eq!(failure.to_string(), "error: nothing answers\n  start one\n  or name one");
    }

    #[test]
    fn a_reader_that_leaves_is_not_told_as_an_error() {
        let left = Failure::from(io::Error::from(io::ErrorKind::BrokenPipe));
        assert!(matches!(left, Failure::NobodyReads));
    }
}
