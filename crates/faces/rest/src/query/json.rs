//! [`Json`]: a document as it was sent: members in their order, and twice where they are.
//! What no request of this face holds is kept as it would be shown.

use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// A document, or a part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Json {
    Object(Vec<(String, Self)>),
    Text(String),
    Null,
    /// Anything else, as it is shown in a refusal.
    Other(String),
}

impl Json {
    /// As it is shown in a refusal.
    pub(super) fn shown(&self) -> &str {
        match self {
            Self::Object(_) => "an object",
            Self::Text(text) | Self::Other(text) => text,
            Self::Null => "null",
        }
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AsSent)
    }
}

struct AsSent;

impl<'de> Visitor<'de> for AsSent {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON document")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Json, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(Json::Object(members))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Json, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Json::Other("a list".to_owned()))
    }

    fn visit_str<E>(self, text: &str) -> Result<Json, E> {
        Ok(Json::Text(text.to_owned()))
    }

    fn visit_bool<E>(self, truth: bool) -> Result<Json, E> {
        Ok(Json::Other(truth.to_string()))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Json, E> {
        Ok(Json::Other(number.to_string()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Json, E> {
        Ok(Json::Other(number.to_string()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Json, E> {
        Ok(Json::Other(number.to_string()))
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_kept_in_order_and_twice_where_they_are() {
        let read: Json =
            serde_json::from_str(r#"{"b": "x", "a": {"b": null}, "b": [1, {}], "c": 1.5}"#).unwrap();
        let other = |shown: &str| Json::Other(shown.to_owned());
        let expected = [
            ("b", Json::Text("x".to_owned())),
            ("a", Json::Object(vec![("b".to_owned(), Json::Null)])),
            ("b", other("a list")),
            ("c", other("1.5")),
        ];
        assert_eq!(read, Json::Object(expected.map(|(name, value)| (name.to_owned(), value)).to_vec()));
    }
}
