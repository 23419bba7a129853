//! The REST face on a registry in memory, asked as its router.

mod actions;
mod face;
mod insight;
mod refusals;
mod routes;
mod stream;
