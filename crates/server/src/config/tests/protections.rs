//! The settings of the guard, of damping and of probes.

use lubdub_core::adaptive::Hundredths;
use lubdub_core::damping::DampingRules;
use lubdub_core::guard::{GuardConfig, MaxHold};
use lubdub_core::model::ServiceName;
use lubdub_core::probe::ProbeConfig;

use super::*;

#[test]
fn the_protections_are_set_from_each_source() {
    let file = "[guard]\nenabled = false\nmin_hosts = 20\ntolerated_hosts = 4\ntolerated_percent = 20\n\
                kept_percent = 90\nleave_percent = 5\nmax_hold = 'forever'\n\
                [damping]\nenabled = true\nhalf_life = '2m'\nsuppress = 3000\nreuse = 700\nlongest = '10m'\n\
                [probe]\nenabled = false\nallow = ['10.0.0.0/8', 'fd00::/8']\ntimeout = '1s'\n\
                max_concurrent = 7\nper_second = 8\nmost_waiting = 9";
    let core = load(file).unwrap().core;
    let guard = GuardConfig {
        enabled: false,
        min_hosts: 20,
        tolerated_hosts: 4,
        tolerated_percent: 20,
        kept_percent: 90,
        leave_percent: 5,
        max_hold: MaxHold::Forever,
    };
    let rules = DampingRules {
        enabled: true,
        half_life: Duration::from_mins(2),
        suppress: 3_000,
        reuse: 700,
        longest: Duration::from_mins(10),
    };
    let probe = ProbeConfig {
        enabled: false,
        allow: vec!["10.0.0.0/8".parse().unwrap(), "fd00::/8".parse().unwrap()],
        timeout: Duration::from_secs(1),
        max_concurrent: 7,
        per_second: 8,
        most_waiting: 9,
    };
    assert_eq!((core.guard, core.damping.rules, core.probe), (guard, rules, probe));
    let variables = [("LUBDUB_GUARD_MAX_HOLD", "5"), ("LUBDUB_PROBE_ALLOW", "10.0.0.0/8, 192.168.1.1")];
    let core = load_all(file, &variables, Flags::default()).unwrap().core;
    assert_eq!(core.guard.max_hold, MaxHold::LeaseTimes(5));
    assert_eq!(core.probe.allow, ["10.0.0.0/8".parse().unwrap(), "192.168.1.1/32".parse().unwrap()]);
}

#[test]
fn services_have_rules_of_their_own_and_the_rest_from_all_sources() {
    let file = "[damping.services.orders]\nenabled = true\nsuppress = 4000\n\
                [damping.services.'a.b c']\nhalf_life = '30s'\n\
                [damping]\nsuppress = 3000";
    let config = load_all(file, &[("LUBDUB_DAMPING_REUSE", "800")], Flags::default()).unwrap();
    let of = |service: &str| config.core.damping.of(&ServiceName::new(service)).clone();
    let general = DampingRules { suppress: 3_000, reuse: 800, ..DampingRules::default() };
    assert_eq!(of("ORDERS"), DampingRules { enabled: true, suppress: 4_000, ..general.clone() });
    assert_eq!(of("a.b c"), DampingRules { half_life: Duration::from_secs(30), ..general.clone() });
    assert_eq!(of("payments"), general);
}

