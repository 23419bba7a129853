//! Instances that beat, and note whatever they were not to be told.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use ureq::Agent;

/// How long a provider waits for an answer before it tries again, as real ones do.
const PATIENCE: Duration = Duration::from_millis(700);

/// An HTTP client with a provider's patience, to which any status is an answer.
pub(super) fn agent(keeps_connections: bool) -> Agent {
    let config = Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(PATIENCE))
        .max_idle_connections(if keeps_connections { 4 } else { 0 });
    config.build().into()
}

/// What is registered, as an Eureka client writes it.
pub(super) fn instance(app: &str, id: &str, lease_secs: u64) -> serde_json::Value {
    serde_json::json!({ "instance": {
        "instanceId": id, "hostName": id, "app": app, "ipAddr": "10.0.0.7", "status": "UP",
        "port": { "$": 8080, "@enabled": "true" },
        "dataCenterInfo": { "@class": "com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo", "name": "MyOwn" },
        "leaseInfo": { "renewalIntervalInSecs": lease_secs.div_ceil(3), "durationInSecs": lease_secs },
    }})
}

/// Beats for each of these ids of the application `ORDERS` until it is over; answers how many
/// beats were taken. A beat that is not answered is sent again, one that is answered by anything
/// but "renewed" is noted in `faults`.
pub(super) fn beat(
    agent: &Agent,
    url: &str,
    ids: &[&str],
    every: Duration,
    over: &AtomicBool,
    faults: &Mutex<Vec<String>>,
) -> usize {
    let mut taken = 0;
    while !over.load(Ordering::Relaxed) {
        for id in ids {
            // No answer is no fault of the registry here: it may have been stopped.
            let Ok(answer) = agent.put(format!("{url}/eureka/apps/ORDERS/{id}")).send_empty() else {
                continue;
            };
            match answer.status().as_u16() {
                200 => taken += 1,
                // Too many connections: it is to come again.
                503 => {}
                status => faults.lock().unwrap().push(format!("{id} was told {status}")),
            }
        }
        thread::sleep(every);
    }
    taken
}
