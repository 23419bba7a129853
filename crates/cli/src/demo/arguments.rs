//! [`Demo`]: the arguments of the demo.

use clap::Args;

use super::script;
use crate::failure::Failure;
use crate::output::Paint;

/// How to play it.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  lubdub demo                         until Ctrl-C, to look around in the registry meanwhile
  lubdub demo --providers 12
  lubdub demo --exit                  as a self-test: ends after the summary, with 0 if all was
                                      as promised")]
pub(crate) struct Demo {
    /// End after the summary instead of staying up
    #[arg(long)]
    exit: bool,

    /// How many provider processes to start, 3 to 40
    #[arg(long, value_name = "NUMBER", default_value_t = 5, value_parser = clap::value_parser!(u8).range(3..=40))]
    providers: u8,
}

impl Demo {
    /// Plays it.
    ///
    /// # Errors
    ///
    /// It could not be played, or something was not as promised.
    pub(crate) fn run(&self, paint: Paint) -> Result<(), Failure> {
        script::play(usize::from(self.providers), self.exit, paint)
    }
}
