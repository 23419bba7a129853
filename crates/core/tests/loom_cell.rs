//! Every interleaving of a renewal with what the driver does to a lease cell.
//!
//! Runs only with `RUSTFLAGS="--cfg loom"`; `cargo xtask test` does so.
#![cfg(loom)]

use loom::sync::{Arc, RwLock};
use loom::thread;
use lubdub_core::Tick;
use lubdub_core::lease::cell::{Beat, LeaseCell, LeaseState};

fn stamped(beat: Beat) -> bool {
    matches!(beat, Beat::Stamped { .. })
}

#[test]
fn of_two_beats_the_later_stays() {
    loom::model(|| {
        let cell = Arc::new(LeaseCell::new(Tick(1), true));
        let other = Arc::clone(&cell);
        let early = thread::spawn(move || other.beat(Tick(5)));
        let late = cell.beat(Tick(7));
        assert!(stamped(early.join().unwrap()) && stamped(late));
        let word = cell.load();
        assert_eq!((word.beat(), word.unconfirmed(), word.state()), (Tick(7), false, LeaseState::Live));
    });
}

#[test]
fn a_beat_that_was_answered_renewed_is_not_followed_by_an_eviction_judged_before_it() {
    loom::model(|| {
        let cell = Arc::new(LeaseCell::new(Tick(1), false));
        let judged = cell.load();
        let other = Arc::clone(&cell);
        let beat = thread::spawn(move || other.beat(Tick(5)));
        let expired = cell.expire(judged).is_ok();
        let renewed = stamped(beat.join().unwrap());
        assert_ne!(expired, renewed, "exactly one of the two won");
        assert_eq!(cell.load().state() == LeaseState::Gone, expired);
    });
}

#[test]
fn a_beat_is_never_lost_between_a_lease_and_its_successor() {
    loom::model(|| {
        let old = Arc::new(LeaseCell::new(Tick(1), false));
        let place = Arc::new(RwLock::new(Arc::clone(&old)));
        let other = Arc::clone(&place);
        let beat = thread::spawn(move || {
            let place = other.read().unwrap();
            place.beat(Tick(5))
        });
        {
            // As the lease table does: all under the exclusive lock of the name's shard.
            let mut place = place.write().unwrap();
            let successor = Arc::new(LeaseCell::new(Tick(3), false));
            successor.carry(place.retire());
            *place = successor;
        }
        assert!(stamped(beat.join().unwrap()), "a living instance is never unknown");
        let newest = place.read().unwrap().load();
        assert_eq!((newest.beat(), newest.state()), (Tick(5), LeaseState::Live));
        assert_eq!(old.load().state(), LeaseState::Gone);
    });
}

#[test]
fn a_beat_beside_a_watch_either_prevents_it_or_says_that_it_returned() {
    loom::model(|| {
        let cell = Arc::new(LeaseCell::new(Tick(1), false));
        let judged = cell.load();
        let other = Arc::clone(&cell);
        let beat = thread::spawn(move || other.beat(Tick(5)));
        let watched = cell.watch(judged).is_ok();
        let Beat::Stamped { returned, .. } = beat.join().unwrap() else { panic!("a live lease takes beats") };
        assert_eq!(watched, returned);
        assert!(!cell.load().watched(), "whoever beat is not watched any more");
        assert_eq!(cell.load().beat(), Tick(5));
    });
}

#[test]
fn of_two_beats_after_a_watch_exactly_one_says_that_it_returned() {
    loom::model(|| {
        let cell = Arc::new(LeaseCell::new(Tick(1), false));
        cell.watch(cell.load()).unwrap();
        let other = Arc::clone(&cell);
        let told = |beat| matches!(beat, Beat::Stamped { returned: true, .. });
        let beat = thread::spawn(move || told(other.beat(Tick(5))));
        let own = told(cell.beat(Tick(6)));
        assert_ne!(own, beat.join().unwrap());
        assert_eq!((cell.load().beats(), cell.load().beat()), (2, Tick(6)));
    });
}

#[test]
fn a_beat_beside_a_refusal_is_stamped_before_it_or_not_at_all() {
    loom::model(|| {
        let cell = Arc::new(LeaseCell::new(Tick(1), false));
        let other = Arc::clone(&cell);
        let beat = thread::spawn(move || other.beat(Tick(5)));
        cell.set_refused(true);
        let renewed = stamped(beat.join().unwrap());
        let word = cell.load();
        assert_eq!(word.state(), LeaseState::Refused);
        assert_eq!(word.beat() == Tick(5), renewed);
    });
}

#[test]
fn a_message_that_found_its_lease_kept_is_not_followed_by_an_eviction_judged_before_it() {
    loom::model(|| {
        let heart = Arc::new(LeaseCell::new(Tick(1), false));
        let own = Arc::new(LeaseCell::new(Tick(1), false));
        let judged = heart.load();
        let (other_heart, other_own) = (Arc::clone(&heart), Arc::clone(&own));
        let message = thread::spawn(move || {
            // As a session's beat does: it stamps, then looks.
            other_heart.beat(Tick(5));
            other_own.load().state() != LeaseState::Gone
        });
        // As the expiry of a session's lease does: it ends, then compares.
        own.retire();
        let expired = heart.watch(judged).is_ok();
        let kept = message.join().unwrap();
        assert!(!(expired && kept), "who was told that it is kept is kept");
    });
}
