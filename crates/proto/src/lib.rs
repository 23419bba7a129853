//! lubdub's gRPC protocol: the files in `proto/` and the code that is generated from them, nothing else.
//!
//! [`v1`] has the messages, `v1::registry_client` and `v1::registry_server` what is called and
//! answered. What a message means stands in the `.proto` files; how a server takes it, in
//! `docs/grpc.md`.

mod codec;

pub use codec::Codec;

/// The package `lubdub.v1`.
#[allow(
    clippy::pedantic,
    clippy::use_self,
    clippy::allow_attributes_without_reason,
    unreachable_pub,
    unused_qualifications,
    reason = "generated"
)]
pub mod v1 {
    tonic::include_proto!("lubdub.v1");
}

/// The compiled `.proto` files, for servers that describe themselves by reflection.
pub const FILE_DESCRIPTOR_SET: &[u8] = tonic::include_file_descriptor_set!("lubdub");
