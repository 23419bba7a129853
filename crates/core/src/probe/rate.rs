//! [`Rate`]: so many in a second, in bursts of as many.

use crate::tick::Tick;

/// A bucket that fills evenly. It counts in thousandths, so that a millisecond adds a whole
/// number.
#[derive(Debug)]
pub(super) struct Rate {
    per_second: u64,
    thousandths: u64,
    filled_at: Tick,
}

const ONE: u64 = 1_000;

impl Rate {
    /// A full one.
    pub(super) fn new(per_second: u32) -> Self {
        let per_second = u64::from(per_second.max(1));
        Self { per_second, thousandths: per_second * ONE, filled_at: Tick::START }
    }

    /// When there is one to take: now or later.
    pub(super) fn next_at(&mut self, now: Tick) -> Tick {
        self.fill(now);
        let lacking = ONE.saturating_sub(self.thousandths);
        now.plus_millis(lacking.div_ceil(self.per_second))
    }

    /// Takes one, if there is one.
    pub(super) fn take(&mut self, now: Tick) -> bool {
        self.fill(now);
        let left = self.thousandths.checked_sub(ONE);
        self.thousandths = left.unwrap_or(self.thousandths);
        left.is_some()
    }

    fn fill(&mut self, now: Tick) {
        let gained = now.millis_since(self.filled_at).saturating_mul(self.per_second);
        self.thousandths = self.thousandths.saturating_add(gained).min(self.per_second * ONE);
        self.filled_at = self.filled_at.max(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_gives_so_many_and_a_burst_no_more() {
        let mut rate = Rate::new(4);
        let taken = |rate: &mut Rate, now| (0..10).filter(|_| rate.take(now)).count();
        assert_eq!(taken(&mut rate, Tick(0)), 4);
        assert_eq!(rate.next_at(Tick(0)), Tick(250));
        assert_eq!(taken(&mut rate, Tick(249)), 0);
        assert_eq!(taken(&mut rate, Tick(250)), 1);
        assert_eq!(rate.next_at(Tick(251)), Tick(500));
        assert_eq!(taken(&mut rate, Tick(60_000)), 4);
    }

    #[test]
    fn what_does_not_divide_a_second_is_rounded_up_and_not_lost() {
        let mut rate = Rate::new(3);
        while rate.take(Tick(0)) {}
        assert_eq!(rate.next_at(Tick(0)), Tick(334));
        let taken = (1..=10_000).filter(|millis| rate.take(Tick(*millis))).count();
        assert_eq!(taken, 30);
    }
}
