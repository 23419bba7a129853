//! Who is held, for which count of hosts, and how that ends.

use std::collections::{BTreeMap, VecDeque};

use lubdub_core::guard::{GuardConfig, MaxHold, Scope};
use lubdub_core::{Cause, Change, GuardWord, Moment, ReleaseReason, Tick};

use super::Scene;
use crate::figures::Figures;
use crate::truth::{Count, Truth};
use crate::violation::{Invariant, Violation, demand};

/// What is known of a scope that holds, or held lately.
#[derive(Debug, Default)]
struct Episode {
    /// The longest time-to-live that was held, in milliseconds.
    lease_time: u64,
    /// The most hosts that it had.
    hosts: usize,
    /// Hosts that left because the others are heard well, by when one lease time is over since.
    left: VecDeque<(Tick, usize)>,
    /// Nothing was held at the last tick, and no mass silent.
    is_over: bool,
}

#[derive(Debug, Default)]
pub(super) struct Guard {
    episodes: BTreeMap<Scope, Episode>,
    counts: BTreeMap<Scope, Count>,
    releases: usize,
}

impl Guard {
    pub(super) fn restart(&mut self) {
        self.episodes.clear();
    }

    pub(super) fn released_by_hand(&mut self) {
        self.releases += 1;
    }

    /// A tick is over: an episode ends where nothing is held and no mass is silent. What was due in
    /// this very tick was judged before that.
    pub(super) fn judged(&mut self, now: Tick, truth: &Truth, scene: &Scene<'_>) {
        let rules = &scene.plan.config.guard;
        self.episodes.retain(|scope, episode| {
            let was_over = episode.is_over;
            episode.is_over = !truth.holds_in(scope) && !may_be_a_mass(truth.count(scope, now), rules);
            !(was_over && episode.is_over)
        });
    }

    /// Before changes are noted: how many hosts are silent where somebody is held or leaves.
    pub(super) fn before(
        &mut self,
        now: Moment,
        changes: &[Change],
        truth: &Truth,
        scene: &Scene<'_>,
    ) -> Result<(), Violation> {
        self.counts.clear();
        let rules = &scene.plan.config.guard;
        for change in changes {
            let lease = scene.keys.get(change.key()).and_then(|provider| truth.leases.get(provider));
            let Some(lease) = lease else { continue };
            match change.cause() {
                Cause::Held { scope, arithmetic, .. } => {
                    let count =
                        *self.counts.entry(scope.clone()).or_insert_with(|| truth.count(scope, now.tick));
                    let within = |(least, most): (usize, usize), said: usize| (least..=most).contains(&said);
                    let agrees =
                        within(count.hosts, arithmetic.hosts) && within(count.silent, arithmetic.silent);
                    demand(agrees, Invariant::TheGuardHoldsAMass, scene.now, || {
                        format!("the guard counts {arithmetic:?} in {scope}, there are {count:?}")
                    })?;
                    let begun = self.episodes.contains_key(scope);
                    demand(
                        begun || may_be_a_mass(count, rules),
                        Invariant::TheGuardHoldsAMass,
                        scene.now,
                        || format!("{} is held in {scope}, where there are {count:?}", change.key()),
                    )?;
                    let episode = self.episodes.entry(scope.clone()).or_default();
                    episode.lease_time = episode.lease_time.max(lease.ttl);
                    episode.hosts = episode.hosts.max(count.hosts.1);
                }
                Cause::Expired(_) | Cause::ConnectionLost(_) => match word_of(change.cause()) {
                    GuardWord::Off | GuardWord::Open(_) | GuardWord::TooFewHosts { .. } if rules.enabled => {
                        for scope in lease.scopes() {
                            let counts = &mut self.counts;
                            let count =
                                *counts.entry(scope.clone()).or_insert_with(|| truth.count(&scope, now.tick));
                            demand(
                                !is_a_mass(count, rules),
                                Invariant::TheGuardHoldsAMass,
                                scene.now,
                                || {
                                    format!(
                                        "{} left unheld from {scope}, where there are {count:?}",
                                        change.key()
                                    )
                                },
                            )?;
                        }
                    }
                    GuardWord::Unheard => {
                        demand(
                            lease.heard_since.is_none(),
                            Invariant::TheGuardHoldsAMass,
                            scene.now,
                            || {
                                format!(
                                    "{} left as one that was never heard, and was: {lease:?}",
                                    change.key()
                                )
                            },
                        )?;
                    }
                    _ => {}
                },
                _ => {}
            }
        }
        Ok(())
    }

