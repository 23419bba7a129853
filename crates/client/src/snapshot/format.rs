//! The text of a snapshot: a first line with version, length and checksum, then JSON. Pure.

use serde::{Deserialize, Serialize};

use crate::endpoint::Endpoint;

/// Begins the file.
const MARK: &str = "lubdub-snapshot";
const VERSION: &str = "1";

/// What a consumer knew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Snapshot {
    /// The registry's address, without credentials.
    pub(super) registry: String,
    pub(super) service: String,
    pub(super) endpoints: Vec<Endpoint>,
}

impl Snapshot {
    /// The bytes of the file.
    pub(super) fn encode(&self) -> Vec<u8> {
        let body = serde_json::to_vec_pretty(self).unwrap_or_default();
        let mut bytes =
            format!("{MARK} {VERSION} {} {:08x}\n", body.len(), crc32fast::hash(&body)).into_bytes();
        bytes.extend(body);
        bytes
    }

    /// Reads them.
    ///
    /// # Errors
    ///
    /// What is wrong with them.
    pub(super) fn decode(bytes: &[u8]) -> Result<Self, String> {
        let end = bytes.iter().position(|byte| *byte == b'\n').ok_or("it has no first line")?;
        let (head, body) = bytes.split_at(end);
        let body = body.get(1..).unwrap_or_default();
        let head = std::str::from_utf8(head).map_err(|_| "its first line is no text")?;
        let mut words = head.split(' ');
        if words.next() != Some(MARK) {
            return Err(format!("its first line does not begin with {MARK}"));
        }
        match words.next() {
            Some(VERSION) => {}
            other => return Err(format!("its version is {other:?}; this program knows {VERSION}")),
        }
        let length: Option<usize> = words.next().and_then(|length| length.parse().ok());
        if length != Some(body.len()) {
            return Err(format!("it has {} bytes where it says {length:?}", body.len()));
        }
        let sum = words.next().and_then(|sum| u32::from_str_radix(sum, 16).ok());
        if sum != Some(crc32fast::hash(body)) {
            return Err("its checksum does not agree".to_owned());
        }
        serde_json::from_slice(body).map_err(|error| error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::instance::Instance;

    fn snapshot() -> Snapshot {
        let instance = Instance::new("orders", "a", 1).with_version("2").with_metadata("k", "ü\n");
        Snapshot {
            registry: "eureka://a".to_owned(),
            service: "orders".to_owned(),
            endpoints: vec![Endpoint::sure(instance)],
        }
    }

    #[test]
    fn what_is_written_is_read() {
        assert_eq!(Snapshot::decode(&snapshot().encode()), Ok(snapshot()));
    }

    #[test]
    fn a_later_version_is_told_from_damage() {
        let text = String::from_utf8(snapshot().encode()).unwrap().replace("snapshot 1 ", "snapshot 2 ");
        assert!(Snapshot::decode(text.as_bytes()).unwrap_err().contains("version"));
    }

    proptest! {
        #[test]
        fn one_wrong_byte_or_a_missing_end_is_noticed(at: prop::sample::Index, byte: u8) {
            let whole = snapshot().encode();
            let at = at.index(whole.len());
            prop_assert!(Snapshot::decode(&whole[..at]).is_err());
            let mut damaged = whole.clone();
            damaged[at] = byte;
            // The same byte, or another way to write a number of the first line.
            prop_assert!(Snapshot::decode(&damaged).map_or(true, |read| read == snapshot()));
        }

        #[test]
        fn arbitrary_bytes_are_refused(bytes: Vec<u8>) {
            prop_assert!(Snapshot::decode(&bytes).is_err());
        }
    }
}
