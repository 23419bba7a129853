//! [`Flood`]: no more beats in an interval than one is willing to answer.

use std::time::Duration;

use lubdub_detect::Tick;

/// Beats of the interval that is in progress. An interval begins with the first beat after the last one ended, so at most twice
/// the limit is taken in any one interval.
#[derive(Debug, Clone)]
pub(super) struct Flood {
    limit: u32,
    interval: Duration,
    began: Option<Tick>,
    beats: u32,
}

impl Flood {
    pub(super) const fn new(limit: u32, interval: Duration) -> Self {
        Self { limit, interval, began: None, beats: 0 }
    }

    /// One more; how many it makes, where that is too many.
    pub(super) fn beat(&mut self, now: Tick) -> Option<u32> {
        let is_over = |began: Tick| began.after(self.interval) <= now;
        if self.began.is_none_or(is_over) {
            self.began = Some(now);
            self.beats = 0;
        }
        self.beats = self.beats.saturating_add(1);
        (self.beats > self.limit).then_some(self.beats)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_is_that_of_an_interval() {
        let mut flood = Flood::new(2, Duration::from_secs(10));
        let at = |flood: &mut Flood, secs| flood.beat(Tick::of_secs(secs));
        assert_eq!([at(&mut flood, 3), at(&mut flood, 3), at(&mut flood, 12)], [None, None, Some(3)]);
        assert_eq!([at(&mut flood, 13), at(&mut flood, 13), at(&mut flood, 14)], [None, None, Some(3)]);
    }
}