#[test]
fn wrong_protections_are_told_where_they_were_given() {
    for (file, expected) in [
        (
            "[guard]\nmin_hosts = 2000000",
            "lubdub.toml:2: guard.min_hosts is \"2000000\", expected a whole number from 1 to 1000000",
        ),
        ("guard.min_hosts = 'x'", "guard.min_hosts is \"x\", expected a whole number from 1 to 1000000"),
        (
            "guard.max_hold = 0",
            "lubdub.toml:1: guard.max_hold is \"0\", expected a whole number from 1 to 1000",
        ),
        ("guard.max_hold = 'never'", "expected a whole number of lease times from 1 to 1000, or \"forever\""),
        (
            "\nguard.tolerated_hosts = 10",
            "lubdub.toml:2: guard.tolerated_hosts is \"10\", expected less than guard.min_hosts, which is 10",
        ),
        (
            "damping.half_life = '100ms'",
            "lubdub.toml:1: damping.half_life is \"100ms\", expected a span of time from 1s to 24h",
        ),
        (
            "damping.reuse = 2500",
            "lubdub.toml:1: damping.reuse is \"2500\", expected a whole number from 1, below suppress, which is 2500",
        ),
        (
            "damping.longest = '1s'",
            "lubdub.toml:1: damping.longest is \"1s\", expected a span of time from half_life, which is 60s, to 24h",
        ),
        (
            "probe.per_second = 0",
            "lubdub.toml:1: probe.per_second is \"0\", expected a whole number from 1 to 100000",
        ),
        (
            "guard.min_host = 5",
            "lubdub.toml:1: there is no setting \"guard.min_host\"; did you mean \"guard.min_hosts\"?",
        ),
        ("suppress = 5", "there is no setting \"suppress\"; did you mean \"damping.suppress\"?"),
        (
            "[damping.services.orders]\nsupress = 5000",
            "lubdub.toml:2: there is no setting \"damping.services.orders.supress\"; did you mean \"damping.services.orders.suppress\"?",
        ),
        (
            "[damping.services.orders]\nqqq = 1",
            "lubdub.toml:2: there is no setting \"damping.services.orders.qqq\"",
        ),
        (
            "[damping.services.orders]\n\nsuppress = 5",
            "lubdub.toml:3: damping.services.orders.suppress is \"5\", expected a whole number from 1000 to 1000000",
        ),
        (
            "[damping.services.orders]\nenabled = 'yes'",
            "lubdub.toml:2: damping.services.orders.enabled is \"yes\", expected true or false",
        ),
        (
            "[damping.services.orders]\nreuse = 2500",
            "lubdub.toml:2: damping.services.orders.reuse is \"2500\", expected a whole number from 1, below suppress",
        ),
        ("damping.services = 5", "damping.services is \"5\", expected a table for each service"),
        (
            "[damping.services]\norders = true",
            "lubdub.toml:2: damping.services.orders is \"true\", expected a table of settings",
        ),
        ("[damping.services.'']\nenabled = true", "damping.services is \"\", expected the name of a service"),
        (
            "[damping.services.orders]\nenabled = true\n[damping.services.Orders]\nenabled = true",
            "lubdub.toml:4: damping.services is \"Orders\", expected each service once",
        ),
        (
            "[damping.service.orders]\nenabled = true",
            "there is no setting \"damping.service\"; did you mean \"damping.services\"?",
        ),
    ] {
        let told = told(file);
        let found = told.iter().filter(|line| line.contains(expected)).count();
        // A threshold that is out of range may contradict another as well.
        assert!(found == 1 && (told.len() == 1 || file.contains("suppress = 5")), "{file}: {told:#?}");
    }
    let told = load("probe.allow = ['10.0.0.0/33']").unwrap_err().to_string();
    let expected =
        "lubdub.toml:1: probe.allow is \"10.0.0.0/33\", expected networks such as 10.0.0.0/8 or fd00::/8";
    assert!(told.ends_with(expected), "{told}");
    let variable = [("LUBDUB_GUARD_KEPT_PERCENT", "101")];
    let told = load_all("", &variable, Flags::default()).unwrap_err().to_string();
    assert_eq!(
        told,
        "environment: LUBDUB_GUARD_KEPT_PERCENT is \"101\", expected a whole number from 1 to 100"
    );
}

#[test]
fn a_fault_of_the_general_rules_is_not_told_for_each_service() {
    let file = "damping.longest = '1s'\n[damping.services.orders]\nenabled = true\n[damping.services.pay]\nenabled = true";
    assert_eq!(told(file).len(), 1, "{:?}", told(file));
}

#[test]
fn what_is_expected_of_a_protection_is_what_the_core_says() {
    let mut wrong = ServerConfig::default();
    wrong.core.guard.min_hosts = usize::MAX;
    wrong.core.guard.tolerated_percent = usize::MAX;
    wrong.core.guard.kept_percent = usize::MAX;
    wrong.core.guard.leave_percent = usize::MAX;
    wrong.core.damping.rules.half_life = Duration::ZERO;
    wrong.core.damping.rules.suppress = u32::MAX;
    wrong.core.adaptive.floor = Hundredths(199);
    wrong.core.adaptive.ceiling = 0;
    wrong.core.adaptive.window = 0;
    wrong.core.probe.max_concurrent = 0;
    wrong.core.probe.per_second = 0;
    wrong.core.probe.most_waiting = 0;
    wrong.core.probe.timeout = Duration::ZERO;
    let faults = wrong.validate().unwrap_err().faults;
    assert_eq!(faults.len(), 13, "{faults:?}");
    for fault in faults {
        let ConfigFault::Value { field, expected, .. } = fault else { panic!("{fault}") };
        assert_eq!(keys::find(&field).unwrap().expected, expected, "{field}");
    }
}
