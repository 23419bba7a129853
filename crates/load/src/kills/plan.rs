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
    /// How many others of the service live on; at most 10 000. Registries hold back what dies in
    /// numbers: lubdub where more than 15 in 100 do within one time-out.
    pub fleet: u32,
    /// Between two: who dies in company may be kept back as a suspect.
    pub pause: Duration,
}

impl KillPlan {
    /// 30 of 430 that are killed, half a second apart.
    pub const fn usual() -> Self {
        Self { manner: Manner::Killed, deaths: 30, fleet: 400, pause: Duration::from_millis(500) }
    }

    /// # Errors
    ///
    /// It asks for what cannot be.
    pub(crate) fn check(&self) -> Result<(), Error> {
        Error::unless_right(&[
            (!(1..=10_000).contains(&self.deaths), "there must be 1 to 10000 deaths (--deaths)"),
            (self.fleet > 10_000, "there must be at most 10000 others (--fleet)"),
        ])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_is_refused_with_the_flag_that_asked_for_it() {
        for (plan, flag) in [
            (KillPlan { deaths: 0, ..KillPlan::usual() }, "--deaths"),
            (KillPlan { fleet: 10_001, ..KillPlan::usual() }, "--fleet"),
        ] {
            let told = plan.check().expect_err("it cannot be").to_string();
            assert!(told.contains(flag), "{told}");
        }
        KillPlan::usual().check().expect("the usual plan can be");
    }
}
