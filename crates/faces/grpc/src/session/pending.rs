//! [`Pending`]: an answer that may have to wait for the disk.

use lubdub_core::lease::LeaseRef;
use lubdub_core::model::InstanceKey;
use lubdub_runtime::Session;

use crate::error::refusal;
use crate::{convert, wire};

/// An answer in its place in the order.
#[derive(Debug)]
pub(super) enum Pending {
    /// It is known.
    Ready(wire::Outcome),
    /// The registry is asked; about this instance, where it is one that registers.
    Asked(lubdub_runtime::Answer, Option<InstanceKey>),
    /// Who is there: looked at when all that was said before is done.
    Beat(wire::Beat),
}

impl Pending {
    /// The answer.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost: it may be asked for again.
    pub(super) async fn outcome(&mut self, session: Option<&Session>) -> wire::Outcome {
        match self {
            Self::Ready(outcome) => outcome.clone(),
            Self::Beat(said) => wire::Outcome::Beaten(beaten(said, session)),
            Self::Asked(answer, registered) => match answer.await {
                Ok(revision) => wire::Outcome::Done(wire::Done {
                    revision: revision.0,
                    instance: registered.as_ref().map(convert::key_of),
                }),
                Err(reject) => wire::Outcome::Refusal(refusal(&reject)),
            },
        }
    }
}

fn beaten(said: &wire::Beat, session: Option<&Session>) -> wire::Beaten {
    let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    let Some(session) = session else {
        return wire::Beaten { renewed: 0, unknown: said.instances.clone() };
    };
    let keeps = |key: &wire::InstanceKey| {
        session.keeps(LeaseRef { service: &key.service, id: &key.id, node: &key.node, check: "" })
    };
    let unknown: Vec<_> = said.instances.iter().filter(|key| !keeps(key)).cloned().collect();
    let renewed = if said.instances.is_empty() {
        session.kept()
    } else {
        said.instances.len().saturating_sub(unknown.len())
    };
    wire::Beaten { renewed: count(renewed), unknown }
}
