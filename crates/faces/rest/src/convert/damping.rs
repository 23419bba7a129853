//! Which instances are kept out for their losses, and by which rules.

use lubdub_core::damping::{DampingConfig, DampingReport, DampingRules};

use super::millis;
use crate::wire::{self, Time};

pub(crate) fn damping(config: &DampingConfig, reports: &[DampingReport]) -> wire::Damping {
    let of_service = |(service, own): (&lubdub_core::model::ServiceName, &DampingRules)| {
        (service.as_str().to_owned(), rules(own))
    };
    wire::Damping {
        rules: rules(&config.rules),
        services: config.services.iter().map(of_service).collect(),
        instances: reports.iter().map(damped).collect(),
    }
}

fn rules(rules: &DampingRules) -> wire::DampingRules {
    wire::DampingRules {
        enabled: rules.enabled,
        half_life_ms: millis(rules.half_life),
        suppress: rules.suppress,
        reuse: rules.reuse,
        longest_ms: millis(rules.longest),
    }
}

fn damped(report: &DampingReport) -> wire::Damped {
    wire::Damped {
        service: report.key.service().to_string(),
        id: report.key.id().to_owned(),
        node: report.key.node().to_owned(),
        penalty: report.penalty,
        losses: report.losses,
        damped: report.until.is_some(),
        until: report.until.map(Time),
    }
}

#[cfg(test)]
mod tests {
    use lubdub_core::WallTime;
    use lubdub_core::model::{InstanceKey, ServiceName};
    use serde_json::json;

    use super::*;

    #[test]
    fn an_instance_is_kept_out_until_a_time_or_not_at_all() {
        let report = |id: &str, until| DampingReport {
            key: InstanceKey::new("orders", id),
            penalty: 2_600,
            losses: 3,
            until,
        };
        let mut config = DampingConfig::default();
        let own = DampingRules { enabled: true, ..DampingRules::default() };
        config.services.insert(ServiceName::new("orders"), own);
        let reports = [report("a", Some(WallTime(0))), report("b", None)];
        let told = serde_json::to_value(damping(&config, &reports)).unwrap();
        assert_eq!(
            told["instances"],
            json!([
                {
                    "service": "orders", "id": "a", "penalty": 2600, "losses": 3, "damped": true,
                    "until": "1970-01-01T00:00:00.000Z",
                },
                {"service": "orders", "id": "b", "penalty": 2600, "losses": 3, "damped": false, "until": null},
            ])
        );
        assert_eq!(
            told["rules"],
            json!({"enabled": false, "half_life_ms": 60000, "suppress": 2500, "reuse": 1000, "longest_ms": 300_000})
        );
        assert_eq!(told["services"]["orders"]["enabled"], true);
    }
}
