//! Calls of `echo(String)` as Motan's clients write them, and their answers: as much of hessian2 as a short text needs.

use bytes::Bytes;
use lubdub_link::motan::Message;

const SERVICE: &str = "lubdub.conformance.motan.Echo";

/// hessian2 has number 0 in the upper five bits.
const HESSIAN2: u8 = 0;
const VERSION: u8 = 1 << 3;
const RESPONSE: u8 = 1;

/// A text of up to 31 bytes is its length, and itself.
const LONGEST: usize = 31;

/// A call; none where the text is too long for this.
pub(crate) fn call(id: u64, group: &str, text: &str) -> Option<Message> {
    let length = u8::try_from(text.len()).ok().filter(|length| usize::from(*length) <= LONGEST)?;
    let metadata = format!("M_p\n{SERVICE}\nM_m\necho\nM_md\njava.lang.String\nM_g\n{group}\nM_v\n1.0");
    let body = [&[length], text.as_bytes()].concat();
    Some(Message {
        kind: 0,
        version: VERSION,
        serialization: HESSIAN2,
        id,
        metadata: metadata.into(),
        body: body.into(),
    })
}

/// The answer to a call: an argument alone and a result look the same.
pub(crate) fn answer(call: Message) -> Message {
    Message { kind: RESPONSE, metadata: Bytes::from_static(b"M_pt\n0"), ..call }
}

/// The text of an answer.
pub(crate) fn text(answer: &Message) -> Result<String, String> {
    if answer.is_exception() {
        return Err(answer.value("M_e").unwrap_or("an exception").to_owned());
    }
    let text = answer.body.get(1..).unwrap_or_default();
    String::from_utf8(text.to_vec()).map_err(|fault| fault.to_string())
}
