//! The table of all settings: name, what is expected, and where it goes.

use std::ops::RangeInclusive;
use std::time::Duration;

use lubdub_core::adaptive::Hundredths;
use lubdub_core::model::PhiLevel;

use super::ServerConfig;
use super::shown::Shown;
use super::value::Given;

/// One setting.
#[derive(Debug)]
pub(super) struct Key {
    /// Its name in a file; a point separates section and name.
    pub(super) name: &'static str,
    /// What it must be.
    pub(super) expected: &'static str,
    /// Puts it into its place, unless it is not as expected.
    pub(super) set: fn(&mut ServerConfig, &Given) -> bool,
    /// What is in its place, as it could be given.
    pub(super) show: fn(&ServerConfig) -> String,
}

impl Key {
    /// Its name as a variable of the environment.
    pub(super) fn variable(&self) -> String {
        format!("{PREFIX}{}", self.name.replace('.', "_").to_ascii_uppercase())
    }
}

/// How variables of the environment begin.
pub(super) const PREFIX: &str = "LUBDUB_";

const MOST: usize = 1 << 40;
const DAY: Duration = Duration::from_hours(24);
const YEAR: Duration = Duration::from_hours(366 * 24);
/// As long as a lease can be kept.
const WEEKS: Duration = Duration::from_hours(49 * 24);
const MILLISECOND: Duration = Duration::from_millis(1);
/// Less would be work for both ends, and find nobody sooner than the network loses a packet.
const PING: RangeInclusive<Duration> = Duration::from_millis(100)..=DAY;

const ADDRESSES: &str = "addresses with ports such as 127.0.0.1:8761 or [::1]:8761";
const TRUTH: &str = "true or false";
const FILE: &str = "the name of a file";
const COUNT: &str = "a whole number from 1 to 1099511627776";
const BYTES: &str = "a whole number of bytes from 1 to 1099511627776";
const SPAN: &str = "a span of time from 1ms to 24h, such as \"500ms\" or \"10s\"";
const PERCENT: &str = "a whole number from 1 to 100";
const LEASE_SPAN: &str = "a span of time from 1ms to 1176h, such as \"500ms\", \"90s\" or \"720h\"";
const LONG_SPAN: &str = "a span of time from 1ms to 8784h, such as \"500ms\", \"90s\" or \"720h\"";

macro_rules! keys {
    ($($name:literal, $expected:expr, |$given:ident| $read:expr => $($place:ident).+;)*) => {
        &[$(Key {
            name: $name,
            expected: $expected,
            set: |config, $given| store(&mut config.$($place).+, $read),
            show: |config| config.$($place).+.shown(),
        },)*]
    };
}

