//! What the server says of itself.

use std::thread;

use axum::response::Response;
use http::StatusCode;
use http::request::Parts;

use crate::answer;
use crate::error::Refusal;
use crate::face::EurekaFace;
use crate::negotiate::Wanted;
use crate::wire::Format;
use crate::wire::{ApplicationStats, GeneralStats, StatusInfo, overrides};

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
            application_stats: ApplicationStats::default(),
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
                Some((listed.instance.key.id.as_str(), status.name()))
            }))
        };
        let document = self.renderer.run(instances, list).await?;
        Ok(answer::text(StatusCode::OK, Format::Json, document))
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
    use super::*;

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
