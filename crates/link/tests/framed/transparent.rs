//! To the application a link is the transport without the beats.

use futures_util::{SinkExt, StreamExt};
use lubdub_link::framed::{Link, LinkConfig};
use proptest::prelude::*;
use tokio::time::sleep;

use crate::words::{Words, patient, secs, wires};

/// What the other end does, and when the application reads.
#[derive(Debug, Clone, Copy)]
enum Step {
    Data,
    Ping,
    Stray,
    Wait(u64),
    Read,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => Just(Step::Data),
        2 => Just(Step::Ping),
        1 => Just(Step::Stray),
        1 => (0..40u64).prop_map(Step::Wait),
        3 => Just(Step::Read),
    ]
}

async fn run(steps: Vec<Step>, room: usize, parked: usize) -> Result<(), TestCaseError> {
    let (near, far) = wires(room);
    let mut link = Link::new(near, Words, LinkConfig { parked, ..patient().into() }).unwrap();
    let (mut to_link, mut from_link) = far.split();
    let script = steps.clone();
    let other_end = tokio::spawn(async move {
        for (number, step) in script.iter().enumerate() {
            let line = match step {
                Step::Data => format!("data {number}"),
                Step::Ping => format!("ping {number}"),
                Step::Stray => format!("pong {}", 1_000_000 + number),
                Step::Wait(_) | Step::Read => continue,
            };
            to_link.send(line).await.unwrap();
        }
        to_link
    });
    let answers = tokio::spawn(async move {
        let mut answers = Vec::new();
        while let Some(Ok(line)) = from_link.next().await {
            if line.starts_with("pong") {
                answers.push(line);
            }
        }
        answers
    });
    let (mut read, of_kind) = (Vec::new(), |wanted: fn(&Step) -> bool, word: &str| -> Vec<String> {
        let numbers = steps.iter().enumerate().filter(|(_, step)| wanted(step));
        numbers.map(|(number, _)| format!("{word} {number}")).collect()
    });
    let data = of_kind(|step| matches!(step, Step::Data), "data");
    for step in &steps {
        match step {
            Step::Wait(seconds) => sleep(secs(*seconds)).await,
            Step::Read if read.len() < data.len() => read.push(link.next().await.unwrap().unwrap()),
            _ => {}
        }
    }
    while read.len() < data.len() {
        read.push(link.next().await.unwrap().unwrap());
    }
    tokio::select! {
        frame = link.next() => panic!("{frame:?}"),
        () = sleep(secs(5)) => {}
    }
    prop_assert_eq!(read, data);
    drop(other_end.await.unwrap());
    drop(link);
    prop_assert_eq!(answers.await.unwrap(), of_kind(|step| matches!(step, Step::Ping), "pong"));
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    #[test]
    fn whatever_comes_the_application_reads_the_data_in_order_and_every_ping_is_answered_in_order(
        steps in prop::collection::vec(step(), 0..80),
        room in 8..200usize,
        parked in 1..10usize,
    ) {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = runtime.enable_time().start_paused(true).build().unwrap();
        runtime.block_on(run(steps, room, parked))?;
    }
}
