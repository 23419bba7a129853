//! [`KeptBy`]: what hash strategies keep calls together by.

use crate::call::Call;
use crate::hash;

/// Where a call's key comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KeptBy {
    /// The call's own key.
    Key,
    /// The address it is made for; where that is not known, its key.
    Source,
}

impl KeptBy {
    /// A call without any is kept together with nobody: it goes to a random endpoint, not to whichever is the first.
    pub(super) fn of(self, call: &Call<'_>) -> Option<u64> {
        match self {
            Self::Key => call.key,
            Self::Source => call.source.map(hash::of_address).or(call.key),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_address_falls_to_the_key() {
        let source = "192.0.2.1".parse().ok();
        let (both, keyed) = (Call { source, ..Call::keyed(b"key") }, Call::keyed(b"key"));
        assert_eq!(KeptBy::Source.of(&both), KeptBy::Source.of(&Call { source, ..Call::default() }));
        assert_ne!(KeptBy::Source.of(&both), KeptBy::Source.of(&keyed));
        assert_eq!(KeptBy::Source.of(&keyed), keyed.key);
        assert_eq!(KeptBy::Key.of(&both), keyed.key);
        assert_eq!(KeptBy::Source.of(&Call::default()), None);
    }
}
