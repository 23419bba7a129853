//! Motan's second protocol, as far as a link needs it: its frames, and its heartbeats.
//!
//! Frames that are no heartbeats go to the application as they are: what is in them is Motan's, and is neither unpacked nor checked here.
//! Its first protocol (`motan`, frames of Java objects) is refused with an error that says so.
//!
//! | module | its one idea |
//! | --- | --- |
//! | `message` | one frame, and what its bits say |
//! | `codec` | frames from bytes and back |
//! | `beats` | heartbeat requests and their answers |
//! | `connect` | links over TCP: one that calls, one that is called |

mod beats;
mod codec;
mod connect;
mod message;

pub use beats::MotanBeats;
pub use codec::{MotanCodec, MotanError};
pub use connect::{MotanLink, MotanListener, connect};
pub use message::Message;
