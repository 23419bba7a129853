//! `etcd://[user:password@]host:2379[/prefix]`: etcd, from version 3.4, by its JSON gateway.
//!
//! An instance is one key, `/prefix/SERVICE/ID` (`/lubdub/…` unless said otherwise; names are
//! percent-encoded), with the instance and its availability as JSON, kept by one lease.
//!
//! | operation | request |
//! | --- | --- |
//! | register | grant a lease, put the key with it: one step for whoever watches |
//! | announce | put the key again with the same lease |
//! | beat | keep the lease alive; a lease that is gone means unknown |
//! | leave | delete the key and revoke the lease |
//! | subscribe | watch the service's keys, and read them after each event and each `poll` |

mod connection;
mod gateway;

pub(crate) use connection::connect;
