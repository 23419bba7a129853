//! From a command to changes, or a reject. Reads, never writes.

use std::borrow::Cow;
use std::sync::Arc;

use super::check;
use super::state::Registry;
use crate::adaptive::Asked;
use crate::change::{Cause, Change};
use crate::command::{AfterOverride, CheckTerms, Command, Registration, Sender, StatusRule};
use crate::config::Limits;
use crate::damping::Undamped;
use crate::model::{
    Check, CheckState, Generation, Instance, InstanceKey, LeaseTerms, Precedence, Profile, ServiceName,
    Status,
};
use crate::reject::Reject;
use crate::tick::{Moment, WallTime};

impl Registry {
    /// What a command does: no change at all where everything is so already.
    ///
    /// # Errors
    ///
    /// Why it cannot be carried out; then nothing changes.
    pub fn decide(&self, now: Moment, command: &Command, sender: &Sender) -> Result<Vec<Change>, Reject> {
        match command {
            Command::Register(asked) => self.register(now, asked, sender).map(|change| vec![change]),
            Command::Deregister { key } => {
                let known = self.known(key)?;
                Ok(vec![Change::Removed {
                    key: known.key.clone(),
                    generation: known.generation,
                    cause: Cause::Deregistered(sender.clone()),
                }])
            }
            Command::SetOverride { key, status, precedence } => {
                let known = self.known(key)?;
                if known.status == *status {
                    return Ok(Vec::new());
                }
                let mut instance = revised(known, now.wall, *precedence);
                instance.status_override = Some(*status);
                instance.status = *status;
                instance.ask_again = false;
                Ok(vec![updated(instance, now.wall, Cause::OverrideSet(sender.clone()))])
            }
            Command::ClearOverride { key, then, precedence } => {
                let known = self.known(key)?;
                if known.status_override.is_none() {
                    return Ok(Vec::new());
                }
                let mut instance = revised(known, now.wall, *precedence);
                instance.status_override = None;
                (instance.status, instance.ask_again) = match then {
                    AfterOverride::Status(status) => (*status, false),
                    AfterOverride::AskAgain => (Status::Unknown, true),
                };
                Ok(vec![updated(instance, now.wall, Cause::OverrideCleared(sender.clone()))])
            }
            Command::AddMetadata { key, entries } => {
                let known = self.known(key)?;
                let profile = with_metadata(&known.profile, entries, &self.config.limits)?;
                if profile == *known.profile {
                    return Ok(Vec::new());
                }
                let mut instance = revised(known, now.wall, None);
                instance.profile = self.profiles.shared(&profile);
                Ok(vec![updated(instance, now.wall, Cause::MetadataAdded(sender.clone()))])
            }
            Command::ClearDamping { key } => {
                let known = self.known(key)?;
                if !known.damped {
                    return Err(Reject::NothingToRelease(format!("damping does not keep {key} out")));
                }
                let instance = Instance { damped: false, ..Instance::clone(known) };
                let cause = Cause::Undamped(Undamped::ByHand(sender.clone()));
                Ok(vec![updated(instance, now.wall, cause)])
            }
            Command::ReportStatus { key, status } => {
                let known = self.known(key)?;
                if known.reported == *status {
                    return Ok(Vec::new());
                }
                let mut instance = revised(known, now.wall, None);
                instance.reported = *status;
                instance.status = reported_in_force(*status, known.status_override);
                Ok(vec![updated(instance, now.wall, Cause::StatusReported(sender.clone()))])
            }
            Command::OnSession { session, command } => self.on_session(now, *session, command, sender),
            Command::EndSession { session } => self.goodbye(*session, sender),
        }
    }

    pub(super) fn known(&self, key: &InstanceKey) -> Result<&Arc<Instance>, Reject> {
        self.expected(key).ok_or(Reject::UnknownInstance)
    }

    pub(super) fn register(
        &self,
        now: Moment,
        asked: &Registration,
        sender: &Sender,
    ) -> Result<Change, Reject> {
        check::registration(asked, &self.config.limits)?;
        let Some(known) = self.expected(&asked.key) else {
            self.check_room(asked.key.service())?;
            let status = status_in_force(asked, None);
            let key = asked.key.spelled(self.spelling(asked.key.service()));
            // Only equality with an earlier incarnation's matters: milliseconds make it unlikely
            // within the 49 days after which these repeat.
            let generation = Generation(now.wall.0 as u32);
            let mut instance = self.built(asked, key, generation, status, asked.carried_override, now.wall);
            let sender = sender.clone();
            let cause = match self.flap(now, &instance) {
                Some(flap) => {
                    instance.damped = Self::is_kept_out(&flap);
                    Cause::CameBack { sender, flap }
                }
                None => Cause::Joined(sender),
            };
            return Ok(Change::Registered { instance: Arc::new(instance), cause });
        };
        let cause = Cause::Reregistered(sender.clone());
        if known.precedence > asked.precedence && asked.precedence.is_some() && !known.ask_again {
            // A stored registration of higher precedence stays, but its sender lives: a new lease.
            let mut instance = Instance::clone(known);
            instance.generation = known.generation.next();
            return Ok(Change::Registered { instance: Arc::new(instance), cause });
        }
        let status = status_in_force(asked, Some(known));
        let status_override = known.status_override.or(asked.carried_override);
        let key = known.key.clone();
        let mut instance = self.built(asked, key, known.generation.next(), status, status_override, now.wall);
        instance.damped = known.damped;
        instance.up_at = known.up_at.or(instance.up_at);
        Ok(Change::Registered { instance: Arc::new(instance), cause })
    }

