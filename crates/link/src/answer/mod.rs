//! A layer that answers heartbeat requests ahead of a service.
//!
//! | module | its one idea |
//! | --- | --- |
//! | `layer` | what is put around a service, and what recognises a heartbeat |
//! | `service` | who is answered here, and who goes on |
//! | `future` | an answer, or waiting for the service and then for its answer |

mod future;
mod layer;
mod service;

pub use future::{AnswerError, AnswerFuture};
pub use layer::{AnswerLayer, Recognises};
pub use service::Answer;
