//! [`Fragment`]: bytes of a document that stand for themselves, plain or deflated.

use bytes::Bytes;
use flate2::{Compress, Compression, FlushCompress, Status};

/// How the bytes of a document are coded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Coding {
    /// As they are.
    Identity,
    /// One gzip member ([RFC 1952](https://www.rfc-editor.org/rfc/rfc1952)).
    Gzip,
}

/// Bytes of a document, and what a gzip trailer must know of their plain form.
///
/// The deflated form is raw deflate, compressed without regard to what comes before, and ended
/// by a sync flush: so it ends at a byte boundary, and any sequence of such fragments is again
/// valid deflate. What independence costs in size (a window that starts empty) is paid once for
/// about 64 instances.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fragment {
    bytes: Bytes,
    /// CRC-32 of the plain bytes; not computed for a plain fragment, which needs none.
    crc: u32,
    plain_length: u64,
}

impl Fragment {
    /// A plain fragment.
    pub fn plain(bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        let plain_length = bytes.len() as u64;
        Self { bytes, crc: 0, plain_length }
    }

    /// The deflated form of this plain fragment, for a document that is not cached.
    #[must_use]
    pub fn deflated(&self) -> Self {
        Self {
            bytes: deflate(&self.bytes),
            crc: crc32fast::hash(&self.bytes),
            plain_length: self.plain_length,
        }
    }

    /// The bytes as they are sent.
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// The length of the plain form.
    pub fn plain_length(&self) -> u64 {
        self.plain_length
    }

    /// The checksum of a deflated fragment's plain form, ready to be appended to another's.
    pub(super) fn checksum(&self) -> crc32fast::Hasher {
        crc32fast::Hasher::new_with_initial_len(self.crc, self.plain_length)
    }
}

/// Raw deflate with a sync flush at its end. Level 5: what it saves over level 1 is sent many
/// times for one compression, and higher levels hardly save more on such documents.
fn deflate(plain: &[u8]) -> Bytes {
    let mut compress = Compress::new(Compression::new(5), false);
    let mut out = Vec::with_capacity(plain.len() / 4 + 64);
    loop {
        let taken = usize::try_from(compress.total_in()).unwrap_or(usize::MAX);
        let rest = plain.get(taken..).unwrap_or_default();
        let status = compress
            .compress_vec(rest, &mut out, FlushCompress::Sync)
            .expect("invariant: deflate refuses no input");
        // The flush is complete when it left room in the output.
        let all_taken = compress.total_in() == plain.len() as u64;
        if matches!(status, Status::StreamEnd) || (all_taken && out.len() < out.capacity()) {
            break;
        }
        out.reserve(out.capacity().max(64));
    }
    out.shrink_to_fit();
    out.into()
}
