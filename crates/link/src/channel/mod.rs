//! Calls that follow a registry, watch their links and go where they will arrive.
//!
//! | file | its one idea |
//! | --- | --- |
//! | `setup`, `fault` | what is said before a channel is opened; why it is not |
//! | `channel`, `status` | what the program holds and sees |
//! | `choice` | what a single call says of itself |
//! | `calling`, `policy`, `deadline` | one call: picked, made, judged, made elsewhere where that is safe, while there is time |
//! | `sending`, `replay` | a request for each attempt; a body that can be sent again |
//! | `reply`, `outcome` | what an answer says of the endpoint that gave it |
//! | `follow` | whom the registry lists is whom calls go to |
//! | `link`, `probing`, `watcher` | one endpoint: availability, the task that asks it while it is unavailable, its connections |
//! | `wire`, `probe`, `names` | how calls get to an endpoint and how it is asked, by name |
//! | `http2`, `connector`, `keep_alive`, `ending` | the transport that comes with this crate; what the end of a connection says |
//! | `over` | a generated client on a single wire |

mod calling;
#[expect(clippy::module_inception, reason = "the room is named after what it is for")]
mod channel;
mod choice;
mod connector;
mod deadline;
mod ending;
mod fault;
mod follow;
mod http2;
mod keep_alive;
mod link;
mod names;
mod outcome;
mod over;
mod policy;
mod probe;
mod probing;
mod replay;
mod reply;
mod sending;
mod setup;
mod status;
mod watcher;
mod wire;

pub use channel::Channel;
pub use choice::{IsIdempotent, Key, Source};
pub use fault::ChannelFault;
pub use http2::Http2;
pub use keep_alive::KeepAlive;
pub use names::{add_probe, add_transport, probes, transports};
pub use probe::{GrpcHealth, Probe, TryCalls};
pub use setup::{ChannelSetup, channel};
pub use status::LinkStatus;
pub use watcher::{Connected, Watcher};
pub use wire::{CallError, Calling, Target, Transport, Wire};