    fn check_room(&self, service: &ServiceName) -> Result<(), Reject> {
        let limits = &self.config.limits;
        // Staged departures are not counted as room: the limit may be met a batch early.
        if self.catalog.counts().total() + self.staged.len() >= limits.instances {
            return Err(Reject::LimitReached {
                what: "instances",
                setting: "instances",
                limit: limits.instances,
            });
        }
        let new = self.catalog.service(service.as_str()).is_none();
        if new && self.catalog.service_count() + self.staged.len() >= limits.services {
            return Err(Reject::LimitReached {
                what: "services",
                setting: "services",
                limit: limits.services,
            });
        }
        Ok(())
    }

    fn built(
        &self,
        asked: &Registration,
        key: InstanceKey,
        generation: Generation,
        status: Status,
        status_override: Option<Status>,
        now: WallTime,
    ) -> Instance {
        Instance {
            key,
            generation,
            address: asked.address.clone(),
            profile: self.profiles.shared(&with_named_facts(&asked.profile, &self.config.limits)),
            reported: asked.reported,
            status,
            status_override,
            ask_again: false,
            held: false,
            damped: false,
            precedence: asked.precedence,
            checks: asked
                .checks
                .iter()
                .map(|check| Check {
                    id: check.id.clone(),
                    lease: self.terms(asked, check),
                    state: CheckState::Passing,
                })
                .collect(),
            registered_at: now,
            up_at: (status == Status::Up).then_some(now),
            updated_at: now,
        }
    }

    /// How a check proves that its instance lives, as its registrant asks or else as it is set.
    fn terms(&self, registration: &Registration, check: &CheckTerms) -> LeaseTerms {
        // A word that cannot be meant was refused before.
        let asked = Asked::in_metadata(&registration.profile.metadata).unwrap_or(Asked::Nothing);
        let adaptive = &self.config.adaptive;
        match adaptive.level(registration.key.service(), asked) {
            Some(phi) => adaptive.or_fixed(LeaseTerms::adaptive(check.ttl, check.interval, phi)),
            None => LeaseTerms::renewed(check.ttl, check.interval),
        }
    }

    /// The form in which a service's name was first given, so that all its instances share it.
    pub(super) fn spelling(&self, service: &ServiceName) -> ServiceName {
        self.catalog.service(service.as_str()).map_or_else(|| service.clone(), |view| view.name().clone())
    }
}

/// A profile as its registrant told it: a fact without a word in its field is taken from metadata,
/// so that it is one by whatever protocol it was told.
fn with_named_facts<'a>(asked: &'a Profile, limits: &Limits) -> Cow<'a, Profile> {
    let mut profile = Cow::Borrowed(asked);
    for (name, value) in asked.metadata.iter() {
        if asked.told(name) == Some(false) && check::may_be_a_fact(value, limits) {
            profile.to_mut().tell(name, value);
        }
    }
    profile
}

/// A profile with more metadata. The newest word counts: what it says of a fact is the fact.
fn with_metadata(known: &Profile, entries: &[(String, String)], limits: &Limits) -> Result<Profile, Reject> {
    let added = entries.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let mut profile = Profile { metadata: known.metadata.with(added.clone()), ..known.clone() };
    check::metadata(profile.metadata.iter(), limits)?;
    Asked::in_metadata(&profile.metadata)?;
    for (name, value) in added {
        profile.tell(name, if check::may_be_a_fact(value, limits) { value } else { "" });
    }
    Ok(profile)
}

/// Which status counts. Eureka's rules in their order (`DownOrStartingRule`,
/// `OverrideExistsRule`, `LeaseExistsRule`, `AlwaysMatchInstanceStatusRule`).
fn status_in_force(asked: &Registration, known: Option<&Arc<Instance>>) -> Status {
    let stored = known.and_then(|known| known.status_override).or(asked.carried_override);
    match (asked.status_rule, known) {
        (StatusRule::KeepStored, Some(known))
            if stored.is_none() && is_offer(asked.reported) && is_offer(known.status) =>
        {
            known.status
        }
        _ => reported_in_force(asked.reported, stored),
    }
}

/// Which status counts where an instance reports one and an operator may have said another.
fn reported_in_force(reported: Status, said: Option<Status>) -> Status {
    if is_offer(reported) { said.unwrap_or(reported) } else { reported }
}

fn is_offer(status: Status) -> bool {
    matches!(status, Status::Up | Status::OutOfService)
}

fn revised(known: &Arc<Instance>, now: WallTime, precedence: Option<Precedence>) -> Instance {
    let mut instance = Instance::clone(known);
    instance.updated_at = now;
    instance.precedence = instance.precedence.max(precedence);
    instance
}

fn updated(mut instance: Instance, now: WallTime, cause: Cause) -> Change {
    if instance.status == Status::Up {
        instance.up_at = instance.up_at.or(Some(now));
    }
    Change::Updated { instance: Arc::new(instance), cause }
}
