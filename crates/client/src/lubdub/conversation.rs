//! [`Conversation`]: what was said on one connection of a session and is not answered yet, and which
//! instances the session has. Pure.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use lubdub_proto::v1::{InstanceKey, LostReason};

use crate::machine::Tick;

/// What an instance is known by on a session.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    service: String,
    id: String,
}

impl Key {
    /// The registry compares services without case.
    pub(super) fn new(service: &str, id: &str) -> Self {
        Self { service: service.to_lowercase(), id: id.to_owned() }
    }
}

impl From<&InstanceKey> for Key {
    fn from(key: &InstanceKey) -> Self {
        Self::new(&key.service, &key.id)
    }
}

/// What a message does to what the session has, once it is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Effect {
    /// An instance is the session's.
    Gains(Key),
    /// An instance is not the session's any more.
    Gives(Key),
    /// None; several may share one.
    Beat,
    /// None.
    Nothing,
}

/// What an instance is to the session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// The session's.
    Ours,
    /// Somebody else's, who registered it later.
    TakenOver,
    /// Not the session's.
    Absent,
}

#[derive(Debug)]
struct Unanswered<W> {
    sent: Tick,
    effect: Effect,
    waiting: Vec<W>,
}

/// What was said and heard on one connection. `W` is who waits for an answer; whoever stopped waiting
/// may be among them.
#[derive(Debug)]
pub(super) struct Conversation<W> {
    last: u64,
    unanswered: BTreeMap<u64, Unanswered<W>>,
    ours: BTreeSet<Key>,
    taken_over: BTreeSet<Key>,
    /// When the newest message was sent that is answered.
    confirmed: Option<Tick>,
}

impl<W> Conversation<W> {
    /// Of a session that takes the place of another, or goes on with it: who registered later than we
    /// did keeps what it took.
    pub(super) fn after(former: Option<&Self>) -> Self {
        Self {
            last: 0,
            unanswered: BTreeMap::new(),
            ours: BTreeSet::new(),
            taken_over: former.map(|former| former.taken_over.clone()).unwrap_or_default(),
            confirmed: None,
        }
    }

    /// Something is said; the id with which it is to be sent. `None` for a beat that shares one which
    /// is under way.
    pub(super) fn say(&mut self, now: Tick, effect: Effect, who: W) -> Option<u64> {
        if effect == Effect::Beat
            && let Some(beat) = self.unanswered.values_mut().find(|one| one.effect == Effect::Beat)
        {
            beat.waiting.push(who);
            return None;
        }
        self.last += 1;
        self.unanswered.insert(self.last, Unanswered { sent: now, effect, waiting: vec![who] });
        Some(self.last)
    }

    /// A message was answered, and done or not; who waits for that.
    pub(super) fn answered(&mut self, id: u64, done: bool) -> Vec<W> {
        let Some(answered) = self.unanswered.remove(&id) else { return Vec::new() };
        // A message that is refused renews as well.
        self.confirmed = self.confirmed.max(Some(answered.sent));
        match answered.effect {
            Effect::Gains(key) if done => {
                self.taken_over.remove(&key);
                self.ours.insert(key);
            }
            Effect::Gives(key) => {
                self.ours.remove(&key);
            }
            Effect::Gains(_) | Effect::Beat | Effect::Nothing => {}
        }
        answered.waiting
    }

    /// The registry says what the session has.
    pub(super) fn granted(&mut self, instances: &[InstanceKey]) {
        self.ours = instances.iter().map(Key::from).collect();
    }

    /// The registry says that an instance is not the session's any more.
    pub(super) fn lost(&mut self, key: &InstanceKey, reason: LostReason) {
        let key = Key::from(key);
        self.ours.remove(&key);
        if reason == LostReason::TakenOver {
            self.taken_over.insert(key);
        }
    }

    /// The connection is over: nobody is answered any more.
    pub(super) fn end(&mut self) {
        self.unanswered.clear();
    }

    /// What an instance is to the session.
    pub(super) fn standing(&self, key: &Key) -> Standing {
        if self.ours.contains(key) {
            Standing::Ours
        } else if self.taken_over.contains(key) {
            Standing::TakenOver
        } else {
            Standing::Absent
        }
    }

    /// Whether the session has any instance.
    pub(super) fn has_any(&self) -> bool {
        !self.ours.is_empty()
    }

    /// Whether the session has nothing and nobody waits for it to have something.
    pub(super) fn is_idle(&self) -> bool {
        self.ours.is_empty() && self.unanswered.is_empty()
    }

