use std::sync::Arc;
use std::time::Duration;

use super::*;
use lubdub_core::adaptive::Learnt;
use lubdub_core::damping::{Flap, FlapOutcome, Undamped};
use lubdub_core::guard::{Arithmetic, Scope};
use lubdub_core::model::{
    Check, CheckId, CheckState, Generation, Instance, LeaseTerms, Metadata, Origin, PhiLevel, Precedence,
    Profile, ServiceName, SessionId,
};
use lubdub_core::{ConnectionLoss, GuardWord, Millis, Refusal, ReleaseReason, Sender, Silence, Suspicion};
use proptest::prelude::*;

mod earlier;

fn text() -> impl Strategy<Value = String> {
    "[a-zA-Z0-9 äöü:/_.-]{0,20}"
}

fn instance() -> impl Strategy<Value = Instance> {
    let identity = (text(), text(), text(), any::<u32>());
    let labels = (prop::option::of(text()), prop::option::of(text()), prop::option::of(any::<u32>()));
    let status = prop::sample::select(Status::ALL.to_vec());
    let statuses = (status.clone(), status.clone(), prop::option::of(status), any::<bool>());
    let entries = prop::collection::vec((text(), text()), 0..5);
    let numbers = (any::<Option<u64>>(), 0..u64::from(u32::MAX), any::<Option<u16>>(), any::<u64>());
    (identity, labels, statuses, entries, numbers, prop::collection::vec(any::<u8>(), 0..40)).prop_map(
        |(
            (service, id, node, generation),
            (version, zone, weight),
            (reported, status, over, asked),
            entries,
            (precedence, ttl, port, at),
            origin,
        )| Instance {
            key: InstanceKey::on_node(&service, &id, &node),
            generation: Generation(generation),
            address: Address { host: service.as_str().into(), port, secure_port: port },
            profile: Arc::new(Profile {
                version: version.clone().map(Into::into),
                group: version.map(Into::into),
                zone: zone.map(Into::into),
                weight,
                tags: entries.iter().map(|(tag, _)| tag.as_str().into()).collect(),
                metadata: Metadata::new(entries),
                origin: (!origin.is_empty()).then(|| Origin {
                    face: "eureka".into(),
                    version: 1,
                    bytes: origin.into(),
                }),
            }),
            reported,
            status,
            status_override: over,
            ask_again: asked,
            held: false,
            damped: false,
            precedence: precedence.map(Precedence),
            checks: [Check {
                id: CheckId::new(&id),
                lease: if let Some(phi) = PhiLevel::of_hundredths(weight.unwrap_or(0) as u16) {
                    LeaseTerms::adaptive(Duration::from_millis(ttl), Duration::from_millis(ttl / 3 + 1), phi)
                } else if asked {
                    LeaseTerms::Session { timeout: Millis(ttl as u32), session: SessionId::NONE, phi: None }
                } else {
                    LeaseTerms::renewed(Duration::from_millis(ttl), Duration::from_millis(ttl / 3 + 1))
                },
                state: CheckState::Warning,
            }]
            .into(),
            registered_at: WallTime(at),
            up_at: precedence.map(WallTime),
            updated_at: WallTime(at),
        },
    )
}

proptest! {
    #[test]
    fn an_instance_is_read_back_as_it_was(instance in instance()) {
        prop_assert_eq!(decode_instance(&encode_instance(&instance)), Ok(instance));
    }

    /// Whatever came before it: some of what is alike is made once.
    #[test]
    fn one_after_the_other_is_read_as_each_by_itself(
        instances in prop::collection::vec(instance(), 1..6),
        order in prop::collection::vec(any::<prop::sample::Index>(), 1..20),
    ) {
        let mut decoder = Decoder::default();
        for place in order {
            let mut one = place.get(&instances).clone();
            one.profile = Arc::clone(&place.get(&instances[..1]).profile);
            for instance in [place.get(&instances), &one] {
                let read = decoder.decode(&encode_instance(instance));
                prop_assert_eq!(read.as_ref(), Ok(instance));
            }
        }
    }

    #[test]
    fn a_key_of_the_table_is_known_from_every_other(instance in instance(), other in instance()) {
        let key = table_key(&instance.key);
        prop_assert!(is_table_key(&key, &instance.key));
        prop_assert_eq!(is_table_key(&key, &other.key), key == table_key(&other.key));
        for end in 0..key.len() {
            prop_assert!(!is_table_key(&key[..end], &instance.key));
        }
        let mut longer = key.clone();
        longer.push(b'x');
        prop_assert!(!is_table_key(&longer, &instance.key));
        for at in 0..key.len() {
            let mut damaged = key.clone();
            damaged[at] ^= 0x20;
            prop_assert!(!is_table_key(&damaged, &instance.key));
        }
    }

    #[test]
    fn a_flipped_bit_is_noticed(instance in instance(), at in any::<prop::sample::Index>(), bit in 0..8u8) {
        let mut bytes = encode_instance(&instance);
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        prop_assert!(decode_instance(&bytes).is_err());
    }

    #[test]
    fn arbitrary_bytes_are_an_error_and_not_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(decode_instance(&bytes).is_err());
        prop_assert!(decode_history(&bytes).is_err());
    }
}

