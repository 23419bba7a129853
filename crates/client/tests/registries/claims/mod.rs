//! What is claimed of every back end, by subject.

pub(crate) mod beats;
pub(crate) mod facts;
pub(crate) mod leaving;
pub(crate) mod outages;
pub(crate) mod programs;
pub(crate) mod switch;

use std::time::Duration;

use lubdub_client::{Availability, Endpoint, Registry};

/// How many of a service the registry lists as available, and as unavailable.
async fn listed(registry: &Registry, service: &str) -> (usize, usize) {
    let all = registry.lookup(service).await.unwrap();
    let available = all.iter().filter(|one| one.availability == Availability::Available).count();
    (available, all.len() - available)
}

/// Waits until the registry lists so many as available and as unavailable: some show a change a
/// moment after they took it.
async fn until_listed(registry: &Registry, service: &str, wanted: (usize, usize)) {
    while listed(registry, service).await != wanted {
        pause().await;
    }
}

/// Between two questions of who waits for an answer; the test has a deadline.
async fn pause() {
    tokio::time::sleep(Duration::from_millis(20)).await;
}

fn sure(endpoints: &[Endpoint]) -> usize {
    endpoints.iter().filter(|endpoint| !endpoint.doubted).count()
}
