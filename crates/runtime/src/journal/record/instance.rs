//! An instance as a record, and a [`Decoder`] of many: what they say alike is made once.

use std::hash::{BuildHasher, Hasher};
use std::sync::Arc;
use std::time::Duration;

use foldhash::fast::RandomState;
use hashbrown::HashTable;
use lubdub_core::model::{
    Check, CheckId, CheckState, Generation, Instance, InstanceKey, LeaseTerms, Metadata, Origin, PhiLevel,
    Precedence, Profile, ServiceName, SessionId,
};
use lubdub_core::{Millis, WallTime};
use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use super::{
    AddressRecord, KeyRecord, RecordError, address_from, address_record, encode, key_record, open,
    status_code, status_from, take,
};

// Parts of one record, which stand one behind the other: so what a profile is made of can be
// compared with what was read before it is read.

#[derive(Serialize, Deserialize)]
struct NameRecord<'a> {
    #[serde(borrow)]
    key: KeyRecord<'a>,
    generation: u32,
    address: AddressRecord<'a>,
}

#[derive(Serialize, Deserialize)]
struct TraitsRecord<'a> {
    version: Option<&'a str>,
    group: Option<&'a str>,
    zone: Option<&'a str>,
    weight: Option<u32>,
    #[serde(borrow)]
    tags: Vec<&'a str>,
    metadata: Vec<(&'a str, &'a str)>,
}

/// A [`TraitsRecord`] that is walked over.
type TraitsPassed<'a> = (
    (Option<&'a str>, Option<&'a str>, Option<&'a str>, Option<u32>),
    Passed<&'a str>,
    Passed<(&'a str, &'a str)>,
);

#[derive(Serialize, Deserialize)]
struct CheckRecord<'a> {
    id: &'a str,
    ttl_millis: u64,
    /// 0 for the lease of a session, which no renewal keeps. The level of an adaptive one stands above the 32 bits that an
    /// interval can have.
    interval_millis: u64,
    state: u8,
}

#[derive(Serialize, Deserialize)]
struct StateRecord<'a> {
    reported: u8,
    status: u8,
    status_override: Option<u8>,
    ask_again: bool,
    precedence: Option<u64>,
    #[serde(borrow)]
    checks: Vec<CheckRecord<'a>>,
}

#[derive(Serialize, Deserialize)]
struct OriginRecord<'a> {
    face: &'a str,
    version: u8,
    bytes: &'a [u8],
}

#[derive(Serialize, Deserialize)]
struct TimesRecord {
    registered: u64,
    up: Option<u64>,
    updated: u64,
}

#[derive(Serialize)]
struct InstanceRecord<'a> {
    name: NameRecord<'a>,
    traits: TraitsRecord<'a>,
    state: StateRecord<'a>,
    origin: Option<OriginRecord<'a>>,
    times: TimesRecord,
}

pub(crate) fn encode_instance(instance: &Instance) -> Vec<u8> {
    let profile = &instance.profile;
    encode(&InstanceRecord {
        name: NameRecord {
            key: key_record(&instance.key),
            generation: instance.generation.0,
            address: address_record(&instance.address),
        },
        traits: TraitsRecord {
            version: profile.version.as_deref(),
            group: profile.group.as_deref(),
            zone: profile.zone.as_deref(),
            weight: profile.weight,
            tags: profile.tags.iter().map(|tag| &**tag).collect(),
            metadata: profile.metadata.iter().collect(),
        },
        state: StateRecord {
            reported: status_code(instance.reported),
            status: status_code(instance.status),
            status_override: instance.status_override.map(status_code),
            ask_again: instance.ask_again,
            precedence: instance.precedence.map(|precedence| precedence.0),
            checks: instance.checks.iter().map(check_record).collect(),
        },
        origin: profile.origin.as_ref().map(|origin| OriginRecord {
            face: &origin.face,
            version: origin.version,
            bytes: &origin.bytes,
        }),
        times: TimesRecord {
            registered: instance.registered_at.0,
            up: instance.up_at.map(|at| at.0),
            updated: instance.updated_at.0,
        },
    })
}

pub(crate) fn decode_instance(bytes: &[u8]) -> Result<Instance, RecordError> {
    Decoder::default().decode(bytes)
}

/// Reads records one after the other. The name of a service that the one before had, too, and a
/// profile that is written with the same bytes as one before, are not made again.
#[derive(Default)]
pub(in crate::journal) struct Decoder {
    service: Option<ServiceName>,
    profiles: HashTable<KnownProfile>,
    hasher: RandomState,
}

struct KnownProfile {
    traits: Box<[u8]>,
    origin: Box<[u8]>,
    profile: Arc<Profile>,
}

/// So many profiles are remembered, then it begins anew: those of a service stand together.
const MOST_PROFILES: usize = 4_096;

