//! What a session says, and what a watch asks for, parsed: whatever is not as it should be is told with field, value and
//! expectation. What only the registry knows (limits) is checked there.

use std::net::IpAddr;
use std::time::Duration;

use lubdub_core::model::{Address, CheckId, InstanceKey, Metadata, PhiLevel, Profile, ServiceName, Status};
use lubdub_core::session::SessionTerms;
use lubdub_core::{CheckTerms, Fault, Registration};
use lubdub_runtime::Wanted;

use crate::wire;

/// What a session was declared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Declared {
    /// Where its instances are called, unless they say otherwise.
    pub(crate) address: Address,
    pub(crate) terms: SessionTerms,
    pub(crate) resume_token: Vec<u8>,
}

/// What `Declare` says, of a connection that comes from `peer`.
pub(crate) fn declared(
    said: wire::Declare,
    peer: IpAddr,
    usual_timeout: Duration,
) -> Result<Declared, Fault> {
    let source = Address { host: peer.to_canonical().to_string().into(), port: None, secure_port: None };
    let timeout = match said.timeout_millis {
        0 => usual_timeout,
        millis => Duration::from_millis(millis),
    };
    Ok(Declared {
        address: address(said.address, &source)?,
        terms: SessionTerms {
            timeout,
            grace: Duration::from_millis(said.grace_millis),
            phi: level(said.phi)?,
        },
        resume_token: said.resume_token,
    })
}

fn level(said: f64) -> Result<Option<PhiLevel>, Fault> {
    // Exactly what is on the wire where nothing was said.
    if said.to_bits() == 0 {
        return Ok(None);
    }
    let expected = || format!("{}, or 0 for the timeout", PhiLevel::EXPECTED);
    PhiLevel::of(said).map(Some).ok_or_else(|| Fault::new("phi", said, expected()))
}

/// An address, with what it leaves out taken from `declared`.
fn address(said: Option<wire::Address>, declared: &Address) -> Result<Address, Fault> {
    let Some(said) = said else { return Ok(declared.clone()) };
    let host = if said.host.is_empty() { declared.host.clone() } else { said.host.into() };
    let (port, secure_port) =
        match (port("address.port", said.port)?, port("address.secure_port", said.secure_port)?) {
            (None, None) => (declared.port, declared.secure_port),
            said => said,
        };
    Ok(Address { host, port, secure_port })
}

fn port(field: &'static str, said: u32) -> Result<Option<u16>, Fault> {
    match u16::try_from(said) {
        Ok(0) => Ok(None),
        Ok(port) => Ok(Some(port)),
        Err(_) => Err(Fault::new(field, said, "a port from 1 to 65535, or 0 for none")),
    }
}

/// What `Register` says, of a session that declared this.
pub(crate) fn registration(said: wire::Register, declared: &Declared) -> Result<Registration, Fault> {
    let address = address(said.address, &declared.address)?;
    let id = match said.id {
        id if id.is_empty() => address.to_string(),
        id => id,
    };
    // The registry takes the session's own terms; these are the same.
    let timeout = declared.terms.timeout;
    let check = CheckTerms { id: CheckId::HEARTBEAT, ttl: timeout, interval: timeout / 3 };
    let mut asked = Registration::new(InstanceKey::new(&said.service, &id), address, check);
    asked.profile = said.profile.map(profile).unwrap_or_default();
    asked.reported = status(said.status)?.unwrap_or(Status::Up);
    Ok(asked)
}

fn profile(said: wire::Profile) -> Profile {
    let text = |text: String| (!text.is_empty()).then(|| text.into());
    Profile {
        version: text(said.version),
        group: text(said.group),
        zone: text(said.zone),
        weight: said.weight,
        tags: said.tags.into_iter().map(Into::into).collect(),
        metadata: Metadata::new(said.metadata),
        origin: None,
    }
}

/// A status; none where nothing is said.
pub(crate) fn status(said: i32) -> Result<Option<Status>, Fault> {
    match wire::Status::try_from(said) {
        Ok(wire::Status::Unspecified) => Ok(None),
        Ok(wire::Status::Up) => Ok(Some(Status::Up)),
        Ok(wire::Status::Starting) => Ok(Some(Status::Starting)),
        Ok(wire::Status::Down) => Ok(Some(Status::Down)),
        Ok(wire::Status::OutOfService) => Ok(Some(Status::OutOfService)),
        Ok(wire::Status::Unknown) => Ok(Some(Status::Unknown)),
        Err(_) => Err(Fault::new("status", said, "one of the numbers of lubdub.v1.Status")),
    }
}

/// What a watch asks for; at most so many services by name.
pub(crate) fn wanted(services: &[String], most: usize) -> Result<Wanted, Fault> {
    if services.len() > most {
        return Err(Fault::new("services", services.len(), format!("at most {most} names")));
    }
    if services.is_empty() {
        return Ok(Wanted::All);
    }
    Ok(Wanted::Services(services.iter().map(|name| ServiceName::new(name)).collect()))
}

/// Names and values, in their order.
pub(crate) fn metadata(said: std::collections::BTreeMap<String, String>) -> Vec<(String, String)> {
    said.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PEER: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 7));

    fn said(host: &str, port: u32) -> wire::Address {
        wire::Address { host: host.into(), port, secure_port: 0 }
    }

    fn declare(address: Option<wire::Address>) -> Declared {
        let said = wire::Declare { address, ..wire::Declare::default() };
        declared(said, PEER, Duration::from_secs(30)).unwrap()
    }

    #[test]
    fn a_port_alone_is_at_the_address_that_the_connection_comes_from() {
        assert_eq!(declare(Some(said("", 8080))).address.to_string(), "10.0.0.7:8080");
        assert_eq!(declare(Some(said("web.example", 8080))).address.to_string(), "web.example:8080");
        assert_eq!(declare(None).address.to_string(), "10.0.0.7");
        // A listener of both families sees IPv4 peers mapped.
        let mapped = "::ffff:10.0.0.7".parse().unwrap();
        let declared = declared(wire::Declare::default(), mapped, Duration::from_secs(30)).unwrap();
        assert_eq!(&*declared.address.host, "10.0.0.7");
    }

    #[test]
    fn an_instance_says_only_what_differs_from_its_session() {
        let session = declare(Some(said("", 8080)));
        let registered = |id: &str, address| {
            let said = wire::Register {
                service: "orders".into(),
                id: id.into(),
                address,
                ..wire::Register::default()
            };
            let asked = registration(said, &session).unwrap();
            (asked.key.id().to_owned(), asked.address.to_string(), asked.reported)
        };
        assert_eq!(registered("", None), ("10.0.0.7:8080".into(), "10.0.0.7:8080".into(), Status::Up));
        assert_eq!(registered("a", Some(said("", 9090))).1, "10.0.0.7:9090");
        assert_eq!(registered("a", Some(said("other", 0))).1, "other:8080");
    }

    #[test]
    fn what_is_out_of_range_is_told() {
        let fault = declared(
            wire::Declare { address: Some(said("", 65_536)), ..wire::Declare::default() },
            PEER,
            Duration::from_secs(30),
        )
        .unwrap_err();
        assert_eq!((fault.field, fault.value.as_str()), ("address.port", "65536"));
        assert_eq!(status(9).unwrap_err().field, "status");
        assert_eq!(status(0), Ok(None));
    }
}
