//! A back end of one's own, and schemes that nobody knows.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use lubdub_client::{
    Availability, Backend, Config, Error, Instance, Listed, Registry, RegistryUrl, Renewal, Switch, Terms,
    add_scheme, async_trait,
};
use parking_lot::Mutex;

/// A registry in memory. What it does not say of subscriptions comes with the trait.
struct InMemory {
    terms: Terms,
    known: Arc<Mutex<BTreeMap<String, Listed>>>,
}

#[async_trait]
impl Backend for InMemory {
    fn terms(&self) -> Terms {
        self.terms
    }

    async fn register(&self, instance: &Instance, availability: Availability) -> Result<(), Error> {
        let listed = Listed { instance: instance.clone(), availability };
        self.known.lock().insert(instance.id.clone(), listed);
        Ok(())
    }

    async fn deregister(&self, instance: &Instance) -> Result<(), Error> {
        self.known.lock().remove(&instance.id);
        Ok(())
    }

    async fn set_available(&self, instance: &Instance, availability: Availability) -> Result<Renewal, Error> {
        match self.known.lock().get_mut(&instance.id) {
            Some(listed) => listed.availability = availability,
            None => return Ok(Renewal::Unknown),
        }
        Ok(Renewal::Renewed)
    }

    async fn renew(&self, instance: &Instance, _: Availability) -> Result<Renewal, Error> {
        let is_known = self.known.lock().contains_key(&instance.id);
        Ok(if is_known { Renewal::Renewed } else { Renewal::Unknown })
    }

    async fn lookup(&self, service: &str) -> Result<Vec<Listed>, Error> {
        let known = self.known.lock();
        Ok(known.values().filter(|listed| listed.instance.service == service).cloned().collect())
    }
}

#[tokio::test]
async fn a_back_end_that_is_made_known_by_a_scheme_is_used_like_any_other() {
    let known = Arc::new(Mutex::new(BTreeMap::new()));
    let shared = known.clone();
    add_scheme("memory", move |url: &RegistryUrl| {
        let terms = Terms::of(url, Duration::from_secs(3), Duration::from_millis(100))?;
        Ok(Arc::new(InMemory { terms, known: shared.clone() }))
    });
    let life = async {
        let url = "memory://here?interval=200ms";
        let registry = Registry::with(url, Config::default().switch(Switch::on())).unwrap();
        let provider = registry.provide(Instance::new("orders", "127.0.0.1", 8080)).await.unwrap();
        let consumer = registry.consume("orders").await.unwrap();
        consumer.until(|all| all.len() == 1).await;
        known.lock().clear();
        provider.until(|status| status.registrations == 2).await;
        registry.switch().turn(false);
        consumer.until(<[_]>::is_empty).await;
        registry.shut_down().await;
        assert!(known.lock().is_empty());
    };
    tokio::time::timeout(Duration::from_secs(60), life).await.expect("nothing came of it in time");
}

#[test]
fn an_unknown_scheme_is_told_with_those_that_are_known() {
    let error = Registry::at("carrier-pigeon://roof").unwrap_err();
    let Error::UnknownScheme { scheme, known } = &error else { panic!("{error}") };
    assert_eq!(scheme, "carrier-pigeon");
    for scheme in ["consul", "etcd", "eureka", "lubdub", "zookeeper"] {
        assert!(known.iter().any(|known| known == scheme), "{known:?}");
        assert!(error.to_string().contains(scheme), "{error}");
    }
}

#[test]
fn what_is_wrong_with_a_url_or_an_instance_is_told_before_anything_is_sent() {
    for (url, told) in [
        ("localhost:8761", "a URL like eureka://127.0.0.1:8761"),
        ("eureka://", "the host"),
        ("eureka://a?timeout=soon", "500ms, 30s or 2m"),
        ("eureka://a?timeout=30s&interval=20s", "no single lost beat"),
        ("eureka://a?colour=blue", "timeout"),
        ("zookeeper://a?layout=dubbo", "lubdub, motan"),
    ] {
        let error = Registry::at(url).unwrap_err();
        assert!(error.is_callers(), "{url}: {error:?}");
        assert!(error.to_string().contains(told), "{url}: {error}");
    }
}
