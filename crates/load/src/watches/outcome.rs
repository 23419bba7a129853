//! [`WatchOutcome`]: what was measured of watches, as it is written in JSON.

use serde::Serialize;

use crate::outcome::{Effort, ServerProcess};

/// What was measured. The names of its members are those of `lubdub bench watch --json`, and stay.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WatchOutcome {
    /// What was asked for.
    pub asked: WatchesAsked,
    /// How many changes all were told of.
    pub changes: u64,
    /// Watches that could not go on.
    pub errors: u64,
    /// Why the first of these could not.
    pub first_error: Option<String>,
    /// Of each change, in its order: until so many were told, from when it was sent.
    pub rounds: Vec<RoundMs>,
    /// Of these the median.
    pub median: RoundMs,
    /// Of these the greatest.
    pub worst: RoundMs,
    /// Whether it was stopped before its time.
    pub stopped_early: bool,
    /// What the generator itself took; a request is one watch that was told.
    pub generator: Effort,
    /// What the server's process took, where it was named; for 100 000 watches that were told.
    pub server: Option<ServerProcess>,
    /// Its memory for one watch, with what its share of a connection takes.
    pub bytes_per_watch: Option<f64>,
}

/// How soon watches were told of one change, in milliseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct RoundMs {
    /// Until the change was answered to who made it.
    pub answered: f64,
    /// Until the first was told.
    pub first: f64,
    /// Half.
    pub p50: f64,
    /// 99 in 100.
    pub p99: f64,
    /// All.
    pub all: f64,
}

impl RoundMs {
    /// Each figure by itself, chosen from the sorted ones of all rounds.
    pub(crate) fn of(rounds: &[Self], choose: fn(&[f64]) -> f64) -> Self {
        let figure = |of: fn(&Self) -> f64| {
            let mut all: Vec<f64> = rounds.iter().map(of).collect();
            all.sort_by(f64::total_cmp);
            choose(&all)
        };
        Self {
            answered: figure(|round| round.answered),
            first: figure(|round| round.first),
            p50: figure(|round| round.p50),
            p99: figure(|round| round.p99),
            all: figure(|round| round.all),
        }
    }
}

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WatchesAsked {
    /// The registry's URL.
    pub server: String,
    /// How many watches.
    pub watches: usize,
    /// Over how many connections, where the registry's protocol lets them share one.
    pub connections: usize,
    /// How many changes.
    pub changes: u64,
    /// Between two of them, in seconds.
    pub pause_s: f64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_figure_is_chosen_by_itself() {
        let round = |first, all| RoundMs { first, all, ..RoundMs::default() };
        let rounds = [round(1.0, 9.0), round(2.0, 7.0), round(3.0, 8.0)];
        let worst = RoundMs::of(&rounds, |sorted| sorted.last().copied().unwrap_or_default());
        assert_eq!((worst.first, worst.all), (3.0, 9.0));
    }
}
