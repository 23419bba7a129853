//! The bodies of actions. They are read by hand in `query`; here is what they should be.

use std::borrow::Cow;

use utoipa::openapi::schema::AdditionalProperties;
use utoipa::openapi::{Object, ObjectBuilder, OneOfBuilder, RefOr, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

use crate::wire::StatusWord;

/// Which status is to count.
pub(super) struct Override;

impl PartialSchema for Override {
    fn schema() -> RefOr<Schema> {
        exactly([("status", StatusWord::schema())])
            .description(Some("Which status is to count."))
            .examples([serde_json::json!({"status": "OUT_OF_SERVICE"})])
            .into()
    }
}

impl ToSchema for Override {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("Override")
    }
}

/// Which scope the guard is to let go.
pub(super) struct Release;

impl PartialSchema for Release {
    fn schema() -> RefOr<Schema> {
        let kind = |words: &'static [&'static str]| {
            ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words.iter().copied()))
        };
        let name = ObjectBuilder::new()
            .schema_type(Type::String)
            .min_length(Some(1))
            .description(Some("The name of the zone or service."));
        let registry = ObjectBuilder::new()
            .schema_type(Type::Object)
            .property("kind", kind(&["registry"]))
            .property("name", Object::with_type(Type::Null))
            .required("kind")
            .additional_properties(Some(AdditionalProperties::<Schema>::FreeForm(false)));
        let named = exactly([("kind", kind(&["zone", "service"]).into()), ("name", name.into())]);
        let scope = OneOfBuilder::new().item(registry).item(named);
        exactly([("scope", scope.into())])
            .description(Some("Which scope the guard is to let go."))
            .examples([serde_json::json!({"scope": {"kind": "zone", "name": "eu-1"}})])
            .into()
    }
}

impl ToSchema for Release {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("Release")
    }
}

/// What is to be logged.
pub(super) struct Filter;

impl PartialSchema for Filter {
    fn schema() -> RefOr<Schema> {
        let filter = ObjectBuilder::new()
            .schema_type(Type::String)
            .min_length(Some(1))
            .description(Some("Such as `info` or `info,lubdub_core=debug`."));
        exactly([("filter", filter.into())])
            .description(Some("What is to be logged."))
            .examples([serde_json::json!({"filter": "info,lubdub_core=debug"})])
            .into()
    }
}

impl ToSchema for Filter {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("LogFilterOrder")
    }
}

/// An object with these members and no others.
fn exactly<const N: usize>(members: [(&'static str, RefOr<Schema>); N]) -> ObjectBuilder {
    let nothing_else = AdditionalProperties::<Schema>::FreeForm(false);
    let object = ObjectBuilder::new().schema_type(Type::Object).additional_properties(Some(nothing_else));
    members.into_iter().fold(object, |object, (name, schema)| object.property(name, schema).required(name))
}
