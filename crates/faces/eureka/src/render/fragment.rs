//! Instances of one application into text.

use lubdub_core::view::Listed;
use lubdub_core::{Moment, WallTime};

use super::form::{Edges, Form};
use crate::convert::{app_name, shown};
use crate::wire::Format;
use crate::wire::{Shown, compact_json, compact_xml, element, full_json, full_xml, quoted};

/// Bytes that an instance takes, about: what is reserved.
const USUAL_INSTANCE: usize = 1_200;

/// A run of instances of one application, with what is written around them at these edges.
/// With each goes when it left, if it did.
pub(super) fn run<'a>(
    service: &str,
    instances: impl ExactSizeIterator<Item = (&'a Listed, Option<WallTime>)>,
    form: Form,
    edges: Edges,
    now: Moment,
) -> Vec<u8> {
    let app = app_name(service);
    let room = 64 + instances.len() * USUAL_INSTANCE;
    let instances = instances.map(|(listed, left)| shown(listed, &app, now, left));
    match form.format {
        Format::Json => json_run(&app, instances, form, edges, room),
        Format::Xml => xml_run(&app, instances, form, edges, room),
    }
}

fn json_run<'a>(
    app: &str,
    instances: impl Iterator<Item = Shown<'a>>,
    form: Form,
    edges: Edges,
    room: usize,
) -> Vec<u8> {
    let mut out = Vec::with_capacity(room);
    if edges.opens {
        out.extend_from_slice(if edges.first_of_all { b"{\"name\":" } else { b",{\"name\":" });
        quoted(app, &mut out);
        out.extend_from_slice(b",\"instance\":[");
    }
    let mut comma = !edges.opens;
    for shown in instances {
        if comma {
            out.push(b',');
        }
        comma = true;
        if form.compact { compact_json(&shown, &mut out) } else { full_json(&shown, &mut out) }
    }
    if edges.closes {
        out.extend_from_slice(b"]}");
    }
    out
}

fn xml_run<'a>(
    app: &str,
    instances: impl Iterator<Item = Shown<'a>>,
    form: Form,
    edges: Edges,
    room: usize,
) -> Vec<u8> {
    let mut out = String::with_capacity(room);
    if edges.opens {
        out.push_str("<application>");
        element("name", app, &mut out);
    }
    for shown in instances {
        if form.compact {
            compact_xml(&shown, form.version, &mut out);
        } else {
            full_xml(&shown, form.version, &mut out);
        }
    }
    if edges.closes {
        out.push_str("</application>");
    }
    out.into_bytes()
}

/// The document of one instance, in full.
pub(crate) fn single(listed: &Listed, form: Form, now: Moment) -> Vec<u8> {
    let app = app_name(listed.instance.key.service().as_str());
    let shown = shown(listed, &app, now, None);
    match form.format {
        Format::Json => {
            let mut out = b"{\"instance\":".to_vec();
            full_json(&shown, &mut out);
            out.push(b'}');
            out
        }
        Format::Xml => {
            let mut out = String::new();
            full_xml(&shown, form.version, &mut out);
            out.into_bytes()
        }
    }
}
