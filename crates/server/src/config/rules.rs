//! What must hold between settings, above all who may come in.

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};

use lubdub_core::Fault;

use super::ServerConfig;
use super::fault::ConfigFault;
use super::keys::SERVICES;
use super::origins::Origins;

impl ServerConfig {
    pub(super) fn check_rules(&self, origins: &Origins, faults: &mut Vec<ConfigFault>) {
        let mut fault =
            |field: &str, value: &str, expected: &str| faults.push(origins.fault(field, value, expected));
        if self.listen.is_empty() {
            fault("listen", "", "at least one address with a port such as 127.0.0.1:8761");
        }
        let mut seen = BTreeSet::new();
        for address in self.listen.iter().filter(|address| address.port() != 0) {
            if !seen.insert(address) {
                fault("listen", &address.to_string(), "each address once");
            }
        }
        for address in self.listen.iter().filter(|address| !is_loopback(address)) {
            if self.token_file.is_none() && !self.open {
                fault("listen", &address.to_string(), UNDECIDED);
            }
        }
        if self.open && self.token_file.is_some() {
            fault(
                "open",
                "true",
                "false beside token_file: either everybody may come in, or those with the token",
            );
        }
        if self.traffic.max_header_bytes < LEAST_HEADER_BYTES {
            let given = self.traffic.max_header_bytes.to_string();
            fault("limits.max_header_bytes", &given, "at least 8192");
        }
        let limits = &self.core.limits;
        if limits.least_ttl > limits.longest_ttl {
            let (least, longest) = (format!("{:?}", limits.least_ttl), format!("{:?}", limits.longest_ttl));
            fault("limits.least_ttl", &least, &format!("at most limits.longest_ttl, which is {longest}"));
        }
        self.check_protections(origins, faults);
    }

    /// The core's own rules, in the words of the settings.
    fn check_protections(&self, origins: &Origins, faults: &mut Vec<ConfigFault>) {
        let mut tell = |section: &str, found: &[Fault]| {
            faults.extend(found.iter().map(|Fault { field, value, expected }| {
                origins.fault(&format!("{section}.{field}"), value, expected)
            }));
        };
        tell("guard", &self.core.guard.faults());
        tell("leases.adaptive", &self.core.adaptive.faults());
        tell("probe", &self.core.probe.faults());
        let general = self.core.damping.rules.faults();
        tell("damping", &general);
        for (service, rules) in &self.core.damping.services {
            // What a service has from the general rules is told of those.
            let own: Vec<_> = rules.faults().into_iter().filter(|fault| !general.contains(fault)).collect();
            tell(&format!("{SERVICES}.{service}"), &own);
        }
    }

    /// What strangers may do, in a sentence for the operator; none where only this machine,
    /// or only those with the token, can reach the registry.
    pub fn exposure(&self) -> Option<String> {
        let reachable: Vec<String> =
            self.listen.iter().filter(|address| !is_loopback(address)).map(SocketAddr::to_string).collect();
        if reachable.is_empty() || !self.open {
            return None;
        }
        Some(format!(
            "--open: anyone who can reach {} may register, change and remove every instance and read \
             everything that is registered, without a token and without encryption",
            reachable.join(", ")
        ))
    }
}

/// What hyper needs.
const LEAST_HEADER_BYTES: usize = 8192;

const UNDECIDED: &str = "a loopback address such as 127.0.0.1:8761, or a word on who may come in: add \
     --token-file FILE (token_file = \"FILE\") to ask everybody for the token in it, or --open (open = true) \
     to let everybody in who can reach it";

/// Whether only this machine can reach a listener.
pub(crate) fn is_loopback(address: &SocketAddr) -> bool {
    match address.ip() {
        IpAddr::V4(ip) => ip.is_loopback(),
        IpAddr::V6(ip) => ip.to_canonical().is_loopback(),
    }
}
