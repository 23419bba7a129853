//! [`Message`]: one frame of motan2, and what its bits say.

use bytes::Bytes;

/// The bits of a message's type.
const HEARTBEAT: u8 = 0x10;
const GZIP: u8 = 0x08;
const ONE_WAY: u8 = 0x04;
const PROXY: u8 = 0x02;
const RESPONSE: u8 = 0x01;

/// The version of motan2, where it stands above the three bits of the status.
const VERSION: u8 = 1 << 3;

/// What heartbeats say of their serialization, though they have nothing that is serialized: 1, `grpc-pb`.
const SERIALIZATION: u8 = 1 << 3;

/// One frame: its header as it stands there, metadata (`key\nvalue\n…`) and body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Bits: 0x10 heartbeat, 0x08 compressed, 0x04 no answer is wanted, 0x02 by a proxy, 0x01 an answer.
    pub kind: u8,
    /// The version in the upper five bits, the status in the lower three: 0 normal, 1 an exception.
    pub version: u8,
    /// The serialization in the upper five bits.
    pub serialization: u8,
    /// By which an answer belongs to its request.
    pub id: u64,
    /// Names and values, each with a line end; the last one is left out.
    pub metadata: Bytes,
    /// The rest.
    pub body: Bytes,
}

impl Message {
    /// A heartbeat request.
    pub fn heartbeat(id: u64) -> Self {
        let (metadata, body) = (Bytes::new(), Bytes::new());
        Self { kind: HEARTBEAT, version: VERSION, serialization: SERIALIZATION, id, metadata, body }
    }

    /// The answer to a heartbeat request: with the same id, in the same version.
    #[must_use]
    pub fn heartbeat_answer(request: &Self) -> Self {
        let (metadata, body) = (Bytes::new(), Bytes::new());
        let Self { version, serialization, id, .. } = *request;
        Self { kind: HEARTBEAT | RESPONSE, version: version & !0b111, serialization, id, metadata, body }
    }

    /// Whether it is a heartbeat, asked or answered.
    pub const fn is_heartbeat(&self) -> bool {
        self.kind & HEARTBEAT != 0
    }

    /// Whether it is an answer.
    pub const fn is_response(&self) -> bool {
        self.kind & RESPONSE != 0
    }

    /// Whether no answer is wanted.
    pub const fn is_one_way(&self) -> bool {
        self.kind & ONE_WAY != 0
    }

    /// Whether its body is compressed by gzip.
    pub const fn is_compressed(&self) -> bool {
        self.kind & GZIP != 0
    }

    /// Whether a proxy sends it.
    pub const fn is_by_proxy(&self) -> bool {
        self.kind & PROXY != 0
    }

    /// Whether it tells of an exception.
    pub const fn is_exception(&self) -> bool {
        self.version & 0b111 == 1
    }

    /// What metadata has by this name, `M_p` for the path for instance. None where it has nothing, or is no text.
    pub fn value(&self, name: &str) -> Option<&str> {
        let mut lines = std::str::from_utf8(&self.metadata).ok()?.split('\n');
        loop {
            let (found, value) = (lines.next()?, lines.next()?);
            if found == name {
                return Some(value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_is_read_by_name() {
        let metadata = Bytes::from_static(b"M_p\ncom.example.Orders\nM_m\n\nM_g\ndefault_rpc");
        let message = Message { metadata, ..Message::heartbeat(1) };
        assert_eq!(message.value("M_p"), Some("com.example.Orders"));
        assert_eq!(message.value("M_m"), Some(""));
        assert_eq!(message.value("M_g"), Some("default_rpc"));
        assert_eq!(message.value("default_rpc"), None, "a value is no name");
    }
}
