//! [`Logging`]: what the server writes about itself, on standard error.

use std::sync::{Arc, Mutex, PoisonError};

use clap::{Args, ValueEnum};
use lubdub_server::LogControl;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Registry, fmt, reload};

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
    /// From now on events are logged; what is answered changes which, while the server runs.
    pub(super) fn start(&self, paint: Paint) -> Result<LogControl, Failure> {
        // Nothing (a variable that is set to it) is what is logged unless said.
        let level = if self.level.is_empty() { UNLESS_SAID } else { &self.level };
        let (filter, control) = adjustable(level)
            .map_err(|reason| Failure::new(format_args!("--log is {level:?}: {reason}"), EXPECTED))?;
        let events = tracing_subscriber::registry().with(filter);
        let written = fmt::layer().with_writer(std::io::stderr);
        match self.format {
            Format::Text => events.with(written.with_ansi(paint.is_on())).init(),
            Format::Json => events.with(written.json()).init(),
        }
        Ok(control)
    }
}

const EXPECTED: &str =
    "expected off, error, warn, info, debug or trace, or such levels by part: info,lubdub_eureka=debug";

/// A filter, and what reads and changes it.
fn adjustable(level: &str) -> Result<(reload::Layer<EnvFilter, Registry>, LogControl), String> {
    let (layer, in_force) = reload::Layer::new(filter(level)?);
    // The filter itself would tell its parts in an order of its own.
    let said = Arc::new(Mutex::new(level.to_owned()));
    let read = {
        let said = Arc::clone(&said);
        move || said.lock().unwrap_or_else(PoisonError::into_inner).clone()
    };
    let set = move |level: &str| {
        let filter = filter(level)?;
        let mut said = said.lock().unwrap_or_else(PoisonError::into_inner);
        in_force.reload(filter).map_err(|error| error.to_string())?;
        level.clone_into(&mut said);
        Ok(())
    };
    Ok((layer, LogControl::new(read, set)))
}

/// A longer filter is no filter that anybody means.
const LONGEST: usize = 1024;

/// What is logged, or why these words do not say so. A word that is no level would be taken as the
/// name of a part and log nothing at all, so it is refused.
fn filter(level: &str) -> Result<EnvFilter, String> {
    if level.len() > LONGEST {
        return Err(format!("it is longer than {LONGEST} bytes"));
    }
    let words = level.split(',').filter(|part| !part.contains(['=', '[']));
    for word in words {
        if word.is_empty() || word.parse::<LevelFilter>().is_err() {
            return Err(format!("{word:?} is no level"));
        }
    }
    EnvFilter::builder().with_regex(false).parse(level).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use tracing_subscriber::layer::Layer;

    use super::*;

    #[test]
    fn levels_are_taken_for_everything_and_by_part() {
        for good in ["off", "info", "WARN", "info,lubdub_eureka=debug"] {
            assert!(filter(good).is_ok(), "{good}");
        }
        for (wrong, why) in [
            ("verbose", "\"verbose\" is no level"),
            ("", "\"\" is no level"),
            ("info,", "\"\" is no level"),
            ("a=b=c", ""),
            ("lubdub=loud", "level filter"),
            (&"info,".repeat(300), "longer than 1024 bytes"),
        ] {
            let told = filter(wrong).unwrap_err();
            assert!(told.contains(why), "{wrong}: {told}");
        }
    }

    #[test]
    fn a_filter_is_changed_while_it_is_in_force_unless_it_is_malformed() {
        let (layer, control) = adjustable("info,lubdub_core=debug").unwrap();
        let most = || Layer::<Registry>::max_level_hint(&layer);
        assert_eq!((control.filter().as_str(), most()), ("info,lubdub_core=debug", Some(LevelFilter::DEBUG)));
        control.set("warn").unwrap();
        assert_eq!((control.filter().as_str(), most()), ("warn", Some(LevelFilter::WARN)));
        assert!(control.set("verbose").unwrap_err().contains("\"verbose\" is no level"));
        assert_eq!((control.filter().as_str(), most()), ("warn", Some(LevelFilter::WARN)));
    }

    #[test]
    fn a_wrong_level_on_the_command_line_is_told_with_what_was_expected() {
        let logging = Logging { level: "verbose".to_owned(), format: Format::Text };
        let told = logging.start(Paint::for_stderr(true)).unwrap_err().to_string();
        assert!(told.contains("--log is \"verbose\"") && told.contains("expected off, error"), "{told}");
    }
}
