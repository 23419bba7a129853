//! How registries are spoken to on long connections: each in its own protocol, by the scheme of its URL.
//!
//! What is measured of one is measured of all: a session that keeps instances by beats
//! ([`Session`]), and a watch that is told of changes ([`Watch`]).

mod at;
mod broken;
mod etcd;
mod grpc;
mod lubdub;
mod nacos;
mod payload;
mod protocol;
mod zookeeper;

pub use at::{Kind, RegistryAt};
pub(crate) use broken::Broken;
pub(crate) use etcd::Etcd;
pub(crate) use lubdub::Lubdub;
pub(crate) use nacos::Nacos;
pub(crate) use protocol::{Protocol, Session, Watch};
pub(crate) use zookeeper::ZooKeeper;
