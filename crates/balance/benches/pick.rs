//! What it costs to pick an endpoint and to be done with it, by each strategy, among a hundred and among ten thousand.
//!
//! Beside them, in the same rounds: a call to a service that is always ready through tower's `Balance`, which is two random choices, too;
//! and a look-up in the `hashring` crate, in a ring as even. Both do more or less than a pick does, as the rows say. Run it
//! with `cargo bench -p lubdub-balance --bench pick`; quote the ratio, not the time.
#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
#![expect(clippy::disallowed_types, reason = "a benchmark reads the clock")]
#![expect(clippy::indexing_slicing, reason = "the indices are those of the lists that are made here")]

use std::convert::Infallible;
use std::future::Future;
use std::hint::black_box;
use std::net::IpAddr;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use fastrand::Rng;
use hashring::HashRing;
use lubdub_balance::{Balancer, Call, Config, Endpoint, Strategies, Weight};
use lubdub_detect::Tick;
use lubdub_testkit::Counting;
use tower::Service;
use tower::balance::p2c::Balance;
use tower::discover::ServiceList;
use tower::load::{CompleteOnResponse, Load, PeakEwma, PendingRequests};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const ROUNDS: usize = 15;
const CALLS: usize = 100_000;
const KEYS: usize = 1 << 16;

/// As many as make the shares of a ring with one probe as even as those of `consistent-hash` are.
const POINTS: u32 = 160;

/// Nanoseconds a call, in each round, and allocations of all rounds.
struct Row {
    name: String,
    rounds: Vec<f64>,
    allocated: usize,
}

/// Something that is done once for each call.
type Contender<'a> = (String, Box<dyn FnMut(usize) + 'a>);

fn main() {
    for endpoints in [100, 10_000] {
        replaced(endpoints);
        println!("\n{endpoints} endpoints, {ROUNDS} rounds of {CALLS} calls");
        println!(
            "{:<46} {:>9} {:>17} {:>8} {:>10} {:>12}",
            "", "median ns", "lowest..highest", "x tower", "x hashring", "allocations"
        );
        of(endpoints);
    }
}

fn of(endpoints: u32) {
    let keys: Vec<u64> = (0..KEYS).map(|key| Call::key_of(&key.to_le_bytes())).collect();
    let mut contenders: Vec<Contender<'_>> = vec![
        ("tower: p2c, peak EWMA, ready and called".to_owned(), tower_peak(endpoints)),
        ("hashring: look-up alone".to_owned(), ring(endpoints, &keys)),
        ("tower: p2c, pending, ready and called".to_owned(), tower_pending(endpoints)),
        ("p2c-peak-ewma, answered, clock read twice".to_owned(), answered(endpoints)),
    ];
    for name in Strategies::standard().names() {
        contenders.push((name.to_owned(), picked(name, endpoints, &keys, 1)));
    }
    for name in ["weighted-random", "weighted-round-robin", "consistent-hash", "bounded-consistent-hash"] {
        contenders.push((format!("{name}, weights of 1 to 9"), picked(name, endpoints, &keys, 9)));
    }
    let only: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    contenders.retain(|(name, _)| only.is_empty() || only.iter().any(|word| name.contains(word.as_str())));
    let mut rows: Vec<Row> = contenders
        .iter()
        .map(|(name, _)| Row { name: name.clone(), rounds: Vec::new(), allocated: 0 })
        .collect();
    // One round that is not counted: what is made at the first use is made then.
    for round in 0..=ROUNDS {
        for ((_, call), row) in contenders.iter_mut().zip(&mut rows) {
            let before = Counting::on_this_thread();
            let began = Instant::now();
            for number in 0..CALLS {
                call(round * CALLS + number);
            }
            let nanos = began.elapsed().as_nanos() as f64 / CALLS as f64;
            if round > 0 {
                row.allocated += Counting::on_this_thread() - before;
                row.rounds.push(nanos);
            }
        }
    }
    for row in &rows {
        let ratio = |beside: &Row| {
            median(row.rounds.iter().zip(&beside.rounds).map(|(own, other)| own / other).collect())
        };
        let (lowest, highest) = spread(&row.rounds);
        println!(
            "{:<46} {:>9.1} {:>17} {:>8.2} {:>10.2} {:>12}",
            row.name,
            median(row.rounds.clone()),
            format!("{lowest:.1}..{highest:.1}"),
            ratio(&rows[0]),
            ratio(&rows[1]),
            row.allocated,
        );
    }
}

fn median(mut rounds: Vec<f64>) -> f64 {
    rounds.sort_by(f64::total_cmp);
    rounds[rounds.len() / 2]
}

fn spread(rounds: &[f64]) -> (f64, f64) {
    rounds.iter().fold((f64::MAX, 0.0), |(lowest, highest), round| (round.min(lowest), round.max(highest)))
}

