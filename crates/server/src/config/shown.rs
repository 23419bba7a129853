//! What is set, in words that could be given again.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use ipnet::IpNet;
use lubdub_core::adaptive::Hundredths;
use lubdub_core::guard::MaxHold;
use lubdub_core::model::{PhiLevel, ServiceName};
use lubdub_rest::Setting;

use super::ServerConfig;
use super::keys::{self, KEYS, Key};
use super::value::FOREVER;

impl ServerConfig {
    /// Every setting with its value, in the order of the table of settings. Without secrets: of
    /// files that hold one there is only the name. A setting of a single service counts as its
    /// default where it is as for all services.
    pub fn effective(&self) -> Vec<Setting> {
        let unless_said = Self::default();
        let shown = |config: &Self, key: &Key, name: String, others: &Self| {
            let value = (key.show)(config);
            Setting { default: value == (key.show)(others), name, value }
        };
        let mut settings: Vec<Setting> =
            KEYS.iter().map(|key| shown(self, key, key.name.to_owned(), &unless_said)).collect();
        for (service, rules) in &self.core.damping.services {
            let mut of_service = Self::default();
            of_service.core.damping.rules = rules.clone();
            settings.extend(keys::damping().map(|(name, key)| {
                let name = format!("{}.{service}.{name}", keys::SERVICES);
                shown(&of_service, key, name, self)
            }));
        }
        settings
    }
}

/// A value in words that could be given for it.
pub(super) trait Shown {
    fn shown(&self) -> String;
}

impl Shown for bool {
    fn shown(&self) -> String {
        self.to_string()
    }
}

impl Shown for usize {
    fn shown(&self) -> String {
        self.to_string()
    }
}

impl Shown for u32 {
    fn shown(&self) -> String {
        self.to_string()
    }
}

impl Shown for String {
    fn shown(&self) -> String {
        self.clone()
    }
}

impl Shown for PathBuf {
    fn shown(&self) -> String {
        self.display().to_string()
    }
}

impl Shown for Option<PathBuf> {
    fn shown(&self) -> String {
        self.as_deref().map(Path::display).map(|path| path.to_string()).unwrap_or_default()
    }
}

impl Shown for Vec<SocketAddr> {
    fn shown(&self) -> String {
        self.iter().map(SocketAddr::to_string).collect::<Vec<_>>().join(",")
    }
}

impl Shown for Vec<IpNet> {
    fn shown(&self) -> String {
        self.iter().map(IpNet::to_string).collect::<Vec<_>>().join(",")
    }
}

impl Shown for PhiLevel {
    fn shown(&self) -> String {
        self.to_string()
    }
}

impl Shown for Hundredths {
    fn shown(&self) -> String {
        self.to_string()
    }
}

impl Shown for BTreeSet<ServiceName> {
    fn shown(&self) -> String {
        self.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
    }
}

impl Shown for MaxHold {
    fn shown(&self) -> String {
        match self {
            Self::LeaseTimes(times) => times.to_string(),
            Self::Forever => FOREVER.to_owned(),
        }
    }
}

impl Shown for Duration {
    /// In the largest unit that leaves a whole number.
    fn shown(&self) -> String {
        const UNITS: [(u128, &str); 5] = [
            (3_600_000_000_000, "h"),
            (60_000_000_000, "m"),
            (1_000_000_000, "s"),
            (1_000_000, "ms"),
            (1_000, "us"),
        ];
        let nanos = self.as_nanos();
        let whole = UNITS.into_iter().find(|(unit, _)| nanos > 0 && nanos.is_multiple_of(*unit));
        match whole {
            Some((unit, name)) => format!("{}{name}", nanos / unit),
            None if nanos == 0 => "0s".to_owned(),
            None => format!("{nanos}ns"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::value::Given;
    use super::*;

    #[test]
    fn what_is_shown_can_be_given_again() {
        let mut odd = ServerConfig {
            listen: vec![([10, 0, 0, 1], 1).into(), ([127, 0, 0, 1], 0).into()],
            token_file: Some("/etc/token".into()),
            ..ServerConfig::default()
        };
        odd.core.guard.max_hold = MaxHold::Forever;
        odd.core.adaptive.phi = PhiLevel::parse("2.5").unwrap();
        odd.core.adaptive.floor = Hundredths(225);
        odd.core.adaptive.services = [ServiceName::new("orders"), ServiceName::new("pay")].into();
        odd.core.damping.rules.half_life = Duration::from_secs(90);
        odd.traffic.header_timeout = Duration::from_millis(1_500);
        odd.core.probe.allow = vec!["10.0.0.0/8".parse().unwrap(), "fd00::/8".parse().unwrap()];
        let mut again = ServerConfig::default();
        for setting in odd.effective() {
            let given = (!setting.value.is_empty()).then(|| Given::Word(setting.value.clone()));
            let key = keys::find(&setting.name).unwrap();
            assert!(given.is_none_or(|given| (key.set)(&mut again, &given)), "{setting:?}");
        }
        assert_eq!(again, odd);
    }

    #[test]
    fn spans_are_shown_in_their_largest_whole_unit() {
        for (millis, text) in
            [(0, "0s"), (1, "1ms"), (1_500, "1500ms"), (90_000, "90s"), (180_000, "3m"), (7_200_000, "2h")]
        {
            assert_eq!(Duration::from_millis(millis).shown(), text);
        }
        assert_eq!(Duration::from_nanos(1_500).shown(), "1500ns");
    }

    #[test]
    fn it_is_told_what_is_the_default_and_what_services_have_of_their_own() {
        let mut config = ServerConfig::default();
        assert!(config.effective().iter().all(|setting| setting.default));
        config.core.damping.rules.suppress = 3_000;
        let mut rules = config.core.damping.rules.clone();
        rules.enabled = true;
        config.core.damping.services.insert(ServiceName::new("orders"), rules);
        let effective = config.effective();
        let told: Vec<_> = effective.iter().filter(|setting| !setting.default).collect();
        let of = |name: &str, value: &str| Setting { name: name.into(), value: value.into(), default: false };
        assert_eq!(told, [&of("damping.suppress", "3000"), &of("damping.services.orders.enabled", "true")]);
        let inherited = effective.iter().find(|setting| setting.name == "damping.services.orders.suppress");
        assert_eq!(inherited.map(|setting| (setting.value.as_str(), setting.default)), Some(("3000", true)));
    }
}
