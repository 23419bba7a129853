//! [`Availability`]: whether calls go to one endpoint, as this program knows it.
//!
//! What the registry says of an endpoint and what calls tell of it are two things: a network that is cut between the two
//! ends fails calls while both still reach the registry. The rules are those of Motan (`NettyClient`,
//! `HeartbeatClientEndpointManager`), in one machine for each endpoint, so that no two of its counters can disagree:
//!
//! | what happens | what it does |
//! | --- | --- |
//! | a call is answered, with a business error, too | failures are forgotten; an unavailable endpoint is back |
//! | a call fails: no answer in time, a broken connection | one failure |
//! | no connection can be made | two failures |
//! | the link fell silent: a beat was not answered | it is unavailable at once |
//! | [`AvailabilitySettings::failures`] in a row | it is unavailable, and probed |
//! | a probe is answered | it is back; how fast it gets its share again is slow start's |
//!
//! Only who is unavailable is probed, each endpoint by itself: how long one takes to fail delays no other.

use std::time::Duration;

use lubdub_detect::{Fault, Tick};

/// What availability is judged by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AvailabilitySettings {
    /// So many failures in a row make an endpoint unavailable; at least 1. With 10, which is Motan's, an endpoint that fails
    /// now and then stays; with less, one that is lost takes fewer calls with it.
    pub failures: u32,
    /// From the beginning of a probe to that of the next, unless the one before is still out; at least 1 ms.
    pub probe_interval: Duration,
    /// A probe that is not answered in this time has failed; at least 1 ms. Making a new connection is a part of it.
    pub probe_timeout: Duration,
}

impl Default for AvailabilitySettings {
    fn default() -> Self {
        Self {
            failures: 10,
            probe_interval: Duration::from_millis(500),
            probe_timeout: Duration::from_secs(1),
        }
    }
}

impl AvailabilitySettings {
    /// Refuses what cannot be.
    ///
    /// # Errors
    ///
    /// With the setting, its value, and what was expected.
    pub fn validate(&self) -> Result<(), Fault> {
        if self.failures == 0 {
            return Err(Fault::new("failures", self.failures, "at least 1 failure in a row"));
        }
        for (setting, value) in
            [("probe_interval", self.probe_interval), ("probe_timeout", self.probe_timeout)]
        {
            if value < Duration::from_millis(1) {
                return Err(Fault::new(setting, format!("{value:?}"), "at least 1ms"));
            }
        }
        Ok(())
    }
}

/// How a call failed. An answer that says no is none of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Failure {
    /// It was not answered in time, or its connection broke, or the answer was that nobody can serve it now.
    Call,
    /// No connection could be made for it.
    Connect,
    /// The link fell silent: a beat of its own was not answered.
    Silent,
}

/// That availability changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Turn {
    /// No calls go there from now on; it is to be probed.
    Unavailable,
    /// Calls go there again.
    Available,
}

/// Whether calls go to one endpoint. It begins as available: the registry says so, and nothing else is known.
#[derive(Debug, Clone)]
pub struct Availability {
    settings: AvailabilitySettings,
    state: State,
}

#[derive(Debug, Clone, Copy)]
enum State {
    Available {
        /// In a row.
        failures: u32,
    },
    Unavailable {
        since: Tick,
        probe: Probe,
    },
}

#[derive(Debug, Clone, Copy)]
enum Probe {
    Due(Tick),
    /// It is out; the next is due then, or when this one ends, whatever is later.
    Out {
        next: Tick,
    },
}

impl Availability {
    /// Of an endpoint that nothing is known of yet.
    ///
    /// # Errors
    ///
    /// See [`AvailabilitySettings::validate`].
    pub fn new(settings: AvailabilitySettings) -> Result<Self, Fault> {
        settings.validate()?;
        Ok(Self { settings, state: State::Available { failures: 0 } })
    }

    /// Whether calls go there.
    pub const fn is_available(&self) -> bool {
        matches!(self.state, State::Available { .. })
    }

    /// How many failures in a row there were; of one that is unavailable, as many as made it so.
    pub const fn failures(&self) -> u32 {
        match self.state {
            State::Available { failures } => failures,
            State::Unavailable { .. } => self.settings.failures,
        }
    }

    /// Since when no calls go there.
    pub const fn unavailable_since(&self) -> Option<Tick> {
        match self.state {
            State::Available { .. } => None,
            State::Unavailable { since, .. } => Some(since),
        }
    }

    /// A call was answered, whatever the answer said.
    #[must_use = "a turn is to be told to whoever picks endpoints"]
    pub fn answered(&mut self) -> Option<Turn> {
        let was_available = self.is_available();
        self.state = State::Available { failures: 0 };
        (!was_available).then_some(Turn::Available)
    }

    /// A call failed. Whoever is unavailable already stays so, and is probed no sooner.
    #[must_use = "a turn is to be told to whoever picks endpoints"]
    pub fn failed(&mut self, failure: Failure, now: Tick) -> Option<Turn> {
        let State::Available { failures } = &mut self.state else { return None };
        *failures = failures.saturating_add(match failure {
            Failure::Call => 1,
            Failure::Connect => 2,
            Failure::Silent => self.settings.failures,
        });
        if *failures < self.settings.failures {
            return None;
        }
        // One interval is what the other end has to recover in; a probe at once would find what the call found.
        let due = now.after(self.settings.probe_interval);
        self.state = State::Unavailable { since: now, probe: Probe::Due(due) };
        Some(Turn::Unavailable)
    }

    /// When the next probe is to be sent; `None` while calls go there, or a probe is out.
    pub const fn probe_due(&self) -> Option<Tick> {
        match self.state {
            State::Unavailable { probe: Probe::Due(due), .. } => Some(due),
            _ => None,
        }
    }

    /// A probe is sent. Says whether one is due; if not, nothing changed, and none is to be sent.
    pub fn probe(&mut self, now: Tick) -> bool {
        let State::Unavailable { probe, .. } = &mut self.state else { return false };
        match *probe {
            Probe::Due(due) if due <= now => {
                *probe = Probe::Out { next: now.after(self.settings.probe_interval) };
                true
            }
            Probe::Due(_) | Probe::Out { .. } => false,
        }
    }

    /// The probe that was out ended.
    #[must_use = "a turn is to be told to whoever picks endpoints"]
    pub fn probed(&mut self, was_answered: bool, now: Tick) -> Option<Turn> {
        if was_answered {
            return self.answered();
        }
        // One that was out while it came back and went again says nothing of now.
        if let State::Unavailable { probe, .. } = &mut self.state
            && let Probe::Out { next } = *probe
        {
            *probe = Probe::Due(next.max(now));
        }
        None
    }
}
