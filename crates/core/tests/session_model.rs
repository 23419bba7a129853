//! The life of sessions against a naive model: whoever should be there is, and nobody else, at
//! every step. Without the guard, whose scenarios are told in `sessions.rs`.
#![expect(clippy::indexing_slicing, reason = "the places of the model, which are as many as its steps know")]

use std::time::Duration;

use lubdub_core::guard::GuardConfig;
use lubdub_core::lease::cell::Beat;
use lubdub_core::model::InstanceKey;
use lubdub_core::session::SessionTerms;
use lubdub_core::{Attached, Command, Config, Sender};
use lubdub_testkit::{Scene, provider};
use proptest::prelude::*;

const SESSIONS: usize = 4;
const TIMEOUT: u64 = 3_000;
/// The wheel rounds up.
const ROUNDING: u64 = 9;
/// A closing is decided upon within a second.
const WINDOW: u64 = 1_000;

#[derive(Debug, Clone)]
enum Step {
    Open { session: usize, grace: u64 },
    Register { session: usize, id: u8 },
    Deregister { session: usize, id: u8 },
    Message { session: usize },
    Close { session: usize },
    Detach { session: usize },
    Resume { session: usize },
    Goodbye { session: usize },
    Advance { millis: u64 },
}

fn step() -> impl Strategy<Value = Step> {
    let session = 0..SESSIONS;
    let grace = prop::sample::select(vec![0, 0, 500, 2_000]);
    prop_oneof![
        3 => (session.clone(), grace).prop_map(|(session, grace)| Step::Open { session, grace }),
        5 => (session.clone(), 0..6u8).prop_map(|(session, id)| Step::Register { session, id }),
        1 => (session.clone(), 0..6u8).prop_map(|(session, id)| Step::Deregister { session, id }),
        5 => session.clone().prop_map(|session| Step::Message { session }),
        2 => session.clone().prop_map(|session| Step::Close { session }),
        1 => session.clone().prop_map(|session| Step::Detach { session }),
        3 => session.clone().prop_map(|session| Step::Resume { session }),
        1 => session.prop_map(|session| Step::Goodbye { session }),
        6 => (0..1_500u64).prop_map(|millis| Step::Advance { millis }),
    ]
}

/// What the model knows of a session.
#[derive(Debug)]
struct Known {
    attached: Attached,
    grace: u64,
    last: u64,
    /// When its connection closed, and by whom: true for its peer.
    closed: Option<(u64, bool)>,
}

impl Known {
    /// Before this all that it keeps is there; after the second, nothing is.
    fn bounds(&self) -> (u64, u64) {
        let silence = self.last + TIMEOUT;
        match self.closed {
            Some((at, true)) => {
                ((at + self.grace.max(3)).min(silence), (at + self.grace.max(WINDOW)).min(silence) + ROUNDING)
            }
            _ => (silence, silence + ROUNDING),
        }
    }
}

struct World {
    scene: Scene,
    sessions: Vec<Option<Known>>,
    /// Which session each instance was registered on last, if nobody has deregistered it.
    kept_by: [Option<usize>; 6],
}

fn key(id: u8) -> InstanceKey {
    InstanceKey::new("orders", &id.to_string())
}

impl World {
    fn new() -> Self {
        let guard = GuardConfig { enabled: false, ..GuardConfig::default() };
        let scene = Scene::with(Config { guard, ..Config::default() });
        Self { scene, sessions: (0..SESSIONS).map(|_| None).collect(), kept_by: [None; 6] }
    }

    /// The session at a place, if it has a connection.
    fn connected(&mut self, at: usize) -> Option<&mut Known> {
        self.sessions[at].as_mut().filter(|known| known.closed.is_none())
    }

    fn stamp(&mut self, at: usize) {
        let now = self.scene.now().tick;
        let Some(known) = self.connected(at) else { return };
        known.last = now.0;
        let session = known.attached.session;
        if let Beat::Stamped { returned: true, .. } = known.attached.heart.beat(now) {
            let changes = self.scene.registry.session_returned(now, session);
            self.scene.conclude(changes);
        }
    }

