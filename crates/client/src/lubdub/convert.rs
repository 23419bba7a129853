//! Instances to messages and back. Pure.

use lubdub_proto::v1;

use crate::availability::Availability;
use crate::endpoint::Listed;
use crate::instance::{DEFAULT_WEIGHT, Instance};

/// What is said to register an instance.
pub(super) fn registration(instance: &Instance, availability: Availability) -> v1::Register {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    v1::Register {
        service: instance.service.clone(),
        id: instance.id.clone(),
        address: Some(v1::Address {
            host: instance.host.clone(),
            port: u32::from(instance.port),
            secure_port: 0,
        }),
        profile: Some(v1::Profile {
            version: text(&instance.version),
            group: text(&instance.group),
            zone: text(&instance.zone),
            weight: Some(instance.weight),
            tags: instance.tags.iter().cloned().collect(),
            metadata: instance.metadata.clone(),
        }),
        status: status(availability).into(),
    }
}

/// The status by which an availability is told.
pub(super) fn status(availability: Availability) -> v1::Status {
    if availability.is_available() { v1::Status::Up } else { v1::Status::OutOfService }
}

/// An instance as it is told; `None` where it has no place at which it could be called.
pub(super) fn listed(service: &str, told: &v1::Instance) -> Option<Listed> {
    let (key, address) = (told.key.as_ref()?, told.address.as_ref()?);
    let port = if address.port == 0 { address.secure_port } else { address.port };
    let port = u16::try_from(port).ok().filter(|port| *port > 0)?;
    let profile = told.profile.clone().unwrap_or_default();
    let text = |text: String| Some(text).filter(|text| !text.is_empty());
    let instance = Instance {
        // As it was asked for: the registry compares names without case.
        service: service.to_owned(),
        id: key.id.clone(),
        host: address.host.clone(),
        port,
        version: text(profile.version),
        group: text(profile.group),
        zone: text(profile.zone),
        weight: profile.weight.unwrap_or(DEFAULT_WEIGHT),
        tags: profile.tags.into_iter().collect(),
        metadata: profile.metadata,
    };
    Some(Listed { instance, availability: Availability::when(told.status() == v1::Status::Up) })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As the registry would tell what was said.
    fn told(said: v1::Register) -> v1::Instance {
        let key = v1::InstanceKey { service: said.service.to_uppercase(), id: said.id, node: String::new() };
        v1::Instance {
            key: Some(key),
            address: said.address,
            profile: said.profile,
            status: said.status,
            ..v1::Instance::default()
        }
    }

    #[test]
    fn an_instance_comes_as_it_was_given() {
        let plain = Instance::new("orders", "10.0.0.7", 8080);
        let full = plain
            .clone()
            .with_version("2.1")
            .with_group("blue")
            .with_zone("eu-1")
            .with_weight(0)
            .with_tag("canary")
            .with_metadata("commit", "4be1c3");
        for instance in [plain, full] {
            for availability in [Availability::Available, Availability::Unavailable] {
                let listed = listed("orders", &told(registration(&instance, availability)));
                assert_eq!(listed, Some(Listed { instance: instance.clone(), availability }));
            }
        }
    }

    #[test]
    fn what_has_no_port_is_left_out_and_an_encrypted_one_counts() {
        let said = registration(&Instance::new("orders", "a", 1), Availability::Available);
        let with = |port, secure_port| {
            let address = v1::Address { host: "a".to_owned(), port, secure_port };
            let told = told(v1::Register { address: Some(address), ..said.clone() });
            listed("orders", &told).map(|listed| listed.instance.port)
        };
        assert_eq!((with(0, 0), with(0, 8443), with(70_000, 0)), (None, Some(8443), None));
        assert_eq!(listed("orders", &v1::Instance::default()), None);
    }
}
