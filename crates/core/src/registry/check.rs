//! The rules for what a registrant may say. Each broken rule names field, value and what
//! was expected.

use crate::adaptive::Asked;
use crate::command::Registration;
use crate::config::Limits;
use crate::reject::{Fault, Reject};

/// Checks a registration against the limits.
pub(super) fn registration(asked: &Registration, limits: &Limits) -> Result<(), Reject> {
    name("service", asked.key.service().as_str(), limits)?;
    name("id", asked.key.id(), limits)?;
    text("node", asked.key.node(), limits)?;
    name("address.host", &asked.address.host, limits)?;
    for (field, port) in
        [("address.port", asked.address.port), ("address.secure_port", asked.address.secure_port)]
    {
        if port == Some(0) {
            return Err(Fault::new(field, 0, "a port from 1 to 65535").into());
        }
    }
    let profile = &asked.profile;
    let words = [("version", &profile.version), ("group", &profile.group), ("zone", &profile.zone)];
    for (field, value) in words {
        if let Some(value) = value {
            text(field, value, limits)?;
        }
    }
    at_most("tags", profile.tags.len(), limits.tags)?;
    for tag in &profile.tags {
        text("tags", tag, limits)?;
    }
    metadata(profile.metadata.iter(), limits)?;
    Asked::in_metadata(&profile.metadata)?;
    checks(asked, limits)?;
    match &profile.origin {
        Some(origin) if origin.bytes.len() > limits.origin_bytes => {
            let expected = format!(
                "at most {} bytes of URLs, VIP addresses and data-centre entries",
                limits.origin_bytes
            );
            Err(Fault::new("origin", format!("{} bytes", origin.bytes.len()), expected).into())
        }
        _ => Ok(()),
    }
}

/// Checks the names and values that an instance would have.
pub(super) fn metadata<'a>(
    entries: impl Iterator<Item = (&'a str, &'a str)>,
    limits: &Limits,
) -> Result<(), Reject> {
    let (mut count, mut bytes) = (0, 0);
    for (name, value) in entries {
        count += 1;
        bytes += name.len() + value.len();
    }
    at_most("metadata", count, limits.metadata_entries)?;
    if bytes > limits.metadata_bytes {
        let expected = format!("at most {} bytes of names and values", limits.metadata_bytes);
        return Err(Fault::new("metadata", format!("{bytes} bytes"), expected).into());
    }
    Ok(())
}

/// Whether a value of metadata may be a fact of the profile: whoever wrote it may have meant
/// something else, so that it is no fault if not.
pub(super) fn may_be_a_fact(value: &str, limits: &Limits) -> bool {
    text("metadata", value, limits).is_ok() && value.split(',').count() <= limits.tags
}

fn checks(asked: &Registration, limits: &Limits) -> Result<(), Reject> {
    if asked.checks.is_empty() {
        return Err(Fault::new("checks", "none", "at least one check").into());
    }
    at_most("checks", asked.checks.len(), limits.checks)?;
    for (at, check) in asked.checks.iter().enumerate() {
        text("check.id", check.id.as_str(), limits)?;
        if asked.checks.iter().take(at).any(|earlier| earlier.id == check.id) {
            return Err(Fault::new("check.id", check.id.as_str(), "a name given once").into());
        }
        if !(limits.least_ttl..=limits.longest_ttl).contains(&check.ttl) {
            let expected = format!("a time-to-live from {:?} to {:?}", limits.least_ttl, limits.longest_ttl);
            return Err(Fault::new("check.ttl", format!("{:?}", check.ttl), expected).into());
        }
        if check.interval.is_zero() || check.interval > limits.longest_ttl {
            let expected = format!("an interval from 1 ms to {:?}", limits.longest_ttl);
            return Err(Fault::new("check.interval", format!("{:?}", check.interval), expected).into());
        }
    }
    Ok(())
}

fn name(field: &'static str, value: &str, limits: &Limits) -> Result<(), Reject> {
    if value.trim().is_empty() {
        return Err(Fault::new(field, value, "a name that is not empty").into());
    }
    text(field, value, limits)
}

fn text(field: &'static str, value: &str, limits: &Limits) -> Result<(), Reject> {
    if value.len() > limits.name_bytes {
        let expected = format!("at most {} bytes, not {}", limits.name_bytes, value.len());
        return Err(Fault::new(field, value, expected).into());
    }
    if value.chars().any(char::is_control) {
        return Err(Fault::new(field, value.escape_debug(), "no control characters").into());
    }
    Ok(())
}

fn at_most(field: &'static str, count: usize, limit: usize) -> Result<(), Reject> {
    if count > limit {
        return Err(Fault::new(field, format!("{count} entries"), format!("at most {limit}")).into());
    }
    Ok(())
}
