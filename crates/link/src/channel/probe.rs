//! [`Probe`]: how an endpoint is asked whether it is there.

use std::fmt;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use tonic::Code;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;

use super::over::Over;
use super::wire::Wire;

/// How an unavailable endpoint is asked whether it is there again, known to the process by a name: see
/// [`add_probe`](crate::channel::add_probe). One instance serves all channels.
pub trait Probe: fmt::Debug + Send + Sync {
    /// Sends one beat, and says whether it was answered as it should. It need not end: it is given up after
    /// [`probe_timeout`](crate::availability::AvailabilitySettings::probe_timeout).
    fn ask(&self, service: &str, wire: Arc<dyn Wire>) -> BoxFuture<'static, bool>;
}

/// Asks `grpc.health.v1`, first for the service and, where that is not known there, for the server. A server without
/// health answers that it has none, and one that wants credentials that it does; both are answers.
#[derive(Debug, Clone, Copy)]
pub struct GrpcHealth;

impl GrpcHealth {
    /// Its name.
    pub const NAME: &str = "grpc-health";
}

impl Probe for GrpcHealth {
    fn ask(&self, service: &str, wire: Arc<dyn Wire>) -> BoxFuture<'static, bool> {
        let service = service.to_owned();
        Box::pin(async move {
            match serves(&wire, service).await {
                Some(answer) => answer,
                None => serves(&wire, String::new()).await.unwrap_or(true),
            }
        })
    }
}

/// Whether a service serves; `None` where it is not known, or nobody could be asked because there is no health service.
async fn serves(wire: &Arc<dyn Wire>, service: String) -> Option<bool> {
    use tonic_health::pb::health_check_response::ServingStatus;
    let asked = HealthClient::new(Over(wire.clone())).check(HealthCheckRequest { service }).await;
    match asked {
        Ok(answer) => Some(answer.into_inner().status() == ServingStatus::Serving),
        // It is there, and does not tell everybody how it is.
        Err(status) if matches!(status.code(), Code::Unauthenticated | Code::PermissionDenied) => Some(true),
        Err(status) if matches!(status.code(), Code::NotFound | Code::Unimplemented) => None,
        Err(_) => Some(false),
    }
}

/// Asks nothing: the endpoint is back after one interval, and the next calls find out. For servers that answer nothing
/// but calls.
#[derive(Debug, Clone, Copy)]
pub struct TryCalls;

impl TryCalls {
    /// Its name.
    pub const NAME: &str = "try-calls";
}

impl Probe for TryCalls {
    fn ask(&self, _service: &str, _wire: Arc<dyn Wire>) -> BoxFuture<'static, bool> {
        Box::pin(std::future::ready(true))
    }
}
