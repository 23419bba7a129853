//! [`Logging`]: what the server writes about itself, on standard error.

use clap::{Args, ValueEnum};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

use crate::failure::Failure;
use crate::output::Paint;

/// What is logged unless said.
const UNLESS_SAID: &str = "info";

/// The arguments about the log.
#[derive(Debug, Args)]
pub(super) struct Logging {
    /// How much to log on standard error: off, error, warn, info, debug, trace; or by part, such as
    /// `info,lubdub_eureka=debug`
    #[arg(long = "log", value_name = "LEVEL", env = "LUBDUB_LOG", default_value = UNLESS_SAID)]
    level: String,

    /// How to write the log
    #[arg(long = "log-format", value_name = "FORMAT", env = "LUBDUB_LOG_FORMAT", default_value = "text")]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Lines for people
    Text,
    /// One JSON object for each line
    Json,
}

impl Logging {
    /// From now on events are logged.
    pub(super) fn start(&self, paint: Paint) -> Result<(), Failure> {
        let filter = filter(&self.level)?;
        let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
        match self.format {
            Format::Text => log.with_ansi(paint.is_on()).init(),
            Format::Json => log.json().init(),
        }
        Ok(())
    }
}

/// What is logged. A word that is no level would be taken as the name of a part and log nothing
/// at all, so it is refused. Nothing (a variable that is set to it) is what is logged unless said.
fn filter(level: &str) -> Result<EnvFilter, Failure> {
    let level = if level.is_empty() { UNLESS_SAID } else { level };
    let told = |why: &str| {
        Failure::new(
            format_args!("--log is {level:?}: {why}"),
            "expected off, error, warn, info, debug or trace, or such levels by part: info,lubdub_eureka=debug",
        )
    };
    let words = level.split(',').filter(|part| !part.contains(['=', '[']));
    for word in words {
        if word.is_empty() || word.parse::<LevelFilter>().is_err() {
            return Err(told(&format!("{word:?} is no level")));
        }
    }
    EnvFilter::builder().parse(level).map_err(|error| told(&error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_taken_for_everything_and_by_part() {
        for good in ["", "off", "info", "WARN", "info,lubdub_eureka=debug"] {
            assert!(filter(good).is_ok(), "{good}");
        }
        for wrong in ["verbose", "info,", "a=b=c", "lubdub=loud"] {
            let told = filter(wrong).unwrap_err().to_string();
            assert!(told.contains(&format!("{wrong:?}")) && told.contains("expected off, error"), "{told}");
        }
    }
}
