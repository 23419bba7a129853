//! Failure detectors as pure state machines, and the quality of service of what they conclude.
//!
//! What it is: a [`Detector`] for one peer turns the beats that are heard of it into a point in time from
//! which it is suspected. What it is not: it reads no clock, opens no socket, starts no thread and
//! draws no random number. Whoever hears beats tells when ([`Tick`], from a clock that never steps back), and
//! asks. It knows nothing of the rest of lubdub.
//!
//! | detector | suspects | fits |
//! | --- | --- | --- |
//! | [`FixedTimeout`] | after a fixed silence | anything; the plainest contract |
//! | [`Phi`] | when so long a silence is too unlikely after those seen so far | beats whose spacing is not known beforehand |
//! | [`NfdS`] | at fixed points after the sending times | synchronised clocks |
//! | [`NfdE`] | at a margin after the expected arrival | regular beats with a number, over networks that vary |
//! | [`TwoWindows`] | as [`NfdE`], by the later of a long and a short memory | the same, where delays change suddenly |
//! | [`Bertier`] | at a margin that it estimates itself | hints in a quiet network: each lost beat is a mistake |
//!
//! Start with [`Detector`], or with [`Peers`] for many peers at once:
//!
//! ```
//! use std::time::Duration;
//! use lubdub_detect::{FixedConfig, FixedTimeout, Peers, Tick};
//!
//! let config = FixedConfig { interval: Duration::from_secs(1), timeout: Duration::from_secs(3) };
//! let mut peers = Peers::new(FixedTimeout::new(config)?);
//! peers.received("web-1", Tick::of_secs(10));
//! peers.received("web-2", Tick::of_secs(11));
//! assert_eq!(peers.next_deadline(), Some(Tick::of_secs(13)));
//! assert_eq!(peers.check(Tick::of_secs(13)), ["web-1"]);
//! # Ok::<(), lubdub_detect::Fault>(())
//! ```
//!
//! [`Contract`] computes the settings of Chen's detectors from what is wanted of them, and [`Quality`] tells from
//! what was concluded how good that was. The feature `traces` adds generated arrivals from a seed, and
//! their replay.

mod arrival;
mod bertier;
mod chen;
mod detector;
mod fault;
mod fixed;
mod peers;
mod phi;
mod quality;
mod ring;
mod tail;
mod tick;
#[cfg(feature = "traces")]
pub mod traces;
mod two_windows;

pub use bertier::{Bertier, BertierConfig};
pub use chen::{Contract, Network, NfdE, NfdEConfig, NfdS, NfdSConfig, Settings, Unattainable};
pub use detector::{Detector, Unnumbered};
pub use fault::Fault;
pub use fixed::{FixedConfig, FixedTimeout, PredictedQuality};
pub use peers::{Peers, Received};
pub use phi::{Phi, PhiConfig};
pub use quality::{Figures, Quality};
pub use tail::Tail;
pub use tick::Tick;
pub use two_windows::{TwoWindows, TwoWindowsConfig};
