//! The instances of one service on a registry of any kind: what every registry can tell.

use std::io::{self, Write};

use lubdub_client::{Availability, Instance, Listed, Selector};
use serde::Serialize;

use crate::commands::any_registry::{AnyRegistry, failure, runtime};
use crate::failure::Failure;
use crate::output::{Ink, Paint, Table};
use crate::words::visible;

#[derive(Debug, Serialize)]
struct Answer<'a> {
    instances: Vec<Shown<'a>>,
}

/// One instance in JSON: what it says of itself, and whether it is offered.
#[derive(Debug, Serialize)]
struct Shown<'a> {
    #[serde(flatten)]
    instance: &'a Instance,
    availability: Availability,
}

/// Asks, and writes the answer.
pub(super) fn list(
    at: &AnyRegistry,
    service: &str,
    zone: Option<&str>,
    json: bool,
    paint: Paint,
) -> Result<(), Failure> {
    let mut listed = runtime()?.block_on(at.registry.lookup(service)).map_err(failure)?;
    let wanted = zone.map_or_else(Selector::any, |zone| Selector::any().zone(zone));
    listed.retain(|listed| wanted.matches(&listed.instance));
    listed.sort_by(|one, other| one.instance.id.cmp(&other.instance.id));
    let mut out = io::stdout().lock();
    if json {
        let shown = listed
            .iter()
            .map(|Listed { instance, availability }| Shown { instance, availability: *availability });
        let answer = Answer { instances: shown.collect() };
        let text = serde_json::to_string(&answer).map_err(Failure::bare)?;
        return Ok(writeln!(out, "{text}")?);
    }
    if listed.is_empty() {
        return Ok(writeln!(out, "No instances of {service} at {} that fit.", at.name)?);
    }
    Ok(writeln!(out, "{}", table(&listed, paint))?)
}

fn table(listed: &[Listed], paint: Paint) -> Table {
    let mut table =
        Table::new(paint, &["SERVICE", "INSTANCE", "AVAILABLE", "ADDRESS", "ZONE", "VERSION", "TAGS"]);
    for Listed { instance, availability } in listed {
        let (available, ink) =
            if availability.is_available() { ("yes", Ink::Good) } else { ("no", Ink::Bad) };
        let or_nothing = |text: &Option<String>| visible(text.as_deref().unwrap_or_default());
        let tags: Vec<_> = instance.tags.iter().map(|tag| visible(tag)).collect();
        table.row([
            (visible(&instance.service), None),
            (visible(&instance.id), Some(Ink::Strong)),
            (available.to_owned(), Some(ink)),
            (visible(&instance.address()), None),
            (or_nothing(&instance.zone), None),
            (or_nothing(&instance.version), None),
            (tags.join(", "), None),
        ]);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instances_are_listed_with_what_every_registry_can_tell() {
        let offered = Instance::new("orders", "10.0.0.7", 80)
            .with_id("a")
            .with_zone("eu-1")
            .with_version("2")
            .with_tag("x")
            .with_tag("y");
        let previewed = Instance::new("orders", "::1", 80).with_id("b\u{1b}");
        let listed = [
            Listed { instance: offered, availability: Availability::Available },
            Listed { instance: previewed, availability: Availability::Unavailable },
        ];
        let text = table(&listed, Paint::PLAIN).to_string();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(
            lines,
            [
                " SERVICE  INSTANCE  AVAILABLE  ADDRESS      ZONE  VERSION  TAGS",
                " orders   a         yes        10.0.0.7:80  eu-1  2        x, y",
                " orders   b\\u{1b}   no         [::1]:80",
            ]
        );
    }

    #[test]
    fn in_json_an_instance_is_one_object_with_its_availability() {
        let instance = Instance::new("orders", "a", 1);
        let shown = Shown { instance: &instance, availability: Availability::Unavailable };
        let text = serde_json::to_string(&shown).unwrap();
        assert!(
            text.contains("\"id\":\"a:orders:1\"") && text.contains("\"availability\":\"unavailable\""),
            "{text}"
        );
    }
}
