//! The server's own status document, and its dump of overrides.

use serde::Serialize;
use serde::ser::Serializer as _;

use super::write_xml::element;

/// The server's own status. Deviation: no `instanceInfo`, as the server is no instance of
/// itself.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StatusInfo {
    pub(crate) general_stats: GeneralStats,
    pub(crate) application_stats: ApplicationStats,
    pub(crate) healthy: bool,
}

/// About the process.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct GeneralStats {
    pub(crate) server_uptime: String,
    pub(crate) environment: String,
    pub(crate) num_of_cpus: String,
}

/// About its peers, each a list of addresses; and what its guard does, in the words of the
/// gauges of Eureka's `PeerAwareInstanceRegistry`.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct ApplicationStats {
    pub(crate) registered_replicas: String,
    pub(crate) available_replicas: String,
    pub(crate) unavailable_replicas: String,
    #[serde(flatten)]
    pub(crate) guard: GuardStats,
}

/// What the guard does, as Eureka's server would say it.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct GuardStats {
    /// What all leases promise, less the share of hosts that may always leave.
    pub(crate) num_of_renews_per_min_threshold: String,
    pub(crate) num_of_renews_in_last_min: String,
    pub(crate) is_below_renew_threshold: String,
    /// False while anything is held.
    pub(crate) is_lease_expiration_enabled: String,
    pub(crate) is_self_preservation_mode_enabled: String,
}

impl StatusInfo {
    /// As JSON, which has no root.
    pub(crate) fn to_json(&self) -> Vec<u8> {
        // Texts alone: this cannot fail.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// As XML, with the root and the misspelt member that Eureka's server writes.
    pub(crate) fn to_xml(&self) -> String {
        let mut out = String::from("<com.netflix.eureka.util.StatusInfo><generalStats>");
        element("environment", &self.general_stats.environment, &mut out);
        element("num-of-cpus", &self.general_stats.num_of_cpus, &mut out);
        element("server-uptime", &self.general_stats.server_uptime, &mut out);
        out.push_str("</generalStats><applicationStats>");
        element("registered-replicas", &self.application_stats.registered_replicas, &mut out);
        element("available-replicas", &self.application_stats.available_replicas, &mut out);
        element("unavailable-replicas", &self.application_stats.unavailable_replicas, &mut out);
        let guard = &self.application_stats.guard;
        element("numOfRenewsPerMinThreshold", &guard.num_of_renews_per_min_threshold, &mut out);
        element("numOfRenewsInLastMin", &guard.num_of_renews_in_last_min, &mut out);
        element("isBelowRenewThreshold", &guard.is_below_renew_threshold, &mut out);
        element("isLeaseExpirationEnabled", &guard.is_lease_expiration_enabled, &mut out);
        element("isSelfPreservationModeEnabled", &guard.is_self_preservation_mode_enabled, &mut out);
        out.push_str("</applicationStats>");
        element("isHeathly", if self.healthy { "true" } else { "false" }, &mut out);
        out.push_str("</com.netflix.eureka.util.StatusInfo>");
        out
    }
}

/// Instance ids and the statuses that override theirs, as one JSON object.
pub(crate) fn overrides<'a>(entries: impl Iterator<Item = (&'a str, &'static str)>) -> Vec<u8> {
    let mut out = Vec::new();
    serde_json::Serializer::new(&mut out).collect_map(entries).expect("invariant: texts always become JSON");
    out
}
