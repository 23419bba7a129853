//! The prober's thread: events in, attempts out, answers to the driver.

use std::io;
use std::sync::{Arc, mpsc};
use std::thread::{self, JoinHandle};

use lubdub_core::probe::{Attempt, Outcome, ProbeConfig, Prober};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::attempt::attempt;
use super::event::Event;
use super::own::is_own;
use crate::clock::Clock;
use crate::input::Input;
use crate::shared::Shared;

/// How many events are taken in before answers and attempts get their turn.
const EVENTS_A_ROUND: usize = 256;

/// Starts the thread. It ends when nobody can tell it anything any more; attempts that are on
/// their way are given up then.
pub(crate) fn start(
    config: ProbeConfig,
    clock: Clock,
    shared: Arc<Shared>,
    inputs: mpsc::Sender<Input>,
) -> io::Result<(UnboundedSender<Event>, JoinHandle<()>)> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build()?;
    // Not bounded: what comes in is taken in at once, and the prober itself bounds what waits.
    let (sender, events) = unbounded_channel();
    let thread = thread::Builder::new().name("lubdub-prober".into()).spawn(move || {
        let _told = Told;
        runtime.block_on(run(config, clock, &shared, &inputs, events));
    })?;
    Ok((sender, thread))
}

async fn run(
    config: ProbeConfig,
    clock: Clock,
    shared: &Shared,
    inputs: &mpsc::Sender<Input>,
    mut events: UnboundedReceiver<Event>,
) {
    let patience = config.timeout;
    let mut prober = Prober::new(config);
    let mut on_their_way: JoinSet<(Attempt, Outcome)> = JoinSet::new();
    let mut batch = Vec::new();
    loop {
        let now = clock.tick();
        while let Some(next) = prober.next(now) {
            on_their_way.spawn(async move {
                let outcome = attempt(next.address(), patience).await;
                (next, outcome)
            });
        }
        shared.probes.note(prober.counts(), prober.waiting());
        let deadline = prober.next_deadline(now);
        let pause = deadline.unwrap_or(now).since(now);
        tokio::select! {
            number = events.recv_many(&mut batch, EVENTS_A_ROUND) => {
                if number == 0 {
                    return;
                }
                for event in batch.drain(..) {
                    take_in(&mut prober, clock, event);
                }
            }
            Some(ended) = on_their_way.join_next() => {
                match ended {
                    Ok((attempt, outcome)) => {
                        if let Some(refused) = prober.answered(clock.tick(), attempt, outcome) {
                            // A driver that has ended needs no answer.
                            drop(inputs.send(Input::Refused(refused)));
                        }
                    }
                    Err(error) => std::panic::resume_unwind(error.into_panic()),
                }
            }
            () = sleep(pause), if deadline.is_some() => {}
        }
    }
}

fn take_in(prober: &mut Prober, clock: Clock, event: Event) {
    let now = clock.tick();
    match event {
        Event::Registered { suspect, registrant } => {
            prober.registered(now, suspect.lease, &suspect.instance.address, registrant, is_own);
        }
        Event::Suspected { suspect, suspicion } => {
            prober.suspect(now, suspect.lease, &suspect.instance.address, suspect.beat, suspicion);
        }
    }
}

/// Says so if the thread panics. The registry goes on without it: leases end as promised.
struct Told;

impl Drop for Told {
    fn drop(&mut self) {
        if thread::panicking() {
            tracing::error!(
                "the prober's thread has panicked, which is a defect of lubdub; no address is tried any \
                 more, and who is killed leaves when the lease ends"
            );
        }
    }
}
