//! What an instance is measured by. The recorder is one for all tests of a program, so this program has
//! one test.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[expect(dead_code, reason = "others use more of it")]
mod stub;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use lubdub_client::{Config, Instance, Registry, Switch};
use metrics::{
    Counter, Gauge, Histogram, Key, KeyName, Metadata, Recorder, SharedString, Unit, set_global_recorder,
};
use stub::{Answer, Stub};

/// Keeps counters and gauges by name and labels.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<BTreeMap<String, Arc<AtomicU64>>>>);

impl Kept {
    fn of(&self, key: &Key) -> Arc<AtomicU64> {
        let labels = key.labels().map(|label| format!("{}={}", label.key(), label.value()));
        let name = format!("{}{{{}}}", key.name(), labels.collect::<Vec<_>>().join(","));
        self.0.lock().unwrap().entry(name).or_default().clone()
    }

    /// What is kept under a name with these last labels.
    fn value(&self, name: &str, labels: &str) -> Option<u64> {
        let kept = self.0.lock().unwrap();
        let found = kept.iter().find(|(key, _)| key.starts_with(name) && key.ends_with(labels));
        found.map(|(_, value)| value.load(Ordering::Relaxed))
    }
}

impl Recorder for Kept {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        Counter::from_arc(self.of(key))
    }

    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::from_arc(self.of(key))
    }

    fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::noop()
    }
}

#[tokio::test]
async fn beats_failures_and_whether_it_is_registered_are_measured() {
    let kept = Kept::default();
    set_global_recorder(kept.clone()).unwrap();
    // The third beat fails.
    let beats = AtomicU64::new(0);
    let stub = Stub::start(move |request| match request.method.as_str() {
        "PUT" if beats.fetch_add(1, Ordering::Relaxed) == 2 => Answer::Status(500),
        "PUT" => Answer::Status(200),
        _ => Answer::Status(204),
    });
    let url = format!("eureka://{}?timeout=1s&interval=50ms", stub.address());
    let registry = Registry::with(&url, Config::default().switch(Switch::on())).unwrap();
    let life = async {
        let instance = Instance::new("orders", "127.0.0.1", 8080).with_id("a");
        let provider = registry.provide(instance).await.unwrap();
        provider.until(|status| status.beats >= 4).await;
        let exchanges = |labels| kept.value("lubdub_client_exchanges_total", labels);
        assert_eq!(exchanges("service=orders,instance=a,task=register,outcome=done}"), Some(1));
        assert!(exchanges("service=orders,instance=a,task=renew,outcome=done}") >= Some(4));
        assert_eq!(exchanges("service=orders,instance=a,task=renew,outcome=failed}"), Some(1));
        let registered = || kept.value("lubdub_client_registered", "instance=a}").map(f64::from_bits);
        assert_eq!(registered(), Some(1.0));
        provider.stop().await;
        assert_eq!(registered(), Some(0.0));
    };
    tokio::time::timeout(Duration::from_secs(60), life).await.expect("nothing came of it in time");
}
