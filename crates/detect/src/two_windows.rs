//! [`TwoWindows`]: Chen's estimate twice, by a long memory and a short one.
//!
//! Tomsic, Sens, Garcia, Arantes, Sopena: *2W-FD: A failure detector algorithm with QoS*, IPDPS 2015. The later of the two freshness points
//! counts: the long window is not misled by one lucky beat, the short one follows at once where delays become longer.

use std::time::Duration;

use crate::chen::{NfdE, NfdEConfig};
use crate::detector::Detector;
use crate::fault::Fault;
use crate::tick::Tick;

/// How regular beats are, how late they may be, and how much is remembered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TwoWindowsConfig {
    /// From one beat to the next, as the peer sends them. From 1 µs.
    pub interval: Duration,
    /// How long after its expected arrival a beat is due. May be zero.
    pub margin: Duration,
    /// Beats of the long memory, up to 1 000 000, eight bytes each. The paper finds 1000 good.
    pub long_window: usize,
    /// Beats of the short memory, from 1, fewer than the long one. The paper finds 1 good.
    pub short_window: usize,
}

/// Suspects at a margin after the later of two expected arrivals. Needs beats with the number of their sending.
#[derive(Debug, Clone)]
pub struct TwoWindows {
    long: NfdE,
    short: NfdE,
}

impl TwoWindows {
    /// One that heard nothing yet.
    ///
    /// # Errors
    ///
    /// A span is out of range, a window is empty, or the long one is not longer.
    pub fn new(config: TwoWindowsConfig) -> Result<Self, Fault> {
        let TwoWindowsConfig { interval, margin, long_window, short_window } = config;
        Fault::unless_window("short_window", short_window)?;
        if long_window <= short_window {
            let expected = format!("more than short_window, which is {short_window}");
            return Err(Fault::new("long_window", long_window, expected));
        }
        Fault::unless_window("long_window", long_window)?;
        let of = |window| NfdE::new(NfdEConfig { interval, margin, window });
        Ok(Self { long: of(long_window)?, short: of(short_window)? })
    }
}

impl Detector for TwoWindows {
    fn heard(&mut self, now: Tick, sequence: u64) {
        self.long.heard(now, sequence);
        self.short.heard(now, sequence);
    }

    fn deadline(&self) -> Option<Tick> {
        self.long.deadline().max(self.short.deadline())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_later_of_the_two_points_counts_whichever_way_delays_turn() {
        let (interval, margin) = (Duration::from_secs(1), Duration::from_millis(100));
        let config = TwoWindowsConfig { interval, margin, long_window: 10, short_window: 1 };
        let mut detector = TwoWindows::new(config).unwrap();
        for second in 0..10 {
            detector.heard(Tick::of_secs(second), second);
        }
        // The network becomes slow at once: the short memory knows with one beat.
        detector.heard(Tick::of_millis(10_500), 10);
        assert_eq!(detector.deadline(), Some(Tick::of_millis(11_600)));
        // One lucky beat afterwards: the long memory does not fall for it.
        detector.heard(Tick::of_secs(11), 11);
        assert_eq!(detector.deadline(), Some(Tick::of_millis(12_150)));
    }

    #[test]
    fn the_long_memory_must_be_longer() {
        let (interval, margin) = (Duration::from_secs(1), Duration::ZERO);
        let config = TwoWindowsConfig { interval, margin, long_window: 5, short_window: 5 };
        let fault = TwoWindows::new(config).err().unwrap();
        assert_eq!(fault.to_string(), "long_window is 5; expected more than short_window, which is 5");
    }
}
