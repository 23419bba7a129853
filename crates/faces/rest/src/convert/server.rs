//! The registry itself.

use std::time::Duration;

use lubdub_core::view::Catalog;
use lubdub_runtime::{Condition, DeafSpan, JournalState};

use super::millis;
use crate::config::Setting;
use crate::wire::{self, Counters, Journal, Readiness, Restored, Server, Time};

/// More deaf time than this in the last hour is worth a warning: a tenth.
const MUCH_DEAF_TIME: Duration = Duration::from_mins(6);

pub(crate) fn readiness(condition: &Condition, stopping: bool) -> Readiness {
    let mut warnings = Vec::new();
    if let JournalState::Unavailable { reason, unwritten, .. } = &condition.journal {
        warnings.push(format!(
            "the journal does not take what changes ({reason}): {unwritten} instances live in memory only until it does"
        ));
    }
    if condition.deaf_last_hour > MUCH_DEAF_TIME {
        warnings.push(format!(
            "for {} s of the last hour the registry could not hear; it is short of processor time or was suspended",
            condition.deaf_last_hour.as_secs()
        ));
    }
    if let Some(damaged) = condition.restored.as_ref().and_then(|restored| restored.damaged.as_ref()) {
        warnings.push(damaged.clone());
    }
    Readiness {
        status: match (stopping, warnings.is_empty()) {
            (true, _) => "stopping",
            (false, true) => "ready",
            (false, false) => "degraded",
        },
        warnings,
        journal: journal(&condition.journal),
        restored: condition.restored.as_ref().map(restored),
        started_at: Time(condition.started),
        deaf_last_hour_ms: millis(condition.deaf_last_hour),
    }
}

pub(crate) fn server(catalog: &Catalog, condition: &Condition, counters: lubdub_runtime::Counters) -> Server {
    Server {
        version: env!("CARGO_PKG_VERSION"),
        started_at: Time(condition.started),
        revision: catalog.revision().0,
        services: catalog.service_count(),
        instances: catalog.counts().total(),
        journal: journal(&condition.journal),
        deaf_last_hour_ms: millis(condition.deaf_last_hour),
        counters: Counters {
            renewals: counters.renewals,
            renewals_last_minute: counters.renewals_last_minute,
            renewals_unknown: counters.renewals_unknown,
            registrations: counters.registrations,
            deregistrations: counters.deregistrations,
            expirations: counters.expirations,
        },
    }
}

fn journal(state: &JournalState) -> Journal {
    let (state, since, reason, unwritten) = match state {
        JournalState::Memory => ("memory", None, None, None),
        JournalState::Durable => ("durable", None, None, None),
        JournalState::Unavailable { since, reason, unwritten } => {
            ("unavailable", Some(Time(*since)), Some(reason.clone()), Some(*unwritten))
        }
    };
    Journal { state, since, reason, unwritten }
}

fn restored(restored: &lubdub_runtime::Restored) -> Restored {
    Restored {
        instances: restored.instances,
        services: restored.services,
        last_heard: Time(restored.last_heard),
        outage_ms: millis(restored.outage),
        damaged: restored.damaged.clone(),
    }
}

pub(crate) fn deaf(condition: &Condition, spans: &[DeafSpan]) -> wire::Deaf {
    wire::Deaf {
        last_hour_ms: millis(condition.deaf_last_hour),
        intervals: spans.iter().map(interval).collect(),
    }
}

fn interval(span: &DeafSpan) -> wire::DeafInterval {
    wire::DeafInterval { from: Time(span.from), to: Time(span.to), ms: span.to.0.saturating_sub(span.from.0) }
}

pub(crate) fn configuration(settings: &[Setting]) -> wire::Configuration {
    let setting = |setting: &Setting| wire::Setting {
        name: setting.name.clone(),
        value: setting.value.clone(),
        default: setting.default,
    };
    wire::Configuration { settings: settings.iter().map(setting).collect() }
}
