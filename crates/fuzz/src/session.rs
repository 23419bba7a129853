//! Messages of a session, said to a registry: what it refuses changes nothing.

use std::time::Duration;

use lubdub_core::session::SessionTerms;
use lubdub_core::{Command, Sender};
use lubdub_grpc::fuzz::{self, Said};
use lubdub_testkit::Scene;

/// Between two messages; a byte of its own, so that the search finds it.
pub(crate) const RULE: u8 = 0xff;

const TERMS: SessionTerms =
    SessionTerms { timeout: Duration::from_secs(6), grace: Duration::ZERO, phi: None };

/// Says messages, apart by a byte of 255, on one session after the other.
pub(crate) fn say(bytes: &[u8]) {
    let mut scene = Scene::new();
    let sender = Sender { face: "grpc", ..Sender::default() };
    let now = scene.now().tick;
    let opened = scene.registry.open_session(now, TERMS, sender.clone());
    let mut session = opened.expect("the usual terms are allowed").session;
    for message in bytes.split(|byte| *byte == RULE) {
        let before = (scene.registry.catalog().revision(), scene.registry.session_count());
        let taken = match fuzz::session_message(message) {
            None => false,
            Some(Said::Declared(terms)) => match scene.registry.open_session(now, terms, sender.clone()) {
                Ok(opened) => {
                    session = opened.session;
                    true
                }
                Err(_) => false,
            },
            Some(Said::Command(command)) => {
                scene.run(&Command::OnSession { session, command: Box::new(command) }).is_ok()
            }
        };
        scene.registry.check_invariants();
        let after = (scene.registry.catalog().revision(), scene.registry.session_count());
        assert!(taken || before == after, "what was refused changed something: {message:?}");
    }
}
