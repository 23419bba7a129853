//! Methods to where they lead.
//!
//! | method | handler |
//! | --- | --- |
//! | `lubdub.v1.Registry/Session` | [`crate::session`] |
//! | `lubdub.v1.Registry/Watch` | [`crate::watch`] |
//! | `lubdub.v1.Registry/ListServices`, `ListInstances`, `GetInstance` | [`crate::service`] |
//! | `grpc.reflection.v1.ServerReflection/*`, also `v1alpha` | `tonic-reflection` |
//! | `grpc.health.v1.Health/*` | `tonic-health` |

use axum::Router;
use lubdub_runtime::Handle;
use tonic::service::Routes;

use crate::config::{GrpcConfig, stopped};
use crate::service::Face;
use crate::wire::{FILE_DESCRIPTOR_SET, RegistryServer};

/// The methods of this face, for labels.
const METHODS: [&str; 5] = [
    "/lubdub.v1.Registry/Session",
    "/lubdub.v1.Registry/Watch",
    "/lubdub.v1.Registry/ListServices",
    "/lubdub.v1.Registry/ListInstances",
    "/lubdub.v1.Registry/GetInstance",
];

/// The method that a path names, if it is one of this face.
pub fn route(path: &str) -> Option<&'static str> {
    METHODS.into_iter().find(|method| *method == path)
}

/// All methods. Its requests need not be read before they come here, and carry an
/// [`axum::extract::ConnectInfo`] of the client's socket address.
///
/// # Panics
///
/// Where the compiled `.proto` files cannot be read, which a test shows that they can.
pub async fn router(handle: Handle, config: GrpcConfig) -> Router {
    let largest = config.max_message_bytes;
    let mut stopping = config.stopping.clone();
    let registry = RegistryServer::new(Face::new(handle, config)).max_decoding_message_size(largest);
    let (health, health_service) = tonic_health::server::health_reporter();
    health.set_serving::<RegistryServer<Face>>().await;
    // What stops takes no more calls: those who watch its health turn away first.
    tokio::spawn(async move {
        stopped(&mut stopping).await;
        health.set_not_serving::<RegistryServer<Face>>().await;
    });
    let reflection = || {
        tonic_reflection::server::Builder::configure()
            .register_encoded_file_descriptor_set(FILE_DESCRIPTOR_SET)
            .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
    };
    let readable = "the compiled files are read by a test";
    Routes::new(registry)
        .add_service(health_service)
        .add_service(reflection().build_v1().expect(readable))
        .add_service(reflection().build_v1alpha().expect(readable))
        .into_axum_router()
}
