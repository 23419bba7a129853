//! What an instance takes of memory in the core: everything but connections, documents that
//! were rendered, and the journal.
//!
//! Counted are the bytes that are asked of the allocator, and how often; what it adds of its own
//! is beyond them. Run it with `cargo xtask bench`, or with another number of instances as its argument.

use lubdub_core::lease::LeaseRef;
use lubdub_core::{Moment, Registry, Sender, Tick};
use lubdub_testkit::{Counting, Scene, provider};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Which instances have the same metadata.
#[derive(Debug, Clone, Copy)]
enum Alike {
    /// Those of one service, as they mostly do.
    InAService,
    /// None: each value is one of four, by itself.
    Never,
}

fn names(instance: usize) -> (String, String) {
    let service = format!("SERVICE-{}", instance / 10);
    let id = format!("10.{}.{}.{}:{service}:8080", instance >> 16, instance >> 8 & 255, instance & 255);
    (service, id)
}

/// Ten instances a service, each on its own host, with ten metadata entries.
fn filled(instances: usize, alike: Alike) -> Registry {
    let mut scene = Scene::new();
    for instance in 0..instances {
        let (service, id) = names(instance);
        let chosen = match alike {
            Alike::InAService => instance / 10,
            Alike::Never => instance.wrapping_mul(0x9e37_79b9),
        };
        let metadata: [_; 10] = std::array::from_fn(|entry| {
            (format!("key-{entry}"), format!("value-{}", chosen >> (2 * entry) & 3))
        });
        let metadata = metadata.each_ref().map(|(name, value)| (name.as_str(), value.as_str()));
        let host = format!("10.{}.{}.{}", instance >> 16, instance >> 8 & 255, instance & 255);
        let zone = format!("zone-{}", instance % 3);
        let command = provider(&service, &id).host(&host).zone(&zone).metadata(&metadata).command();
        let changes = scene.registry.decide(scene.now(), &command, &Sender::default()).expect("it is taken");
        let revision = scene.registry.catalog().revision().next();
        scene.registry.apply(scene.now(), revision, &changes);
    }
    scene.registry
}

/// Time passes, everybody beats, and what changed is no longer news.
fn settle(registry: &mut Registry, instances: usize) {
    let later = Moment { tick: Tick(1_000_000), ..Moment::default() };
    for instance in 0..instances {
        let (service, id) = names(instance);
        registry.lease_table().renew(later.tick, LeaseRef::heartbeat(&service, &id), None);
    }
    loop {
        let ticked = registry.tick(later.tick, usize::MAX);
        assert!(ticked.changes.is_empty(), "everybody beats");
        if !ticked.more {
            return;
        }
    }
}

fn main() {
    let asked = std::env::args().find_map(|argument| argument.parse().ok());
    let instances: usize = asked.unwrap_or(1_000_000);
    let each = |count: usize| count as f64 / instances as f64;
    println!("{instances} instances; of each:");
    println!("{:<14} {:>18} {:>16} {:>8}", "metadata alike", "bytes, registered", "bytes, settled", "blocks");
    for alike in [Alike::InAService, Alike::Never] {
        let (bytes, blocks) = (Counting::bytes(), Counting::blocks());
        let mut registry = filled(instances, alike);
        let registered = each(Counting::bytes() - bytes);
        settle(&mut registry, instances);
        let (settled, blocks) = (each(Counting::bytes() - bytes), each(Counting::blocks() - blocks));
        println!("{:<14} {registered:>18.0} {settled:>16.0} {blocks:>8.1}", format!("{alike:?}"));
        assert_eq!(registry.lease_table().len(), instances, "all of them are there");
    }
}