#[test]
fn profiles_that_are_written_alike_are_made_once_and_so_are_names_of_services() {
    let written = |service: &str, id: &str, value: &str| {
        let mut instance = lubdub_testkit::Scene::new();
        instance.register(lubdub_testkit::provider(service, id).metadata(&[("name", value)]));
        encode_instance(instance.instance(service, id).unwrap())
    };
    let mut decoder = Decoder::default();
    let mut read = |service, id, value| decoder.decode(&written(service, id, value)).unwrap();
    let (one, other) = (read("orders", "web-1", "a"), read("orders", "web-2", "a"));
    assert!(Arc::ptr_eq(&one.profile, &other.profile));
    assert!(std::ptr::eq(one.key.service().as_str(), other.key.service().as_str()));
    let (one, other) = (read("stock", "web-1", "b"), read("STOCK", "web-2", "b"));
    assert!(Arc::ptr_eq(&one.profile, &other.profile));
    assert_eq!((one.key.service().as_str(), other.key.service().as_str()), ("stock", "STOCK"));
    assert_ne!(one.profile, read("orders", "web-3", "a").profile);
}

#[test]
fn every_cause_is_read_back_as_it_was() {
    let sender =
        || Sender { face: "eureka", address: Some(std::net::Ipv4Addr::LOCALHOST.into()), operator: None };
    let silence = Silence {
        check: CheckId::HEARTBEAT,
        ttl: 90_000,
        interval: 30_000,
        silent: 90_004,
        excused: 17,
        intervals: vec![30_000, 30_016],
        unconfirmed: true,
        learnt: None,
        guard: GuardWord::Open(Arithmetic { hosts: 20, silent: 1, tolerated: 3 }),
    };
    let learnt = Learnt {
        level: PhiLevel::USUAL,
        allowed: 68_400,
        mean: 30_001,
        deviation: 1_500,
        intervals: 99,
        enough: true,
    };
    let adaptive = Silence { learnt: Some(learnt), ..silence.clone() };
    let by_operator = || Sender { operator: Some("alice".into()), ..sender() };
    let released = |reason| Silence {
        guard: GuardWord::Released { scope: Scope::Zone("eu-1".into()), held: 270_000, reason },
        ..silence.clone()
    };
    let flap = |outcome| Flap { penalty: 2_700, losses: 3, outcome };
    let refusal = |suspicion| Refusal {
        address: ([10, 0, 0, 7], 8080).into(),
        suspicion,
        silent: 12,
        intervals: vec![30_000],
    };
    for cause in [
        Cause::Joined(sender()),
        Cause::Reregistered(sender()),
        Cause::Deregistered(sender()),
        Cause::OverrideSet(sender()),
        Cause::OverrideCleared(sender()),
        Cause::MetadataAdded(sender()),
        Cause::Expired(silence.clone().into()),
        Cause::Expired(Silence { guard: GuardWord::TooFewHosts { hosts: 2 }, ..silence.clone() }.into()),
        Cause::Expired(released(ReleaseReason::OthersHeard { kept_percent: 99 }).into()),
        Cause::Expired(released(ReleaseReason::HeldLongEnough).into()),
        Cause::Expired(released(ReleaseReason::ByHand(by_operator())).into()),
        Cause::Held {
            scope: Scope::Service(ServiceName::new("orders")),
            arithmetic: Arithmetic { hosts: 20, silent: 7, tolerated: 3 },
            silence: silence.clone().into(),
        },
        Cause::Held {
            scope: Scope::Registry,
            arithmetic: Arithmetic::default(),
            silence: Silence { guard: GuardWord::Unheard, ..silence.clone() }.into(),
        },
        Cause::Expired(adaptive.clone().into()),
        Cause::Held {
            scope: Scope::Registry,
            arithmetic: Arithmetic::default(),
            silence: Silence { guard: GuardWord::Unheard, ..adaptive }.into(),
        },
        Cause::Returned { held: 7 },
        Cause::Refused(refusal(Suspicion::ConnectionClosed)),
        Cause::Refused(refusal(Suspicion::BeatLate)),
        Cause::CameBack { sender: sender(), flap: flap(FlapOutcome::Offered) },
        Cause::CameBack { sender: sender(), flap: flap(FlapOutcome::KeptOut { millis: 9 }) },
        Cause::CameBack { sender: sender(), flap: flap(FlapOutcome::OfferedForLack) },
        Cause::Undamped(Undamped::Decayed { penalty: 999 }),
        Cause::Undamped(Undamped::ForLack),
        Cause::Undamped(Undamped::ByHand(by_operator())),
        Cause::StatusReported(sender()),
        Cause::ConnectionLost(ConnectionLoss {
            grace: 500,
            closed: 503,
            silent: 700,
            guard: GuardWord::TooFewHosts { hosts: 2 },
        }),
        Cause::Suspected(Arithmetic { hosts: 20, silent: 7, tolerated: 3 }),
    ] {
        let entry = HistoryEntry {
            revision: Revision(1 << 52),
            at: WallTime(7),
            key: InstanceKey::new("orders", "web-1"),
            cause,
            status: Some(Status::OutOfService),
            address: Some(Address { host: "h".into(), port: Some(1), secure_port: None }),
        };
        assert_eq!(decode_history(&encode_history(&entry)), Ok(entry));
    }
}

#[test]
fn a_record_of_a_later_format_is_told_from_a_damaged_one() {
    let mut bytes = encode_history(&HistoryEntry {
        revision: Revision(1),
        at: WallTime(1),
        key: InstanceKey::new("a", "b"),
        cause: Cause::Joined(Sender { face: "eureka", ..Sender::default() }),
        status: None,
        address: None,
    });
    bytes[3] = FORMAT + 1;
    assert_eq!(decode_history(&bytes), Err(RecordError::Newer(FORMAT + 1)));
}
