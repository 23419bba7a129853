//! [`note`]: what is said beside the answer.

use std::fmt::Display;
use std::io::Write;

/// Writes to standard error, beside the answer. That nobody reads it is no failure.
pub(crate) fn note(text: impl Display) {
    let _ = writeln!(std::io::stderr(), "{text}");
}
