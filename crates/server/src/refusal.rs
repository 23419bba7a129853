//! [`Refusal`]: why a request never reached a face, and how that is answered.
//!
//! Protocol clients are answered a bare status: they read nothing else, and some take any
//! body for the document they asked for. The REST face's callers get a problem document, and who
//! calls gRPC without HTTP/2 is told so in words.

use axum::body::Body;
use axum::response::IntoResponse;
use http::{HeaderValue, Response, StatusCode, header};
use lubdub_rest::Problem;

/// Why a request never reached a face.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// No host, or several.
    NoHost,
    /// A host that is not this machine's loopback.
    ForeignHost,
    /// A web page of somewhere else wants to change something.
    ForeignOrigin,
    /// No token, or a wrong one.
    Unauthorized,
    /// A body that is neither JSON nor XML.
    ForeignContent,
    /// A body beyond the limit.
    BodyTooLarge,
    /// A body that did not come in time.
    BodyTooSlow,
    /// A body that broke off, or is not framed as it says.
    BodyBroken,
    /// A defect of ours.
    Defect,
}

impl Refusal {
    /// The answer, for this path.
    pub(crate) fn answer(self, path: &str) -> Response<Body> {
        let (status, kind, title, detail) = self.told();
        // Whoever has no token learns nothing but that.
        if self == Self::Unauthorized {
            return challenge();
        }
        if is_rest(path) {
            return Problem::new(status, kind, title, detail).into_response();
        }
        if self == Self::ForeignContent && path.starts_with("/lubdub.v1.") {
            return (status, format!("{title}: {detail}\n")).into_response();
        }
        bare(status)
    }

    /// The answer to a gRPC call: a status without a message (gRPC over HTTP/2, "Trailers-Only").
    pub(crate) fn grpc_answer(self) -> Response<Body> {
        // The numbers of gRPC's status codes.
        let code = match self {
            Self::NoHost | Self::ForeignContent | Self::BodyBroken => "3",
            Self::ForeignHost | Self::ForeignOrigin => "7",
            Self::Unauthorized => "16",
            Self::BodyTooLarge => "8",
            Self::BodyTooSlow => "4",
            Self::Defect => "13",
        };
        let (_, _, title, _) = self.told();
        let mut response = bare(StatusCode::OK);
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
        headers.insert("grpc-status", HeaderValue::from_static(code));
        // Titles are plain ASCII, which needs no encoding.
        headers.insert("grpc-message", HeaderValue::from_static(title));
        response
    }

    fn told(self) -> (StatusCode, &'static str, &'static str, &'static str) {
        match self {
            Self::NoHost => (
                StatusCode::BAD_REQUEST,
                "no-host",
                "the request names no host",
                "expected exactly one Host header, such as 127.0.0.1:8761",
            ),
            Self::ForeignHost => (
                StatusCode::MISDIRECTED_REQUEST,
                "foreign-host",
                "the request is meant for another host",
                "this listener serves its own machine: expected the Host localhost, 127.0.0.1 or [::1]; to serve \
                 others, listen on another address with --token-file or --open",
            ),
            Self::ForeignOrigin => (
                StatusCode::FORBIDDEN,
                "foreign-origin",
                "a page of another origin may not change anything",
                "expected no Origin header, or that of this server",
            ),
            Self::Unauthorized => (StatusCode::UNAUTHORIZED, "unauthorized", "no token", ""),
            Self::ForeignContent => (
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "foreign-content",
                "a body of this kind is not read",
                "expected the Content-Type application/json or application/xml, or none; gRPC is spoken over HTTP/2",
            ),
            Self::BodyTooLarge => (
                StatusCode::PAYLOAD_TOO_LARGE,
                "body-too-large",
                "the body is too large",
                "its limit is limits.max_body_bytes",
            ),
            Self::BodyTooSlow => (
                StatusCode::REQUEST_TIMEOUT,
                "body-too-slow",
                "the body did not come in time",
                "it must be complete within limits.body_timeout",
            ),
            Self::BodyBroken => (
                StatusCode::BAD_REQUEST,
                "body-broken",
                "the body broke off",
                "it did not end as its Content-Length or chunks said",
            ),
            Self::Defect => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "defect",
                "a defect of the registry",
                "the registry failed to answer this request; its log says more",
            ),
        }
    }
}

/// A status and nothing else.
pub(crate) fn bare(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

fn challenge() -> Response<Body> {
    let mut response = bare(StatusCode::UNAUTHORIZED);
    for scheme in ["Bearer realm=\"lubdub\"", "Basic realm=\"lubdub\", charset=\"UTF-8\""] {
        response.headers_mut().append(header::WWW_AUTHENTICATE, HeaderValue::from_static(scheme));
    }
    response
}

fn is_rest(path: &str) -> bool {
    path == "/api" || path.starts_with("/api/") || path == "/healthz" || path == "/readyz"
}
