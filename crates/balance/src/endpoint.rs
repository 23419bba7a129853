//! [`Endpoint`]: what is said of one whom calls can go to.

use crate::weight::Weight;

/// The facts of an endpoint, as a registry tells them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// Its name, unique within the set. All consumers should know it by the same one: that is what they agree by.
    pub id: String,
    /// How much of the calls it should have, where the strategy looks at weights.
    pub weight: Weight,
    /// Where it is, if it says so.
    pub zone: Option<String>,
}

impl Endpoint {
    /// One of weight 1, anywhere.
    pub fn new(id: impl Into<String>) -> Self {
        Self { id: id.into(), weight: Weight::ONE, zone: None }
    }

    /// The same with a weight.
    #[must_use]
    pub fn weight(self, weight: Weight) -> Self {
        Self { weight, ..self }
    }

    /// The same in a zone.
    #[must_use]
    pub fn zone(self, zone: impl Into<String>) -> Self {
        Self { zone: Some(zone.into()), ..self }
    }
}
