//! What is told of the server: connections, requests, rendering, operators, the build.

use std::fmt;

use lubdub_runtime::render::Renderer;

use super::exposition::{Exposition, Family};
use super::requests::Figure;
use crate::shutdown::ConnectionFigures;

/// Which build this is.
pub(super) fn build(to: &mut Exposition<'_>) -> fmt::Result {
    to.info(&Family::of("lubdub_build", "Which build this is."), [("version", env!("CARGO_PKG_VERSION"))])
}

/// Who is connected.
pub(super) fn connections(to: &mut Exposition<'_>, figures: &ConnectionFigures) -> fmt::Result {
    to.gauge(&Family::of("lubdub_connections", "Connections that are open."), figures.open)?;
    to.gauge(
        &Family::of(
            "lubdub_connections_limit",
            "How many may stay open; some more are served one request each.",
        ),
        figures.most,
    )?;
    to.counter(
        &Family::of("lubdub_accepted_connections", "Connections that were accepted."),
        figures.accepted,
    )?;
    to.counter(
        &Family::of("lubdub_refused_connections", "Connections that were answered 503 and closed: too many."),
        figures.refused,
    )
}

/// How long requests took.
pub(super) fn requests(to: &mut Exposition<'_>, figures: Vec<Figure>) -> fmt::Result {
    to.histograms(
        &Family::of_seconds(
            "lubdub_request_duration",
            "From the first byte of a request to the head of its answer.",
        ),
        ["face", "method", "route", "status"],
        figures,
    )
}

/// Who wanted to be an operator and is none.
pub(super) fn operators(to: &mut Exposition<'_>, refusals: u64) -> fmt::Result {
    to.counter(
        &Family::of(
            "lubdub_operator_refusals",
            "Actions that were refused because only operators may do them.",
        ),
        refusals,
    )
}

/// What rendering keeps.
pub(super) fn rendering(to: &mut Exposition<'_>, renderer: &Renderer) -> fmt::Result {
    let uses = renderer.cache_uses();
    to.gauge(
        &Family::of_bytes("lubdub_render_cache", "Rendered documents that are kept."),
        renderer.held_bytes(),
    )?;
    to.counters(
        &Family::of(
            "lubdub_render_cache_requests",
            "Parts of documents that were needed, by whether they were kept.",
        ),
        ["outcome"],
        [(["hit"], uses.hits), (["miss"], uses.misses)],
    )?;
    to.counter(
        &Family::of("lubdub_render_cache_evictions", "Parts of documents that made room for others."),
        uses.evictions,
    )
}
