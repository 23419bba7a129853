//! [`Ledger`]: the penalties, and who is kept out until when.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::{DampingConfig, DampingReport, DampingRules, Flap, FlapOutcome, PENALTY_OF_A_LOSS};
use crate::model::{InstanceKey, ServiceName};
use crate::tick::{Moment, Tick};

/// A penalty as it was at a tick; it falls to its half in each half-life.
#[derive(Debug, Clone, Copy)]
struct Penalty {
    value: f64,
    at: Tick,
    losses: u32,
}

/// An instance that was lost, and may come back.
#[derive(Debug, Clone, Copy)]
struct Lost {
    until: Tick,
}

/// So many instances at most have a penalty, or are waited for; what is beyond is not damped.
const MOST: usize = 100_000;

/// The penalties, and who is kept out until when.
#[derive(Debug)]
pub(crate) struct Ledger {
    config: DampingConfig,
    penalties: HashMap<InstanceKey, Penalty, FixedState>,
    lost: HashMap<InstanceKey, Lost, FixedState>,
    /// The same, by when they are not waited for any more.
    waiting: BTreeSet<(Tick, InstanceKey)>,
    /// Who is kept out, by when that ends.
    kept_out: BTreeSet<(Tick, InstanceKey)>,
    ends: BTreeMap<InstanceKey, Tick>,
    /// Services of which too many may be kept out now.
    pub(crate) unsettled: BTreeSet<ServiceName>,
}

impl Ledger {
    pub(crate) fn new(config: DampingConfig, seed: u64) -> Self {
        let hasher = FixedState::with_seed(seed);
        Self {
            config,
            penalties: HashMap::with_hasher(hasher.clone()),
            lost: HashMap::with_hasher(hasher),
            waiting: BTreeSet::new(),
            kept_out: BTreeSet::new(),
            ends: BTreeMap::new(),
            unsettled: BTreeSet::new(),
        }
    }

    /// Whether a service's losses are followed.
    pub(crate) fn is_on(&self, service: &ServiceName) -> bool {
        self.config.of(service).enabled
    }

    /// The registry concluded that an instance is lost. Answers whether it is waited for.
    pub(crate) fn lose(&mut self, now: Tick, key: &InstanceKey) -> bool {
        if self.lost.len() >= MOST {
            return false;
        }
        let until = now.after(self.config.of(key.service()).longest);
        self.stop_waiting(key);
        self.lost.insert(key.clone(), Lost { until });
        self.waiting.insert((until, key.clone()));
        true
    }

    /// Whether an instance was lost lately.
    pub(crate) fn is_lost(&self, key: &InstanceKey) -> bool {
        self.lost.contains_key(key)
    }

    /// It is there again, or will not come.
    pub(crate) fn stop_waiting(&mut self, key: &InstanceKey) {
        if let Some((key, lost)) = self.lost.remove_entry(key) {
            self.waiting.remove(&(lost.until, key));
        }
    }

    /// Who is not waited for any more at `now`.
    pub(crate) fn given_up(&mut self, now: Tick) -> Option<InstanceKey> {
        let (until, key) = self.waiting.first()?.clone();
        (until <= now).then(|| {
            self.stop_waiting(&key);
            key
        })
    }

    /// What it costs an instance to come back after a loss. `may_keep_out`: whether enough others
    /// of its service are offered.
    pub(crate) fn flap(&self, now: Tick, key: &InstanceKey, may_keep_out: bool) -> Flap {
        let rules = self.config.of(key.service());
        let before = self.penalties.get(key);
        let worn = before.map_or(0.0, |penalty| rules.decayed(penalty, now));
        let penalty = (worn + f64::from(PENALTY_OF_A_LOSS)).min(rules.ceiling());
        let outcome = if penalty <= f64::from(rules.suppress) {
            FlapOutcome::Offered
        } else if may_keep_out {
            FlapOutcome::KeptOut { millis: rules.millis_to_reuse(penalty) }
        } else {
            FlapOutcome::OfferedForLack
        };
        Flap { penalty: whole(penalty), losses: before.map_or(0, |before| before.losses) + 1, outcome }
    }

