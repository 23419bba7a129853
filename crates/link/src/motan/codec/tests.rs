use bytes::Bytes;
use proptest::prelude::*;

use super::*;

fn written(messages: &[Message]) -> BytesMut {
    let mut bytes = BytesMut::new();
    for message in messages {
        MotanCodec::default().encode(message.clone(), &mut bytes).unwrap();
    }
    bytes
}

/// What is read when bytes come in pieces of this size.
fn read(bytes: &[u8], piece: usize) -> Result<Vec<Message>, MotanError> {
    let (mut codec, mut buffer, mut messages) = (MotanCodec::default(), BytesMut::new(), Vec::new());
    for piece in bytes.chunks(piece) {
        buffer.extend_from_slice(piece);
        while let Some(message) = codec.decode(&mut buffer)? {
            messages.push(message);
        }
    }
    Ok(messages)
}

#[test]
fn a_heartbeat_and_its_answer_are_21_bytes_each_as_motan_writes_them() {
    let request = Message::heartbeat(0x0102_0304_0506_0708);
    let id = [1, 2, 3, 4, 5, 6, 7, 8];
    let expected = |kind| [&[0xF1, 0xF1, kind, 8, 8], &id[..], &[0; 8]].concat();
    assert_eq!(written(std::slice::from_ref(&request)), expected(0x10).as_slice());
    let answer = Message::heartbeat_answer(&request);
    assert_eq!(written(std::slice::from_ref(&answer)), expected(0x11).as_slice());
    assert!(answer.is_response() && answer.is_heartbeat());
}

#[test]
fn what_is_no_frame_is_refused_at_its_first_wrong_byte() {
    for (bytes, expected) in [
        (&b"GET / HTTP/1.1\r\n"[..], "the bytes 0x4700 begin no frame of Motan; expected 0xF1F1"),
        (b"\xF1\xF2", "the bytes 0xF1F2 begin no frame of Motan; expected 0xF1F1"),
        (b"\xF1\xF1\x00\x00", "the other end speaks motan1, whose frames are Java objects; expected motan2"),
        (b"\xF1\xF1\x00\x01", "the other end speaks motan1"),
        (b"\xF1\xF1\x00\x10", "the other end speaks version 2 of Motan's protocol; expected 1, motan2"),
    ] {
        let error = read(bytes, 1).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{error}");
    }
}

#[test]
fn a_content_that_is_too_long_is_refused_before_it_comes() {
    let most = 10 * 1024 * 1024_u32;
    let header = [&[0xF1, 0xF1, 0, 8, 8], &[0; 8][..]].concat();
    for content in
        [(most + 1).to_be_bytes().to_vec(), [&[0, 0, 0, 1][..], b"x", &most.to_be_bytes()].concat()]
    {
        let error = read(&[&header[..], &content].concat(), 7).unwrap_err();
        assert!(
            matches!(error, MotanError::TooLong { length, .. } if length == u64::from(most) + 1),
            "{error}"
        );
    }
    let long = Message { body: Bytes::from_static(b"four"), ..Message::heartbeat(1) };
    let refused = MotanCodec::with_most(3).encode(long, &mut BytesMut::new()).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "a frame has a content of 4 bytes; expected at most 3, or a codec with a higher limit"
    );
}

fn message() -> impl Strategy<Value = Message> {
    let part = || prop::collection::vec(any::<u8>(), 0..40).prop_map(Bytes::from);
    (any::<u8>(), 8..16u8, any::<u8>(), any::<u64>(), part(), part()).prop_map(
        |(kind, version, serialization, id, metadata, body)| Message {
            kind,
            version,
            serialization,
            id,
            metadata,
            body,
        },
    )
}

proptest! {
    #[test]
    fn what_is_written_is_read_in_whatever_pieces_it_comes(
        messages in prop::collection::vec(message(), 0..6),
        piece in 1..60usize,
    ) {
        let bytes = written(&messages);
        prop_assert_eq!(read(&bytes, piece).unwrap(), messages);
    }

    #[test]
    fn what_is_read_is_written_back_byte_by_byte(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
        let bytes = [&[0xF1, 0xF1, 0x10, 8, 8], &bytes[..]].concat();
        if let Ok(messages) = read(&bytes, 9) {
            prop_assert!(bytes.starts_with(&written(&messages)));
        }
    }
}
