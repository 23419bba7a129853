//! Every operation.

use utoipa::openapi::response::ResponseBuilder;
use utoipa::openapi::{Content, HttpMethod, Object, Type};

use super::bodies;
use super::operation::Draft;
use super::parameters::{of_departures, of_events, of_instance, of_instances, of_services};
use super::refusals::Shared::{NotAvailable, NothingToRelease, UnknownInstance};
use crate::wire;

const INSTANCE: &str = "/api/v1/services/{service}/instances/{id}";
const OVERRIDE: &str = "/api/v1/services/{service}/instances/{id}/override";

/// Every operation, in no particular order.
pub(super) fn all() -> Vec<Draft> {
    let mut all = registered();
    all.extend(insight());
    all.extend(actions());
    all.extend(probes());
    all
}

fn registered() -> Vec<Draft> {
    vec![
        Draft::reads("/api/v1/services", "services", "The services, with how many instances have each status")
            .parameters([of_services()])
            .answers::<wire::Services>("The services, ordered by name."),
        Draft::reads("/api/v1/instances", "instances", "The instances that pass the filters, page by page")
            .about("A parameter that is not known is refused, so that a filter that is misspelt does not answer everything.")
            .parameters(of_instances())
            .answers::<wire::Instances>("A page of instances."),
        Draft::reads(INSTANCE, "instance", "One instance")
            .parameters(of_instance())
            .answers::<wire::Instance>("The instance.")
            .refused([UnknownInstance]),
        Draft::reads(
            "/api/v1/services/{service}/instances/{id}/history",
            "history",
            "What happened to an instance and why, also after it left",
        )
        .parameters(of_instance())
        .answers::<wire::History>("Its history, oldest first.")
        .refused([UnknownInstance]),
        events(),
        Draft::reads("/api/v1/departures", "departures", "Who left lately, and why")
            .about("As far back as the history goes, also over restarts.")
            .parameters(of_departures())
            .answers::<wire::Departures>("Who left, newest first."),
    ]
}

fn events() -> Draft {
    let mut draft = Draft::reads(
        "/api/v1/events",
        "events",
        "What happened since a revision, as a list or a stream",
    )
    .about(
        "With `Accept: text/event-stream` it is a stream of server-sent events: `change`, whose data is an \
             `Event`, and `reset`, whose data is a `Reset`. Else it is a list.",
    )
    .parameters(of_events());
    let list = Content::new(Some(draft.reference::<wire::Events>()));
    // A frame's data is one of these; OpenAPI 3.1 cannot say more of a stream than that it is text.
    draft.reference::<wire::Event>();
    draft.reference::<wire::Reset>();
    let stream = Content::new(Some(Object::with_type(Type::String)));
    let both = ResponseBuilder::new()
        .description("What happened, oldest first.")
        .content("application/json", list)
        .content("text/event-stream", stream);
    draft.with("200", both)
}

fn insight() -> Vec<Draft> {
    vec![
        Draft::reads("/api/v1/guard", "guard", "What the guard against mass eviction does, and why")
            .answers::<wire::Guard>("Its rules and its arithmetic."),
        Draft::reads("/api/v1/damping", "damping", "Which instances are kept out for their losses")
            .answers::<wire::Damping>("The rules, and every instance with a penalty."),
        Draft::reads("/api/v1/deaf", "deaf", "When the registry could not hear")
            .answers::<wire::Deaf>("The deaf time of the last hour."),
        Draft::reads("/api/v1/server", "server", "The registry itself, in figures")
            .answers::<wire::Server>("Version, sizes, journal and counters."),
        Draft::reads("/api/v1/config", "config", "How the registry is set").answers::<wire::Configuration>(
            "Every setting; secrets are in files of which only the names are told.",
        ),
        Draft::reads("/api/v1/log", "log", "What is logged")
            .answers::<wire::LogFilter>("The filter in force.")
            .refused([NotAvailable]),
        Draft::reads("/api/v1/openapi.json", "openapi", "This description").with(
            "200",
            ResponseBuilder::new()
                .description("OpenAPI 3.1.")
                .content("application/json", Content::new(Some(Object::with_type(Type::Object)))),
        ),
    ]
}

fn actions() -> Vec<Draft> {
    vec![
        Draft::acts(HttpMethod::Delete, INSTANCE, "deregister", "Remove an instance")
            .about("It comes back when it registers again.")
            .parameters(of_instance())
            .answers::<wire::Deregistered>("It left.")
            .refused([UnknownInstance]),
        Draft::acts(HttpMethod::Put, OVERRIDE, "setOverride", "Say which status of an instance counts")
            .parameters(of_instance())
            .takes::<bodies::Override>()
            .answers::<wire::Instance>("The instance as it is from now on.")
            .refused([UnknownInstance]),
        Draft::acts(HttpMethod::Delete, OVERRIDE, "clearOverride", "Let an instance's own word count again")
            .parameters(of_instance())
            .answers::<wire::Instance>(
                "The instance as it is from now on; as it was, where there was no override.",
            )
            .refused([UnknownInstance]),
        Draft::acts(
            HttpMethod::Delete,
            "/api/v1/services/{service}/instances/{id}/damping",
            "clearDamping",
            "Offer an instance again that damping keeps out",
        )
        .parameters(of_instance())
        .answers::<wire::Instance>("The instance as it is from now on.")
        .refused([UnknownInstance, NothingToRelease]),
        Draft::acts(
            HttpMethod::Post,
            "/api/v1/guard/release",
            "releaseGuard",
            "Let go what the guard holds in a scope",
        )
        .about("It leaves at once, and what comes due there is not held until the scope is quiet again.")
        .takes::<bodies::Release>()
        .answers::<wire::Released>("What was let go.")
        .refused([NothingToRelease]),
        Draft::acts(HttpMethod::Put, "/api/v1/log", "setLog", "Change what is logged")
            .takes::<bodies::Filter>()
            .answers::<wire::LogFilter>("The filter from now on.")
            .refused([NotAvailable]),
    ]
}

fn probes() -> Vec<Draft> {
    let text = Content::new(Some(Object::with_type(Type::String)));
    vec![
        Draft::reads("/healthz", "healthz", "Whether the process lives").with(
            "200",
            ResponseBuilder::new().description("It lives.").content("text/plain; charset=utf-8", text),
        ),
        Draft::reads("/readyz", "readyz", "How the registry is")
            .answers::<wire::Readiness>("It is ready, or degraded: which is ready still.")
            .answers_with::<wire::Readiness>("503", "It is stopping."),
    ]
}