    pub(super) fn changed(
        &mut self,
        now: Moment,
        provider: usize,
        change: &Change,
        truth: &Truth,
        scene: &Scene<'_>,
        figures: &mut Figures,
    ) -> Result<(), Violation> {
        let Cause::Expired(silence) = change.cause() else { return Ok(()) };
        let GuardWord::Released { scope, reason, .. } = &silence.guard else { return Ok(()) };
        let Some(lease) = truth.leases.get(&provider) else { return Ok(()) };
        let rules = &scene.plan.config.guard;
        figures.released += 1;
        match reason {
            ReleaseReason::ByHand(_) => {
                demand(self.releases > 0, Invariant::AHoldEndsAsDocumented, scene.now, || {
                    format!("{} was let go by hand, and no hand moved", change.key())
                })
            }
            ReleaseReason::HeldLongEnough => {
                let held = lease.held_since.map(|since| now.tick.millis_since(since));
                let longest = match rules.max_hold {
                    MaxHold::LeaseTimes(times) => lease.ttl * u64::from(times),
                    MaxHold::Forever => u64::MAX,
                };
                demand(
                    held.is_some_and(|held| held >= longest),
                    Invariant::AHoldEndsAsDocumented,
                    scene.now,
                    || {
                        format!(
                            "{} was let go after a hold of {held:?} ms, not of {longest} ms",
                            change.key()
                        )
                    },
                )
            }
            ReleaseReason::OthersHeard { kept_percent } => {
                let enough = usize::from(*kept_percent) >= rules.kept_percent;
                let held = lease.held_since.is_some();
                demand(enough && held, Invariant::AHoldEndsAsDocumented, scene.now, || {
                    format!("{} was let go, held: {held}, others heard: {kept_percent} %", change.key())
                })?;
                // Of the hosts that there are by then: more may be heard by now than when the last lease was held.
                let hosts = truth.count(scope, now.tick).hosts.1;
                let episode = self.episodes.entry(scope.clone()).or_default();
                episode.hosts = episode.hosts.max(hosts);
                episode.pace(now.tick, lease.host, rules, scene)
            }
        }
    }
}

impl Episode {
    /// No more hosts leave in one lease time than documented.
    fn pace(
        &mut self,
        now: Tick,
        host: usize,
        rules: &GuardConfig,
        scene: &Scene<'_>,
    ) -> Result<(), Violation> {
        while self.left.front().is_some_and(|(until, _)| *until <= now) {
            self.left.pop_front();
        }
        if !self.left.iter().any(|(_, left)| *left == host) {
            // The lease time by then: it grows where a longer lease is held later.
            self.left.push_back((now.plus_millis(self.lease_time), host));
        }
        let most = (self.hosts * rules.leave_percent / 100).max(1) + 2;
        let left = self.left.len();
        demand(left <= most, Invariant::AHoldEndsAsDocumented, scene.now, || {
            format!(
                "{left} hosts of {} left in one lease time of {} ms, not {most}",
                self.hosts, self.lease_time
            )
        })
    }
}

/// What the guard said to a departure.
fn word_of(cause: &Cause) -> &GuardWord {
    match cause {
        Cause::Expired(silence) => &silence.guard,
        Cause::ConnectionLost(loss) => &loss.guard,
        _ => &GuardWord::Off,
    }
}

/// Whether as many may be silent as the guard holds.
fn may_be_a_mass(count: Count, rules: &GuardConfig) -> bool {
    count.hosts.1 >= rules.min_hosts && count.silent.1 > rules.tolerated(count.hosts.0)
}

/// Whether as many are silent for sure.
fn is_a_mass(count: Count, rules: &GuardConfig) -> bool {
    count.hosts.0 >= rules.min_hosts && count.silent.0 > rules.tolerated(count.hosts.1)
}
