//! A consumer that fetches everything once and deltas from then on always has everything: the
//! algorithm of Netflix's client, against random operations.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    reason = "a test may panic"
)]

mod support;

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::Value;
use support::{Eureka, instance};

/// Something that happens to one of a few instances.
#[derive(Debug, Clone)]
enum Step {
    Register {
        app: usize,
        id: usize,
        status: usize,
    },
    Cancel {
        app: usize,
        id: usize,
    },
    Override {
        app: usize,
        id: usize,
        status: usize,
    },
    Clear {
        app: usize,
        id: usize,
        with_value: bool,
    },
    Metadata {
        app: usize,
        id: usize,
        value: u8,
    },
    Beat {
        app: usize,
        id: usize,
    },
    /// The consumer fetches the delta.
    Poll {
        compact: bool,
    },
}

const STATUSES: [&str; 5] = ["UP", "DOWN", "STARTING", "OUT_OF_SERVICE", "UNKNOWN"];
const APPS: [&str; 3] = ["ORDERS", "stock", "A-B"];

fn step() -> impl Strategy<Value = Step> {
    let of = (0..3usize, 0..70usize);
    prop_oneof![
        6 => (of.clone(), 0..5usize).prop_map(|((app, id), status)| Step::Register { app, id, status }),
        2 => of.clone().prop_map(|(app, id)| Step::Cancel { app, id }),
        2 => (of.clone(), 0..5usize).prop_map(|((app, id), status)| Step::Override { app, id, status }),
        1 => (of.clone(), any::<bool>()).prop_map(|((app, id), with_value)| Step::Clear { app, id, with_value }),
        1 => (of.clone(), any::<u8>()).prop_map(|((app, id), value)| Step::Metadata { app, id, value }),
        1 => of.prop_map(|(app, id)| Step::Beat { app, id }),
        3 => any::<bool>().prop_map(|compact| Step::Poll { compact }),
    ]
}

