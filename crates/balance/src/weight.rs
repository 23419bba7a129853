//! [`Weight`]: how much of the calls an endpoint should have beside others.

use lubdub_detect::Fault;

/// From 1 to 10 000; an endpoint of weight 2 gets twice what one of weight 1 gets.
///
/// There is no weight of 0: it would be a second way to say "not available", and what is left when all have it
/// would be anybody's guess. Say [`set_available`](crate::Balancer::set_available) instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Weight(u16);

impl Weight {
    /// The weight of who says none.
    pub const ONE: Self = Self(1);
    /// The greatest one.
    pub const MAX: Self = Self(10_000);

    /// # Errors
    ///
    /// The number is not from 1 to 10 000.
    pub fn new(weight: i64) -> Result<Self, Fault> {
        u16::try_from(weight)
            .ok()
            .map(Self)
            .filter(|weight| (Self::ONE..=Self::MAX).contains(weight))
            .ok_or_else(|| {
                Fault::new(
                    "weight",
                    weight,
                    "a whole number from 1 to 10000; who should get no calls is set unavailable",
                )
            })
    }

    /// One that was a weight before.
    pub(crate) fn of_known(weight: u16) -> Self {
        Self(weight)
    }

    /// The number.
    pub fn get(self) -> u16 {
        self.0
    }
}

impl Default for Weight {
    fn default() -> Self {
        Self::ONE
    }
}

impl TryFrom<i64> for Weight {
    type Error = Fault;

    fn try_from(weight: i64) -> Result<Self, Fault> {
        Self::new(weight)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_weight_is_from_1_to_10_000_and_who_says_0_is_told_what_to_do() {
        assert_eq!(Weight::new(1), Ok(Weight::ONE));
        assert_eq!(Weight::new(10_000), Ok(Weight::MAX));
        assert_eq!(
            Weight::new(0).unwrap_err().to_string(),
            "weight is 0; expected a whole number from 1 to 10000; who should get no calls is set unavailable"
        );
        for refused in [-1, 10_001, 65_537, i64::MIN, i64::MAX] {
            assert!(Weight::new(refused).is_err(), "{refused}");
        }
    }
}
