//! [`Cursor`]: a place in the list of all instances, right after an instance, be it there or
//! not. As a page token it carries the mark of the server that made it and a checksum, so
//! that one of another server, or a damaged one, is told from a good one.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use lubdub_core::model::InstanceKey;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// A place in the list of all instances.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cursor(pub(crate) InstanceKey);

/// The first byte of a token: its form.
const FORM: u8 = 1;

/// What stays as it is in a part of a place.
const PART: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

const MALFORMED: &str = "what the page before gave as `next`, whole and unchanged";
const FOREIGN: &str = "what this server gave as `next` since it started; this one is from another server, or from \
     before a restart: begin again without `after`";

impl Cursor {
    /// Right after this instance.
    pub(crate) fn after(key: &InstanceKey) -> Self {
        Self(key.clone())
    }

    /// The token of this place, made by the server of this mark.
    pub(crate) fn token(&self, server: u64) -> String {
        let part = |text| utf8_percent_encode(text, PART);
        let (service, id, node) = (self.0.service().as_str(), self.0.id(), self.0.node());
        let place = format!("{}/{}/{}", part(service), part(id), part(node));
        Self::sealed(place.as_bytes(), server)
    }

    /// The token that holds these bytes for a place.
    pub(crate) fn sealed(place: &[u8], server: u64) -> String {
        let mut bytes = vec![FORM];
        bytes.extend(server.to_be_bytes());
        bytes.extend(place);
        bytes.extend(crc32fast::hash(&bytes).to_be_bytes());
        BASE64_URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Reads a token; else what was expected.
    pub(crate) fn read(token: &str, server: u64) -> Result<Self, &'static str> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(token).map_err(|_| MALFORMED)?;
        let (whole, checksum) = bytes.split_last_chunk().ok_or(MALFORMED)?;
        if crc32fast::hash(whole) != u32::from_be_bytes(*checksum) {
            return Err(MALFORMED);
        }
        let (form, rest) = whole.split_first().ok_or(MALFORMED)?;
        let (mark, place) = rest.split_first_chunk().ok_or(MALFORMED)?;
        if *form != FORM || u64::from_be_bytes(*mark) != server {
            return Err(FOREIGN);
        }
        Self::of_place(place).ok_or(MALFORMED)
    }

    fn of_place(place: &[u8]) -> Option<Self> {
        let mut parts = std::str::from_utf8(place).ok()?.split('/');
        let mut part = || percent_decode_str(parts.next()?).decode_utf8().ok();
        let (service, id, node) = (part()?, part()?, part()?);
        let cursor = Self(InstanceKey::on_node(&service, &id, &node));
        parts.next().is_none().then_some(cursor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SERVER: u64 = 7;

    fn cursor(service: &str, id: &str, node: &str) -> Cursor {
        Cursor(InstanceKey::on_node(service, id, node))
    }

    #[test]
    fn a_token_is_read_back_whatever_the_names_hold() {
        for (service, id, node) in
            [("orders", "web-1", ""), ("a/b", "x y:8080", "n/1"), ("ä", "%", ""), ("", "", "")]
        {
            let cursor = cursor(service, id, node);
            assert_eq!(Cursor::read(&cursor.token(SERVER), SERVER), Ok(cursor));
        }
    }

    #[test]
    fn a_token_that_is_damaged_in_any_place_is_malformed() {
        let token = cursor("orders", "web-1", "").token(SERVER);
        for at in 0..token.len() {
            let mut bytes = token.clone().into_bytes();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            let damaged = String::from_utf8(bytes).unwrap();
            assert_eq!(Cursor::read(&damaged, SERVER), Err(MALFORMED), "{at}");
            assert_eq!(Cursor::read(&token[..at], SERVER), Err(MALFORMED), "{at}");
        }
        for text in ["x", "orders/web-1", "====", "ä", &format!("{token}A")] {
            assert_eq!(Cursor::read(text, SERVER), Err(MALFORMED), "{text}");
        }
    }

    #[test]
    fn a_token_of_another_server_is_told_from_a_damaged_one() {
        let token = cursor("orders", "web-1", "").token(SERVER + 1);
        assert_eq!(Cursor::read(&token, SERVER), Err(FOREIGN));
    }
}
