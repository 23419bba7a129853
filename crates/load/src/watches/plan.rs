//! [`WatchPlan`]: what is to be measured of watches.

use std::time::Duration;

use crate::Error;

/// More would measure the system instead of the server.
const MOST_WATCHES: usize = 20_000;

/// What is to be measured of watches.
#[derive(Debug, Clone, PartialEq)]
pub struct WatchPlan {
    /// How many are open, all of one service; 1 to 20 000.
    pub watches: usize,
    /// Over how many connections; at most as many as watches. Some registries have one for each.
    pub connections: usize,
    /// How many changes are made, one after the other; 1 to 10 000.
    pub changes: u64,
    /// Between two changes, counted from when all were told of the one before.
    pub pause: Duration,
    /// The server's process on this machine, whose processor time and memory are told too.
    pub pid: Option<i32>,
}

impl WatchPlan {
    /// 10 000 watches, a hundred on each connection; 20 changes, a fifth of a second apart.
    pub const fn usual() -> Self {
        Self { watches: 10_000, connections: 100, changes: 20, pause: Duration::from_millis(200), pid: None }
    }

    /// # Errors
    ///
    /// It asks for what cannot be.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let faults = [
            (!(1..=MOST_WATCHES).contains(&self.watches), "there must be 1 to 20000 watches (--watches)"),
            (
                !(1..=self.watches).contains(&self.connections),
                "there must be at least 1 connection, and at most as many as watches (--connections)",
            ),
            (!(1..=10_000).contains(&self.changes), "there must be 1 to 10000 changes (--changes)"),
        ];
        Error::unless_right(&faults)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_is_refused_with_the_flag_that_asked_for_it() {
        let usual = WatchPlan::usual();
        for (plan, flag) in [
            (WatchPlan { watches: 0, ..usual.clone() }, "--watches"),
            (WatchPlan { connections: 0, ..usual.clone() }, "--connections"),
            (WatchPlan { changes: 0, ..usual.clone() }, "--changes"),
        ] {
            let told = plan.check().expect_err("it cannot be").to_string();
            assert!(told.contains(flag), "{told}");
        }
        usual.check().expect("the usual plan can be");
    }
}
