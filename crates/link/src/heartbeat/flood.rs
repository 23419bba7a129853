//! [`Flood`]: no more beats in an interval than one is willing to answer.

use std::time::Duration;

use lubdub_detect::Tick;

/// Beats of the interval that is in progress. An interval begins with the first beat after the last one ended, so at most twice
/// the limit is taken in any one interval.
#[derive(Debug, Clone, Default)]
pub(super) struct Flood {
    began: Tick,
    beats: u32,
}

impl Flood {
    /// One more; how many it makes, where that is more than `limit` in an `interval`.
    pub(super) fn beat(&mut self, now: Tick, limit: u32, interval: Duration) -> Option<u32> {
        if self.beats == 0 || self.began.after(interval) <= now {
            *self = Self { began: now, beats: 0 };
        }
        self.beats = self.beats.saturating_add(1);
        (self.beats > limit).then_some(self.beats)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_is_that_of_an_interval() {
        let mut flood = Flood::default();
        let at = |flood: &mut Flood, secs| flood.beat(Tick::of_secs(secs), 2, Duration::from_secs(10));
        assert_eq!([at(&mut flood, 3), at(&mut flood, 3), at(&mut flood, 12)], [None, None, Some(3)]);
        assert_eq!([at(&mut flood, 13), at(&mut flood, 13), at(&mut flood, 14)], [None, None, Some(3)]);
    }
}
