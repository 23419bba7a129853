//! [`MotanCodec`]: frames of motan2 from bytes and back.
//!
//! Big-endian: magic `F1F1`, type, version and status, serialization, id (8 bytes), length of the metadata (4), metadata, length
//! of the body (4), body. So a heartbeat is 21 bytes.

use std::io;

use bytes::{Buf, BufMut, BytesMut};
use tokio_util::codec::{Decoder, Encoder};

use super::message::Message;

const MAGIC: u16 = 0xF1F1;
/// The header with the length of the metadata.
const HEADER: usize = 17;
/// A length.
const LENGTH: usize = 4;

/// The longest content, metadata and body together, unless said otherwise: Motan's own `maxContentLength`.
const MOST: usize = 10 * 1024 * 1024;

/// What is no frame of motan2. The connection is to be closed: where the next frame begins is not known.
#[derive(Debug, thiserror::Error)]
pub enum MotanError {
    /// Not Motan at all.
    #[error("the bytes {found:#06X} begin no frame of Motan; expected 0xF1F1")]
    Magic {
        /// The first two bytes.
        found: u16,
    },
    /// Motan's first protocol.
    #[error(
        "the other end speaks motan1, whose frames are Java objects; expected motan2: set its protocol to `motan2`"
    )]
    Motan1,
    /// A later protocol.
    #[error("the other end speaks version {version} of Motan's protocol; expected 1, motan2")]
    Version {
        /// The version of the frame.
        version: u8,
    },
    /// Longer than it may be.
    #[error(
        "a frame has a content of {length} bytes; expected at most {most}, or a codec with a higher limit"
    )]
    TooLong {
        /// Metadata and body together, as far as is known.
        length: u64,
        /// The limit.
        most: usize,
    },
    /// The connection failed, or ended within a frame.
    #[error("{0}")]
    Io(#[from] io::Error),
}

/// Reads and writes frames of motan2.
#[derive(Debug, Clone, Copy)]
pub struct MotanCodec {
    most: usize,
}

impl Default for MotanCodec {
    fn default() -> Self {
        Self { most: MOST }
    }
}

impl MotanCodec {
    /// Frames whose metadata and body have at most so many bytes together; 10 MiB by default.
    pub const fn with_most(most: usize) -> Self {
        Self { most }
    }

    /// Room is made as bytes come, never for a length that is only claimed; so `most` bounds what a frame may cost.
    fn check(self, length: u64) -> Result<usize, MotanError> {
        let within = usize::try_from(length).ok().filter(|length| *length <= self.most);
        within.ok_or(MotanError::TooLong { length, most: self.most })
    }
}

impl Decoder for MotanCodec {
    type Item = Message;
    type Error = MotanError;

    fn decode(&mut self, bytes: &mut BytesMut) -> Result<Option<Message>, MotanError> {
        let mut header = bytes.as_ref();
        // Each part is refused as soon as it is there: nobody waits for the rest of what is no frame.
        if let Some(found) = bytes.first().filter(|first| u16::from(**first) != MAGIC >> 8) {
            return Err(MotanError::Magic { found: u16::from(*found) << 8 });
        }
        let Ok(found) = header.try_get_u16() else { return Ok(None) };
        if found != MAGIC {
            return Err(MotanError::Magic { found });
        }
        let (Ok(kind), Ok(version)) = (header.try_get_u8(), header.try_get_u8()) else { return Ok(None) };
        match version >> 3 {
            0 => return Err(MotanError::Motan1),
            1 => {}
            version => return Err(MotanError::Version { version }),
        }
        let (Ok(serialization), Ok(id), Ok(length)) =
            (header.try_get_u8(), header.try_get_u64(), header.try_get_u32())
        else {
            return Ok(None);
        };
        let metadata = self.check(length.into())?;
        let Some(mut after) = header.get(metadata..) else { return Ok(None) };
        let Ok(length) = after.try_get_u32() else { return Ok(None) };
        let body = self.check(metadata as u64 + u64::from(length))? - metadata;
        if after.len() < body {
            return Ok(None);
        }
        bytes.advance(HEADER);
        let metadata = bytes.split_to(metadata).freeze();
        bytes.advance(LENGTH);
        let body = bytes.split_to(body).freeze();
        Ok(Some(Message { kind, version, serialization, id, metadata, body }))
    }
}

impl Encoder<Message> for MotanCodec {
    type Error = MotanError;

    fn encode(&mut self, message: Message, bytes: &mut BytesMut) -> Result<(), MotanError> {
        let Message { kind, version, serialization, id, metadata, body } = message;
        let content = self.check(metadata.len() as u64 + body.len() as u64)?;
        let length = |part: &[u8]| {
            u32::try_from(part.len())
                .map_err(|_| MotanError::TooLong { length: content as u64, most: self.most })
        };
        let (of_metadata, of_body) = (length(&metadata)?, length(&body)?);
        bytes.reserve(HEADER + LENGTH + content);
        bytes.put_u16(MAGIC);
        bytes.put_u8(kind);
        bytes.put_u8(version);
        bytes.put_u8(serialization);
        bytes.put_u64(id);
        bytes.put_u32(of_metadata);
        bytes.put(metadata);
        bytes.put_u32(of_body);
        bytes.put(body);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