    fn run(&mut self, step: &Step) -> Result<(), TestCaseError> {
        let now = self.scene.now().tick;
        match *step {
            Step::Open { session: at, grace } => {
                if self.sessions[at].is_some() {
                    return Ok(());
                }
                let terms = SessionTerms {
                    timeout: Duration::from_millis(TIMEOUT),
                    grace: Duration::from_millis(grace),
                    phi: None,
                };
                let attached = self
                    .scene
                    .registry
                    .open_session(now, terms, Sender::default())
                    .expect("the terms are allowed");
                self.sessions[at] = Some(Known { attached, grace, last: now.0, closed: None });
            }
            Step::Register { session: at, id } => {
                self.stamp(at);
                let Some(known) = self.connected(at) else { return Ok(()) };
                let command = Box::new(provider("orders", &id.to_string()).ttl_secs(3).command());
                let session = known.attached.session;
                prop_assert_eq!(self.scene.run(&Command::OnSession { session, command }), Ok(()));
                self.kept_by[usize::from(id)] = Some(at);
            }
            Step::Deregister { session: at, id } => {
                self.stamp(at);
                let there = self.scene.is_listed("orders", &id.to_string());
                let Some(known) = self.connected(at) else { return Ok(()) };
                let command = Box::new(Command::Deregister { key: key(id) });
                let session = known.attached.session;
                let own = there && self.kept_by[usize::from(id)] == Some(at);
                let done = self.scene.run(&Command::OnSession { session, command }).is_ok();
                prop_assert_eq!(done, own, "only its own");
                if done {
                    self.kept_by[usize::from(id)] = None;
                }
            }
            Step::Message { session } => self.stamp(session),
            Step::Close { session: at } => {
                let Some(known) = self.connected(at) else { return Ok(()) };
                known.closed = Some((now.0, true));
                let (session, attachment) = (known.attached.session, known.attached.attachment);
                self.scene.registry.session_closed(now, session, attachment);
            }
            Step::Detach { session: at } => {
                let Some(known) = self.connected(at) else { return Ok(()) };
                known.closed = Some((now.0, false));
                let (session, attachment) = (known.attached.session, known.attached.attachment);
                self.scene.registry.session_detached(session, attachment);
            }
            Step::Resume { session: at } => {
                let Some(known) = &mut self.sessions[at] else { return Ok(()) };
                let resumed = self.scene.registry.resume_session(now, known.attached.session);
                if let Some((attached, changes)) = resumed {
                    prop_assert!(known.closed.is_none() || !attached.instances.is_empty());
                    (known.attached, known.last, known.closed) = (attached, now.0, None);
                    self.scene.conclude(changes);
                } else {
                    prop_assert!(known.closed.is_some(), "one with a connection is known");
                    self.forget(at);
                }
            }
            Step::Goodbye { session: at } => {
                let Some(session) = self.connected(at).map(|known| known.attached.session) else {
                    return Ok(());
                };
                prop_assert_eq!(self.scene.run(&Command::EndSession { session }), Ok(()));
                self.scene.registry.session_over(session);
                for id in 0..6u8 {
                    let kept = self.kept_by[usize::from(id)] == Some(at);
                    prop_assert!(!kept || !self.scene.is_listed("orders", &id.to_string()));
                }
                self.forget(at);
            }
            Step::Advance { millis } => self.scene.advance_millis(millis),
        }
        self.scene.registry.check_invariants();
        self.agrees()
    }

    /// A session that is over leaves nothing behind.
    fn forget(&mut self, at: usize) {
        self.sessions[at] = None;
        for kept in self.kept_by.iter_mut().filter(|kept| **kept == Some(at)) {
            *kept = None;
        }
    }

    fn agrees(&mut self) -> Result<(), TestCaseError> {
        let now = self.scene.now().tick.0;
        for id in 0..6u8 {
            let there = self.scene.is_listed("orders", &id.to_string());
            let place = usize::from(id);
            let Some(known) = self.kept_by[place].and_then(|at| self.sessions[at].as_ref()) else {
                prop_assert!(!there, "nobody keeps {id}");
                continue;
            };
            let (present, absent) = known.bounds();
            prop_assert!(there || now >= present, "{id} left early, {known:?}");
            prop_assert!(!there || now <= absent, "{id} stays too long, {known:?}");
            if !there {
                self.kept_by[place] = None;
            }
        }
        Ok(())
    }
}

proptest! {
    #[test]
    fn sessions_keep_what_they_should_and_nothing_else(steps in prop::collection::vec(step(), 1..80)) {
        let mut world = World::new();
        for step in &steps {
            world.run(step)?;
        }
        // And in the end nothing is left.
        for at in 0..SESSIONS {
            world.run(&Step::Close { session: at })?;
        }
        world.run(&Step::Advance { millis: TIMEOUT + WINDOW })?;
        prop_assert_eq!(world.scene.registry.session_count(), 0);
        prop_assert_eq!(world.scene.registry.catalog().counts().total(), 0);
    }
}
