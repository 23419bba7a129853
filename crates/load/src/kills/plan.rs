//! [`KillPlan`]: how providers die.

use std::time::Duration;

use serde::Serialize;

use crate::Error;

/// How a provider dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Manner {
    /// Its process is killed: the system closes its connections.
    Killed,
    /// It falls silent with its connections open, as one does whose machine lost its network.
    Silent,
}

/// What is to be measured of deaths.
#[derive(Debug, Clone, PartialEq)]
pub struct KillPlan {
    /// How.
    pub manner: Manner,
    /// How many, one after the other; 1 to 10 000.
    pub deaths: u32,
    /// Between two: who dies in company may be kept back as a suspect.
    pub pause: Duration,
}

impl KillPlan {
    /// 30 that are killed, half a second apart.
    pub const fn usual() -> Self {
        Self { manner: Manner::Killed, deaths: 30, pause: Duration::from_millis(500) }
    }

    /// # Errors
    ///
    /// It asks for what cannot be.
    pub(crate) fn check(&self) -> Result<(), Error> {
        if (1..=10_000).contains(&self.deaths) {
            Ok(())
        } else {
            Err(Error::Plan { what: "there must be 1 to 10000 deaths (--deaths)" })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_is_refused_with_the_flag_that_asked_for_it() {
        let told = KillPlan { deaths: 0, ..KillPlan::usual() }.check().expect_err("it cannot be");
        assert!(told.to_string().contains("--deaths"), "{told}");
        KillPlan::usual().check().expect("the usual plan can be");
    }
}
