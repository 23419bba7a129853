//! A service of very many instances, against a sorted set: the list of chunks is a tree by then, and splits
//! and joins in its middle.

use std::collections::BTreeSet;

use lubdub_core::hearing::HearingConfig;
use lubdub_core::model::InstanceKey;
use lubdub_core::{Command, Config, Moment, Registry, Revision, Sender};
use lubdub_testkit::provider;
use proptest::prelude::*;

/// Enough for more than a hundred chunks, so for a list of more than one level.
const NAMES: u32 = 9_000;

/// Carries commands out, all but checking what must hold after each, which takes as long as the list.
struct Service {
    registry: Registry,
    names: BTreeSet<String>,
}

impl Service {
    fn new() -> Self {
        let registry = Registry::new(Config::default(), HearingConfig::default(), Revision(1));
        Self { registry, names: BTreeSet::new() }
    }

    fn run(&mut self, command: &Command) {
        let changes =
            self.registry.decide(Moment::default(), command, &Sender::default()).expect("it is taken");
        let revision = self.registry.catalog().revision().next();
        self.registry.apply(Moment::default(), revision, &changes);
    }

    fn register(&mut self, name: String) {
        self.run(&provider("orders", &name).command());
        self.names.insert(name);
    }

    fn deregister(&mut self, name: &str) {
        self.run(&Command::Deregister { key: InstanceKey::new("orders", name) });
        self.names.remove(name);
    }

    fn check(&self) -> Result<(), TestCaseError> {
        self.registry.check_invariants();
        let view = self.registry.catalog().service("orders").expect("some are left");
        let listed: Vec<_> = view.iter().map(|listed| listed.instance.key.id()).collect();
        prop_assert!(listed.iter().eq(self.names.iter()), "the list is the sorted set");
        prop_assert!(self.names.iter().all(|name| view.get(name, "").is_some()), "each is found");
        prop_assert_eq!(view.get("id-", "").is_some(), false);
        prop_assert_eq!(view.get("id-99999", "").is_some(), false);
        Ok(())
    }
}

fn name(number: u32) -> String {
    format!("id-{number:05}")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases.div_ceil(128), ..ProptestConfig::default() })]

    #[test]
    fn a_service_of_thousands_is_listed_in_order_and_each_is_found(
        coming in Just((0..NAMES).collect::<Vec<_>>()).prop_shuffle(),
        going in Just((0..NAMES).collect::<Vec<_>>()).prop_shuffle(),
    ) {
        let mut service = Service::new();
        for number in &coming {
            service.register(name(*number));
        }
        service.check()?;
        for number in going.iter().skip(200) {
            service.deregister(&name(*number));
        }
        service.check()?;
        for number in &coming {
            service.register(name(*number));
        }
        service.check()?;
    }
}
