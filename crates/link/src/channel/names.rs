//! Transports and probes by name: those that come with this crate, and those that a program adds.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use parking_lot::RwLock;

use super::fault::ChannelFault;
use super::http2::Http2;
use super::probe::{GrpcHealth, Probe, TryCalls};
use super::wire::Transport;

/// What is known by names; one for the whole process.
struct Names<T: ?Sized + 'static> {
    kind: &'static str,
    known: LazyLock<RwLock<BTreeMap<String, Arc<T>>>>,
}

static TRANSPORTS: Names<dyn Transport> = Names {
    kind: "transport",
    known: LazyLock::new(|| {
        let http2: Arc<dyn Transport> = Arc::new(Http2);
        RwLock::new(BTreeMap::from([(Http2::NAME.to_owned(), http2)]))
    }),
};

static PROBES: Names<dyn Probe> = Names {
    kind: "probe",
    known: LazyLock::new(|| {
        let (health, calls): (Arc<dyn Probe>, Arc<dyn Probe>) = (Arc::new(GrpcHealth), Arc::new(TryCalls));
        RwLock::new(BTreeMap::from([
            (GrpcHealth::NAME.to_owned(), health),
            (TryCalls::NAME.to_owned(), calls),
        ]))
    }),
};

impl<T: ?Sized> Names<T> {
    fn add(&self, name: String, added: Arc<T>) {
        self.known.write().insert(name, added);
    }

    fn all(&self) -> Vec<String> {
        self.known.read().keys().cloned().collect()
    }

    fn named(&self, name: &str) -> Result<Arc<T>, ChannelFault> {
        let found = self.known.read().get(name).cloned();
        found.ok_or_else(|| ChannelFault::UnknownName {
            kind: self.kind,
            name: name.to_owned(),
            known: self.all(),
        })
    }
}

/// Makes a transport of one's own known to this process, in the place of any other of that name. It serves every channel that
/// asks for it.
pub fn add_transport(name: impl Into<String>, transport: impl Transport + 'static) {
    TRANSPORTS.add(name.into(), Arc::new(transport));
}

/// The names of transports, in alphabetical order.
pub fn transports() -> Vec<String> {
    TRANSPORTS.all()
}

/// Makes a probe of one's own known to this process, in the place of any other of that name.
pub fn add_probe(name: impl Into<String>, probe: impl Probe + 'static) {
    PROBES.add(name.into(), Arc::new(probe));
}

/// The names of probes, in alphabetical order.
pub fn probes() -> Vec<String> {
    PROBES.all()
}

pub(super) fn transport_named(name: &str) -> Result<Arc<dyn Transport>, ChannelFault> {
    TRANSPORTS.named(name)
}

pub(super) fn probe_named(name: &str) -> Result<Arc<dyn Probe>, ChannelFault> {
    PROBES.named(name)
}
