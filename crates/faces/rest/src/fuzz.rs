//! Doors for the fuzzer to what reads a request, with what must hold whatever comes in.
//!
//! Each panics where something does not hold. Not for use: it may change without notice.

use crate::error::Problem;
use crate::query::{
    self, Cursor, DepartureFilter, EventFilter, FilterOrder, InstanceFilter, LARGEST_PAGE, OverrideOrder,
    ReleaseOrder,
};

/// The mark of the server that made page tokens.
pub const SERVER: u64 = 7;

/// The parameters of every read. A page token that is taken is the one that its place has.
///
/// # Panics
///
/// It is not, or a refusal says nothing.
pub fn parameters(query: Option<&str>, last_event_id: Option<&str>) {
    if let Some(filter) = taken(InstanceFilter::read(query, SERVER)) {
        assert!((1..=LARGEST_PAGE).contains(&filter.limit), "{filter:?}");
        if let Some(after) = &filter.after {
            assert_eq!(Cursor::read(&after.token(SERVER), SERVER).as_ref(), Ok(after));
        }
    }
    if let Some(filter) = taken(EventFilter::read(query, last_event_id)) {
        assert!((1..=LARGEST_PAGE).contains(&filter.limit), "{filter:?}");
    }
    if let Some(filter) = taken(DepartureFilter::read(query)) {
        assert!((1..=LARGEST_PAGE).contains(&filter.limit), "{filter:?}");
    }
    taken(query::node(query));
    taken(query::nothing(query));
    taken(query::of_service(query));
}

/// A page token. Its checksum is put right first: only so is anything behind it reached.
///
/// # Panics
///
/// A place that is read has no token of its own.
pub fn page_token(place: &[u8]) {
    let token = Cursor::sealed(place, SERVER);
    if let Ok(cursor) = Cursor::read(&token, SERVER) {
        assert_eq!(Cursor::read(&cursor.token(SERVER), SERVER), Ok(cursor));
    }
}

/// The body of every action.
///
/// # Panics
///
/// A refusal says nothing.
pub fn body(body: &[u8]) {
    taken(OverrideOrder::read(body));
    taken(ReleaseOrder::read(body));
    taken(FilterOrder::read(body));
}

/// What was read; a refusal must be the sender's fault and say what is wrong.
fn taken<T>(read: Result<T, Problem>) -> Option<T> {
    match read {
        Ok(read) => Some(read),
        Err(problem) => {
            let told = serde_json::to_value(&problem).unwrap_or_default();
            let status = told.get("status").and_then(serde_json::Value::as_u64).unwrap_or_default();
            assert!((400..500).contains(&status), "{told}");
            assert!(
                told.get("detail")
                    .and_then(serde_json::Value::as_str)
                    .is_some_and(|detail| !detail.is_empty()),
                "{told}"
            );
            None
        }
    }
}
