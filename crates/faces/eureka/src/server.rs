//! What the server says of itself.

use std::thread;

use axum::response::Response;
use http::StatusCode;
use http::request::Parts;
use lubdub_core::guard::{GuardReport, ScopeState};

use crate::answer;
use crate::error::Refusal;
use crate::face::EurekaFace;
use crate::negotiate::Wanted;
use crate::wire::Format;
use crate::wire::{ApplicationStats, GeneralStats, GuardStats, StatusInfo, overrides};

impl EurekaFace {
    /// `GET status`.
    pub(crate) fn status(&self, parts: &Parts) -> Response {
        let cpus = thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let status = StatusInfo {
            general_stats: GeneralStats {
                server_uptime: uptime(self.handle.now().tick.0),
                environment: self.config.environment.clone(),
                num_of_cpus: cpus.to_string(),
            },
            application_stats: ApplicationStats {
                guard: guard_stats(&self.handle.guard(), self.handle.counters().renewals_last_minute),
                ..ApplicationStats::default()
            },
            healthy: true,
        };
        match Wanted::read(&parts.headers).format {
            Format::Json => answer::text(StatusCode::OK, Format::Json, status.to_json()),
            Format::Xml => answer::text(StatusCode::OK, Format::Xml, status.to_xml()),
        }
    }

    /// `GET serverinfo/statusoverrides`: ids and the statuses that override theirs. Always JSON.
    pub(crate) async fn overrides(&self) -> Result<Response, Refusal> {
        let catalog = self.handle.catalog();
        let instances = catalog.counts().total();
        let list = move |_: &_| {
            let instances = catalog.services().flat_map(|service| service.iter());
            overrides(instances.filter_map(|listed| {
                let status = listed.instance.status_override?;
                Some((listed.instance.key.id(), status.name()))
            }))
        };
        let document = self.renderer.run(instances, list).await?;
        Ok(answer::text(StatusCode::OK, Format::Json, document))
    }
}

/// The guard in Eureka's words. Eureka's server stops expiring where the renewals of the last
/// minute fall to the threshold or below; this one counts hosts, and only shows what follows.
fn guard_stats(report: &GuardReport, renewals_last_minute: u64) -> GuardStats {
    let tolerated = u64::try_from(report.rules.tolerated_percent.min(100)).unwrap_or(100);
    let threshold = report.promised_per_minute * (100 - tolerated) / 100;
    let holds = report.scopes.iter().any(|scope| matches!(scope.state, ScopeState::Holding(_)));
    GuardStats {
        num_of_renews_per_min_threshold: threshold.to_string(),
        num_of_renews_in_last_min: renewals_last_minute.to_string(),
        is_below_renew_threshold: u8::from(renewals_last_minute <= threshold).to_string(),
        is_lease_expiration_enabled: u8::from(!holds).to_string(),
        is_self_preservation_mode_enabled: u8::from(report.rules.enabled).to_string(),
    }
}

/// As `HH:MM`, after the number of days from one day up.
fn uptime(millis: u64) -> String {
    let minutes = millis / 60_000;
    let (days, hours, minutes) = (minutes / 1440, minutes / 60 % 24, minutes % 60);
    match days {
        0 => format!("{hours:02}:{minutes:02}"),
        1 => format!("1 day {hours:02}:{minutes:02}"),
        days => format!("{days} days {hours:02}:{minutes:02}"),
    }
}

#[cfg(test)]
mod tests {
    use lubdub_core::Moment;
    use lubdub_core::guard::{Arithmetic, Episode, Phase, Scope, ScopeReport};

    use super::*;

    #[test]
    fn the_guard_is_told_in_eurekas_words() {
        let mut report = GuardReport { promised_per_minute: 200, ..GuardReport::default() };
        let told = guard_stats(&report, 171);
        assert_eq!(
            serde_json::to_value(&told).unwrap(),
            serde_json::json!({
                "numOfRenewsPerMinThreshold": "170",
                "numOfRenewsInLastMin": "171",
                "isBelowRenewThreshold": "0",
                "isLeaseExpirationEnabled": "1",
                "isSelfPreservationModeEnabled": "1",
            })
        );
        assert_eq!(guard_stats(&report, 170).is_below_renew_threshold, "1");
        let episode = Episode {
            since: Moment::default(),
            entered: Arithmetic::default(),
            held_hosts: 7,
            held_leases: 9,
            lease_time: std::time::Duration::from_secs(90),
            phase: Phase::Listening { until: Moment::default(), kept_percent: None },
        };
        let arithmetic = Arithmetic { hosts: 30, silent: 7, tolerated: 4 };
        let state = ScopeState::Holding(episode);
        report.scopes.push(ScopeReport { scope: Scope::Registry, arithmetic, state });
        report.rules.enabled = false;
        let told = guard_stats(&report, 171);
        assert_eq!(
            (&*told.is_lease_expiration_enabled, &*told.is_self_preservation_mode_enabled),
            ("0", "0")
        );
    }

    #[test]
    fn uptime_is_told_in_days_hours_and_minutes() {
        for (millis, told) in [
            (0, "00:00"),
            (3_660_000, "01:01"),
            (90_000_000, "1 day 01:00"),
            (2 * 86_400_000, "2 days 00:00"),
        ] {
            assert_eq!(uptime(millis), told);
        }
    }
}
