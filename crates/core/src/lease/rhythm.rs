//! [`Rhythm`]: the last four intervals between beats, in one word, for display only.

use std::sync::atomic::{AtomicU64, Ordering};

/// The last four intervals between beats, the newest in the lowest 16 bits.
///
/// Each is a small floating-point number, `mantissa << exponent` with 11 and 5 bits: exact
/// to the millisecond up to two seconds, and within 0.1 % above. Zero means that there was
/// none yet. Beats that race may lose an interval: nothing is decided by it.
#[derive(Debug, Default)]
pub(super) struct Rhythm(AtomicU64);

const MANTISSA_BITS: u32 = 11;

impl Rhythm {
    /// Notes an interval in milliseconds.
    pub(super) fn note(&self, millis: u64) {
        let word = self.0.load(Ordering::Relaxed);
        self.0.store(word << 16 | u64::from(encode(millis.max(1))), Ordering::Relaxed);
    }

    /// The intervals in milliseconds, the newest first; up to four.
    pub(super) fn intervals(&self) -> Vec<u64> {
        let word = self.0.load(Ordering::Relaxed);
        (0..4).map(|place| decode((word >> (16 * place)) as u16)).take_while(|millis| *millis > 0).collect()
    }

    /// Goes on from where another left off.
    pub(super) fn continuing(other: &Self) -> Self {
        Self(AtomicU64::new(other.0.load(Ordering::Relaxed)))
    }
}

fn encode(millis: u64) -> u16 {
    let exponent = (u64::BITS - millis.leading_zeros()).saturating_sub(MANTISSA_BITS).min(31);
    let mantissa = (millis >> exponent).min((1 << MANTISSA_BITS) - 1);
    (exponent << MANTISSA_BITS) as u16 | mantissa as u16
}

fn decode(code: u16) -> u64 {
    u64::from(code & ((1 << MANTISSA_BITS) - 1)) << (code >> MANTISSA_BITS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_are_exact_to_two_seconds_and_within_a_thousandth_above() {
        for millis in (1..2_048).chain([2_048, 30_000, 90_001, 86_400_000, 1 << 41]) {
            let kept = decode(encode(millis));
            assert!(kept <= millis && millis - kept <= millis / 1_000, "{millis} became {kept}");
        }
        assert_eq!(decode(encode(2_047)), 2_047);
    }

    #[test]
    fn the_last_four_are_kept_the_newest_first() {
        let rhythm = Rhythm::default();
        assert!(rhythm.intervals().is_empty());
        for millis in [10, 20, 30, 40, 50] {
            rhythm.note(millis);
        }
        assert_eq!(rhythm.intervals(), [50, 40, 30, 20]);
    }
}
