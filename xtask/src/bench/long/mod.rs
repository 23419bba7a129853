//! Long connections: beats, news and deaths, of lubdub and of the registries that have such a thing.

mod measured;
mod page;
mod rounds;

pub(super) use measured::Long;
pub(super) use page::write;
pub(super) use rounds::run;
