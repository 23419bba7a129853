//! [`Report`]: what a provider process of the demo tells the demo, a line each.

use std::fmt;
use std::str::FromStr;

/// What a provider says on its standard output, after the fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Report {
    /// The registry took its registration.
    Registered,
    /// The registry took its renewal: a beat was heard.
    Renewed,
    /// Its renewal was answered "unknown lease": it registers again at once.
    Unknown,
    /// Nothing came back, or something else: it tries again at the next beat.
    Unanswered,
    /// It said goodbye.
    Deregistered,
}

impl Report {
    const ALL: [(Self, &'static str); 5] = [
        (Self::Registered, "registered"),
        (Self::Renewed, "renewed"),
        (Self::Unknown, "unknown"),
        (Self::Unanswered, "unanswered"),
        (Self::Deregistered, "deregistered"),
    ];
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = Self::ALL.iter().find(|(report, _)| report == self).map_or("", |(_, name)| name);
        f.pad(name)
    }
}

/// A line that is no report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NotAReport;

impl FromStr for Report {
    type Err = NotAReport;

    fn from_str(line: &str) -> Result<Self, NotAReport> {
        Self::ALL.iter().find(|(_, name)| *name == line).map(|(report, _)| *report).ok_or(NotAReport)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_report_is_read_back_from_its_line() {
        for (report, _) in Report::ALL {
            assert_eq!(report.to_string().parse(), Ok(report));
        }
        assert_eq!("Renewed".parse::<Report>(), Err(NotAReport));
    }
}
