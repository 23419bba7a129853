//! What is shown asks for the same as what was registered: in both formats, whatever it holds.

use lubdub_core::model::Status;
use lubdub_core::{Moment, StatusRule, Tick, WallTime};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::{app_name, registration, shown};
use crate::fuzz::listed;
use crate::wire::{self, DataCenter, Port, full_json, full_xml, read_instance};
use crate::wire::{Format, Version};

const NOW: Moment = Moment { tick: Tick(7_000), wall: WallTime(1_800_000_000_000) };

/// Texts that XML can hold: no control characters, and nothing beyond the last plane's end.
fn text() -> impl Strategy<Value = String> {
    "[ -~äß注😀\t\n\r<>&\"']{1,12}".prop_filter("not blank", |text| !text.trim().is_empty())
}

fn port() -> impl Strategy<Value = Port> {
    (any::<u16>(), any::<bool>()).prop_map(|(number, enabled)| Port { number, enabled })
}

fn data_center() -> impl Strategy<Value = DataCenter> {
    let entries = vec(("[a-z_$: -]{1,8}", text()), 0..4);
    prop_oneof![
        Just(DataCenter::MyOwn),
        Just(DataCenter::Netflix),
        entries.prop_map(|mut entries| {
            entries.dedup_by(|left, right| left.0 == right.0);
            DataCenter::Amazon(entries)
        }),
    ]
}

prop_compose! {
    fn written()(
        names in (option::of(text()), text(), "[A-Z][A-Z0-9-]{0,8}", text(), option::of(text())),
        statuses in (0..5usize, 0..5usize),
        ports in (port(), port()),
        country_id in any::<i32>(),
        data_center in data_center(),
        lease in (option::of(-5..100_000i64), option::of(-5..100_000i64)),
        metadata in vec(("[a-zA-Z_$. :äß1-]{1,8}", "[ -~äß😀\t\n\r]{0,9}"), 0..6),
        texts in vec(option::of(text()), 8),
        last_dirty_timestamp in option::of(0..2_000_000_000_000i64),
    ) -> wire::Instance {
        let mut texts = texts.into_iter();
        let mut next = || texts.next().flatten();
        let (instance_id, host_name, app, ip_addr, sid) = names;
        wire::Instance {
            instance_id,
            host_name: Some(host_name),
            app: Some(app),
            ip_addr: Some(ip_addr),
            sid,
            status: Status::ALL[statuses.0],
            overridden_status: Status::ALL[statuses.1],
            port: ports.0,
            secure_port: ports.1,
            country_id,
            data_center,
            lease_duration_secs: lease.0,
            renewal_interval_secs: lease.1,
            metadata,
            app_group_name: next(),
            home_page_url: next(),
            status_page_url: next(),
            health_check_url: next(),
            secure_health_check_url: next(),
            vip_address: next(),
            secure_vip_address: next(),
            asg_name: next(),
            last_dirty_timestamp,
        }
    }
}

proptest! {
    #[test]
    fn what_is_shown_asks_for_the_same_again(written in written()) {
        let app = written.app.clone().unwrap();
        let asked = registration(&written, &app, StatusRule::KeepStored, NOW.wall).unwrap();
        let listed = listed(&asked);
        let app = app_name(asked.key.service().as_str());
        let shown = shown(&listed, &app, NOW, None);

        let mut json = b"{\"instance\":".to_vec();
        full_json(&shown, &mut json);
        json.push(b'}');
        let json = String::from_utf8(json).unwrap();
        let mut xml = String::new();
        full_xml(&shown, Version::V2, &mut xml);

        for (format, text) in [(Format::Json, json), (Format::Xml, xml)] {
            let again = read_instance(format, &text).unwrap();
            let again = registration(&again, &app, StatusRule::KeepStored, NOW.wall).unwrap();
            prop_assert_eq!(&again, &asked, "{}", text);
        }
    }
}
