//! Points in time, and names with values.

use std::borrow::Cow;

use jiff::Timestamp;
use lubdub_core::WallTime;
use lubdub_core::model::Metadata;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use utoipa::openapi::schema::{AdditionalProperties, KnownFormat, SchemaFormat};
use utoipa::openapi::{Object, ObjectBuilder, RefOr, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

/// A point in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Time(pub(crate) WallTime);

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let millis = i64::try_from(self.0.0).unwrap_or(i64::MAX);
        let time = Timestamp::from_millisecond(millis).unwrap_or(Timestamp::MAX);
        serializer.collect_str(&format_args!("{time:.3}"))
    }
}

impl PartialSchema for Time {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
            .description(Some("A point in time: RFC 3339, in UTC, with milliseconds."))
            .examples(["2026-11-21T11:02:16.207Z"])
            .into()
    }
}

impl ToSchema for Time {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("Time")
    }
}

/// Names and values, in the order in which they were given.
#[derive(Debug, Clone)]
pub(crate) struct Entries(pub(crate) Metadata);

impl Serialize for Entries {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (name, value) in self.0.iter() {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

impl PartialSchema for Entries {
    fn schema() -> RefOr<Schema> {
        let text = Schema::Object(Object::with_type(Type::String));
        ObjectBuilder::new()
            .schema_type(Type::Object)
            .additional_properties(Some(AdditionalProperties::from(text)))
            .description(Some("Names and values, in the order in which they were given."))
            .into()
    }
}

impl ToSchema for Entries {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("Entries")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_in_time_is_written_in_utc_with_milliseconds() {
        for (millis, written) in [
            (1_795_258_936_207, "\"2026-11-21T11:02:16.207Z\""),
            (1_795_258_936_000, "\"2026-11-21T11:02:16.000Z\""),
            (0, "\"1970-01-01T00:00:00.000Z\""),
        ] {
            assert_eq!(serde_json::to_string(&Time(WallTime(millis))).unwrap(), written);
        }
        assert!(serde_json::to_string(&Time(WallTime(u64::MAX))).unwrap().starts_with("\"9999-"));
    }

    #[test]
    fn metadata_is_an_object_in_its_own_order() {
        let entries = Entries(Metadata::new([("z", "1"), ("a", "2")]));
        assert_eq!(serde_json::to_string(&entries).unwrap(), r#"{"z":"1","a":"2"}"#);
    }
}
