//! [`Live`]: one line on standard error that tells how far it is, where that is a terminal.

use std::cell::Cell;
use std::io::{self, IsTerminal, Write};
use std::time::Duration;

use lubdub_load::{Progress, Stage};

/// What erases a line of a terminal.
const ERASE: &str = "\r\u{1b}[K";

/// Writes the line, again and again in place.
pub(super) struct Live {
    is_terminal: bool,
    last: Cell<Option<(Stage, Duration, u64)>>,
}

impl Live {
    pub(super) fn new() -> Self {
        let able = std::env::var_os("TERM").is_none_or(|term| term != "dumb");
        Self { is_terminal: able && io::stderr().is_terminal(), last: Cell::new(None) }
    }

    pub(super) fn show(&self, progress: Progress) {
        if !self.is_terminal {
            return;
        }
        let before = self.last.replace(Some((progress.stage, progress.elapsed, progress.requests)));
        put(&format!("{ERASE}{}", line(progress, before)));
    }

    pub(super) fn clear(&self) {
        if self.is_terminal {
            put(ERASE);
        }
    }
}

fn put(text: &str) {
    let mut err = io::stderr().lock();
    let _ = err.write_all(text.as_bytes()).and_then(|()| err.flush());
}

/// The line; the pace is that since the last one of the same stage.
fn line(progress: Progress, before: Option<(Stage, Duration, u64)>) -> String {
    let Progress { stage, elapsed, requests, errors } = progress;
    let what = match stage {
        Stage::Preparing => "registering",
        Stage::Measuring => "measuring",
        Stage::CleaningUp => "deregistering",
    };
    let (since, counted) = match before {
        Some((of, at, counted)) if of == stage => (at, counted),
        _ => (Duration::ZERO, 0),
    };
    let span = elapsed.saturating_sub(since).as_secs_f64();
    let pace = if span > 0.0 { requests.saturating_sub(counted) as f64 / span } else { 0.0 };
    let failed = if errors > 0 { format!(", {errors} failed") } else { String::new() };
    format!("{what}: {:.1} s, {requests} requests, {pace:.0}/s{failed}", elapsed.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_tells_the_pace_since_the_last() {
        let progress = |stage, millis, requests, errors| Progress {
            stage,
            elapsed: Duration::from_millis(millis),
            requests,
            errors,
        };
        let before = Some((Stage::Measuring, Duration::from_secs(1), 1_000));
        assert_eq!(
            line(progress(Stage::Measuring, 1_500, 2_000, 3), before),
            "measuring: 1.5 s, 2000 requests, 2000/s, 3 failed"
        );
        assert_eq!(
            line(progress(Stage::CleaningUp, 500, 100, 0), before),
            "deregistering: 0.5 s, 100 requests, 200/s"
        );
        assert_eq!(line(progress(Stage::Preparing, 0, 0, 0), None), "registering: 0.0 s, 0 requests, 0/s");
    }
}
