//! [`Standing`]: how it is with the registry, and which changes of that are worth a line.
//!
//! A registry that is gone is told of once, and once more when it is back; not with each beat.

use lubdub_client::Status;

/// How it is with the registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Standing {
    /// How often the instance was registered.
    registrations: u64,
    /// Whether what was told to the registry last was not heard.
    failing: bool,
}

/// What is worth a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum News {
    /// It is registered, for the first time.
    Registered,
    /// It could not be registered yet.
    NotYet,
    /// It was registered, and the registry does not answer any more.
    Gone,
    /// The registry answers again, and knows it still.
    Back,
    /// The registry had lost it, and knows it again.
    RegisteredAgain,
}

impl Standing {
    /// Before anything was told to the registry.
    pub(super) const BEGINNING: Self = Self { registrations: 0, failing: false };

    /// As the SDK tells it.
    pub(super) fn of(status: &Status) -> Self {
        Self { registrations: status.registrations, failing: status.failures_in_a_row > 0 }
    }

    /// Whether it was registered ever.
    pub(super) fn was_registered(self) -> bool {
        self.registrations > 0
    }

    /// Whether the registry has it, as far as is known.
    pub(super) fn is_known(self) -> bool {
        self.was_registered() && !self.failing
    }

    /// What is worth telling of the change to `now`.
    pub(super) fn news(self, now: Self) -> Option<News> {
        if now.failing {
            let news = if now.was_registered() { News::Gone } else { News::NotYet };
            return (!self.failing).then_some(news);
        }
        match (self.registrations, now.registrations) {
            (before, after) if before == after => self.failing.then_some(News::Back),
            (0, _) => Some(News::Registered),
            _ => Some(News::RegisteredAgain),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(standings: &[(u64, bool)]) -> Vec<News> {
        let standings = standings.iter().map(|&(registrations, failing)| Standing { registrations, failing });
        let mut before = Standing::BEGINNING;
        standings.filter_map(|now| std::mem::replace(&mut before, now).news(now)).collect()
    }

    #[test]
    fn a_registry_that_is_there_is_told_of_once() {
        assert_eq!(told(&[(1, false), (1, false)]), [News::Registered]);
    }

    #[test]
    fn one_that_is_gone_is_told_of_once_and_once_when_it_is_back() {
        assert_eq!(told(&[(0, true), (0, true), (1, false)]), [News::NotYet, News::Registered]);
        assert_eq!(
            told(&[(1, false), (1, true), (1, true), (1, false)]),
            [News::Registered, News::Gone, News::Back]
        );
    }

    #[test]
    fn one_that_lost_the_instance_is_told_of_when_it_knows_it_again() {
        assert_eq!(told(&[(1, false), (2, false)]), [News::Registered, News::RegisteredAgain]);
        assert_eq!(
            told(&[(1, false), (1, true), (2, false)]),
            [News::Registered, News::Gone, News::RegisteredAgain]
        );
    }
}
