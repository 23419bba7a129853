//! The settings of adaptive leases.

use lubdub_core::adaptive::{AdaptiveConfig, Hundredths};
use lubdub_core::model::{PhiLevel, ServiceName};

use super::*;

#[test]
fn adaptive_leases_are_set_for_all_or_for_some_services() {
    let file = "[leases.adaptive]\nenabled = true\nservices = ['orders']\nphi = 2.5\nfloor = 3\n\
                ceiling = 4\nwindow = 100";
    let adaptive = load(file).unwrap().core.adaptive;
    let expected = AdaptiveConfig {
        enabled: true,
        services: [ServiceName::new("orders")].into(),
        phi: PhiLevel::parse("2.5").unwrap(),
        floor: Hundredths(300),
        ceiling: 4,
        window: 100,
    };
    assert_eq!(adaptive, expected);
    let variables =
        [("LUBDUB_LEASES_ADAPTIVE_SERVICES", "orders,Payments"), ("LUBDUB_LEASES_ADAPTIVE_PHI", "12")];
    let adaptive = load_all(file, &variables, Flags::default()).unwrap().core.adaptive;
    assert!(adaptive.services.contains(&ServiceName::new("payments")));
    assert_eq!(adaptive.phi.to_string(), "12");
    assert_eq!(load("leases.adaptive.phi = 8").unwrap().core.adaptive, AdaptiveConfig::default());
}

#[test]
fn wrong_settings_of_adaptive_leases_are_told_where_they_were_given() {
    for (file, expected) in [
        (
            "[leases.adaptive]\nphi = 17",
            "lubdub.toml:2: leases.adaptive.phi is \"17\", expected a number from 0.5 to 16",
        ),
        (
            "[leases.adaptive]\nfloor = 1.5",
            "lubdub.toml:2: leases.adaptive.floor is \"1.5\", expected a number of intervals from 2 to 100",
        ),
        (
            "[leases.adaptive]\nfloor = 100\nceiling = 1",
            "lubdub.toml:2: leases.adaptive.floor is \"100\", expected at most three times the ceiling",
        ),
        (
            "[leases.adaptive]\nceiling = 0",
            "lubdub.toml:2: leases.adaptive.ceiling is \"0\", expected a whole number of times-to-live from 1 to 1000",
        ),
        (
            "leases.adaptive.window = 4",
            "leases.adaptive.window is \"4\", expected a whole number from 16 to 1000",
        ),
        (
            "[leases.adaptive]\nfi = 8",
            "there is no setting \"leases.adaptive.fi\"; did you mean \"leases.adaptive.phi\"?",
        ),
        ("[lease.adaptive]\nphi = 8", "there is no setting \"lease\"; did you mean \"leases.adaptive\"?"),
    ] {
        let told = told(file);
        assert!(told.len() == 1 && told[0].contains(expected), "{file}: {told:#?}");
    }
}
