//! [`Codec`]: prost's messages, with buffers that suit streams on which little is said.

use std::marker::PhantomData;

use prost::Message;
use tonic::codec::BufferSettings;
use tonic_prost::{ProstCodec, ProstDecoder, ProstEncoder};

/// What a stream takes for itself, in each direction, before anything is said on it; it grows as it
/// must. tonic's own is 8 KiB, which was half of what an idle session took. A beat and its answer are
/// 20 bytes, an instance a few hundred.
const BUFFER_BYTES: usize = 512;

/// So many bytes of answers are gathered before they are given on; tonic's own.
const GATHERED_BYTES: usize = 32 * 1024;

/// Encodes and decodes the messages of this crate.
#[derive(Debug, Clone)]
pub struct Codec<T, U>(PhantomData<(T, U)>);

impl<T, U> Default for Codec<T, U> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<T, U> tonic::codec::Codec for Codec<T, U>
where
    T: Message + Send + 'static,
    U: Message + Default + Send + 'static,
{
    type Encode = T;
    type Decode = U;
    type Encoder = ProstEncoder<T>;
    type Decoder = ProstDecoder<U>;

    fn encoder(&mut self) -> Self::Encoder {
        ProstCodec::<T, U>::raw_encoder(BufferSettings::new(BUFFER_BYTES, GATHERED_BYTES))
    }

    fn decoder(&mut self) -> Self::Decoder {
        ProstCodec::<T, U>::raw_decoder(BufferSettings::new(BUFFER_BYTES, GATHERED_BYTES))
    }
}
