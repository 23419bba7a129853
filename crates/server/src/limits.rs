//! What a request's body may cost, and what the system allows.

use std::time::Duration;

use bytes::Bytes;
use http_body::Body;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::time::timeout;

use crate::refusal::Refusal;

/// Reads a body whole, up to `most` bytes, within `patience`.
pub(crate) async fn read<B>(mut body: B, most: usize, patience: Duration) -> Result<Bytes, Refusal>
where
    B: Body<Data = Bytes, Error: Into<axum::BoxError>> + Unpin,
{
    if body.size_hint().lower() > most as u64 {
        discard(body, DISCARDED, patience).await;
        return Err(Refusal::BodyTooLarge);
    }
    let mut limited = Limited::new(&mut body, most);
    let reading = async {
        let mut whole = Vec::new();
        // One frame is the usual case and needs no copy.
        let mut first = None;
        while let Some(frame) = limited.frame().await {
            let Ok(data) = frame?.into_data() else { continue };
            match first.take() {
                None if whole.is_empty() => first = Some(data),
                before => {
                    whole.extend_from_slice(&before.unwrap_or_default());
                    whole.extend_from_slice(&data);
                }
            }
        }
        Ok(first.unwrap_or_else(|| Bytes::from(whole)))
    };
    let outcome: Result<Result<Bytes, axum::BoxError>, _> = timeout(patience, reading).await;
    match outcome {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(error)) if error.is::<LengthLimitError>() => {
            discard(body, DISCARDED, patience).await;
            Err(Refusal::BodyTooLarge)
        }
        Ok(Err(_)) => Err(Refusal::BodyBroken),
        Err(_) => Err(Refusal::BodyTooSlow),
    }
}

/// So much of a body that is too large is read and thrown away, so that its sender gets to
/// read the answer: closing a connection on unread bytes resets it.
const DISCARDED: usize = 32 * 1024 * 1024;

/// Reads a body and throws it away, up to `most` bytes and for at most `patience`. What is
/// left then ends the connection with the response.
pub(crate) async fn discard<B>(mut body: B, most: usize, patience: Duration)
where
    B: Body<Data = Bytes> + Unpin,
{
    if body.is_end_stream() || body.size_hint().lower() > most as u64 {
        return;
    }
    let reading = async {
        let mut left = most;
        while let Some(Ok(frame)) = body.frame().await {
            let length = frame.data_ref().map_or(0, Bytes::len);
            match left.checked_sub(length) {
                Some(rest) => left = rest,
                None => return,
            }
        }
    };
    // Whether it came to its end or not, the answer is the same.
    drop(timeout(patience, reading).await);
}

/// Files that are not connections: the journal, listeners, standard streams, headroom.
const OTHER_FILES: u64 = 128;

/// Raises this process's limit of open files as far as `connections` need it and the system
/// lets it; answers how many connections fit.
pub(crate) fn make_room_for(connections: usize) -> usize {
    let limit = getrlimit(Resource::Nofile);
    let wanted = connections as u64 + OTHER_FILES;
    let most = limit.maximum.unwrap_or(u64::MAX);
    let current = limit.current.unwrap_or(u64::MAX);
    let mut allowed = current;
    if current < wanted {
        let raised = Rlimit { current: Some(wanted.min(most)), maximum: limit.maximum };
        if setrlimit(Resource::Nofile, raised).is_ok() {
            allowed = wanted.min(most);
        }
    }
    usize::try_from(allowed.saturating_sub(OTHER_FILES)).unwrap_or(usize::MAX).clamp(1, connections)
}
