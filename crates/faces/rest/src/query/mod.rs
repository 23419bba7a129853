//! What requests of this face are made of, each part checked by hand, so that faults name
//! field, value and expectation. Whatever is not known is refused.
//!
//! | module | its one idea |
//! | --- | --- |
//! | `parameters` | the parameters of a request |
//! | `filters` | which instances, events and departures are asked for |
//! | `cursor` | a place in the list of all instances, as a page token |
//! | `json` | a document as it was sent, members in order and twice where they are |
//! | `members` | the members of a document, taken one after the other |
//! | `orders` | what the bodies of actions ask for |

mod cursor;
mod filters;
mod json;
mod members;
mod orders;
mod parameters;

pub(crate) use cursor::Cursor;
pub(crate) use filters::{
    DepartureFilter, EventFilter, InstanceFilter, LARGEST_PAGE, LAST_REVISION, PAGE, node, nothing,
    of_service,
};
pub(crate) use orders::{FilterOrder, OverrideOrder, ReleaseOrder};
