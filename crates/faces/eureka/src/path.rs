//! Paths: prefixes, segments, percent-encoding. Nothing here allocates in the usual case.
//!
//! Empty segments are skipped, so doubled and trailing slashes do not matter: clients that join
//! `http://host/eureka/` and `/apps/` send both. Segments arrive percent-encoded (Python:
//! `10.1.1.1%3Apy-svc%3A9090`) or raw (Java, Node: `host:orders:8080`).

use std::borrow::Cow;

use smallvec::SmallVec;

use crate::wire::Version;

/// The most segments of a path that means anything, prefix included, and one more.
const MOST_SEGMENTS: usize = 8;

/// A path below one of the face's prefixes.
#[derive(Debug)]
pub(crate) struct Place<'a> {
    pub(crate) version: Version,
    segments: [&'a str; MOST_SEGMENTS],
    from: usize,
    to: usize,
}

impl<'a> Place<'a> {
    /// Splits a path; none where it is under no prefix of this face, or too long for any.
    pub(crate) fn read(path: &'a str) -> Option<Self> {
        let mut segments = [""; MOST_SEGMENTS];
        let mut to = 0;
        let mut start = 0;
        // A heartbeat comes through here: byte by byte is faster than searching for patterns.
        for (at, byte) in path.bytes().chain([b'/']).enumerate() {
            if byte == b'/' {
                if at > start {
                    *segments.get_mut(to)? = path.get(start..at)?;
                    to += 1;
                }
                start = at + 1;
            }
        }
        let version = |segment: &str| match segment {
            "v2" | "V2" => Some(Version::V2),
            "v1" | "V1" => Some(Version::V1),
            _ => None,
        };
        let (version, from) = match segments {
            ["eureka", second, ..] => version(second).map_or((Version::V2, 1), |version| (version, 2)),
            ["v2", ..] => (Version::V2, 1),
            // Netflix's server has this at its root, without a version.
            ["serverinfo", ..] => (Version::V2, 0),
            _ => return None,
        };
        Some(Self { version, segments, from, to })
    }

    /// The segments after the prefix, still encoded.
    pub(crate) fn segments(&self) -> &[&'a str] {
        self.segments.get(self.from..self.to).unwrap_or_default()
    }
}

/// A segment whose percent-encoding is broken, or is no UTF-8.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BadEncoding;

/// Where a name is decoded, if it has to be: on the stack where it is short.
#[derive(Debug, Default)]
pub(crate) struct Scratch(SmallVec<[u8; 256]>);

impl Scratch {
    /// Decodes a path's segment: as it was where nothing is encoded.
    pub(crate) fn decode<'a>(&'a mut self, segment: &'a str) -> Result<&'a str, BadEncoding> {
        if !segment.bytes().any(|byte| byte == b'%') {
            return Ok(segment);
        }
        self.0 = decode(segment, false)?;
        std::str::from_utf8(&self.0).map_err(|_| BadEncoding)
    }
}

/// Decodes a name or value of a query, where `+` is a space.
pub(crate) fn decode_query(part: &str) -> Result<Cow<'_, str>, BadEncoding> {
    if !part.contains(['%', '+']) {
        return Ok(Cow::Borrowed(part));
    }
    let bytes = decode(part, true)?;
    String::from_utf8(bytes.into_vec()).map(Cow::Owned).map_err(|_| BadEncoding)
}

fn decode(part: &str, plus_is_space: bool) -> Result<SmallVec<[u8; 256]>, BadEncoding> {
    let mut decoded = SmallVec::new();
    let mut bytes = part.bytes();
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'%' => hex(bytes.next())? << 4 | hex(bytes.next())?,
            b'+' if plus_is_space => b' ',
            byte => byte,
        });
    }
    Ok(decoded)
}

fn hex(digit: Option<u8>) -> Result<u8, BadEncoding> {
    match digit {
        Some(digit @ b'0'..=b'9') => Ok(digit - b'0'),
        Some(digit @ b'a'..=b'f') => Ok(digit - b'a' + 10),
        Some(digit @ b'A'..=b'F') => Ok(digit - b'A' + 10),
        _ => Err(BadEncoding),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segments(path: &str) -> Option<(Version, Vec<&str>)> {
        Place::read(path).map(|place| (place.version, place.segments().to_vec()))
    }

    #[test]
    fn every_prefix_leads_to_the_same_segments() {
        for path in [
            "/eureka/apps/A/i",
            "/eureka/v2/apps/A/i",
            "/v2/apps/A/i",
            "/eureka//apps/A/i/",
            "//eureka///v2/apps//A/i//",
        ] {
            assert_eq!(segments(path), Some((Version::V2, vec!["apps", "A", "i"])), "{path}");
        }
        assert_eq!(segments("/eureka/v1/apps"), Some((Version::V1, vec!["apps"])));
        assert_eq!(segments("/eureka"), Some((Version::V2, vec![])));
        assert_eq!(segments("/apps/A/i"), None);
        assert_eq!(segments("/v1/apps/A/i"), None);
        assert_eq!(segments("/eureka/v2/apps/1/2/3/4/5/6"), None);
    }

    #[test]
    fn segments_are_decoded_and_broken_ones_told() {
        for (segment, text) in [
            ("host:orders:8080", "host:orders:8080"),
            ("10.1.1.1%3Apy%3a9090", "10.1.1.1:py:9090"),
            ("a+b%2F", "a+b/"),
        ] {
            assert_eq!(Scratch::default().decode(segment), Ok(text));
        }
        for segment in ["%", "%2", "%zz", "%ff", "a%c3"] {
            assert_eq!(Scratch::default().decode(segment), Err(BadEncoding), "{segment}");
        }
        assert_eq!(decode_query("a+b%20c"), Ok("a b c".into()));
        assert_eq!(decode_query("%f"), Err(BadEncoding));
    }
}
