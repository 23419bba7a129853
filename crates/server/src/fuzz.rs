//! Doors for the fuzzer to what reads a connection's first bytes, with what must hold whatever comes in.
//!
//! Each panics where something does not hold. Not for use: it may change without notice.

use crate::preface::version;

/// What a connection begins with. In whatever pieces it comes, it is taken for the same version, and four
/// bytes are always enough.
///
/// # Panics
///
/// It is not.
pub fn preface(bytes: &[u8]) {
    let whole = version(bytes);
    assert!(whole.is_some() || bytes.len() < 4, "{bytes:?} says nothing");
    for cut in 0..bytes.len() {
        let piece = bytes.get(..cut).and_then(version);
        assert!(piece.is_none() || piece == whole, "{bytes:?} says something else when it is cut at {cut}");
    }
}
