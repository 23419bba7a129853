//! `zookeeper://[user:password@]host:2181[,host:2181…][/prefix][?layout=motan&group=…]`: `ZooKeeper`, from
//! version 3.6 (older ones are asked each `poll` instead of watched).
//!
//! An instance is one ephemeral node. All instances of one [`Registry`](crate::Registry) share a session,
//! whose pings are the beats; each instance also makes sure, each interval, that its node is there and
//! was made in this session. A session that ended is opened anew, and everything registered again with the
//! availability that is wanted then.
//!
//! | operation | transaction |
//! | --- | --- |
//! | register, announce | delete what is there under its name, create the node: watchers see no gap |
//! | beat | is the node there, and the session still the one in which it was made? |
//! | leave | delete |
//! | subscribe | a persistent recursive watch; everything is read again after an event and each `poll` |

mod connection;
mod layout;
mod motan;
mod session;

pub(crate) use connection::connect;
