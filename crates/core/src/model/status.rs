//! [`Status`]: what an instance says of itself, or an operator of it.

use std::fmt;
use std::str::FromStr;

/// What an instance reports of itself, or an operator says of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// Takes traffic.
    Up,
    /// Initialising; not yet to be called.
    Starting,
    /// Its own health check failed.
    Down,
    /// Taken out on purpose.
    OutOfService,
    /// Nothing is known.
    Unknown,
}

impl Status {
    /// Every status, in the order of their names.
    pub const ALL: [Self; 5] = [Self::Down, Self::OutOfService, Self::Starting, Self::Unknown, Self::Up];

    /// The name, as every protocol of this field writes it: upper case.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Up => "UP",
            Self::Starting => "STARTING",
            Self::Down => "DOWN",
            Self::OutOfService => "OUT_OF_SERVICE",
            Self::Unknown => "UNKNOWN",
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A text that is not the name of a status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected one of UP, STARTING, DOWN, OUT_OF_SERVICE, UNKNOWN")]
pub struct NotAStatus;

impl FromStr for Status {
    type Err = NotAStatus;

    fn from_str(text: &str) -> Result<Self, NotAStatus> {
        Self::ALL.into_iter().find(|status| status.name() == text).ok_or(NotAStatus)
    }
}

/// How many instances have each status.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct StatusCounts([usize; 5]);

impl StatusCounts {
    /// The number of instances with this status.
    pub fn of(&self, status: Status) -> usize {
        match status {
            Status::Down => self.0[0],
            Status::OutOfService => self.0[1],
            Status::Starting => self.0[2],
            Status::Unknown => self.0[3],
            Status::Up => self.0[4],
        }
    }

    /// The number of instances.
    pub fn total(&self) -> usize {
        self.0.iter().sum()
    }

    /// One more with this status.
    pub fn add(&mut self, status: Status) {
        *self.cell(status) += 1;
    }

    /// More of each.
    pub(crate) fn add_all(&mut self, others: &Self) {
        for (own, other) in self.0.iter_mut().zip(others.0) {
            *own += other;
        }
    }

    /// One less with this status; stays at zero.
    pub fn remove(&mut self, status: Status) {
        let cell = self.cell(status);
        *cell = cell.saturating_sub(1);
    }

    fn cell(&mut self, status: Status) -> &mut usize {
        match status {
            Status::Down => &mut self.0[0],
            Status::OutOfService => &mut self.0[1],
            Status::Starting => &mut self.0[2],
            Status::Unknown => &mut self.0[3],
            Status::Up => &mut self.0[4],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_is_read_back_from_its_name() {
        for status in Status::ALL {
            assert_eq!(status.name().parse(), Ok(status));
        }
        assert_eq!("up".parse::<Status>(), Err(NotAStatus));
    }

    #[test]
    fn counts_follow_additions_and_removals() {
        let mut counts = StatusCounts::default();
        counts.add(Status::Up);
        counts.add(Status::Up);
        counts.add(Status::Down);
        counts.remove(Status::Up);
        assert_eq!((counts.of(Status::Up), counts.of(Status::Down), counts.total()), (1, 1, 2));
        counts.remove(Status::Starting);
        assert_eq!(counts.total(), 2);
    }
}
