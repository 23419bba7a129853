//! What can be asked: each path of the REST face that this program reads.

use serde::de::DeserializeOwned;

use super::path::with_query;
use super::wire::{
    Damping, Deaf, Entry, Guard, History, Instance, LogFilter, Page, Readiness, Server, Services,
};
use super::{Client, Reply, Subject};
use crate::failure::Failure;

/// The most instances that the registry tells at once.
const LARGEST_PAGE: &str = "10000";

/// Which instances are asked for; what is none does not matter.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Fitting<'a> {
    /// Their service, in any case.
    pub(crate) service: Option<&'a str>,
    /// Their status.
    pub(crate) status: Option<&'a str>,
    /// Their zone.
    pub(crate) zone: Option<&'a str>,
    /// What their checks say.
    pub(crate) health: Option<&'a str>,
    /// Only those that the guard holds.
    pub(crate) held: bool,
    /// Only those that damping keeps out.
    pub(crate) damped: bool,
}

impl Client {
    /// Every service.
    pub(crate) fn services(&self) -> Result<Reply<Services>, Failure> {
        self.read("/api/v1/services")
    }

    /// The instances that fit, all pages in one; each read as a `T`.
    pub(crate) fn instances<T: DeserializeOwned>(&self, fitting: &Fitting<'_>) -> Result<Page<T>, Failure> {
        let only = |wanted: bool| wanted.then_some("true");
        let page = |after: Option<&str>| {
            let query = [
                ("service", fitting.service),
                ("status", fitting.status),
                ("zone", fitting.zone),
                ("health", fitting.health),
                ("held", only(fitting.held)),
                ("damped", only(fitting.damped)),
                ("limit", Some(LARGEST_PAGE)),
                ("after", after),
            ];
            self.read(&with_query("/api/v1/instances", &query)).map(|reply| reply.document)
        };
        let mut all: Page<T> = page(None)?;
        while let Some(after) = all.next.take() {
            let more = page(Some(&after))?;
            all.instances.extend(more.instances);
            all.next = more.next;
        }
        Ok(all)
    }

    /// One instance; none when it is not registered.
    pub(crate) fn instance(&self, subject: Subject<'_>) -> Result<Option<Reply<Instance>>, Failure> {
        self.find(&subject.path(&[]))
    }

    /// What happened to one instance; none when nothing is remembered.
    pub(crate) fn history(&self, subject: Subject<'_>) -> Result<Option<Reply<History<Entry>>>, Failure> {
        self.find(&subject.path(&["history"]))
    }

    /// The registry itself, in figures.
    pub(crate) fn figures(&self) -> Result<Reply<Server>, Failure> {
        self.read("/api/v1/server")
    }

    /// How the registry is.
    pub(crate) fn readiness(&self) -> Result<Reply<Readiness>, Failure> {
        self.read_whatever_status("/readyz")
    }

    /// The guard and its arithmetic; none from a registry that has no such thing.
    pub(crate) fn guard(&self) -> Result<Option<Reply<Guard>>, Failure> {
        self.read_if_known("/api/v1/guard")
    }

    /// Damping and who has a penalty; none from a registry that has no such thing.
    pub(crate) fn damping(&self) -> Result<Option<Reply<Damping>>, Failure> {
        self.read_if_known("/api/v1/damping")
    }

    /// When the registry could not hear; none from a registry that does not tell.
    pub(crate) fn deaf(&self) -> Result<Option<Reply<Deaf>>, Failure> {
        self.read_if_known("/api/v1/deaf")
    }

    /// What the registry logs; none when it has no log that can be asked.
    pub(crate) fn log_filter(&self) -> Result<Option<Reply<LogFilter>>, Failure> {
        self.find("/api/v1/log")
    }
}
