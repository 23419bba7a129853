//! [`Plan`]: how a peer beats, and what its network does.

use std::time::Duration;

use crate::fault::Fault;

/// How a peer beats, and what its network does.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// Of every accident.
    pub seed: u64,
    /// How many beats are sent.
    pub beats: u64,
    /// From one to the next. From 1 µs.
    pub interval: Duration,
    /// How long a beat takes.
    pub delay: Delay,
    /// Which beats are lost.
    pub loss: Loss,
    /// One outage more, on top of the losses.
    pub outage: Option<Outage>,
    /// When the peer stands still.
    pub pauses: Option<Pauses>,
}

/// How long a beat takes; never less than nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delay {
    /// Always as long.
    Constant(Duration),
    /// Normally distributed.
    Normal {
        /// On average.
        mean: Duration,
        /// Its standard deviation.
        deviation: Duration,
    },
    /// Exponentially distributed, of this mean.
    Exponential(Duration),
}

/// Which beats are lost.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Loss {
    /// Each with this probability.
    Independent(f64),
    /// In bursts (Gilbert and Elliott): from a beat that arrives to the next with this probability a burst begins.
    Bursts {
        /// The probability that a burst begins.
        begins: f64,
        /// Of a hundred bursts so many are one beat long.
        single_percent: f64,
        /// The others, on average.
        mean_length: f64,
    },
}

/// So many beats lost in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outage {
    /// The first of them.
    pub from: u64,
    /// How many.
    pub beats: u64,
}

/// When the peer stands still: what it should have sent then is sent at the end, all at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pauses {
    /// From the beginning of one pause to the beginning of the next. Longer than a pause.
    pub every: Duration,
    /// How long one is.
    pub length: Duration,
}

impl Plan {
    pub(super) fn check(&self) -> Result<(), Fault> {
        Fault::unless_within("beats", self.beats, 1..=100_000_000)?;
        Fault::unless_span("interval", self.interval)?;
        match self.delay {
            Delay::Constant(mean) | Delay::Exponential(mean) => Fault::unless_span_or_none("delay", mean)?,
            Delay::Normal { mean, deviation } => {
                Fault::unless_span_or_none("delay.mean", mean)?;
                Fault::unless_span_or_none("delay.deviation", deviation)?;
            }
        }
        match self.loss {
            Loss::Independent(probability) => Fault::unless_within("loss", probability, 0.0..=1.0)?,
            Loss::Bursts { begins, single_percent, mean_length } => {
                Fault::unless_within("loss.begins", begins, 0.0..=1.0)?;
                Fault::unless_within("loss.single_percent", single_percent, 0.0..=100.0)?;
                Fault::unless_within("loss.mean_length", mean_length, 1.0..=1e6)?;
            }
        }
        if let Some(Pauses { every, length }) = self.pauses {
            Fault::unless_span("pauses.length", length)?;
            Fault::unless_longer("pauses.every", every, ("pauses.length", length))?;
        }
        Ok(())
    }
}
