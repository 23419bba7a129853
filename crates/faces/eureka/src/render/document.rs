//! Whole documents: all applications, one, a delta, some.

use lubdub_core::Moment;
use lubdub_core::model::StatusCounts;
use lubdub_core::view::{CHUNK_SIZE, Catalog, Chunk, Listed, ServiceView};
use lubdub_runtime::render::{Coding, Document, DocumentBuilder, Fragment, FragmentKey, Renderer, Source};

use super::delta::delta_runs;
use super::form::{Edges, Form};
use super::fragment::run;
use super::hash::hash_code;
use crate::wire::Format;

/// All applications, at one revision. The version is always 1: clients take up the delta's.
pub(crate) fn applications(
    renderer: &Renderer,
    catalog: &Catalog,
    form: Form,
    coding: Coding,
    now: Moment,
) -> Document {
    list("1", catalog.counts(), form, coding, |document| {
        for (at, service) in catalog.services().enumerate() {
            whole_service(renderer, document, service, form, at == 0, now);
        }
    })
}

/// One application.
pub(crate) fn application(
    renderer: &Renderer,
    service: &ServiceView,
    form: Form,
    coding: Coding,
    now: Moment,
) -> Document {
    let mut document = DocumentBuilder::new(coding);
    if form.format == Format::Json {
        document.text("{\"application\":");
    }
    whole_service(renderer, &mut document, service, form, true, now);
    if form.format == Format::Json {
        document.text("}");
    }
    document.finish()
}

/// What changed lately, with the hash of everything; both from one catalog.
pub(crate) fn delta(
    renderer: &Renderer,
    catalog: &Catalog,
    form: Form,
    coding: Coding,
    now: Moment,
) -> Document {
    let (oldest, _) = catalog.delta().span();
    let stamp = (catalog.revision().0, oldest.0);
    let gather = || delta_runs(renderer, catalog.delta(), form, coding, now);
    let fragments = renderer.latest(form.number(Edges::NONE), coding, stamp, gather);
    let version = delta_version(catalog).to_string();
    list(&version, catalog.counts(), form, coding, |document| document.fragments(&fragments))
}

/// The delta's version: another one whenever its content is, also where the retention alone
/// made it shorter, because the Python client skips a delta whose version and hash it has
/// seen. Both terms only grow, so their sum does.
fn delta_version(catalog: &Catalog) -> u64 {
    catalog.revision().0.saturating_add(catalog.delta().span().0.0)
}

/// The instances that `wanted` picks, with the hash of just these: look-ups by VIP. Never
/// cached, so never stale.
pub(crate) fn matching(
    catalog: &Catalog,
    form: Form,
    coding: Coding,
    now: Moment,
    wanted: impl Fn(&Listed) -> bool,
) -> Document {
    let mut counts = StatusCounts::default();
    let mut fragments = Vec::new();
    for service in catalog.services() {
        let picked: Vec<_> = service.iter().filter(|listed| wanted(listed)).collect();
        for listed in &picked {
            counts.add(listed.instance.effective_status());
        }
        let parts = picked.chunks(CHUNK_SIZE);
        let last = parts.len().saturating_sub(1);
        for (at, part) in parts.enumerate() {
            let edges = Edges { first_of_all: fragments.is_empty(), opens: at == 0, closes: at == last };
            let part = part.iter().map(|listed| (*listed, None));
            fragments.push(Fragment::plain(run(service.name().as_str(), part, form, edges, now)));
        }
    }
    list("-1", &counts, form, coding, |document| document.fragments(&deflated(fragments, coding)))
}

/// A list of applications: `version` and the hash stand before the applications, but after
/// them in compact JSON, as Eureka writes it.
fn list(
    version: &str,
    counts: &StatusCounts,
    form: Form,
    coding: Coding,
    fill: impl FnOnce(&mut DocumentBuilder),
) -> Document {
    let hash = hash_code(counts);
    let mut document = DocumentBuilder::new(coding);
    let keys = format!("\"versions__delta\":\"{version}\",\"apps__hashcode\":\"{hash}\"");
    let (head, tail) = match (form.format, form.compact) {
        (Format::Json, false) => (format!("{{\"applications\":{{{keys},\"application\":["), "]}}".to_owned()),
        (Format::Json, true) => ("{\"applications\":{\"application\":[".to_owned(), format!("],{keys}}}}}")),
        (Format::Xml, _) => (
            format!(
                "<applications><versions__delta>{version}</versions__delta>\
                 <apps__hashcode>{hash}</apps__hashcode>"
            ),
            "</applications>".to_owned(),
        ),
    };
    document.text(head);
    fill(&mut document);
    document.text(tail);
    document.finish()
}

/// An application, from the fragments of its chunks.
fn whole_service(
    renderer: &Renderer,
    document: &mut DocumentBuilder,
    service: &ServiceView,
    form: Form,
    first_of_all: bool,
    now: Moment,
) {
    let last = service.chunks().len().saturating_sub(1);
    for (at, chunk) in service.chunks().enumerate() {
        let opens = at == 0;
        let edges = Edges { first_of_all: first_of_all && opens, opens, closes: at == last };
        let key = FragmentKey { source: Source::Chunk(chunk.id()), form: form.number(edges) };
        let fragments = renderer.fragments(key, document.coding(), || {
            vec![Fragment::plain(chunk_text(service, chunk, form, edges, now))]
        });
        document.fragments(&fragments);
    }
}

fn chunk_text(service: &ServiceView, chunk: &Chunk, form: Form, edges: Edges, now: Moment) -> Vec<u8> {
    run(service.name().as_str(), chunk.listed().iter().map(|listed| (listed, None)), form, edges, now)
}

fn deflated(fragments: Vec<Fragment>, coding: Coding) -> Vec<Fragment> {
    match coding {
        Coding::Identity => fragments,
        Coding::Gzip => fragments.iter().map(Fragment::deflated).collect(),
    }
}