/// All settings, in the order in which those of one source are applied.
pub(super) const KEYS: &[Key] = keys! {
    "listen", ADDRESSES, |given| given.addresses() => listen;
    "ephemeral", TRUTH, |given| given.truth() => ephemeral;
    "data", "the name of a directory", |given| given.path() => data;
    "open", TRUTH, |given| given.truth() => open;
    "token_file", FILE, |given| given.path().map(Some) => token_file;
    "operator_token_file", FILE, |given| given.path().map(Some) => operator_token_file;
    "journal.patience", SPAN, |given| given.span(MILLISECOND..=DAY) => journal_patience;
    "limits.instances", COUNT, |given| given.whole(1..=MOST) => core.limits.instances;
    "limits.services", COUNT, |given| given.whole(1..=MOST) => core.limits.services;
    "limits.name_bytes", BYTES, |given| given.whole(1..=MOST) => core.limits.name_bytes;
    "limits.metadata_entries", COUNT, |given| given.whole(1..=MOST) => core.limits.metadata_entries;
    "limits.metadata_bytes", BYTES, |given| given.whole(1..=MOST) => core.limits.metadata_bytes;
    "limits.origin_bytes", BYTES, |given| given.whole(1..=MOST) => core.limits.origin_bytes;
    "limits.checks", COUNT, |given| given.whole(1..=MOST) => core.limits.checks;
    "limits.tags", COUNT, |given| given.whole(1..=MOST) => core.limits.tags;
    "limits.least_ttl", LEASE_SPAN, |given| given.span(MILLISECOND..=WEEKS) => core.limits.least_ttl;
    "limits.longest_ttl", LEASE_SPAN, |given| given.span(MILLISECOND..=WEEKS) => core.limits.longest_ttl;
    "limits.max_body_bytes", BYTES, |given| given.whole(1..=MOST) => traffic.max_body_bytes;
    "limits.max_header_bytes", "a whole number of bytes from 8192 to 1048576",
        |given| given.whole(8192..=1_048_576) => traffic.max_header_bytes;
    "limits.header_timeout", SPAN, |given| given.span(MILLISECOND..=DAY) => traffic.header_timeout;
    "limits.body_timeout", SPAN, |given| given.span(MILLISECOND..=DAY) => traffic.body_timeout;
    "limits.idle_timeout", SPAN, |given| given.span(MILLISECOND..=DAY) => traffic.idle_timeout;
    "limits.write_timeout", SPAN, |given| given.span(MILLISECOND..=DAY) => traffic.write_timeout;
    "limits.ping_interval", "a span of time from 100ms to 24h, such as \"3s\", or \"0s\" for no pings",
        |given| given.span(PING).or_else(|| given.span(Duration::ZERO..=Duration::ZERO))
            => traffic.ping_interval;
    "limits.ping_timeout", "a span of time from 100ms to 24h, such as \"2s\"",
        |given| given.span(PING) => traffic.ping_timeout;
    "limits.drain_timeout", SPAN, |given| given.span(MILLISECOND..=DAY) => traffic.drain_timeout;
    "limits.max_connections", "a whole number from 1 to 10000000",
        |given| given.whole(1..=10_000_000) => traffic.max_connections;
    "limits.max_connections_per_peer", "a whole number from 1 to 10000000",
        |given| given.whole(1..=10_000_000) => traffic.max_connections_per_peer;
    "limits.max_waiting_commands", "a whole number from 1 to 10000000",
        |given| given.whole(1..=10_000_000) => traffic.max_waiting_commands;
    "limits.max_subscribers", "a whole number from 0 to 10000000",
        |given| given.whole(0..=10_000_000) => traffic.max_subscribers;
    "limits.max_streams", "a whole number from 1 to 1000000",
        |given| given.whole(1..=1_000_000) => traffic.max_streams;
    "limits.sessions", COUNT, |given| given.whole(1..=MOST) => core.limits.sessions;
    "limits.session_instances", COUNT, |given| given.whole(1..=MOST) => core.limits.session_instances;
    "grpc.session_timeout", LEASE_SPAN, |given| given.span(MILLISECOND..=WEEKS) => session_timeout;
    "eureka.delta", TRUTH, |given| given.truth() => eureka.delta;
    "eureka.environment", "a name", |given| given.text() => eureka.environment;
    "render.cache_bytes", "a whole number of bytes from 0 to 1099511627776",
        |given| given.whole(0..=MOST) => render.cache_bytes;
    "delta.retention", LONG_SPAN, |given| given.span(MILLISECOND..=YEAR) => core.delta_retention;
    "feed.capacity", COUNT, |given| given.whole(1..=MOST) => core.feed_capacity;
    "history.capacity", COUNT, |given| given.whole(1..=MOST) => core.history_capacity;
    "history.durable", "a whole number from 0 to 1099511627776",
        |given| given.whole(0..=MOST) => durable_history;
    // Where the core has a rule for a value's range, it is judged there, after all sources are
    // merged, and what is expected says the same here.
    "guard.enabled", TRUTH, |given| given.truth() => core.guard.enabled;
    "guard.min_hosts", "a whole number from 1 to 1000000",
        |given| given.whole(0..=MOST) => core.guard.min_hosts;
    "guard.tolerated_hosts", "a whole number from 0, less than guard.min_hosts",
        |given| given.whole(0..=MOST) => core.guard.tolerated_hosts;
    "guard.tolerated_percent", "a whole number from 0 to 99",
        |given| given.whole(0..=MOST) => core.guard.tolerated_percent;
    "guard.kept_percent", PERCENT, |given| given.whole(0..=MOST) => core.guard.kept_percent;
    "guard.leave_percent", PERCENT, |given| given.whole(0..=MOST) => core.guard.leave_percent;
    "guard.max_hold", "a whole number of lease times from 1 to 1000, or \"forever\"",
        |given| given.longest_hold() => core.guard.max_hold;
    "damping.enabled", TRUTH, |given| given.truth() => core.damping.rules.enabled;
    "damping.half_life", "a span of time from 1s to 24h",
        |given| given.span(Duration::ZERO..=YEAR) => core.damping.rules.half_life;
    "damping.suppress", "a whole number from 1000 to 1000000",
        |given| given.small() => core.damping.rules.suppress;
    "damping.reuse", "a whole number from 1, below suppress",
        |given| given.small() => core.damping.rules.reuse;
    "damping.longest", "a span of time from half_life to 24h",
        |given| given.span(Duration::ZERO..=YEAR) => core.damping.rules.longest;
    "leases.adaptive.enabled", TRUTH, |given| given.truth() => core.adaptive.enabled;
    "leases.adaptive.services", "names of services such as [\"orders\"]",
        |given| given.services() => core.adaptive.services;
    "leases.adaptive.phi", PhiLevel::EXPECTED, |given| given.level() => core.adaptive.phi;
    "leases.adaptive.floor", "a number of intervals from 2 to 100",
        |given| given.decimal().and_then(Hundredths::of) => core.adaptive.floor;
    "leases.adaptive.ceiling", "a whole number of times-to-live from 1 to 1000",
        |given| given.small() => core.adaptive.ceiling;
    "leases.adaptive.window", "a whole number from 16 to 1000",
        |given| given.whole(0..=MOST) => core.adaptive.window;
    "probe.enabled", TRUTH, |given| given.truth() => core.probe.enabled;
    "probe.allow", "networks such as 10.0.0.0/8 or fd00::/8", |given| given.networks() => core.probe.allow;
    "probe.timeout", "a span of time from 1ms to 60s",
        |given| given.span(Duration::ZERO..=YEAR) => core.probe.timeout;
    "probe.max_concurrent", "a whole number from 1 to 10000",
        |given| given.whole(0..=MOST) => core.probe.max_concurrent;
    "probe.per_second", "a whole number from 1 to 100000", |given| given.small() => core.probe.per_second;
    "probe.most_waiting", "a whole number from 1 to 1000000",
        |given| given.whole(0..=MOST) => core.probe.most_waiting;
};

