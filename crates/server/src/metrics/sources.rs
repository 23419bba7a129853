//! [`Sources`]: everything that a scrape reads.

use std::fmt;
use std::sync::Arc;

use lubdub_runtime::Handle;
use lubdub_runtime::render::Renderer;
use parking_lot::Mutex;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::DescriptorEncoder;

use super::census::Counted;
use super::exposition::Exposition;
use super::requests::Requests;
use super::{process, protections, registry, server};
use crate::operator::OperatorGate;
use crate::shutdown::Connections;

/// Everything that a scrape reads.
#[derive(Debug)]
pub(crate) struct Sources {
    pub(crate) handle: Handle,
    pub(crate) renderer: Renderer,
    pub(crate) connections: Arc<Connections>,
    pub(crate) requests: Arc<Requests>,
    pub(crate) operators: Arc<OperatorGate>,
}

/// Sources, and what was counted of them last.
#[derive(Debug)]
pub(super) struct Reading {
    sources: Sources,
    counted: Mutex<Counted>,
}

impl Reading {
    pub(super) fn of(sources: Sources) -> Self {
        Self { sources, counted: Mutex::default() }
    }
}

impl Collector for Reading {
    fn encode(&self, encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let Sources { handle, renderer, connections, requests, operators } = &self.sources;
        let to = &mut Exposition(encoder);
        let (catalog, counters, condition, figures) =
            (handle.catalog(), handle.counters(), handle.condition(), handle.figures());
        let census = self.counted.lock().census(&catalog);
        server::build(to)?;
        registry::beats(to, &counters)?;
        registry::contents(to, &catalog, census, figures.leases)?;
        protections::guard(to, &handle.guard(), census)?;
        protections::damping(to, &handle.damping(), census)?;
        protections::probes(to, &handle.probes())?;
        registry::hearing(to, &condition, &figures)?;
        registry::journal(to, &condition, &figures)?;
        registry::queues(to, &figures)?;
        server::connections(to, &connections.figures())?;
        server::requests(to, requests.read())?;
        server::operators(to, operators.refusals())?;
        server::rendering(to, renderer)?;
        process::process(to)
    }
}
