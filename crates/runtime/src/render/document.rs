//! [`Document`]: pieces that make one plain text, or one gzip member; streamed, never joined.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{BufMut, Bytes, BytesMut};
use http_body::{Body, Frame, SizeHint};
use tokio::sync::OwnedSemaphorePermit;

use super::fragment::{Coding, Fragment};

/// A gzip member's header: deflate, no name, no time, unknown system.
const GZIP_HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
/// The empty block that ends a deflate stream: final, fixed codes, end of block.
const LAST_BLOCK: [u8; 2] = [0x03, 0x00];
/// The most bytes of a stored block.
const STORED_MOST: usize = 65_535;

/// A finished document.
#[derive(Debug)]
pub struct Document {
    coding: Coding,
    pieces: Vec<Bytes>,
    length: u64,
}

impl Document {
    /// How its bytes are coded.
    pub fn coding(&self) -> Coding {
        self.coding
    }

    /// Its length in bytes, as sent.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// The pieces, in order.
    pub fn pieces(&self) -> &[Bytes] {
        &self.pieces
    }

    /// A body that sends the pieces one by one.
    pub fn into_body(self) -> DocumentBody {
        DocumentBody { rest: self.length, pieces: self.pieces.into_iter(), permit: None }
    }
}

/// Puts a document together.
///
/// As gzip it is one member: literal text becomes stored blocks, fragments are deflated
/// already, and the checksum of the whole is combined from theirs.
#[derive(Debug)]
pub struct DocumentBuilder {
    coding: Coding,
    pieces: Vec<Bytes>,
    checksum: crc32fast::Hasher,
    plain_length: u64,
}

impl DocumentBuilder {
    /// An empty document.
    pub fn new(coding: Coding) -> Self {
        let pieces = match coding {
            Coding::Identity => Vec::new(),
            Coding::Gzip => vec![Bytes::from_static(&GZIP_HEADER)],
        };
        Self { coding, pieces, checksum: crc32fast::Hasher::new(), plain_length: 0 }
    }

    /// How its bytes are coded: fragments must be so too.
    pub fn coding(&self) -> Coding {
        self.coding
    }

    /// Appends text.
    pub fn text(&mut self, text: impl Into<Bytes>) {
        let text = text.into();
        self.plain_length += text.len() as u64;
        match self.coding {
            Coding::Identity => self.push(text),
            Coding::Gzip => {
                self.checksum.update(&text);
                let mut blocks = BytesMut::with_capacity(text.len() + 5 * (text.len() / STORED_MOST + 1));
                for part in text.chunks(STORED_MOST) {
                    // At most `STORED_MOST`, which is the most of 16 bits.
                    let length = part.len() as u16;
                    blocks.put_u8(0);
                    blocks.put_u16_le(length);
                    blocks.put_u16_le(!length);
                    blocks.put_slice(part);
                }
                self.push(blocks.freeze());
            }
        }
    }

    /// Appends fragments of the document's own coding.
    pub fn fragments(&mut self, fragments: &[Fragment]) {
        for fragment in fragments {
            self.plain_length += fragment.plain_length();
            if self.coding == Coding::Gzip {
                self.checksum.combine(&fragment.checksum());
            }
            self.push(fragment.bytes().clone());
        }
    }

    /// The finished document.
    pub fn finish(mut self) -> Document {
        if self.coding == Coding::Gzip {
            let mut end = BytesMut::with_capacity(10);
            end.put_slice(&LAST_BLOCK);
            end.put_u32_le(self.checksum.clone().finalize());
            // The trailer has the length modulo 2^32.
            end.put_u32_le(self.plain_length as u32);
            self.push(end.freeze());
        }
        let length = self.pieces.iter().map(|piece| piece.len() as u64).sum();
        Document { coding: self.coding, pieces: self.pieces, length }
    }

    fn push(&mut self, piece: Bytes) {
        if !piece.is_empty() {
            self.pieces.push(piece);
        }
    }
}

/// The body of an answer: sends a document's pieces one by one, and knows its length.
#[derive(Debug)]
pub struct DocumentBody {
    pieces: std::vec::IntoIter<Bytes>,
    rest: u64,
    /// A large document's place among the few that are sent at once; given back at the end.
    permit: Option<OwnedSemaphorePermit>,
}

impl DocumentBody {
    pub(super) fn holding(mut self, permit: Option<OwnedSemaphorePermit>) -> Self {
        self.permit = permit;
        self
    }
}

impl Body for DocumentBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let Some(piece) = self.pieces.next() else {
            self.permit = None;
            return Poll::Ready(None);
        };
        self.rest -= piece.len() as u64;
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.rest)
    }
}
