//! Records as earlier versions wrote them, byte for byte.

use super::*;

/// An instance, by format.
const INSTANCES: [(u8, &str); 2] = [
    (
        2,
        "4c444202952d293d34000000066f7264657273057765622d3100070831302e302e302e3701903f000000000000000000000000010090bf05b0ea010000070007",
    ),
    (
        4,
        "4c4442041e7b870c67000000066f7264657273057765622d3100070831302e302e302e3701903f000000010465752d31000002047a6f6e650465752d3105737461676504626c75650000000000020090bf05b0ea0100046c696e6bb81700010080d095ffbc310180d095ffbc3180d095ffbc31",
    ),
];
/// That somebody joined, in the first format.
const JOINED: &str =
    "4c444201f4ceb9d8200000000708066f7264657273057765622d31000006657572656b6101000a0000070000";
/// That a lease expired, by format.
const EXPIRED: [(u8, &str); 2] = [
    (
        1,
        "4c444201f0a92d1d260000000708066f7264657273057765622d3100060090bf05b0ea0194bf051102b0ea01c0ea01010000",
    ),
    (
        4,
        "4c444204b203a99b2a0000000708066f7264657273057765622d3100060090bf05b0ea0194bf051102b0ea01c0ea0101031401030000",
    ),
];
/// That the guard held one, in the fourth format.
const HELD: &str = "4c4442045e06a40f350000000708066f7264657273057765622d31000702066f72646572731407030090bf05b0ea0194bf051102b0ea01c0ea0101031401030000";

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

fn silence(guard: GuardWord) -> Silence {
    Silence {
        check: CheckId::HEARTBEAT,
        ttl: 90_000,
        interval: 30_000,
        silent: 90_004,
        excused: 17,
        intervals: vec![30_000, 30_016],
        unconfirmed: true,
        learnt: None,
        guard,
    }
}

fn assert_tells(hex: &str, cause: Cause) {
    let entry = decode_history(&bytes(hex)).unwrap();
    assert_eq!((entry.revision, entry.at, entry.cause), (Revision(7), WallTime(8), cause));
    assert_eq!(entry.key, InstanceKey::new("orders", "web-1"));
}

#[test]
fn history_of_the_first_format_is_still_read() {
    assert_tells(EXPIRED[0].1, Cause::Expired(silence(GuardWord::Off).into()));
    let sender = Sender { face: "eureka", address: Some([10, 0, 0, 7].into()), operator: None };
    assert_tells(JOINED, Cause::Joined(sender));
}

#[test]
fn history_of_the_fourth_format_is_still_read() {
    let open = || silence(GuardWord::Open(Arithmetic { hosts: 20, silent: 1, tolerated: 3 }));
    assert_tells(EXPIRED[1].1, Cause::Expired(open().into()));
    let held = Cause::Held {
        scope: Scope::Service(ServiceName::new("orders")),
        arithmetic: Arithmetic { hosts: 20, silent: 7, tolerated: 3 },
        silence: open().into(),
    };
    assert_tells(HELD, held);
}

#[test]
fn instances_of_earlier_formats_are_still_read() {
    for (format, hex) in INSTANCES {
        let instance = decode_instance(&bytes(hex)).unwrap();
        let known = (&InstanceKey::new("orders", "web-1"), Generation(7));
        assert_eq!((&instance.key, instance.generation), known, "format {format}");
        assert_eq!(instance.address.to_string(), "10.0.0.7:8080");
        let renewed = LeaseTerms::renewed(Duration::from_secs(90), Duration::from_secs(30));
        assert_eq!(instance.checks[0].lease, renewed);
    }
}

#[test]
fn an_instance_of_the_fourth_format_keeps_what_the_second_had_not() {
    let instance = decode_instance(&bytes(INSTANCES[1].1)).unwrap();
    assert_eq!(instance.profile.zone.as_deref(), Some("eu-1"));
    assert_eq!(instance.profile.metadata, Metadata::new([("zone", "eu-1"), ("stage", "blue")]));
    let session = LeaseTerms::Session { timeout: Millis(3_000), session: SessionId::NONE, phi: None };
    let check = Check { id: CheckId::new("link"), lease: session, state: CheckState::Warning };
    assert_eq!(instance.checks.get(1), Some(&check));
    assert_eq!(instance.up_at, Some(WallTime(1_700_000_000_000)));
}

/// The checksum is of the payload alone. With 7 the newest format and every lower number taken for an earlier one, a flipped bit
/// made a 3, 5 or 6 of it, which was then read.
#[test]
fn a_flipped_bit_of_the_format_is_noticed_in_all_that_were_ever_written() {
    let mut instances: Vec<_> = INSTANCES.iter().map(|(_, hex)| bytes(hex)).collect();
    instances.push(encode_instance(&decode_instance(&instances[1]).unwrap()));
    let mut entries: Vec<_> = EXPIRED.iter().map(|(_, hex)| bytes(hex)).collect();
    entries.push(encode_history(&decode_history(&entries[1]).unwrap()));
    let mut seen = std::collections::BTreeSet::new();
    let mut check = |whole: &[u8], is_read: fn(&[u8]) -> bool| {
        assert!(is_read(whole));
        seen.insert(whole[3]);
        for bit in 0..8 {
            let mut flipped = whole.to_vec();
            flipped[3] ^= 1 << bit;
            assert!(!is_read(&flipped), "{} became {}", whole[3], flipped[3]);
        }
    };
    for whole in &instances {
        check(whole, |bytes| decode_instance(bytes).is_ok());
    }
    for whole in &entries {
        check(whole, |bytes| decode_history(bytes).is_ok());
    }
    assert!(seen.into_iter().eq(WRITTEN), "each format that was written");
}
