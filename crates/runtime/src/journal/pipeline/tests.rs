use super::*;
use lubdub_core::model::Generation;
use lubdub_core::{Cause, Sender};

type Pipe = Pipeline<&'static str>;

fn at(millis: u64) -> Moment {
    Moment { tick: Tick(millis), wall: WallTime(1_000_000 + millis) }
}

fn gone(id: &str) -> Change {
    Change::Removed {
        key: InstanceKey::new("orders", id),
        generation: Generation(1),
        cause: Cause::Deregistered(Sender::default()),
    }
}

/// The ids of instances that a batch says are gone, in order.
fn ids(batch: &Batch) -> Vec<String> {
    let gone = batch.writes.iter().filter_map(|write| match write {
        Write::Gone(key) => Some(key.id().to_owned()),
        Write::Instance(_) | Write::History(_) => None,
    });
    gone.collect()
}

fn next(pipe: &mut Pipe, millis: u64) -> Option<Act<&'static str>> {
    pipe.next(at(millis), Revision(10), |_| None)
}

fn appended(act: Option<Act<&'static str>>) -> Batch {
    match act {
        Some(Act::Append(batch)) => batch,
        other => panic!("expected a batch, got {other:?}"),
    }
}

fn answered_of(act: Option<Act<&'static str>>) -> Vec<&'static str> {
    match act {
        Some(Act::Publish { replies, .. }) => replies,
        other => panic!("expected something to publish, got {other:?}"),
    }
}

fn failed() -> Result<(), JournalError> {
    Err(JournalError("no space left on device".into()))
}

fn durable() -> Pipe {
    Pipe::durable(Duration::from_secs(1))
}

#[test]
fn in_memory_changes_are_published_at_once() {
    let mut pipe = Pipe::memory();
    pipe.decided(vec![gone("a")], "a");
    assert_eq!(answered_of(next(&mut pipe, 0)), ["a"]);
    assert_eq!(next(&mut pipe, 0), None);
    assert!(pipe.is_settled());
}

#[test]
fn a_command_is_answered_when_its_batch_is_committed_and_not_before() {
    let mut pipe = durable();
    pipe.decided(vec![gone("a")], "a");
    assert_eq!(ids(&appended(next(&mut pipe, 0))), ["a"]);
    assert_eq!(next(&mut pipe, 5), None);
    assert_eq!(answered_of(pipe.answered(at(9), Ok(()))), ["a"]);
    assert!(pipe.is_settled());
}

#[test]
fn the_next_batch_is_filled_while_one_is_committed() {
    let mut pipe = durable();
    pipe.decided(vec![gone("a")], "a");
    appended(next(&mut pipe, 0));
    pipe.decided(vec![gone("b")], "b");
    pipe.decided(vec![gone("c")], "c");
    assert_eq!(next(&mut pipe, 1), None);
    pipe.answered(at(9), Ok(()));
    assert_eq!(ids(&appended(next(&mut pipe, 9))), ["b", "c"]);
    assert_eq!(answered_of(pipe.answered(at(12), Ok(()))), ["b", "c"]);
}

#[test]
fn a_command_that_changes_nothing_is_answered_after_those_before_it() {
    let mut pipe = durable();
    pipe.decided(Vec::new(), "at once");
    assert_eq!(answered_of(next(&mut pipe, 0)), ["at once"]);
    pipe.decided(vec![gone("a")], "first");
    appended(next(&mut pipe, 0));
    pipe.decided(Vec::new(), "second");
    assert_eq!(next(&mut pipe, 1), None);
    assert_eq!(answered_of(pipe.answered(at(2), Ok(()))), ["first"]);
    assert_eq!(answered_of(next(&mut pipe, 2)), ["second"]);
}

#[test]
fn what_was_concluded_is_written_with_the_next_batch_before_what_was_decided() {
    let mut pipe = durable();
    pipe.decided(vec![gone("decided")], "d");
    pipe.concluded(at(0), Revision(10), vec![gone("concluded")]);
    assert_eq!(ids(&appended(next(&mut pipe, 0))), ["concluded", "decided"]);
}

#[test]
fn a_slow_disk_is_given_up_after_the_patience_and_the_registry_goes_on() {
    let mut pipe = durable();
    pipe.decided(vec![gone("a")], "a");
    appended(next(&mut pipe, 0));
    assert_eq!(pipe.deadline(), Some(Tick(1_000)));
    assert_eq!(next(&mut pipe, 999), None);
    assert_eq!(answered_of(next(&mut pipe, 1_000)), ["a"]);
    assert!(matches!(pipe.disk(), Disk::Unavailable { .. }));
    pipe.decided(vec![gone("b")], "b");
    assert_eq!(answered_of(next(&mut pipe, 1_001)), ["b"], "nobody waits for that disk");
    pipe.concluded(at(1_002), Revision(11), vec![gone("c")]);
    assert_eq!(pipe.unwritten(), 3);
    assert_eq!(next(&mut pipe, 5_000), None, "the disk still has the batch in hand");
}

#[test]
fn a_disk_that_answers_again_gets_what_changed_meanwhile_and_counts_as_durable_then() {
    let mut pipe = durable();
    pipe.decided(vec![gone("a")], "a");
    appended(next(&mut pipe, 0));
    next(&mut pipe, 1_000);
    pipe.decided(vec![gone("b")], "b");
    next(&mut pipe, 1_000);
    assert_eq!(pipe.answered(at(3_000), Ok(())), None);
    assert!(matches!(pipe.disk(), Disk::Unavailable { .. }), "something is still missing");
    assert_eq!(ids(&appended(next(&mut pipe, 3_000))), ["a", "b"]);
    assert_eq!(pipe.unwritten(), 2);
    pipe.concluded(at(3_001), Revision(12), vec![gone("c")]);
    pipe.answered(at(3_002), Ok(()));
    assert_eq!(ids(&appended(next(&mut pipe, 3_002))), ["c"]);
    pipe.answered(at(3_003), Ok(()));
    assert_eq!((pipe.disk(), pipe.unwritten()), (&Disk::Durable, 0));
}

#[test]
fn a_failing_disk_answers_the_commands_in_memory_and_is_tried_again_each_second() {
    let mut pipe = durable();
    pipe.decided(vec![gone("a")], "a");
    appended(next(&mut pipe, 0));
    assert_eq!(answered_of(pipe.answered(at(4), failed())), ["a"]);
    assert_eq!((next(&mut pipe, 500), pipe.deadline()), (None, Some(Tick(1_004))));
    assert_eq!(ids(&appended(next(&mut pipe, 1_004))), ["a"]);
    assert_eq!(pipe.answered(at(1_005), failed()), None);
    assert_eq!((pipe.unwritten(), pipe.deadline()), (1, Some(Tick(2_005))));
    assert_eq!(ids(&appended(next(&mut pipe, 2_005))), ["a"]);
    pipe.answered(at(2_006), Ok(()));
    assert_eq!(pipe.disk(), &Disk::Durable);
}

#[test]
fn only_a_bounded_part_of_a_long_outage_is_written_at_once() {
    let mut pipe = durable();
    pipe.decided(Vec::new(), "x");
    next(&mut pipe, 0);
    pipe.concluded(at(0), Revision(10), vec![gone("first")]);
    appended(next(&mut pipe, 0));
    pipe.answered(at(1), failed());
    pipe.concluded(at(2), Revision(11), (0..MEND_AT_ONCE).map(|id| gone(&id.to_string())).collect());
    assert_eq!(ids(&appended(next(&mut pipe, 1_001))).len(), MEND_AT_ONCE);
    pipe.answered(at(1_002), Ok(()));
    assert_eq!(ids(&appended(next(&mut pipe, 1_002))).len(), 1);
}
