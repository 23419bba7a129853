//! Paths and queries, from names that may hold anything.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What stays as it is in a path segment or a query value.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A path from segments that may hold anything.
pub(super) fn path(segments: &[&str]) -> String {
    segments.iter().fold(String::new(), |path, segment| path + "/" + &encode(segment))
}

/// A path with the parts of its query that are given.
pub(super) fn with_query(path: &str, query: &[(&str, Option<&str>)]) -> String {
    let given =
        query.iter().filter_map(|(name, value)| value.map(|value| format!("{name}={}", encode(value))));
    let query: Vec<String> = given.collect();
    if query.is_empty() { path.to_owned() } else { format!("{path}?{}", query.join("&")) }
}

fn encode(text: &str) -> String {
    utf8_percent_encode(text, SEGMENT).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_anything_in_them_stay_one_segment() {
        assert_eq!(path(&["api", "v1", "a/b c:80%"]), "/api/v1/a%2Fb%20c%3A80%25");
        assert_eq!(with_query("/x", &[("a", Some("1&2")), ("b", None), ("c", Some(""))]), "/x?a=1%262&c=");
        assert_eq!(with_query("/x", &[("b", None)]), "/x");
    }
}
