//! The protocol's own types: generated from `crates/proto`, and used under these names alone.

pub(crate) use lubdub_proto::FILE_DESCRIPTOR_SET;
pub(crate) use lubdub_proto::v1::answer::Outcome;
pub(crate) use lubdub_proto::v1::registry_server::{Registry, RegistryServer};
pub(crate) use lubdub_proto::v1::session_request::What as Said;
pub(crate) use lubdub_proto::v1::session_response::What as Told;
pub(crate) use lubdub_proto::v1::watch_response::What as News;
pub(crate) use lubdub_proto::v1::{
    Address, Answer, Beat, Beaten, Change, Changes, Closing, ClosingReason, Declare, Done,
    GetInstanceRequest, GetInstanceResponse, Granted, Instance, InstanceKey, LeaseKind, ListInstancesRequest,
    ListInstancesResponse, ListServicesRequest, ListServicesResponse, Lost, LostReason, Profile, Refusal,
    RefusalCode, Register, Service, SessionRequest, SessionResponse, SnapshotPart, Status, WatchRequest,
    WatchResponse,
};