async fn take(eureka: &Eureka, step: &Step) {
    let path = |app: &usize, id: &usize| format!("/eureka/apps/{}/i-{id}", APPS[*app]);
    match step {
        Step::Register { app, id, status } => {
            let more = format!(r#""status":"{}""#, STATUSES[*status]);
            let body = instance(APPS[*app], &format!("i-{id}"), &more);
            assert_eq!(eureka.post(APPS[*app], body).await.status, 204);
        }
        Step::Cancel { app, id } => drop(eureka.delete(&path(app, id)).await),
        Step::Override { app, id, status } => {
            drop(eureka.put(&format!("{}/status?value={}", path(app, id), STATUSES[*status])).await);
        }
        Step::Clear { app, id, with_value } => {
            let query = if *with_value { "?value=UP" } else { "" };
            drop(eureka.delete(&format!("{}/status{query}", path(app, id))).await);
        }
        Step::Metadata { app, id, value } => {
            drop(eureka.put(&format!("{}/metadata?k={value}", path(app, id))).await);
        }
        Step::Beat { app, id } => drop(eureka.put(&path(app, id)).await),
        Step::Poll { .. } => unreachable!("taken by the consumer"),
    }
}

/// What Netflix's client keeps.
#[derive(Default)]
struct Consumer {
    instances: BTreeMap<(String, String), Value>,
    /// Version and content of the last delta.
    last: Option<(Value, Value)>,
}

impl Consumer {
    fn fetched(document: &Value) -> Self {
        let mut consumer = Self::default();
        for (name, instance) in instances(document) {
            consumer.instances.insert(name, instance);
        }
        consumer
    }

    /// Applies a delta; the hash of what is kept then must be the delta's.
    fn apply(&mut self, document: &Value) {
        for (name, instance) in instances(document) {
            match instance["actionType"].as_str() {
                Some("ADDED" | "MODIFIED") => drop(self.instances.insert(name, instance)),
                Some("DELETED") => drop(self.instances.remove(&name)),
                other => panic!("no action: {other:?}"),
            }
        }
        assert_eq!(self.hash(), document["applications"]["apps__hashcode"]);
        let version = document["applications"]["versions__delta"].clone();
        let content: Value = instances(document).into_iter().map(|(_, instance)| instance).collect();
        if let Some((before, seen)) = self.last.replace((version.clone(), content.clone())) {
            assert!(seen == content || before != version, "another content under the same version");
        }
    }

    fn hash(&self) -> String {
        let mut counts = BTreeMap::<&str, usize>::new();
        for instance in self.instances.values() {
            *counts.entry(instance["status"].as_str().unwrap()).or_default() += 1;
        }
        counts.iter().map(|(status, count)| format!("{status}_{count}_")).collect::<Vec<_>>().concat()
    }
}

/// The instances of a list, without what each reading shows anew.
fn instances(document: &Value) -> Vec<((String, String), Value)> {
    let mut found = Vec::new();
    for application in document["applications"]["application"].as_array().unwrap() {
        for instance in application["instance"].as_array().unwrap() {
            let mut instance = instance.clone();
            if let Some(lease) = instance.get_mut("leaseInfo") {
                lease["lastRenewalTimestamp"] = Value::Null;
            }
            let text = |name: &str| instance[name].as_str().unwrap().to_owned();
            assert_eq!(text("app"), application["name"].as_str().unwrap());
            found.push(((text("app"), text("instanceId")), instance));
        }
    }
    found
}

proptest! {
    #[test]
    fn everything_is_what_was_there_before_and_the_deltas(
        first in prop::collection::vec(step(), 0..120),
        then in prop::collection::vec(step(), 0..120),
    ) {
        let executor = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        executor.block_on(async {
            let eureka = Eureka::start();
            for step in first.iter().filter(|step| !matches!(step, Step::Poll { .. })) {
                take(&eureka, step).await;
            }
            let mut consumer = Consumer::fetched(&eureka.get("/eureka/apps/").await.json());
            for step in &then {
                let Step::Poll { compact } = step else {
                    take(&eureka, step).await;
                    continue;
                };
                let header = [("accept", "application/json"), ("accept-encoding", "gzip")];
                let delta = support::request(http::Method::GET, "/eureka/apps/delta", &header, "");
                consumer.apply(&eureka.send(delta).await.json());
                if *compact {
                    let header = [("x-eureka-accept", "compact"), ("accept", "application/json")];
                    let short = support::request(http::Method::GET, "/eureka/apps/delta", &header, "");
                    let short = instances(&eureka.send(short).await.json());
                    assert!(short.iter().all(|(_, instance)| instance.get("leaseInfo").is_none()));
                }
            }
            consumer.apply(&eureka.get("/eureka/apps/delta").await.json());
            let full = eureka.get("/eureka/apps/").await.json();
            assert_eq!(full["applications"]["apps__hashcode"], consumer.hash());
            assert_eq!(full["applications"]["versions__delta"], "1");
            assert_eq!(Consumer::fetched(&full).instances, consumer.instances);
        });
    }
}

#[tokio::test]
async fn one_instance_that_replaces_another_changes_the_version_though_not_the_hash() {
    let eureka = Eureka::start();
    eureka.register("ORDERS", "i-1", "").await;
    let before = eureka.get("/eureka/apps/delta").await.json();
    eureka.delete("/eureka/apps/ORDERS/i-1").await;
    eureka.register("ORDERS", "i-2", "").await;
    let after = eureka.get("/eureka/apps/delta").await.json();
    let (before, after) = (&before["applications"], &after["applications"]);
    assert_eq!(before["apps__hashcode"], after["apps__hashcode"]);
    assert_ne!(before["versions__delta"], after["versions__delta"]);
}

#[tokio::test]
async fn a_delta_that_is_switched_off_is_answered_403_so_that_clients_fetch_everything() {
    let config = lubdub_eureka::EurekaConfig { delta: false, ..lubdub_eureka::EurekaConfig::default() };
    let eureka = Eureka::with(config);
    let answer = eureka.get("/eureka/apps/delta").await;
    assert_eq!((answer.status.as_u16(), answer.text()), (403, ""));
    assert_eq!(eureka.get("/eureka/apps").await.status, 200);
}
