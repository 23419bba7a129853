//! This interface, described for machines: `OpenAPI` 3.1.
//!
//! What is written follows from the types of `wire`; what is asked and refused stands here,
//! beside the paths that `routes` has. A test holds the two lists together.
//!
//! | module | its one idea |
//! | --- | --- |
//! | `operations` | every operation |
//! | `operation` | one operation, put together |
//! | `parameters` | the parameters, with their ranges |
//! | `bodies` | the bodies of actions |
//! | `refusals` | the refusals that operations share |
//!
//! Source: <https://spec.openapis.org/oas/v3.1.1.html>.

mod bodies;
mod operation;
mod operations;
mod parameters;
mod refusals;

use bytes::Bytes;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{ComponentsBuilder, InfoBuilder, OpenApi, OpenApiBuilder, PathsBuilder};

use crate::config::OPERATOR_TOKEN_HEADER;
use operation::Operation;

/// The security scheme of what only operators may do.
const OPERATOR: &str = "operator";
/// The security schemes of a registry that asks everybody for a token.
const ACCESS: [&str; 2] = ["access", "access-as-password"];

/// The description as it is served.
pub(crate) fn written() -> Bytes {
    // Texts, numbers and lists alone: this cannot fail.
    serde_json::to_vec(&document()).unwrap_or_default().into()
}

fn document() -> OpenApi {
    let mut components = ComponentsBuilder::new();
    let mut paths = PathsBuilder::new();
    for operation in operations::all() {
        let Operation { path, item, schemas } = operation.described();
        paths = paths.path(path, item);
        components = components.schemas_from_iter(schemas);
    }
    for (name, response) in refusals::components() {
        components = components.response(name, response);
    }
    for (name, scheme) in schemes() {
        components = components.security_scheme(name, scheme);
    }
    let info = InfoBuilder::new()
        .title("lubdub")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(ABOUT))
        .build();
    OpenApiBuilder::new().info(info).paths(paths).components(Some(components.build())).build()
}

const ABOUT: &str = "A service registry: what is registered, what happened to it and why, and what operators do. \
     Readers pass over members that they do not know: new ones may come within v1, and none is taken away. Spans end \
     in `_ms` and are whole milliseconds; points in time are RFC 3339 in UTC; revisions are whole numbers below 2^53. \
     Every path that is not described here is answered 404, every method 405, both with a problem document.";

fn schemes() -> [(&'static str, SecurityScheme); 3] {
    let [bearer, basic] = ACCESS;
    let http = |scheme, description| {
        SecurityScheme::Http(HttpBuilder::new().scheme(scheme).description(Some(description)).build())
    };
    let operator = ApiKeyValue::with_description(
        OPERATOR_TOKEN_HEADER.as_str(),
        "What only operators may do. The token is in the file that `operator_token_file` names, else in the file \
         `operator-token` of the data directory.",
    );
    [
        (OPERATOR, SecurityScheme::ApiKey(ApiKey::Header(operator))),
        (bearer, http(HttpAuthScheme::Bearer, "Where the registry has a `token_file`: the token in it.")),
        (basic, http(HttpAuthScheme::Basic, "The same token, as the password of any user.")),
    ]
}

#[cfg(test)]
mod tests;
