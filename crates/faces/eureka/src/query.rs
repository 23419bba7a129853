//! The query parameters that Eureka's operations have.

use std::borrow::Cow;
use std::collections::HashSet;

use lubdub_core::model::{Precedence, Status};

use crate::path::{BadEncoding, decode_query};

/// The first value of a parameter, still encoded; an empty one counts as absent.
pub(crate) fn raw<'a>(query: Option<&'a str>, name: &str) -> Option<&'a str> {
    // A heartbeat comes through here: byte by byte is faster than searching for patterns.
    let mut rest = query?;
    loop {
        let end = rest.bytes().position(|byte| byte == b'&');
        let (pair, after) = rest.split_at_checked(end.unwrap_or(rest.len()))?;
        if let Some(value) = pair.strip_prefix(name).and_then(|value| value.strip_prefix('=')) {
            return Some(value).filter(|value| !value.is_empty());
        }
        rest = after.get(1..)?;
    }
}

/// `lastDirtyTimestamp`, milliseconds since 1970 by the client's clock.
///
/// # Errors
///
/// Where it is given, and no whole number.
pub(crate) fn last_dirty(query: Option<&str>) -> Result<Option<Precedence>, NotANumber> {
    let Some(text) = raw(query, "lastDirtyTimestamp") else { return Ok(None) };
    let millis: i64 = text.parse().map_err(|_| NotANumber)?;
    // Before 1970 there was no Eureka: whatever is stored is newer.
    Ok(Some(Precedence(u64::try_from(millis).unwrap_or(0))))
}

/// `lastDirtyTimestamp` was no whole number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NotANumber;

/// A status by its exact name.
pub(crate) fn status(query: Option<&str>, name: &str) -> Given<Status> {
    match raw(query, name).map(str::parse) {
        None => Given::Absent,
        Some(Ok(status)) => Given::Value(status),
        Some(Err(_)) => Given::Wrong,
    }
}

/// What became of reading a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Given<T> {
    Absent,
    Value(T),
    Wrong,
}

/// Names with the first value of each, decoded.
pub(crate) fn entries(query: Option<&str>) -> Result<Vec<(String, String)>, BadEncoding> {
    let mut known = HashSet::new();
    let mut entries = Vec::new();
    for (name, value) in pairs(query) {
        let name = decode_query(name)?.into_owned();
        if !name.is_empty() && known.insert(name.clone()) {
            entries.push((name, decode_query(value).map(Cow::into_owned)?));
        }
    }
    Ok(entries)
}

fn pairs(query: Option<&str>) -> impl Iterator<Item = (&str, &str)> {
    query.unwrap_or_default().split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_dirty_timestamp_is_found_wherever_it_stands() {
        let read = |query| last_dirty(Some(query));
        assert_eq!(read("status=UP&lastDirtyTimestamp=17"), Ok(Some(Precedence(17))));
        assert_eq!(read("lastDirtyTimestamp=17&x"), Ok(Some(Precedence(17))));
        assert_eq!(read("lastDirtyTimestamp=-5"), Ok(Some(Precedence(0))));
        assert_eq!(read("lastDirtyTimestamp="), Ok(None));
        assert_eq!(read("xlastDirtyTimestamp=1&lastDirtyTimestampx=2"), Ok(None));
        assert_eq!(read("&&lastDirtyTimestamp=1&lastDirtyTimestamp=2&"), Ok(Some(Precedence(1))));
        assert_eq!(read("lastDirtyTimestamp"), Ok(None));
        assert_eq!(read("lastDirtyTimestamp=soon"), Err(NotANumber));
        assert_eq!(last_dirty(None), Ok(None));
    }

    #[test]
    fn statuses_are_exact_names() {
        assert_eq!(status(Some("value=UP"), "value"), Given::Value(Status::Up));
        assert_eq!(status(Some("value=up"), "value"), Given::Wrong);
        assert_eq!(status(Some("value="), "value"), Given::Absent);
    }

    #[test]
    fn the_first_value_of_each_name_counts() {
        let entries = entries(Some("a=1&b=x+y&a=2&=3&&c")).unwrap();
        let expected = [("a", "1"), ("b", "x y"), ("c", "")].map(|(a, b)| (a.to_owned(), b.to_owned()));
        assert_eq!(entries, expected);
    }
}
