//! The populations that scenarios share.

use crate::client::Kind;
use crate::plan::{HostPlan, ProviderPlan};
use crate::time::SECOND;

pub(super) const ZONES: [&str; 3] = ["a", "b", "c"];
pub(super) const SERVICES: [&str; 10] =
    ["orders", "stock", "users", "carts", "search", "mail", "prices", "images", "offers", "audit"];

/// A machine in a zone, with these providers.
pub(super) fn host(zone: &'static str, providers: Vec<ProviderPlan>) -> HostPlan {
    HostPlan { zone, providers, runs: true, skew: 0, session: None }
}

/// One service everywhere, one provider on each machine, in three zones.
pub(super) fn alike(hosts: usize, kind: Kind) -> Vec<HostPlan> {
    (0..hosts).map(|n| host(zone(n, hosts), vec![ProviderPlan::usual("orders", kind)])).collect()
}

/// The same, with a lease of its own.
pub(super) fn with_lease(hosts: usize, kind: Kind, ttl_secs: u64, interval_secs: u64) -> Vec<HostPlan> {
    let (ttl, interval) = (ttl_secs * SECOND, interval_secs * SECOND);
    let provider = ProviderPlan { service: "orders", kind, ttl, interval, phi: None };
    (0..hosts).map(|n| host(zone(n, hosts), vec![provider.clone()])).collect()
}

/// About so many providers of all kinds and services, four on each machine, clocks a little wrong.
pub(super) fn mixed(providers: usize) -> Vec<HostPlan> {
    let hosts = providers.div_ceil(4);
    let on = |n: usize| {
        let place = |k: usize| ProviderPlan::usual(pick(&SERVICES, n + 3 * k), pick(&Kind::ALL, n + k));
        HostPlan {
            skew: i64::try_from(n * 37 % 401).unwrap_or(0) - 200,
            ..host(zone(n, hosts), (0..4).map(place).collect())
        }
    };
    (0..hosts).map(on).collect()
}

/// The same machines, on which these providers have adaptive leases.
pub(super) fn adaptive(mut hosts: Vec<HostPlan>, mut which: impl FnMut() -> bool) -> Vec<HostPlan> {
    for provider in hosts.iter_mut().flat_map(|host| &mut host.providers) {
        if which() {
            *provider = provider.clone().adaptive();
        }
    }
    hosts
}

/// Machines of one zone stand together.
fn zone(n: usize, hosts: usize) -> &'static str {
    pick(&ZONES, n * ZONES.len() / hosts.max(1))
}

fn pick<T: Copy>(from: &[T], n: usize) -> T {
    *from.get(n % from.len().max(1)).expect("a remainder is below the length")
}
