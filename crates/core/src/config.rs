//! [`Config`]: the numbers that decisions depend on.

use std::time::Duration;

use crate::adaptive::AdaptiveConfig;
use crate::damping::DampingConfig;
use crate::guard::GuardConfig;
use crate::probe::ProbeConfig;

/// The numbers that decisions depend on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// How long a change stays readable as a delta. Default 180 s, Eureka's
    /// `retentionTimeInMSInDeltaQueue`. Shorter makes consumers that poll rarely fetch
    /// everything; longer costs memory for tombstones.
    pub delta_retention: Duration,
    /// How many changes the feed holds for watchers that resume. Default 65 536, about
    /// 100 bytes each.
    pub feed_capacity: usize,
    /// How many entries the history holds. Default 65 536, about 200 bytes each.
    pub history_capacity: usize,
    /// The key of every hash table. Random in a server, so that nobody can choose names that
    /// collide; fixed in a simulation.
    pub hash_seed: u64,
    /// What is allowed.
    pub limits: Limits,
    /// Who is judged by what is learnt of their beats, and how.
    pub adaptive: AdaptiveConfig,
    /// Against mass eviction.
    pub guard: GuardConfig,
    /// Against instances that come and go.
    pub damping: DampingConfig,
    /// Against processes that were killed and cannot say so.
    pub probe: ProbeConfig,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            delta_retention: Duration::from_secs(180),
            feed_capacity: 65_536,
            history_capacity: 65_536,
            hash_seed: 0,
            limits: Limits::default(),
            adaptive: AdaptiveConfig::default(),
            guard: GuardConfig::default(),
            damping: DampingConfig::default(),
            probe: ProbeConfig::default(),
        }
    }
}

/// What is allowed. Beyond it a command is rejected and nothing is changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Instances in the whole registry. Default 2 000 000.
    pub instances: usize,
    /// Services. Default 200 000.
    pub services: usize,
    /// Bytes of a service name, instance id, node name, check id, host, version, group, zone
    /// or tag. Default 512.
    pub name_bytes: usize,
    /// Metadata entries of one instance. Default 256.
    pub metadata_entries: usize,
    /// Bytes of all metadata names and values of one instance. Default 64 KiB.
    pub metadata_bytes: usize,
    /// Bytes of what a face stores beside an instance. Default 64 KiB.
    pub origin_bytes: usize,
    /// Checks of one instance. Default 64.
    pub checks: usize,
    /// Tags of one instance. Default 256.
    pub tags: usize,
    /// The shortest time-to-live of a lease. Default 100 ms.
    pub least_ttl: Duration,
    /// The longest time-to-live of a lease. Default 30 days, 49 at most: see [`crate::Millis`].
    pub longest_ttl: Duration,
    /// Sessions that are open or may be resumed. Default 100 000.
    pub sessions: usize,
    /// Instances of one session. Default 10 000.
    pub session_instances: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            instances: 2_000_000,
            services: 200_000,
            name_bytes: 512,
            metadata_entries: 256,
            metadata_bytes: 64 * 1024,
            origin_bytes: 64 * 1024,
            checks: 64,
            tags: 256,
            least_ttl: Duration::from_millis(100),
            longest_ttl: Duration::from_secs(30 * 24 * 3600),
            sessions: 100_000,
            session_instances: 10_000,
        }
    }
}
