//! [`Form`]: the ways in which a chunk is rendered, as the number that names a fragment.

use crate::negotiate::Wanted;
use crate::wire::{Format, Version};

/// How instances are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Form {
    pub(crate) format: Format,
    pub(crate) compact: bool,
    pub(crate) version: Version,
}

/// Where a run of instances stands in its document: what is written around it. Part of the
/// fragment, so that a document of many small applications is not half glue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Edges {
    /// Nothing stands before it in the list of applications: no comma.
    pub(super) first_of_all: bool,
    /// The application begins with it.
    pub(super) opens: bool,
    /// The application ends with it.
    pub(super) closes: bool,
}

impl Edges {
    /// In the midst of an application.
    pub(super) const NONE: Self = Self { first_of_all: false, opens: false, closes: false };
}

impl Form {
    /// What a request wants, of this version of the protocol.
    pub(crate) fn wanted(wanted: Wanted, version: Version) -> Self {
        Self { format: wanted.format, compact: wanted.compact, version }
    }

    /// The number of this form between these edges. This face has the numbers below 64.
    pub(super) fn number(self, edges: Edges) -> u16 {
        [
            self.format == Format::Xml,
            self.compact,
            // The versions differ in XML only.
            self.version == Version::V1 && self.format == Format::Xml,
            edges.first_of_all && self.format == Format::Json,
            edges.opens,
            edges.closes,
        ]
        .into_iter()
        .enumerate()
        .fold(0, |number, (place, set)| number | u16::from(set) << place)
    }
}
