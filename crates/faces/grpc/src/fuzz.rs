//! Doors for the fuzzer to what reads a call's messages, with what must hold whatever comes in.
//!
//! Each panics where something does not hold. Not for use: it may change without notice.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use lubdub_core::session::SessionTerms;
use lubdub_core::{Command, Fault};
use lubdub_runtime::Wanted;
use prost::Message;

use crate::convert::{self, Declared};
use crate::session::command;
use crate::wire;

const PEER: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 7));
const USUAL_TIMEOUT: Duration = Duration::from_secs(30);
/// So many services one watch may name here.
const MOST_SERVICES: usize = 8;

/// What a message of a session becomes.
#[derive(Debug)]
pub enum Said {
    /// A session of these terms.
    Declared(SessionTerms),
    /// Something to be asked of the registry.
    Command(Command),
}

/// A message of a session, whose connection comes from 10.0.0.7. None where it is no message, is refused,
/// or asks for nothing.
///
/// # Panics
///
/// A session has no host, or an instance no address of its own; or a refusal says nothing.
pub fn session_message(bytes: &[u8]) -> Option<Said> {
    match wire::SessionRequest::decode(bytes).ok()?.what? {
        wire::Said::Declare(said) => {
            let timeout = said.timeout_millis;
            let declared = taken(convert::declared(said, PEER, USUAL_TIMEOUT))?;
            assert!(!declared.address.host.is_empty(), "{declared:?}");
            assert!(timeout != 0 || declared.terms.timeout == USUAL_TIMEOUT, "{declared:?}");
            Some(Said::Declared(declared.terms))
        }
        wire::Said::Beat(_) | wire::Said::Goodbye(_) => None,
        said => {
            let command = taken(command(&usual(), said))?;
            if let Command::Register(asked) = &command {
                assert!(!asked.key.id().is_empty() && !asked.address.host.is_empty(), "{asked:?}");
                assert!(asked.address.port.is_none_or(|port| port > 0), "{asked:?}");
            }
            Some(Said::Command(command))
        }
    }
}

/// What a watch asks for. Whoever names a service is told of it, in any case; nobody names too many.
///
/// # Panics
///
/// They are not, or do.
pub fn watch_request(bytes: &[u8]) {
    let Ok(asked) = wire::WatchRequest::decode(bytes) else { return };
    let is_much = asked.services.len() > MOST_SERVICES;
    let wanted = taken(convert::wanted(&asked.services, MOST_SERVICES));
    assert_eq!(wanted.is_none(), is_much, "{asked:?}");
    match wanted {
        Some(Wanted::All) => assert!(asked.services.is_empty(), "{asked:?}"),
        Some(Wanted::Services(names)) => {
            for said in &asked.services {
                let loud = lubdub_core::model::ServiceName::new(&said.to_ascii_uppercase());
                assert!(names.contains(&loud), "{said:?} of {asked:?}");
            }
        }
        None => {}
    }
}

/// One message of each kind, and one watch, as they are sent.
pub fn seeds() -> (Vec<Vec<u8>>, Vec<u8>) {
    let address = Some(wire::Address { host: "web.example".into(), port: 8080, secure_port: 8443 });
    let metadata = || [("zone".to_owned(), "a".to_owned())].into();
    let (service, id) = ("orders".to_owned(), "web-1".to_owned());
    let profile = wire::Profile {
        version: "2".into(),
        weight: Some(3),
        tags: vec!["canary".into()],
        metadata: metadata(),
        ..wire::Profile::default()
    };
    let key = wire::InstanceKey { service: service.clone(), id: id.clone(), node: String::new() };
    let said = [
        wire::Said::Declare(wire::Declare {
            address: address.clone(),
            timeout_millis: 6_000,
            grace_millis: 1_000,
            resume_token: vec![7; 24],
            phi: 8.0,
        }),
        wire::Said::Register(wire::Register {
            service: service.clone(),
            id: id.clone(),
            address,
            profile: Some(profile),
            status: wire::Status::Starting.into(),
        }),
        wire::Said::Beat(wire::Beat { instances: vec![key] }),
        wire::Said::AddMetadata(lubdub_proto::v1::AddMetadata {
            service: service.clone(),
            id: id.clone(),
            metadata: metadata(),
        }),
        wire::Said::SetStatus(lubdub_proto::v1::SetStatus {
            service: service.clone(),
            id: id.clone(),
            status: wire::Status::OutOfService.into(),
        }),
        wire::Said::Deregister(lubdub_proto::v1::Deregister { service: service.clone(), id }),
        wire::Said::Goodbye(lubdub_proto::v1::Goodbye::default()),
    ];
    let messages = said.into_iter().map(|what| wire::SessionRequest { id: 1, what: Some(what) });
    let watch = wire::WatchRequest { services: vec![service, "STOCK".into()], since_revision: 7 };
    (messages.map(|message| message.encode_to_vec()).collect(), watch.encode_to_vec())
}

/// The session that messages are said on here.
fn usual() -> Declared {
    let usual = convert::declared(wire::Declare::default(), PEER, USUAL_TIMEOUT);
    usual.unwrap_or_else(|fault| panic!("who says nothing is taken: {fault}"))
}

/// What was read; a refusal must name its field and what was expected.
fn taken<T>(read: Result<T, Fault>) -> Option<T> {
    match read {
        Ok(read) => Some(read),
        Err(fault) => {
            assert!(!fault.field.is_empty() && !fault.expected.is_empty(), "{fault:?}");
            None
        }
    }
}