/// The section with rules for single services, each a table of some of the settings of
/// `damping`. Only a file can hold it.
pub(super) const SERVICES: &str = "damping.services";

/// The setting of `damping` by its name without the section.
pub(super) fn of_damping(name: &str) -> Option<&'static Key> {
    damping().find(|(known, _)| *known == name).map(|(_, key)| key)
}

/// The settings of `damping`, with their names without the section.
pub(super) fn damping() -> impl Iterator<Item = (&'static str, &'static Key)> {
    KEYS.iter().filter_map(|key| Some((key.name.strip_prefix("damping.")?, key)))
}

fn store<T>(place: &mut T, value: Option<T>) -> bool {
    value.map(|value| *place = value).is_some()
}

/// A setting by name.
pub(super) fn find(name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.name == name)
}

/// Whether there are settings in this section.
pub(super) fn is_section(name: &str) -> bool {
    KEYS.iter().any(|key| key.name.strip_prefix(name).is_some_and(|rest| rest.starts_with('.')))
}

fn section(name: &str) -> Option<&str> {
    name.rsplit_once('.').map(|(section, _)| section)
}

/// The setting or section that was meant by a name that is none, perhaps. A setting that
/// is right but for its section is suggested with it.
pub(super) fn nearest(wrong: &str) -> Option<String> {
    let last = |name: &'_ str| name.rsplit('.').next().unwrap_or_default().to_owned();
    let misplaced = KEYS.iter().find(|key| last(key.name) == last(wrong));
    if let Some(key) = misplaced {
        return Some(key.name.to_owned());
    }
    let sections = KEYS.iter().filter_map(|key| section(key.name));
    let names = KEYS.iter().map(|key| key.name).chain(sections).chain([SERVICES]);
    // Whoever forgot the section is to find the setting as well as whoever named it.
    let likeness =
        |name: &str| strsim::jaro_winkler(name, wrong).max(strsim::jaro_winkler(&last(name), &last(wrong)));
    let best = names.max_by(|left, right| likeness(left).total_cmp(&likeness(right)))?;
    (likeness(best) >= LIKE).then(|| best.to_owned())
}

/// The setting of `damping` that was meant by a name that is none, perhaps.
pub(super) fn nearest_of_damping(wrong: &str) -> Option<&'static str> {
    let likeness = |name: &str| strsim::jaro_winkler(name, wrong);
    let best =
        damping().map(|(name, _)| name).max_by(|left, right| likeness(left).total_cmp(&likeness(right)))?;
    (likeness(best) >= LIKE).then_some(best)
}

/// From this similarity (Jaro-Winkler, 0 to 1) on a name is suggested.
const LIKE: f64 = 0.8;
