//! One session's stream: messages in, answers out, in their order.
//!
//! | module | its one idea |
//! | --- | --- |
//! | `conversation` | what comes next: a message, an answer, a word of the registry, silence |
//! | `message` | what each message does |
//! | `pending` | an answer that may have to wait for the disk |

mod conversation;
mod message;
mod pending;

pub(crate) use conversation::Conversation;
pub(crate) use message::command;
