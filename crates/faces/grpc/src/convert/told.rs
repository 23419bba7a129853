//! What is told of instances, services, changes.

use lubdub_core::LostReason;
use lubdub_core::feed::FeedEntry;
use lubdub_core::model::{self, LeaseTerms};
use lubdub_core::view::ServiceView;

use crate::wire;

pub(crate) fn key_of(key: &model::InstanceKey) -> wire::InstanceKey {
    wire::InstanceKey {
        service: key.service().as_str().to_owned(),
        id: key.id().to_owned(),
        node: key.node().to_owned(),
    }
}

fn status(status: model::Status) -> wire::Status {
    match status {
        model::Status::Up => wire::Status::Up,
        model::Status::Starting => wire::Status::Starting,
        model::Status::Down => wire::Status::Down,
        model::Status::OutOfService => wire::Status::OutOfService,
        model::Status::Unknown => wire::Status::Unknown,
    }
}

/// An instance. Of several leases the first is told: only protocols with named checks have more.
pub(crate) fn instance(instance: &model::Instance) -> wire::Instance {
    let lease = instance.checks.first().map(|check| check.lease);
    let text = |text: &Option<std::sync::Arc<str>>| text.as_deref().unwrap_or_default().to_owned();
    let profile = &instance.profile;
    wire::Instance {
        key: Some(key_of(&instance.key)),
        address: Some(wire::Address {
            host: instance.address.host.to_string(),
            port: instance.address.port.unwrap_or_default().into(),
            secure_port: instance.address.secure_port.unwrap_or_default().into(),
        }),
        profile: Some(wire::Profile {
            version: text(&profile.version),
            group: text(&profile.group),
            zone: text(&profile.zone),
            weight: profile.weight,
            tags: profile.tags.iter().map(ToString::to_string).collect(),
            metadata: profile
                .metadata
                .iter()
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
        }),
        status: status(instance.effective_status()).into(),
        reported: status(instance.reported).into(),
        status_override: instance.status_override.map(|said| status(said).into()),
        generation: instance.generation.0,
        lease: match lease {
            Some(LeaseTerms::Ttl { .. }) => wire::LeaseKind::Ttl,
            Some(LeaseTerms::Adaptive { .. }) => wire::LeaseKind::Adaptive,
            Some(LeaseTerms::Session { .. }) => wire::LeaseKind::Session,
            None => wire::LeaseKind::Unspecified,
        }
        .into(),
        timeout_millis: lease.map_or(0, |lease| u64::try_from(lease.ttl().as_millis()).unwrap_or(u64::MAX)),
        phi: lease.and_then(|lease| lease.phi()).map_or(0.0, model::PhiLevel::value),
        held: instance.held,
        damped: instance.damped,
        registered_at_millis: instance.registered_at.0,
        updated_at_millis: instance.updated_at.0,
    }
}

pub(crate) fn service(view: &ServiceView) -> wire::Service {
    let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    wire::Service {
        name: view.name().as_str().to_owned(),
        instances: count(view.len()),
        up: count(view.counts().of(model::Status::Up)),
    }
}

pub(crate) fn change(entry: &FeedEntry) -> wire::Change {
    wire::Change {
        key: Some(key_of(entry.change.key())),
        instance: entry.change.instance().map(|changed| instance(changed)),
        cause: entry.change.cause().name().to_owned(),
        revision: entry.revision.0,
        at_millis: entry.at.0,
    }
}

pub(crate) fn lost(key: &model::InstanceKey, reason: LostReason) -> wire::Lost {
    let reason = match reason {
        LostReason::TakenOver => wire::LostReason::TakenOver,
        LostReason::Removed => wire::LostReason::Removed,
        LostReason::Concluded => wire::LostReason::Expired,
    };
    wire::Lost { instance: Some(key_of(key)), reason: reason.into() }
}
