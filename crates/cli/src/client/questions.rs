//! What can be asked: each path of the REST face that this program reads.

use serde::de::DeserializeOwned;

use super::path::{path, with_query};
use super::wire::{Entry, History, Instance, Page, Services};
use super::{Client, Reply};
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
}

impl Client {
    /// Every service.
    pub(crate) fn services(&self) -> Result<Reply<Services>, Failure> {
        self.read("/api/v1/services")
    }

    /// The instances that fit, all pages in one; each read as a `T`.
    pub(crate) fn instances<T: DeserializeOwned>(&self, fitting: &Fitting<'_>) -> Result<Page<T>, Failure> {
        let page = |after: Option<&str>| {
            let query = [
                ("service", fitting.service),
                ("status", fitting.status),
                ("zone", fitting.zone),
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
    pub(crate) fn instance(&self, service: &str, id: &str) -> Result<Option<Reply<Instance>>, Failure> {
        self.find(&path(&["api", "v1", "services", service, "instances", id]))
    }

    /// What happened to one instance; none when nothing is remembered.
    pub(crate) fn history(&self, service: &str, id: &str) -> Result<Option<Reply<History<Entry>>>, Failure> {
        self.find(&path(&["api", "v1", "services", service, "instances", id, "history"]))
    }
}
