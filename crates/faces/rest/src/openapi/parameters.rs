//! The parameters, with their ranges.

use serde_json::Value;
use utoipa::PartialSchema;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::{ObjectBuilder, RefOr, Required, Schema, Type};

use crate::config::OPERATOR_HEADER;
use crate::query::{LARGEST_PAGE, LAST_REVISION, PAGE};
use crate::wire::{CheckWord, StatusWord};

/// The names in the path of an instance, and the node that may scope its id.
pub(super) fn of_instance() -> [Parameter; 3] {
    let named = |name: &str, description: &str| {
        let schema = ObjectBuilder::new().schema_type(Type::String).min_length(Some(1));
        ParameterBuilder::new()
            .name(name)
            .parameter_in(ParameterIn::Path)
            .required(Required::True)
            .description(Some(description))
            .schema(Some(schema))
            .build()
    };
    [
        named("service", "The service, in any case."),
        named("id", "The instance's id, exactly; a `/` in it is written `%2F`."),
        query("node", "What scopes its id, for an instance that has it.", text()),
    ]
}

/// The filters of the list of instances.
pub(super) fn of_instances() -> [Parameter; 10] {
    [
        service(),
        query("status", "Those that consumers are shown with this status.", StatusWord::schema()),
        query("health", "Those whose worst check says this.", CheckWord::schema()),
        query("held", "Those that the guard holds, or does not.", truth()),
        query("damped", "Those that damping keeps out, or does not.", truth()),
        query("zone", "Those that told exactly this zone.", text()),
        query("version", "Those that told exactly this version.", text()),
        query("group", "Those that told exactly this group.", text()),
        limit("At most so many."),
        query(
            "after",
            "Those after a page, by its `next`: for the server that gave it, until that is restarted.",
            pattern("^[A-Za-z0-9_-]+$"),
        ),
    ]
}

/// Which events.
pub(super) fn of_events() -> [Parameter; 4] {
    let resumed = ParameterBuilder::new()
        .name("Last-Event-ID")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some("The id of the last event that was seen; outranks `since`. Browsers send it."))
        .schema(Some(revision()))
        .build();
    [
        service(),
        query("since", "Those after this revision; those from now on where it is not given.", revision()),
        limit("At most about so many; changes that were made in one go are never torn apart."),
        resumed,
    ]
}

/// Which services.
pub(super) fn of_services() -> Parameter {
    query("service", "The one of this name, in any case, if there is one.", text())
}

/// Which departures.
pub(super) fn of_departures() -> [Parameter; 2] {
    [service(), limit("At most so many.")]
}

/// The name that is recorded.
pub(super) fn operator() -> Parameter {
    let schema = ObjectBuilder::new()
        .schema_type(Type::String)
        .pattern(Some("^[!-~]{1,64}$"))
        .min_length(Some(1))
        .max_length(Some(64))
        .default(Some(Value::from("operator")));
    ParameterBuilder::new()
        .name(OPERATOR_HEADER.as_str())
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some("Who does it: a name that the history keeps with it."))
        .schema(Some(schema))
        .build()
}

fn query(name: &str, description: &str, schema: impl Into<RefOr<Schema>>) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Query)
        .required(Required::False)
        .description(Some(description))
        .schema(Some(schema))
        .build()
}

fn service() -> Parameter {
    query("service", "Those of this service, in any case.", text())
}

fn limit(description: &str) -> Parameter {
    let schema = ObjectBuilder::new()
        .schema_type(Type::Integer)
        .minimum(Some(1_usize))
        .maximum(Some(LARGEST_PAGE))
        .default(Some(Value::from(PAGE)));
    query("limit", description, schema)
}

fn revision() -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::Integer)
        .minimum(Some(0_usize))
        .maximum(Some(LAST_REVISION as usize))
}

fn text() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String)
}

fn truth() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::Boolean)
}

fn pattern(pattern: &str) -> ObjectBuilder {
    text().pattern(Some(pattern))
}