    /// Whether a message of at most so long ago was answered, which is as good as a beat.
    pub(super) fn is_fresh(&self, now: Tick, within: Duration) -> bool {
        self.confirmed.is_some_and(|confirmed| now.since(confirmed) < within)
    }

    /// Whether an answer is overdue.
    pub(super) fn is_silent(&self, now: Tick, patience: Duration) -> bool {
        self.unanswered.values().any(|one| now.since(one.sent) >= patience)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(millis: u64) -> Tick {
        Tick::from_start(Duration::from_millis(millis))
    }

    fn wire(id: &str) -> InstanceKey {
        InstanceKey { service: "ORDERS".to_owned(), id: id.to_owned(), node: String::new() }
    }

    fn key(id: &str) -> Key {
        Key::new("orders", id)
    }

    fn new() -> Conversation<&'static str> {
        Conversation::after(None)
    }

    #[test]
    fn an_instance_is_ours_from_the_answer_until_it_left() {
        let mut said = new();
        let id = said.say(at(0), Effect::Gains(key("a")), "register").unwrap();
        assert_eq!(said.standing(&key("a")), Standing::Absent);
        assert!(!said.is_idle());
        assert_eq!(said.answered(id, true), ["register"]);
        assert_eq!((said.standing(&key("a")), said.has_any()), (Standing::Ours, true));
        let id = said.say(at(1), Effect::Gives(key("a")), "leave").unwrap();
        assert_eq!(said.answered(id, true), ["leave"]);
        assert!(said.is_idle());
    }

    #[test]
    fn what_is_refused_gains_nothing() {
        let mut said = new();
        let id = said.say(at(0), Effect::Gains(key("a")), "register").unwrap();
        assert_eq!(said.answered(id, false), ["register"]);
        assert_eq!(said.standing(&key("a")), Standing::Absent);
        // Answers that nobody asked for, and answers given twice, are nobody's.
        assert!(said.answered(id, true).is_empty() && said.answered(99, true).is_empty());
        assert_eq!(said.standing(&key("a")), Standing::Absent);
    }

    #[test]
    fn beats_at_the_same_time_are_one() {
        let mut said = new();
        let id = said.say(at(0), Effect::Beat, "one").unwrap();
        assert_eq!(said.say(at(1), Effect::Beat, "other"), None);
        assert_eq!(said.answered(id, true), ["one", "other"]);
        assert!(said.say(at(2), Effect::Beat, "next").is_some());
    }

    #[test]
    fn whatever_was_answered_is_as_good_as_a_beat_for_a_while() {
        let mut said = new();
        let within = Duration::from_millis(500);
        assert!(!said.is_fresh(at(0), within));
        let id = said.say(at(100), Effect::Nothing, "status").unwrap();
        said.answered(id, false);
        // From the sending on: the registry counts from no later.
        assert!(said.is_fresh(at(599), within) && !said.is_fresh(at(600), within));
    }

    #[test]
    fn an_answer_that_is_overdue_makes_it_silent() {
        let mut said = new();
        let patience = Duration::from_millis(500);
        let first = said.say(at(0), Effect::Beat, "beat").unwrap();
        said.say(at(400), Effect::Nothing, "status");
        assert!(!said.is_silent(at(499), patience) && said.is_silent(at(500), patience));
        said.answered(first, true);
        assert!(!said.is_silent(at(899), patience) && said.is_silent(at(900), patience));
        said.end();
        assert!(!said.is_silent(at(2_000), patience));
    }

    #[test]
    fn what_somebody_took_over_stays_theirs_until_it_is_registered_again() {
        let mut said = new();
        said.granted(&[wire("a"), wire("b"), wire("c")]);
        assert_eq!(said.standing(&key("a")), Standing::Ours);
        said.lost(&wire("a"), LostReason::TakenOver);
        said.lost(&wire("b"), LostReason::Removed);
        let standings = |said: &Conversation<_>| ["a", "b", "c"].map(|id| said.standing(&key(id)));
        assert_eq!(standings(&said), [Standing::TakenOver, Standing::Absent, Standing::Ours]);
        // Over another connection, the registry says what is ours, and we remember what is theirs.
        let mut said = Conversation::after(Some(&said));
        assert_eq!(standings(&said), [Standing::TakenOver, Standing::Absent, Standing::Absent]);
        let id = said.say(at(0), Effect::Gains(key("a")), "again").unwrap();
        said.answered(id, true);
        assert_eq!(said.standing(&key("a")), Standing::Ours);
    }
}
