//! Plans that have a name, because others measured or computed on them.

use std::time::Duration;

use super::plan::{Delay, Loss, Outage, Plan};

/// A beat each second that takes 100 ms, with a deviation of 50 ms, and is lost independently of all others: the model that
/// the reference figures of `lubdub sim detectors` come from.
pub fn lossy(seed: u64, beats: u64, loss: f64) -> Plan {
    Plan {
        seed,
        beats,
        interval: Duration::from_secs(1),
        delay: Delay::Normal { mean: Duration::from_millis(100), deviation: Duration::from_millis(50) },
        loss: Loss::Independent(loss),
        outage: None,
        pauses: None,
    }
}

/// The simulations of Chen, Toueg, Aguilera 2002, section 7: a beat each second, 1 % lost, exponential delays of 20 ms.
pub fn of_chen(seed: u64, beats: u64) -> Plan {
    let delay = Delay::Exponential(Duration::from_millis(20));
    Plan { delay, ..lossy(seed, beats, 0.01) }
}

/// The week between Japan and Switzerland of Hayashibara et al. 2004, as far as it was published: a beat each 103.5 ms, 142 ms of delay,
/// arrivals 16 ms from each other's expected distance, 814 bursts of loss among 5 845 713 beats with 28.5 beats each on
/// average, the longest of 1093.
///
/// How long bursts are was not published beyond that. Four of five are taken to be single beats, because the paper tells
/// single losses apart, and the others long enough for the average; the longest comes at a third of the trace.
pub fn wide_area(seed: u64, beats: u64) -> Plan {
    Plan {
        seed,
        beats,
        interval: Duration::from_micros(103_501),
        delay: Delay::Normal {
            mean: Duration::from_micros(141_700),
            // Two arrivals make a distance: 16 ms / √2.
            deviation: Duration::from_micros(11_300),
        },
        loss: Loss::Bursts { begins: 814.0 / 5_822_521.0, single_percent: 80.0, mean_length: 138.5 },
        outage: Some(Outage { from: beats / 3, beats: 1_093 }),
        pauses: None,
    }
}

/// A quiet network: a beat each 100 ms that takes 0.2 ms, and one in four thousand is lost (219 of a day, as on the network of
/// Hayashibara's dissertation).
pub fn local_area(seed: u64, beats: u64) -> Plan {
    Plan {
        interval: Duration::from_millis(100),
        delay: Delay::Exponential(Duration::from_micros(200)),
        loss: Loss::Independent(219.0 / 864_000.0),
        ..lossy(seed, beats, 0.0)
    }
}
