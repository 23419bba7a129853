//! [`Metadata`]: the registrant's own names and values.

use std::fmt;
use std::sync::Arc;

/// The registrant's own names and values, in the order in which they were given.
///
/// Immutable and packed into one allocation; copying it costs a reference.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Metadata(Option<Arc<[u8]>>);

impl Metadata {
    /// From names and values. Of a name that is given twice the last value counts, at the
    /// place of the first.
    pub fn new<K: AsRef<str>, V: AsRef<str>>(entries: impl IntoIterator<Item = (K, V)>) -> Self {
        let mut kept: Vec<(K, V)> = Vec::new();
        let mut place: hashbrown::HashMap<String, usize, foldhash::fast::FixedState> =
            hashbrown::HashMap::default();
        for (name, value) in entries {
            if let Some(entry) = place.get(name.as_ref()).and_then(|at| kept.get_mut(*at)) {
                entry.1 = value;
            } else {
                place.insert(name.as_ref().to_owned(), kept.len());
                kept.push((name, value));
            }
        }
        if kept.is_empty() {
            return Self(None);
        }
        let mut packed = Vec::new();
        for (name, value) in &kept {
            for text in [name.as_ref(), value.as_ref()] {
                put_length(text.len(), &mut packed);
                packed.extend_from_slice(text.as_bytes());
            }
        }
        Self(Some(packed.into()))
    }

    /// Names and values, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let mut rest = self.0.as_deref().unwrap_or_default();
        std::iter::from_fn(move || Some((take_text(&mut rest)?, take_text(&mut rest)?)))
    }

    /// The value of a name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter().find_map(|(known, value)| (known == name).then_some(value))
    }

    /// The number of entries.
    pub fn len(&self) -> usize {
        self.iter().count()
    }

    /// Whether there is no entry.
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// This, with entries added or replaced; none is removed.
    #[must_use]
    pub fn with<'a>(&'a self, entries: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        Self::new(self.iter().chain(entries))
    }
}

/// Most texts are short: one byte says so, and four more follow where it is [`LONG`].
const LONG: u8 = u8::MAX;

fn put_length(length: usize, packed: &mut Vec<u8>) {
    match u8::try_from(length) {
        Ok(short) if short < LONG => packed.push(short),
        _ => {
            packed.push(LONG);
            // A text of 4 GiB is beyond every limit on bodies.
            packed.extend_from_slice(&u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes());
        }
    }
}

fn take_length(rest: &mut &[u8]) -> Option<usize> {
    let (short, after) = rest.split_first()?;
    *rest = after;
    if *short < LONG {
        return Some(usize::from(*short));
    }
    let (long, after) = rest.split_first_chunk::<4>()?;
    *rest = after;
    usize::try_from(u32::from_le_bytes(*long)).ok()
}

fn take_text<'a>(rest: &mut &'a [u8]) -> Option<&'a str> {
    let length = take_length(rest)?;
    let (text, after) = rest.split_at_checked(length)?;
    *rest = after;
    std::str::from_utf8(text).ok()
}

impl fmt::Debug for Metadata {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_come_back_in_order_and_the_last_of_a_name_counts() {
        let metadata = Metadata::new([("zone", "a"), ("rack", "7"), ("zone", "b")]);
        assert_eq!(metadata.iter().collect::<Vec<_>>(), [("zone", "b"), ("rack", "7")]);
        assert_eq!(metadata.get("rack"), Some("7"));
        assert_eq!(metadata.get("row"), None);
    }

    #[test]
    fn additions_replace_values_and_keep_the_rest() {
        let metadata = Metadata::new([("a", "1"), ("b", "2")]).with([("b", "3"), ("c", "")]);
        assert_eq!(metadata.iter().collect::<Vec<_>>(), [("a", "1"), ("b", "3"), ("c", "")]);
    }

    #[test]
    fn texts_of_every_length_come_back() {
        let texts: Vec<_> = [0, 1, 254, 255, 256, 70_000].map(|length| "x".repeat(length)).into();
        let metadata = Metadata::new(texts.iter().map(|text| (text, text)));
        assert!(metadata.iter().eq(texts.iter().map(|text| (text.as_str(), text.as_str()))));
    }

    #[test]
    fn nothing_is_empty() {
        let none = Metadata::new(Vec::<(&str, &str)>::new());
        assert!(none.is_empty());
        assert_eq!(none, Metadata::default());
    }
}
