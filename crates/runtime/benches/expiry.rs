//! How late a lease ends, and how late a watcher is told, while very many others renew.
//!
//! All living leases are renewed every 30 s by the clock, on one thread. Beside them instances with
//! leases of 3 s register, a hundred a second, and never beat. Two figures for each: how long after its
//! deadline it was judged (what the registry itself says of the silence), and how long after it a
//! watcher that is woken by the feed had it in hands; the second counts from before the registration was
//! asked for, so it is an upper bound. Beside them stands how late a thread of this process wakes that
//! only sleeps until a given moment: what the machine adds. Run it with `cargo xtask bench`, or
//! with another number of instances as its argument.
#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
#![expect(clippy::unwrap_used, reason = "a benchmark ends where something is not as it must be")]

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use lubdub_core::feed::{Changes, Filter};
use lubdub_core::lease::{LeaseRef, Renewal};
use lubdub_core::{Cause, Change, Sender, Tick};
use lubdub_runtime::{Handle, Runtime, RuntimeConfig};
use lubdub_testkit::provider;

const INTERVAL: Duration = Duration::from_secs(30);
/// Two intervals of the living: each of them is looked at by the wheel meanwhile.
const MEASURED: Duration = Duration::from_secs(60);
const DOOMED_EVERY: Duration = Duration::from_millis(10);
const DOOMED_LEASE_SECS: u64 = 3;
/// So many commands wait for the driver at once while the living register.
const AT_ONCE: usize = 4_096;

fn name(instance: usize) -> (String, String) {
    (format!("SERVICE-{}", instance / 10), format!("web-{instance:07}"))
}

async fn register(handle: &Handle, instances: usize) {
    let mut waiting = tokio::task::JoinSet::new();
    for instance in 0..instances {
        let (service, id) = name(instance);
        let host = format!("10.{}.{}.{}", instance >> 16 & 255, instance >> 8 & 255, instance & 255);
        let handle = handle.clone();
        waiting.spawn(async move {
            let command = provider(&service, &id).host(&host).command();
            handle.submit(command, Sender::default()).await.unwrap();
        });
        if waiting.len() >= AT_ONCE {
            waiting.join_next().await.unwrap().unwrap();
        }
    }
    waiting.join_all().await;
}

/// Renews all, over and over, each once in an interval, until it is over; answers how many beats.
fn renew(handle: &Handle, instances: usize, over: &AtomicBool) -> usize {
    let (began, mut sent) = (Instant::now(), 0);
    while !over.load(Ordering::Relaxed) {
        let due = began.elapsed().as_millis() as usize * instances / INTERVAL.as_millis() as usize;
        while sent < due {
            let (service, id) = name(sent % instances);
            let renewal = handle.renew(LeaseRef::heartbeat(&service, &id), None);
            assert!(matches!(renewal, Renewal::Renewed { .. }), "a living one is unknown: {service}/{id}");
            sent += 1;
        }
        thread::sleep(Duration::from_millis(1));
    }
    sent
}

/// How late this thread wakes when it sleeps until a moment, in milliseconds, until it is over.
fn sleep(over: &AtomicBool) -> Vec<u64> {
    let mut late = Vec::new();
    while !over.load(Ordering::Relaxed) {
        let until = Instant::now() + DOOMED_EVERY;
        thread::sleep(DOOMED_EVERY);
        late.push(until.elapsed().as_millis() as u64);
    }
    late
}

#[derive(Default)]
struct Late {
    judged: Vec<u64>,
    told: Vec<u64>,
}

/// Watches the doomed leave, until `expected` have.
async fn watch(
    handle: Handle,
    asked_at: Arc<Mutex<HashMap<String, Tick>>>,
    expected: Arc<AtomicUsize>,
) -> Late {
    let filter = Filter::service("DOOMED");
    let mut since = handle.catalog().revision();
    let mut late = Late::default();
    while late.told.len() < expected.load(Ordering::Relaxed) {
        handle.changed(since, &filter).await;
        let Changes::Since { changes, upto } = handle.changes(since, &filter) else { panic!("it keeps up") };
        let now = handle.tick();
        since = upto;
        for entry in &changes {
            let Change::Removed { key, cause: Cause::Expired(silence), .. } = &entry.change else { continue };
            let asked = asked_at.lock().unwrap().remove(key.id()).unwrap();
            late.judged.push(silence.silent - silence.excused - silence.ttl);
            late.told.push(now.millis_since(asked).saturating_sub(silence.ttl));
        }
    }
    late
}

fn show(what: &str, mut late: Vec<u64>) {
    late.sort_unstable();
    let at = |per_mille| late.get((late.len() - 1) * per_mille / 1_000).copied().unwrap_or_default();
    println!("{what:<44} {:>7} {:>6} {:>6} {:>6} {:>6}", late.len(), at(500), at(990), at(999), at(1_000));
}

fn main() {
    let asked = std::env::args().find_map(|argument| argument.parse().ok());
    let instances: usize = asked.unwrap_or(1_000_000);
    let runtime = Runtime::start(RuntimeConfig::default()).unwrap();
    let handle = runtime.handle();
    let threads =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_time().build().unwrap();
    let began = Instant::now();
    threads.block_on(register(&handle, instances));
    println!("{instances} instances registered in {:.1} s", began.elapsed().as_secs_f64());
    let over = AtomicBool::new(false);
    let (renewed, slept, late) = thread::scope(|scope| {
        let renewing = scope.spawn(|| renew(&handle, instances, &over));
        let sleeping = scope.spawn(|| sleep(&over));
        let asked_at = Arc::default();
        let expected = Arc::new(AtomicUsize::new(usize::MAX));
        let late = threads.block_on(async {
            let watching = tokio::spawn(watch(handle.clone(), Arc::clone(&asked_at), Arc::clone(&expected)));
            let (began, mut doomed) = (Instant::now(), 0);
            while began.elapsed() < MEASURED {
                let id = format!("doomed-{doomed}");
                asked_at.lock().unwrap().insert(id.clone(), handle.tick());
                let command =
                    provider("DOOMED", &id).host("192.168.0.1").ttl_secs(DOOMED_LEASE_SECS).command();
                handle.submit(command, Sender::default()).await.unwrap();
                doomed += 1;
                tokio::time::sleep(DOOMED_EVERY).await;
            }
            // The last of them leaves three seconds later and wakes the watcher once more.
            expected.store(doomed, Ordering::Relaxed);
            watching.await.unwrap()
        });
        over.store(true, Ordering::Relaxed);
        (renewing.join().unwrap(), sleeping.join().unwrap(), late)
    });
    println!("{renewed} renewals meanwhile; milliseconds late:");
    println!("{:<44} {:>7} {:>6} {:>6} {:>6} {:>6}", "", "count", "50 %", "99 %", "99.9 %", "most");
    show("a lease, by the registry's own judgement", late.judged);
    show("a watcher, after the deadline (at most)", late.told);
    show("a thread that only sleeps", slept);
    assert_eq!(handle.counters().expirations as usize, handle.counters().registrations as usize - instances);
    assert_eq!(handle.catalog().counts().total(), instances, "nobody else left");
    runtime.stop();
}
