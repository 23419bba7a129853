//! The REST face on a registry in memory, asked as its router.

mod face;
mod routes;
mod stream;
