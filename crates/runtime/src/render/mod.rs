//! Rendered fragments: how faces answer large reads without rendering them anew, and without
//! keeping the workers from taking beats.
//!
//! A face renders a [chunk](lubdub_core::view::Chunk) of a view into a [`Fragment`], lazily,
//! on the first read that needs it; a [`Document`] is head + fragments + tail, streamed piece
//! by piece, never joined. Fragments live in one cache that is bounded in bytes.
//!
//! | module | its one idea |
//! | --- | --- |
//! | `fragment` | bytes of a document that stand for themselves, plain or deflated |
//! | `cache` | the fragments that were read lately, bounded in bytes |
//! | `document` | pieces that make one plain text, or one gzip member |
//! | `uses` | how often the cache had what was asked for |
//! | `renderer` | who may render when: small documents at once, others on few threads |
//!
//! It knows nothing of what the bytes mean: formats belong to the faces.

mod cache;
mod document;
mod fragment;
mod renderer;
mod uses;

pub use cache::{FragmentKey, Fragments, Source};
pub use document::{Document, DocumentBody, DocumentBuilder};
pub use fragment::{Coding, Fragment};
pub use renderer::{RenderError, Renderer, RendererConfig};
pub use uses::CacheUses;

#[cfg(test)]
mod tests;
