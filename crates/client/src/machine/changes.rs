//! [`changes_between`]: what joined, left and changed between two sets of endpoints.
//!
//! A subscriber remembers what it was told last and is told the difference to what is true now. So a
//! slow one costs nothing, and loses nothing but states that nobody is interested in any more.

use std::collections::BTreeMap;

use crate::endpoint::Endpoint;

/// What changed for one endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Change {
    /// It is offered, and was not before.
    Joined(Endpoint),
    /// It is offered no more.
    Left(Endpoint),
    /// It says something else of itself than before, or is doubted, or no longer doubted.
    Updated(Endpoint),
}

impl Change {
    /// The endpoint, as it is now, or was last.
    pub const fn endpoint(&self) -> &Endpoint {
        match self {
            Self::Joined(endpoint) | Self::Left(endpoint) | Self::Updated(endpoint) => endpoint,
        }
    }
}

/// What changed, in this order: who left, who joined or changed; each by id.
pub fn changes_between(before: &[Endpoint], after: &[Endpoint]) -> Vec<Change> {
    let by_id = |endpoints: &'_ [Endpoint]| -> BTreeMap<String, Endpoint> {
        endpoints.iter().map(|endpoint| (endpoint.instance.id.clone(), endpoint.clone())).collect()
    };
    let (before, after) = (by_id(before), by_id(after));
    let left = before.iter().filter(|(id, _)| !after.contains_key(*id));
    let left = left.map(|(_, endpoint)| Change::Left(endpoint.clone()));
    let here = after.iter().filter_map(|(id, endpoint)| match before.get(id) {
        None => Some(Change::Joined(endpoint.clone())),
        Some(known) if known != endpoint => Some(Change::Updated(endpoint.clone())),
        Some(_) => None,
    });
    left.chain(here).collect()
}
