//! [`Health`]: `grpc.health.v1`. A service serves while its own switch and the process's are on; the
//! server (the empty name) while one of its services does.

use std::collections::BTreeSet;
use std::sync::Arc;

use tokio::sync::{Mutex, watch};
use tonic_health::ServingStatus;
use tonic_health::server::{HealthReporter, health_reporter};

use super::table::Mounted;

/// What is told of each service. A clone is the same.
#[derive(Debug, Clone)]
pub(super) struct Health(Arc<Mutex<Told>>);

#[derive(Debug)]
struct Told {
    reporter: HealthReporter,
    serving: BTreeSet<&'static str>,
    is_over: bool,
}

impl Health {
    /// With the service that answers.
    pub(super) fn new() -> (Self, Mounted) {
        let (reporter, service) = health_reporter();
        let told = Told { reporter, serving: BTreeSet::new(), is_over: false };
        (Self(Arc::new(Mutex::new(told))), Mounted::uncounted(service))
    }

    /// Tells of a service as its switches stand, until nobody holds its own any more.
    pub(super) async fn follow(
        self,
        service: &'static str,
        mut of_all: watch::Receiver<bool>,
        mut own: watch::Receiver<bool>,
    ) {
        loop {
            let serves = *of_all.borrow_and_update() && *own.borrow_and_update();
            self.tell(service, serves).await;
            tokio::select! {
                Ok(()) = of_all.changed() => {}
                changed = own.changed() => if changed.is_err() { break },
            }
        }
        self.tell(service, false).await;
    }

    /// Nothing is told any more; whoever watches hears the end.
    pub(super) async fn end(&self) {
        let mut told = self.0.lock().await;
        told.is_over = true;
        let names = std::mem::take(&mut told.serving);
        for name in names.into_iter().chain([SERVER]) {
            told.reporter.clear_service_status(name).await;
        }
    }

    async fn tell(&self, service: &'static str, serves: bool) {
        let mut told = self.0.lock().await;
        if told.is_over {
            return;
        }
        if serves {
            told.serving.insert(service);
        } else {
            told.serving.remove(service);
        }
        told.reporter.set_service_status(service, status(serves)).await;
        told.reporter.set_service_status(SERVER, status(!told.serving.is_empty())).await;
    }
}

/// The name that stands for all of a server.
const SERVER: &str = "";

const fn status(serves: bool) -> ServingStatus {
    if serves { ServingStatus::Serving } else { ServingStatus::NotServing }
}
