//! Every decision of the lubdub registry, as pure state machines.
//!
//! What it is: the [`Registry`], which turns [`Command`]s and the passing of time into
//! [`Change`]s, and keeps what readers read: [views](view), [deltas](delta), the
//! [feed] and the [history]. What it is not: it reads no clock, opens no socket, touches no
//! disk and draws no random number; all of that comes in as arguments, so that a simulator can
//! run years of it in seconds and get the same answers from the same seed.
//!
//! Start with [`Registry`]: its documentation is the contract with whoever drives it.
//!
//! ```
//! use std::time::Duration;
//! use lubdub_core::hearing::HearingConfig;
//! use lubdub_core::lease::{LeaseRef, Renewal};
//! use lubdub_core::model::{Address, CheckId, InstanceKey, Status};
//! use lubdub_core::{
//!     CheckTerms, Command, Config, Moment, Registration, Registry, Revision, Sender, Tick,
//! };
//!
//! let mut registry = Registry::new(Config::default(), HearingConfig::default(), Revision(1));
//! let mut now = Moment::default();
//!
//! // A provider registers: decide, then (once durable) apply.
//! let mut orders = Registration::new(
//!     InstanceKey::new("orders", "web-1"),
//!     Address { host: "10.0.0.7".into(), port: Some(8080), secure_port: None },
//!     CheckTerms { id: CheckId::HEARTBEAT, ttl: Duration::from_secs(3), interval: Duration::from_secs(1) },
//! );
//! orders.reported = Status::Up;
//! let changes = registry.decide(now, &Command::Register(orders.into()), &Sender::default()).unwrap();
//! registry.apply(now, Revision(2), &changes);
//!
//! // It beats once, then falls silent: it leaves three seconds after its last beat.
//! now = now.plus_millis(1_000);
//! let lease = LeaseRef::heartbeat("ORDERS", "web-1");
//! assert!(matches!(registry.lease_table().renew(now.tick, lease, None), Renewal::Renewed { .. }));
//! assert!(registry.tick(Tick(3_999), 100).changes.is_empty());
//! let ticked = registry.tick(Tick(4_008), 100);
//! assert_eq!(ticked.changes[0].cause().name(), "expired");
//! ```

pub mod adaptive;
pub mod change;
pub mod command;
pub mod config;
pub mod damping;
pub mod delta;
pub mod feed;
pub mod guard;
pub mod hearing;
pub mod history;
pub mod lease;
pub mod model;
pub mod probe;
mod registry;
pub mod reject;
mod revision;
pub mod session;
mod tick;
pub mod view;
pub mod wheel;

pub use change::{Cause, Change, ConnectionLoss, GuardWord, Refusal, ReleaseReason, Silence, Suspicion};
pub use command::{AfterOverride, CheckTerms, Command, Registration, Sender, StatusRule};
pub use config::{Config, Limits};
pub use registry::{Attached, Lost, LostReason, Registry, Restoration, Snapshot, Suspect, Ticked};
pub use reject::{Fault, Reject};
pub use revision::Revision;
pub use tick::{Millis, Moment, Tick, WallTime};
