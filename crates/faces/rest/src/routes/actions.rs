//! What operators do. Each handler takes an [`Operator`] first: without one nothing is done.

use axum::extract::State;
use axum::response::Response;
use lubdub_core::{AfterOverride, Command};

use super::operator::Operator;
use super::request::{JsonBody, Named, NoParameters};
use super::{Shared, json};
use crate::error::{FieldFault, Problem};
use crate::query::{FilterOrder, OverrideOrder, ReleaseOrder};
use crate::{convert, wire};

pub(super) async fn set_override(
    Operator(sender): Operator,
    State(shared): State<Shared>,
    named: Named,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let OverrideOrder { status } = OverrideOrder::read(&body)?;
    let command = Command::SetOverride { key: named.key(), status, precedence: None };
    shared.handle.submit(command, sender).await.map_err(|reject| named.rejected(reject))?;
    shared.instance(&named)
}

pub(super) async fn clear_override(
    Operator(sender): Operator,
    State(shared): State<Shared>,
    named: Named,
) -> Result<Response, Problem> {
    let catalog = shared.handle.catalog();
    let listed = catalog.get(&named.service, &named.id, &named.node).ok_or_else(|| named.unknown())?;
    let then = AfterOverride::Status(listed.instance.reported);
    let command = Command::ClearOverride { key: named.key(), then, precedence: None };
    shared.handle.submit(command, sender).await.map_err(|reject| named.rejected(reject))?;
    shared.instance(&named)
}

pub(super) async fn clear_damping(
    Operator(sender): Operator,
    State(shared): State<Shared>,
    named: Named,
) -> Result<Response, Problem> {
    let command = Command::ClearDamping { key: named.key() };
    shared.handle.submit(command, sender).await.map_err(|reject| named.rejected(reject))?;
    shared.instance(&named)
}

pub(super) async fn deregister(
    Operator(sender): Operator,
    State(shared): State<Shared>,
    named: Named,
) -> Result<Response, Problem> {
    let command = Command::Deregister { key: named.key() };
    let left = shared.handle.submit(command, sender).await;
    let revision = left.map_err(|reject| named.rejected(reject))?.0;
    let Named { service, id, node } = named;
    Ok(json(&wire::Deregistered { service, id, node, revision }))
}

pub(super) async fn release_guard(
    Operator(sender): Operator,
    State(shared): State<Shared>,
    _: NoParameters,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let ReleaseOrder { scope } = ReleaseOrder::read(&body)?;
    let released = shared.handle.release_guard(scope, sender).await?;
    Ok(json(&convert::released(released)))
}

pub(super) async fn set_log(
    Operator(sender): Operator,
    State(shared): State<Shared>,
    _: NoParameters,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let FilterOrder { filter } = FilterOrder::read(&body)?;
    let log = shared.log()?;
    let wrong = |reason: String| {
        let expected = format!("a filter such as info or info,lubdub_core=debug ({reason})");
        Problem::invalid(vec![FieldFault::new("filter", &filter, expected)])
    };
    log.set(&filter).map_err(wrong)?;
    let address = sender.address.map(|address| address.to_string()).unwrap_or_default();
    let operator = sender.operator.as_deref().unwrap_or_default();
    // A warning, so that few filters hide who set them.
    tracing::warn!(filter, operator, address, "an operator changed what is logged");
    Ok(json(&wire::LogFilter { filter: log.filter() }))
}