fn balancer(name: &str, endpoints: u32, heaviest: i64) -> Balancer<u32> {
    let strategy = Strategies::standard().named(name).expect("it is known");
    let balancer = Balancer::new(strategy, Config::default()).expect("the configuration is sound");
    let set = (0..endpoints).map(|number| {
        let weight = Weight::new(1 + i64::from(number) % heaviest).expect("it is a weight");
        (Endpoint::new(format!("10.0.{}.{}:8080", number / 256, number % 256)).weight(weight), number)
    });
    balancer.replace(set, Tick::of_secs(1)).expect("the ids are different");
    balancer
}

/// A set is told again, with one of its endpoints replaced by another.
fn replaced(endpoints: u32) {
    println!("\n{endpoints} endpoints, one of which is replaced: µs, the median of {ROUNDS}");
    for name in Strategies::standard().names() {
        let balancer = balancer(name, endpoints, 9);
        let nodes = balancer.nodes();
        let rounds = (0..ROUNDS).map(|round| {
            let set: Vec<_> = (0..endpoints)
                .map(|place| {
                    let node = &nodes[place as usize];
                    let id = if place == 7 { format!("{round}") } else { node.id().to_owned() };
                    (Endpoint::new(id).weight(node.weight()), place)
                })
                .collect();
            let began = Instant::now();
            balancer.replace(set, Tick::of_secs(2)).expect("the ids are different");
            began.elapsed().as_nanos() as f64 / 1_000.0
        });
        println!("{name:<46} {:>9.0}", median(rounds.collect()));
    }
}

/// Picked, and over at once.
fn picked<'a>(name: &str, endpoints: u32, keys: &'a [u64], heaviest: i64) -> Box<dyn FnMut(usize) + 'a> {
    let balancer = balancer(name, endpoints, heaviest);
    let mut rng = Rng::with_seed(1);
    let by_source = name.contains("source");
    Box::new(move |number| {
        let key = keys[number % KEYS];
        let source = by_source.then(|| IpAddr::from((key as u32).to_be_bytes()));
        let call = Call { key: Some(key), source, ..Call::default() };
        black_box(
            balancer
                .pick(&call, Tick(1_000_000 + number as u64), &mut rng)
                .expect("somebody is there")
                .item(),
        );
    })
}

/// As tower does: the latency of each call is measured.
fn answered(endpoints: u32) -> Box<dyn FnMut(usize)> {
    let balancer = balancer("p2c-peak-ewma", endpoints, 1);
    let mut rng = Rng::with_seed(1);
    let began = Instant::now();
    let now = move || Tick(u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX));
    Box::new(move |_| {
        let pick = balancer.pick(&Call::default(), now(), &mut rng).expect("somebody is there");
        black_box(pick.item());
        pick.answered(now());
    })
}

fn ring(endpoints: u32, keys: &[u64]) -> Box<dyn FnMut(usize) + '_> {
    let mut ring = HashRing::new();
    ring.batch_add((0..endpoints).flat_map(|place| (0..POINTS).map(move |point| (place, point))).collect());
    Box::new(move |number| {
        black_box(ring.get(&keys[number % KEYS]));
    })
}

fn tower_peak(endpoints: u32) -> Box<dyn FnMut(usize)> {
    const DECAY_NANOS: f64 = 10e9;
    tower(endpoints, |service| {
        PeakEwma::new(service, Duration::from_millis(1), DECAY_NANOS, CompleteOnResponse::default())
    })
}

fn tower_pending(endpoints: u32) -> Box<dyn FnMut(usize)> {
    tower(endpoints, |service| PendingRequests::new(service, CompleteOnResponse::default()))
}

/// A call to a service that is ready and answers at once, without an executor.
fn tower<L>(endpoints: u32, measured: impl Fn(Answering) -> L) -> Box<dyn FnMut(usize)>
where
    L: Service<(), Response = u32, Error = Infallible> + Load + 'static,
    L::Metric: std::fmt::Debug,
{
    let services: Vec<L> = (0..endpoints).map(|number| measured(Answering(number))).collect();
    let mut balance = Balance::new(ServiceList::new::<()>(services));
    Box::new(move |_| {
        let mut context = Context::from_waker(Waker::noop());
        assert!(matches!(balance.poll_ready(&mut context), Poll::Ready(Ok(()))));
        let answer = pin!(balance.call(()));
        assert!(matches!(answer.poll(&mut context), Poll::Ready(Ok(_))));
    })
}

/// Always ready.
#[derive(Debug)]
struct Answering(u32);

impl Service<()> for Answering {
    type Response = u32;
    type Error = Infallible;
    type Future = std::future::Ready<Result<u32, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, (): ()) -> Self::Future {
        std::future::ready(Ok(self.0))
    }
}
