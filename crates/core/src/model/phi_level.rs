//! [`PhiLevel`]: from which level of suspicion on a silence counts as a death.

use std::fmt;
use std::num::NonZeroU16;

/// A level of the accrual detector, in hundredths, from 0.5 to 16: each 1 more makes it ten times less likely that a
/// beat which only comes late is taken for a death.
// A whole number, so that terms can be compared, and one that is never 0, so that having none costs no room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PhiLevel(NonZeroU16);

const LEAST: u16 = 50;
const MOST: u16 = 1_600;

impl PhiLevel {
    /// What a level must be.
    pub const EXPECTED: &str = "a number from 0.5 to 16";
    /// The usual one.
    pub const USUAL: Self = Self(NonZeroU16::new(800).expect("800 is not 0"));

    /// A level in hundredths; none where that is out of range.
    pub fn of_hundredths(hundredths: u16) -> Option<Self> {
        (LEAST..=MOST).contains(&hundredths).then(|| NonZeroU16::new(hundredths).map(Self)).flatten()
    }

    /// The nearest level with two decimals; none where the number is none or out of range.
    pub fn of(level: f64) -> Option<Self> {
        // What is no number becomes 0, and what is too much the most that there is.
        Self::of_hundredths(u16::try_from((level * 100.0).round() as i64).ok()?)
    }

    /// The same, from words such as `8` or `2.5`.
    pub fn parse(words: &str) -> Option<Self> {
        Self::of(words.trim().parse().ok()?)
    }

    /// In hundredths.
    pub fn hundredths(self) -> u16 {
        self.0.get()
    }

    /// As a number.
    pub fn value(self) -> f64 {
        f64::from(self.hundredths()) / 100.0
    }
}

impl fmt::Display for PhiLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.value(), f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_is_a_number_with_two_decimals_from_a_half_to_sixteen() {
        for (words, shown) in [("8", "8"), (" 2.5", "2.5"), ("0.5", "0.5"), ("16", "16"), ("8.257", "8.26")] {
            assert_eq!(PhiLevel::parse(words).map(|level| level.to_string()).as_deref(), Some(shown));
        }
        for words in ["", "0", "0.49", "16.1", "-8", "NaN", "inf", "eight", "1e9"] {
            assert_eq!(PhiLevel::parse(words), None, "{words}");
        }
        assert_eq!(PhiLevel::of_hundredths(49), None);
        assert_eq!(PhiLevel::of_hundredths(PhiLevel::USUAL.hundredths()), Some(PhiLevel::USUAL));
    }
}
