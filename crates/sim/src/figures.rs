//! [`Figures`]: what a run showed, in numbers.

use serde::Serialize;

/// What a run showed, in numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Figures {
    /// From each death to the departure, in microseconds.
    pub detection: Vec<u64>,
    /// How many left though their process lived: their beats were lost for longer than a lease.
    pub living_evicted: usize,
    /// How many leases were held,
    pub held: usize,
    /// of these, how many were heard again
    pub returned: usize,
    /// and how many were let go as dead.
    pub released: usize,
    /// The most hosts that were held at a time, looked at each minute.
    pub most_held_hosts: usize,
    /// How many left because their address refused a connection.
    pub refused: usize,
    /// How many left because the connection of their session closed.
    pub connections_lost: usize,
    /// How many were held because it closed with many others.
    pub suspected: usize,
    /// How many returned after a loss as the same process,
    pub flaps: usize,
    /// and how many of these were kept out for it.
    pub kept_out: usize,
    /// For how long the registry could not hear, in milliseconds.
    pub deaf_millis: u64,
    /// The most that one tick concluded.
    pub most_concluded: usize,
    /// How often who follows the feed had to look at everything.
    pub full_looks: usize,
}

impl Figures {
    /// A detection time that so many of a hundred do not exceed, in microseconds.
    pub fn detected_within(&self, percent: usize) -> Option<u64> {
        let mut sorted = self.detection.clone();
        sorted.sort_unstable();
        let rank = (sorted.len() * percent).div_ceil(100).saturating_sub(1);
        sorted.get(rank).copied()
    }
}
