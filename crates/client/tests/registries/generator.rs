//! The load generator's own conversations (`lubdub bench session`, `watch`), with the real servers: what
//! it measures of them would be worth nothing if it spoke to them otherwise than their clients do.

use std::time::Duration;

use lubdub_load::{
    Hooks, RegistryAt, SessionBench, SessionOutcome, SessionPlan, WatchBench, WatchOutcome, WatchPlan,
};

use crate::beds::{Bed, etcd, lubdub_grpc, zookeeper};
use crate::within;

/// Away from the test's own runtime: the generator has one of its own.
async fn measure<T: Send + 'static>(bed: &Bed, run: impl FnOnce(RegistryAt) -> T + Send + 'static) -> T {
    let url = bed.direct_url();
    let at = RegistryAt::parse(&url).unwrap();
    within(tokio::task::spawn_blocking(move || run(at))).await.unwrap()
}

async fn sessions(bed: &Bed) -> SessionOutcome {
    let plan = SessionPlan {
        sessions: 3,
        connections: 2,
        instances: 2,
        in_flight: 2,
        duration: Duration::from_millis(300),
        ..SessionPlan::usual()
    };
    measure(bed, |at| SessionBench::new(plan, at).unwrap().run(&Hooks::default()).unwrap()).await
}

async fn watches(bed: &Bed) -> WatchOutcome {
    let plan =
        WatchPlan { watches: 4, connections: 2, changes: 3, pause: Duration::from_millis(1), pid: None };
    measure(bed, |at| WatchBench::new(plan, at).unwrap().run(&Hooks::default()).unwrap()).await
}

async fn speaks_to(bed: Bed) {
    let told = sessions(&bed).await;
    assert_eq!((told.errors, told.first_error.as_deref()), (0, None), "{told:?}");
    assert!(told.beats >= 3, "{told:?}");
    let told = watches(&bed).await;
    assert_eq!((told.changes, told.errors), (3, 0), "{told:?}");
    assert!(told.rounds.iter().all(|round| round.all > 0.0), "{told:?}");
}

#[tokio::test]
async fn it_speaks_to_lubdub() {
    speaks_to(lubdub_grpc().await).await;
}

#[tokio::test]
async fn it_speaks_to_etcd() {
    speaks_to(etcd().await).await;
}

#[tokio::test]
async fn it_speaks_to_zookeeper() {
    speaks_to(zookeeper().await).await;
}