    /// A flap took place.
    pub(crate) fn record(&mut self, now: Tick, key: &InstanceKey, flap: &Flap) {
        self.stop_waiting(key);
        if self.penalties.len() >= MOST {
            let config = &self.config;
            self.penalties.retain(|key, penalty| config.of(key.service()).is_worth_keeping(penalty, now));
            if self.penalties.len() >= MOST {
                return;
            }
        }
        let penalty = Penalty { value: f64::from(flap.penalty), at: now, losses: flap.losses };
        self.penalties.insert(key.clone(), penalty);
        if let FlapOutcome::KeptOut { millis } = flap.outcome {
            self.offer(key);
            let end = now.plus_millis(millis);
            self.kept_out.insert((end, key.clone()));
            self.ends.insert(key.clone(), end);
            self.unsettled.insert(key.service().clone());
        }
    }

    /// An instance is not kept out any more, or has left.
    pub(crate) fn offer(&mut self, key: &InstanceKey) {
        if let Some((key, end)) = self.ends.remove_entry(key) {
            self.kept_out.remove(&(end, key));
        }
    }

    /// It cannot be offered right now: it is tried again a little later.
    pub(crate) fn postpone(&mut self, key: &InstanceKey, until: Tick) {
        self.offer(key);
        self.kept_out.insert((until, key.clone()));
        self.ends.insert(key.clone(), until);
    }

    /// Its penalty is forgotten.
    pub(crate) fn forget(&mut self, key: &InstanceKey) {
        self.offer(key);
        self.penalties.remove(key);
    }

    /// Something of a service changed.
    pub(crate) fn unsettle(&mut self, service: &ServiceName) {
        if self.is_on(service) && !self.ends.is_empty() {
            self.unsettled.insert(service.clone());
        }
    }

    /// Whose time is over at `now`.
    pub(crate) fn due(&self, now: Tick) -> Vec<InstanceKey> {
        self.kept_out.iter().take_while(|(end, _)| *end <= now).map(|(_, key)| key.clone()).collect()
    }

    /// The penalty now.
    pub(crate) fn penalty(&self, now: Tick, key: &InstanceKey) -> u32 {
        let rules = self.config.of(key.service());
        self.penalties.get(key).map_or(0, |penalty| whole(rules.decayed(penalty, now)))
    }

    /// When there is something to do.
    pub(crate) fn next_deadline(&self) -> Option<Tick> {
        let ends = [self.kept_out.first(), self.waiting.first()];
        ends.into_iter().flatten().map(|(tick, _)| *tick).min()
    }

    /// Every instance with a penalty that still matters, ordered by service and id.
    pub(crate) fn report(&self, now: Moment) -> Vec<DampingReport> {
        let told = |(key, penalty): (&InstanceKey, &Penalty)| {
            let rules = self.config.of(key.service());
            let end = self.ends.get(key);
            (end.is_some() || rules.is_worth_keeping(penalty, now.tick)).then(|| DampingReport {
                key: key.clone(),
                penalty: whole(rules.decayed(penalty, now.tick)),
                losses: penalty.losses,
                until: end.map(|end| now.wall_at(*end)),
            })
        };
        let mut reports: Vec<_> = self.penalties.iter().filter_map(told).collect();
        reports.sort_by(|left, right| left.key.cmp(&right.key));
        reports
    }
}

impl DampingRules {
    fn half_lives(&self, millis: u64) -> f64 {
        millis as f64 / self.half_life.as_millis() as f64
    }

    fn decayed(&self, penalty: &Penalty, now: Tick) -> f64 {
        penalty.value * (-self.half_lives(now.millis_since(penalty.at))).exp2()
    }

    /// The highest penalty: it falls to `reuse` in the longest time.
    fn ceiling(&self) -> f64 {
        let longest = u64::try_from(self.longest.as_millis()).unwrap_or(u64::MAX);
        (f64::from(self.reuse) * self.half_lives(longest).exp2()).clamp(f64::from(self.suppress), 4e9)
    }

    /// How long a penalty takes to fall to `reuse`.
    fn millis_to_reuse(&self, penalty: f64) -> u64 {
        let half_lives = (penalty / f64::from(self.reuse)).log2().max(0.0);
        // Rounded up, so that it has fallen by then.
        let fall = self.half_life.mul_f64(half_lives) + Duration::from_millis(1);
        u64::try_from(fall.min(self.longest).as_millis()).unwrap_or(u64::MAX)
    }

    /// As in RFC 2439, a penalty below half of `reuse` is forgotten.
    fn is_worth_keeping(&self, penalty: &Penalty, now: Tick) -> bool {
        self.decayed(penalty, now) >= f64::from(self.reuse) / 2.0
    }
}

/// Of a number that is not negative, and capped far below 2^32.
#[expect(clippy::cast_sign_loss, reason = "penalties are sums and shares of positive numbers")]
fn whole(penalty: f64) -> u32 {
    penalty as u32
}
