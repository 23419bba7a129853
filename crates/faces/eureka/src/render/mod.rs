//! Chunks of a view into fragments of documents.
//!
//! | module | its one idea |
//! | --- | --- |
//! | `form` | the ways in which a chunk is rendered, as the number that names a fragment |
//! | `fragment` | instances of one application into text |
//! | `delta` | what changed lately, in runs that are kept while they do not change |
//! | `document` | whole documents: all applications, one, a delta, some |
//! | `hash` | the string by which clients tell whether they have everything |

mod delta;
mod document;
mod form;
mod fragment;
mod hash;

pub(crate) use document::{application, applications, delta, matching};
pub(crate) use form::Form;
pub(crate) use fragment::single;
