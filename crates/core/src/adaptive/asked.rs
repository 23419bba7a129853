//! [`Asked`]: what a provider asks for in its metadata.

use crate::model::{Metadata, PhiLevel};
use crate::reject::Fault;

/// The name in metadata under which a provider says how its lease is to be judged, by whatever protocol it registers.
pub const METADATA_KEY: &str = "lubdub.phi";

const FIXED: &str = "off";

/// How a provider asks to be judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// It says nothing: as the registry is set.
    Nothing,
    /// By its time-to-live.
    Fixed,
    /// By what is learnt of its beats, at this level.
    Adaptive(PhiLevel),
}

impl Asked {
    /// What metadata says.
    ///
    /// # Errors
    ///
    /// A word that is neither a level nor `off`. The name is the registry's own, so it cannot have been meant for anybody
    /// else.
    pub fn in_metadata(metadata: &Metadata) -> Result<Self, Fault> {
        let Some(word) = metadata.get(METADATA_KEY) else { return Ok(Self::Nothing) };
        if word == FIXED {
            return Ok(Self::Fixed);
        }
        let expected = || format!("{}, or \"{FIXED}\" for a fixed time-to-live", PhiLevel::EXPECTED);
        PhiLevel::parse(word)
            .map(Self::Adaptive)
            .ok_or_else(|| Fault::new("metadata.lubdub.phi", word, expected()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_says_a_level_or_off_and_anything_else_is_told_with_what_was_expected() {
        let asked = |word| Asked::in_metadata(&Metadata::new([("zone", "a"), (METADATA_KEY, word)]));
        assert_eq!(asked("8"), Ok(Asked::Adaptive(PhiLevel::USUAL)));
        assert_eq!(asked("off"), Ok(Asked::Fixed));
        assert_eq!(Asked::in_metadata(&Metadata::new([("zone", "a")])), Ok(Asked::Nothing));
        let told = asked("17").unwrap_err().to_string();
        let expected = "metadata.lubdub.phi is \"17\", expected a number from 0.5 to 16, or \"off\" for a fixed time-to-live";
        assert_eq!(told, expected);
    }
}
