//! A builder for registrations.

use std::time::Duration;

use lubdub_core::model::{Address, CheckId, InstanceKey, Metadata, Precedence, Status};
use lubdub_core::{CheckTerms, Command, Registration, StatusRule};

/// A provider as a test wants it: `UP`, at `10.0.0.1:8080`, with Eureka's usual lease of 90 s
/// and beats every 30 s.
#[derive(Debug, Clone)]
pub struct Provider(Registration);

/// A provider of a service.
pub fn provider(service: &str, id: &str) -> Provider {
    let address = Address { host: "10.0.0.1".into(), port: Some(8080), secure_port: None };
    let heartbeat = CheckTerms {
        id: CheckId::HEARTBEAT,
        ttl: Duration::from_secs(90),
        interval: Duration::from_secs(30),
    };
    Provider(Registration::new(InstanceKey::new(service, id), address, heartbeat))
}

impl Provider {
    /// Its lease, with three beats promised for each time-to-live.
    #[must_use]
    pub fn ttl_secs(mut self, secs: u64) -> Self {
        for check in &mut self.0.checks {
            check.ttl = Duration::from_secs(secs);
            check.interval = check.ttl / 3;
        }
        self
    }

    /// Where it is called.
    #[must_use]
    pub fn host(mut self, host: &str) -> Self {
        self.0.address.host = host.into();
        self
    }

    /// The zone that it runs in.
    #[must_use]
    pub fn zone(mut self, zone: &str) -> Self {
        self.0.profile.zone = Some(zone.into());
        self
    }

    /// One more check, with the same lease as the first.
    #[must_use]
    pub fn check(mut self, id: &str) -> Self {
        if let Some(first) = self.0.checks.first().cloned() {
            self.0.checks.push(CheckTerms { id: CheckId::new(id), ..first });
        }
        self
    }

    /// The status that it reports.
    #[must_use]
    pub fn status(mut self, status: Status) -> Self {
        self.0.reported = status;
        self
    }

    /// Its names and values.
    #[must_use]
    pub fn metadata(mut self, entries: &[(&str, &str)]) -> Self {
        self.0.profile.metadata = Metadata::new(entries.iter().copied());
        self
    }

    /// Whose word wins.
    #[must_use]
    pub fn precedence(mut self, value: u64) -> Self {
        self.0.precedence = Some(Precedence(value));
        self
    }

    /// That it speaks as an Eureka client: what is stored may outrank its report.
    #[must_use]
    pub fn keeping_stored_status(mut self) -> Self {
        self.0.status_rule = StatusRule::KeepStored;
        self
    }

    /// The registration, for whatever a test wants to change beyond this.
    pub fn registration(self) -> Registration {
        self.0
    }

    /// The command that registers it.
    pub fn command(self) -> Command {
        Command::Register(Box::new(self.0))
    }
}
