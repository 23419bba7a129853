//! Answers that are not refusals.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_ENCODING, CONTENT_TYPE, VARY};
use http::{HeaderValue, StatusCode};
use lubdub_runtime::render::{Coding, DocumentBody};

use crate::wire::Format;

/// A status without a body.
pub(crate) fn empty(status: StatusCode) -> Response {
    status.into_response()
}

/// A small document.
pub(crate) fn text(status: StatusCode, format: Format, text: impl Into<Body>) -> Response {
    let mut response = Response::new(text.into());
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(format.media_type()));
    response
}

/// A document that is streamed.
pub(crate) fn document(format: Format, coding: Coding, body: DocumentBody) -> Response {
    let mut response = text(StatusCode::OK, format, Body::new(body));
    let headers = response.headers_mut();
    if coding == Coding::Gzip {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    headers.insert(VARY, HeaderValue::from_static("accept, accept-encoding, x-eureka-accept"));
    response
}