impl Decoder {
    pub(in crate::journal) fn decode(&mut self, bytes: &[u8]) -> Result<Instance, RecordError> {
        // The same in both formats.
        let (_, payload) = open(bytes)?;
        let (name, rest): (NameRecord<'_>, _) = take(payload)?;
        let traits = rest;
        let (_, rest): (TraitsPassed<'_>, _) = take(rest)?;
        let traits = passed(traits, rest);
        let (state, rest): (StateRecord<'_>, _) = take(rest)?;
        let origin = rest;
        let (origin_record, rest): (Option<OriginRecord<'_>>, _) = take(rest)?;
        let origin = passed(origin, rest);
        let (times, _): (TimesRecord, _) = take(rest)?;
        Ok(Instance {
            key: self.key(&name.key),
            generation: Generation(name.generation),
            address: address_from(&name.address),
            profile: self.profile(traits, origin, origin_record)?,
            reported: status_from(state.reported)?,
            status: status_from(state.status)?,
            status_override: state.status_override.map(status_from).transpose()?,
            ask_again: state.ask_again,
            held: false,
            damped: false,
            precedence: state.precedence.map(Precedence),
            checks: state.checks.iter().map(check_from).collect::<Result<_, _>>()?,
            registered_at: WallTime(times.registered),
            up_at: times.up.map(WallTime),
            updated_at: WallTime(times.updated),
        })
    }

    fn key(&mut self, record: &KeyRecord<'_>) -> InstanceKey {
        let service = match &self.service {
            Some(service) if service.as_str() == record.service => service.clone(),
            _ => self.service.insert(ServiceName::new(record.service)).clone(),
        };
        InstanceKey::within(service, record.id, record.node)
    }

    fn profile(
        &mut self,
        traits: &[u8],
        origin: &[u8],
        record: Option<OriginRecord<'_>>,
    ) -> Result<Arc<Profile>, RecordError> {
        let Self { profiles, hasher, .. } = self;
        let hash = |traits: &[u8], origin: &[u8]| {
            let mut state = hasher.build_hasher();
            state.write(traits);
            state.write(origin);
            state.finish()
        };
        let this = hash(traits, origin);
        if let Some(known) = profiles.find(this, |known| *known.traits == *traits && *known.origin == *origin)
        {
            return Ok(Arc::clone(&known.profile));
        }
        let profile = Arc::new(profile_from(take(traits)?.0, record));
        if profiles.len() >= MOST_PROFILES {
            profiles.clear();
        }
        let known =
            KnownProfile { traits: traits.into(), origin: origin.into(), profile: Arc::clone(&profile) };
        profiles.insert_unique(this, known, |known| hash(&known.traits, &known.origin));
        Ok(profile)
    }
}

/// What of `from` stands before `rest`, its end.
fn passed<'a>(from: &'a [u8], rest: &[u8]) -> &'a [u8] {
    from.get(..from.len() - rest.len()).unwrap_or_default()
}

fn profile_from(traits: TraitsRecord<'_>, origin: Option<OriginRecord<'_>>) -> Profile {
    Profile {
        version: traits.version.map(Into::into),
        group: traits.group.map(Into::into),
        zone: traits.zone.map(Into::into),
        weight: traits.weight,
        tags: traits.tags.into_iter().map(Into::into).collect(),
        metadata: Metadata::new(traits.metadata),
        origin: origin.map(|origin| Origin {
            face: origin.face.into(),
            version: origin.version,
            bytes: origin.bytes.into(),
        }),
    }
}

const LEVEL_SHIFT: u32 = 32;

fn check_record(check: &Check) -> CheckRecord<'_> {
    CheckRecord {
        id: check.id.as_str(),
        ttl_millis: millis(check.lease.ttl()),
        interval_millis: match check.lease {
            LeaseTerms::Ttl { interval, .. } => interval.0.into(),
            LeaseTerms::Adaptive { interval, phi, .. } => {
                u64::from(phi.hundredths()) << LEVEL_SHIFT | u64::from(interval.0)
            }
            LeaseTerms::Session { .. } => 0,
        },
        state: check.state as u8,
    }
}

fn check_from(record: &CheckRecord<'_>) -> Result<Check, RecordError> {
    Ok(Check {
        id: CheckId::new(record.id),
        lease: match (Duration::from_millis(record.ttl_millis), record.interval_millis) {
            // The session itself was of the run that wrote this.
            (timeout, 0) => {
                LeaseTerms::Session { timeout: Millis::of(timeout), session: SessionId::NONE, phi: None }
            }
            (ttl, interval) => {
                let level = u16::try_from(interval >> LEVEL_SHIFT)
                    .map_err(|_| RecordError::Damaged(format!("{interval} is no interval")))?;
                let interval = Duration::from_millis(u64::from(interval as u32));
                match PhiLevel::of_hundredths(level) {
                    Some(phi) => LeaseTerms::adaptive(ttl, interval, phi),
                    None if level == 0 => LeaseTerms::renewed(ttl, interval),
                    None => return Err(RecordError::Damaged(format!("{level} is no level"))),
                }
            }
        },
        state: match record.state {
            0 => CheckState::Passing,
            1 => CheckState::Warning,
            2 => CheckState::Critical,
            other => return Err(RecordError::Damaged(format!("{other} is no state of a check"))),
        },
    })
}

fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}

/// A list of which nothing is kept.
struct Passed<T>(std::marker::PhantomData<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Passed<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(Self(std::marker::PhantomData))
    }
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for Passed<T> {
    type Value = Self;

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self, A::Error> {
        while list.next_element::<T>()?.is_some() {}
        Ok(self)
    }
}
