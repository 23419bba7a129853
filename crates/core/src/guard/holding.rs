//! [`Holding`]: one scope that is held, from its entry to its end.

use std::collections::VecDeque;
use std::time::Duration;

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::hosts::HostKey;
use super::listening::Sample;
use super::{Arithmetic, Episode, GuardConfig, Phase};
use crate::change::ReleaseReason;
use crate::command::Sender;
use crate::lease::LeaseId;
use crate::tick::{Moment, Tick};

/// One scope that is held. A host leaves with all its held leases.
#[derive(Debug)]
pub(super) struct Holding {
    pub(super) since: Tick,
    pub(super) entered: Arithmetic,
    /// The longest time-to-live that was held.
    lease_time: Duration,
    /// Hosts in the order in which they were first held; some may have returned since.
    queue: VecDeque<HostKey>,
    held: HashMap<HostKey, Vec<LeaseId>, FixedState>,
    leases: usize,
    pub(super) returned: usize,
    pub(super) left: usize,
    stage: Stage,
    /// Whether the hosts that are left keep their promises; none until it was taken.
    window: Option<Window>,
}

/// A stretch of listening to the others.
#[derive(Debug)]
struct Window {
    until: Tick,
    sample: Sample,
}

/// What the scope waits for.
#[derive(Debug)]
enum Stage {
    Listening { kept_percent: Option<u8> },
    Draining { kept_percent: u8, hosts_per_lease_time: usize, next: Tick },
    Released { by: Sender },
}

impl Holding {
    pub(super) fn new(now: Tick, entered: Arithmetic, seed: u64) -> Self {
        Self {
            since: now,
            entered,
            lease_time: Duration::ZERO,
            queue: VecDeque::new(),
            held: HashMap::with_hasher(FixedState::with_seed(seed)),
            leases: 0,
            returned: 0,
            left: 0,
            stage: Stage::Listening { kept_percent: None },
            window: None,
        }
    }

    /// The operator who lets it go: then what comes due is not held any more.
    pub(super) fn released_by(&self) -> Option<&Sender> {
        match &self.stage {
            Stage::Released { by } => Some(by),
            Stage::Listening { .. } | Stage::Draining { .. } => None,
        }
    }

    pub(super) fn hold(&mut self, host: HostKey, lease: LeaseId, ttl: Duration) {
        self.lease_time = self.lease_time.max(ttl);
        self.leases += 1;
        let leases = self.held.entry(host).or_default();
        if leases.is_empty() {
            self.queue.push_back(host);
        }
        leases.push(lease);
    }

    /// A held lease is heard again, or left.
    pub(super) fn forget(&mut self, host: HostKey, lease: LeaseId) {
        if let Some(leases) = self.held.get_mut(&host)
            && let Some(at) = leases.iter().position(|held| *held == lease)
        {
            leases.swap_remove(at);
            self.leases -= 1;
            if leases.is_empty() {
                self.held.remove(&host);
            }
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.leases == 0
    }

    pub(super) fn hosts(&self) -> usize {
        self.held.len()
    }

    pub(super) fn leases(&self) -> usize {
        self.leases
    }

    pub(super) fn release(&mut self, by: &Sender) {
        self.stage = Stage::Released { by: by.clone() };
        self.window = None;
    }

    /// Whether a new sample is to be taken: at first, and at the end of each window.
    pub(super) fn wants_sample(&self, now: Tick) -> bool {
        self.released_by().is_none() && self.window.as_ref().is_none_or(|window| window.until <= now)
    }

    /// The sample of the window that is over.
    pub(super) fn sample(&self) -> Option<&Sample> {
        self.window.as_ref().map(|window| &window.sample)
    }

    /// A window is over: `kept_percent` of what was promised in it came, if anything was. Another
    /// begins.
    pub(super) fn listen(
        &mut self,
        now: Tick,
        kept_percent: Option<u8>,
        hosts: usize,
        rules: &GuardConfig,
        sample: Sample,
    ) {
        if self.window.is_some() {
            self.stage = match (kept_percent, &self.stage) {
                (Some(kept), stage) if usize::from(kept) >= rules.kept_percent => {
                    let next = if let Stage::Draining { next, .. } = stage { *next } else { now };
                    let hosts_per_lease_time = (hosts * rules.leave_percent / 100).max(1);
                    Stage::Draining { kept_percent: kept, hosts_per_lease_time, next }
                }
                (kept_percent, _) => Stage::Listening { kept_percent },
            };
        }
        self.window = Some(Window { until: now.after(self.lease_time), sample });
    }

    /// The leases of the next host that may leave now, and why.
    pub(super) fn leaving(&mut self, now: Tick) -> Option<(HostKey, Vec<LeaseId>, ReleaseReason)> {
        let reason = match &mut self.stage {
            Stage::Listening { .. } => return None,
            Stage::Draining { next, .. } if *next > now => return None,
            Stage::Draining { kept_percent, .. } => {
                ReleaseReason::OthersHeard { kept_percent: *kept_percent }
            }
            Stage::Released { by } => ReleaseReason::ByHand(by.clone()),
        };
        let (host, leases) = loop {
            let host = self.queue.pop_front()?;
            if let Some(leases) = self.held.get(&host) {
                break (host, leases.clone());
            }
        };
        if let Stage::Draining { next, hosts_per_lease_time, .. } = &mut self.stage {
            // Evenly over the lease time, not all at its beginning.
            *next = now.after(self.lease_time / u32::try_from(*hosts_per_lease_time).unwrap_or(u32::MAX));
        }
        Some((host, leases, reason))
    }

    /// A host that could not leave now is tried again.
    pub(super) fn put_back(&mut self, host: HostKey) {
        self.queue.push_back(host);
    }

    /// When there is something to do.
    pub(super) fn next_deadline(&self, now: Tick) -> Option<Tick> {
        let window = self.window.as_ref().map(|window| window.until);
        let leave = match &self.stage {
            _ if self.is_empty() => None,
            Stage::Listening { .. } => None,
            Stage::Draining { next, .. } => Some(*next),
            Stage::Released { .. } => Some(now),
        };
        [window, leave].into_iter().flatten().min()
    }

    pub(super) fn report(&self, now: Moment) -> Episode {
        let at = |tick: Tick| Moment { tick, wall: now.wall_at(tick) };
        let until = self.window.as_ref().map_or(now.tick, |window| window.until);
        Episode {
            since: at(self.since),
            entered: self.entered,
            held_hosts: self.hosts(),
            held_leases: self.leases,
            lease_time: self.lease_time,
            phase: match &self.stage {
                Stage::Listening { kept_percent } => {
                    Phase::Listening { until: at(until), kept_percent: *kept_percent }
                }
                Stage::Draining { kept_percent, hosts_per_lease_time, next } => Phase::Draining {
                    kept_percent: *kept_percent,
                    hosts_per_lease_time: *hosts_per_lease_time,
                    next: at(*next),
                },
                Stage::Released { by } => Phase::Released { by: by.clone() },
            },
        }
    }
}
