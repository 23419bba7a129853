//! An instance and a history entry as bytes: `postcard`, in an envelope of its own.
//!
//! | bytes | what |
//! | --- | --- |
//! | 4 | `LDB` and the format, 2 |
//! | 4 | CRC-32 of the payload, little endian |
//! | 4 | length of the payload, little endian |
//! | … | the payload |
//!
//! The envelope tells a damaged record from a whole one, whatever the store below does, and
//! lets a record be found in a file whose structure is lost.
//!
//! Twins of the core's types, so that those need no serde and this format changes only on
//! purpose. Format 2 is what this file says; a change of it gets a new number, and old ones
//! stay readable: `format_1` has what differed there.

mod cause;
mod format_1;

use std::sync::Arc;
use std::time::Duration;

use lubdub_core::history::HistoryEntry;
use lubdub_core::model::{
    Address, Check, CheckId, CheckState, Generation, Instance, InstanceKey, LeaseTerms, Metadata, Origin,
    Precedence, Profile, Status,
};
use lubdub_core::{Cause, Revision, WallTime};
use serde::{Deserialize, Serialize};

use self::cause::{CauseRecord, cause_from, cause_record};

/// The format of every record in this file.
const FORMAT: u8 = 2;
/// What every record starts with, before its format.
pub(crate) const MAGIC: &[u8; 3] = b"LDB";
pub(crate) const HEADER: usize = 12;

/// Why bytes are not a record.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum RecordError {
    /// Written by a later version.
    #[error("record format {0} is newer than this version understands")]
    Newer(u8),
    /// Damaged.
    #[error("the record is damaged: {0}")]
    Damaged(String),
}

#[derive(Serialize, Deserialize)]
struct KeyRecord {
    service: String,
    id: String,
    node: String,
}

#[derive(Serialize, Deserialize)]
struct AddressRecord {
    host: String,
    port: Option<u16>,
    secure_port: Option<u16>,
}

#[derive(Serialize, Deserialize)]
struct CheckRecord {
    id: String,
    ttl_millis: u64,
    interval_millis: u64,
    state: u8,
}

#[derive(Serialize, Deserialize)]
struct OriginRecord {
    face: String,
    version: u8,
    bytes: Vec<u8>,
}

#[derive(Serialize, Deserialize)]
struct InstanceRecord {
    key: KeyRecord,
    generation: u32,
    address: AddressRecord,
    version: Option<String>,
    group: Option<String>,
    zone: Option<String>,
    weight: Option<u32>,
    tags: Vec<String>,
    metadata: Vec<(String, String)>,
    reported: u8,
    status: u8,
    status_override: Option<u8>,
    ask_again: bool,
    precedence: Option<u64>,
    checks: Vec<CheckRecord>,
    origin: Option<OriginRecord>,
    registered_at: u64,
    up_at: Option<u64>,
    updated_at: u64,
}

#[derive(Serialize, Deserialize)]
struct HistoryRecord<C = CauseRecord> {
    revision: u64,
    at: u64,
    key: KeyRecord,
    cause: C,
    status: Option<u8>,
    address: Option<AddressRecord>,
}

/// The key of an instance in the state table. Service names compare without ASCII case, so
/// the key is folded; a zero byte cannot be in a name.
pub(super) fn table_key(key: &InstanceKey) -> Vec<u8> {
    let mut bytes = key.service().as_str().to_ascii_lowercase().into_bytes();
    bytes.push(0);
    bytes.extend_from_slice(key.id().as_bytes());
    bytes.push(0);
    bytes.extend_from_slice(key.node().as_bytes());
    bytes
}

pub(crate) fn encode_instance(instance: &Instance) -> Vec<u8> {
    encode(&InstanceRecord {
        key: key_record(&instance.key),
        generation: instance.generation.0,
        address: address_record(&instance.address),
        version: instance.profile.version.as_deref().map(str::to_owned),
        group: instance.profile.group.as_deref().map(str::to_owned),
        zone: instance.profile.zone.as_deref().map(str::to_owned),
        weight: instance.profile.weight,
        tags: instance.profile.tags.iter().map(ToString::to_string).collect(),
        metadata: instance
            .profile
            .metadata
            .iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
        reported: status_code(instance.reported),
        status: status_code(instance.status),
        status_override: instance.status_override.map(status_code),
        ask_again: instance.ask_again,
        precedence: instance.precedence.map(|precedence| precedence.0),
        checks: instance
            .checks
            .iter()
            .map(|check| CheckRecord {
                id: check.id.as_str().to_owned(),
                ttl_millis: millis(check.lease.ttl()),
                interval_millis: millis(check.lease.interval()),
                state: check.state as u8,
            })
            .collect(),
        origin: instance.profile.origin.as_ref().map(|origin| OriginRecord {
            face: origin.face.to_string(),
            version: origin.version,
            bytes: origin.bytes.to_vec(),
        }),
        registered_at: instance.registered_at.0,
        up_at: instance.up_at.map(|at| at.0),
        updated_at: instance.updated_at.0,
    })
}

pub(crate) fn decode_instance(bytes: &[u8]) -> Result<Instance, RecordError> {
    // The same in both formats.
    let (_, payload) = open(bytes)?;
    let record: InstanceRecord = read(payload)?;
    Ok(Instance {
        key: key_from(&record.key),
        generation: Generation(record.generation),
        address: address_from(record.address),
        profile: Arc::new(Profile {
            version: record.version.map(Into::into),
            group: record.group.map(Into::into),
            zone: record.zone.map(Into::into),
            weight: record.weight,
            tags: record.tags.into_iter().map(Into::into).collect(),
            metadata: Metadata::new(record.metadata),
            origin: record.origin.map(|origin| Origin {
                face: origin.face.into(),
                version: origin.version,
                bytes: origin.bytes.into(),
            }),
        }),
        reported: status_from(record.reported)?,
        status: status_from(record.status)?,
        status_override: record.status_override.map(status_from).transpose()?,
        ask_again: record.ask_again,
        held: false,
        damped: false,
        precedence: record.precedence.map(Precedence),
        checks: record.checks.iter().map(check_from).collect::<Result<_, _>>()?,
        registered_at: WallTime(record.registered_at),
        up_at: record.up_at.map(WallTime),
        updated_at: WallTime(record.updated_at),
    })
}

/// Whether a whole record of a later format is one of this format, of the instance of this table key,
/// whose number was damaged: the checksum is of the payload alone.
pub(super) fn is_misnumbered(bytes: &[u8], key: &[u8]) -> bool {
    let Some(payload) = bytes.get(HEADER..) else { return false };
    let renumbered = seal([&[0; HEADER], payload].concat(), FORMAT);
    decode_instance(&renumbered)
        .is_ok_and(|instance| table_key(&instance.key) == key && encode_instance(&instance) == renumbered)
}

pub(crate) fn encode_history(entry: &HistoryEntry) -> Vec<u8> {
    encode(&HistoryRecord {
        revision: entry.revision.0,
        at: entry.at.0,
        key: key_record(&entry.key),
        cause: cause_record(&entry.cause),
        status: entry.status.map(status_code),
        address: entry.address.as_ref().map(address_record),
    })
}

pub(crate) fn decode_history(bytes: &[u8]) -> Result<HistoryEntry, RecordError> {
    match open(bytes)? {
        (1, payload) => {
            let record: HistoryRecord<format_1::CauseRecord> = read(payload)?;
            entry_from(record, format_1::cause_from)
        }
        (_, payload) => {
            let record: HistoryRecord = read(payload)?;
            entry_from(record, cause_from)
        }
    }
}

fn entry_from<C>(record: HistoryRecord<C>, cause_from: fn(C) -> Cause) -> Result<HistoryEntry, RecordError> {
    Ok(HistoryEntry {
        revision: Revision(record.revision),
        at: WallTime(record.at),
        key: key_from(&record.key),
        cause: cause_from(record.cause),
        status: record.status.map(status_from).transpose()?,
        address: record.address.map(address_from),
    })
}

fn encode(record: &impl Serialize) -> Vec<u8> {
    let room = vec![0; HEADER];
    seal(postcard::to_extend(record, room).expect("these types serialize into memory without fail"), FORMAT)
}

/// Fills in the envelope, for which there is room at the front, around a payload of this format.
pub(crate) fn seal(mut bytes: Vec<u8>, format: u8) -> Vec<u8> {
    let Some((header, payload)) = bytes.split_at_mut_checked(HEADER) else { return bytes };
    // A record is bounded by the limits on what may be registered, far below 4 GiB.
    let length = u32::try_from(payload.len()).unwrap_or(u32::MAX);
    let fields =
        [&[b'L', b'D', b'B', format], &crc32fast::hash(payload).to_le_bytes(), &length.to_le_bytes()];
    for (to, from) in header.chunks_exact_mut(4).zip(fields) {
        to.copy_from_slice(from);
    }
    bytes
}

/// The format and the payload of a whole record.
fn open(bytes: &[u8]) -> Result<(u8, &[u8]), RecordError> {
    let damaged = |what: &str| RecordError::Damaged(what.to_owned());
    let (magic, rest) = bytes.split_first_chunk::<4>().ok_or_else(|| damaged("it is too short"))?;
    let format = match magic {
        [b'L', b'D', b'B', format @ 1..=u8::MAX] => *format,
        _ => return Err(damaged("it does not start as a record does")),
    };
    let (crc, rest) = rest.split_first_chunk::<4>().ok_or_else(|| damaged("it is too short"))?;
    let (length, rest) = rest.split_first_chunk::<4>().ok_or_else(|| damaged("it is too short"))?;
    let payload = rest.get(..u32::from_le_bytes(*length) as usize).ok_or_else(|| damaged("it is cut off"))?;
    if crc32fast::hash(payload) != u32::from_le_bytes(*crc) {
        return Err(damaged("its checksum differs"));
    }
    // Last: a damaged number is not to pass for a later version's. The envelope is the same in all.
    if format > FORMAT { Err(RecordError::Newer(format)) } else { Ok((format, payload)) }
}

fn read<'a, T: Deserialize<'a>>(payload: &'a [u8]) -> Result<T, RecordError> {
    postcard::from_bytes(payload).map_err(|error| RecordError::Damaged(error.to_string()))
}

fn key_record(key: &InstanceKey) -> KeyRecord {
    KeyRecord {
        service: key.service().as_str().to_owned(),
        id: key.id().to_owned(),
        node: key.node().to_owned(),
    }
}

fn key_from(record: &KeyRecord) -> InstanceKey {
    InstanceKey::on_node(&record.service, &record.id, &record.node)
}

fn address_record(address: &Address) -> AddressRecord {
    AddressRecord { host: address.host.to_string(), port: address.port, secure_port: address.secure_port }
}

fn address_from(record: AddressRecord) -> Address {
    Address { host: record.host.into(), port: record.port, secure_port: record.secure_port }
}

fn check_from(record: &CheckRecord) -> Result<Check, RecordError> {
    Ok(Check {
        id: CheckId::new(&record.id),
        lease: LeaseTerms::renewed(
            Duration::from_millis(record.ttl_millis),
            Duration::from_millis(record.interval_millis),
        ),
        state: match record.state {
            0 => CheckState::Passing,
            1 => CheckState::Warning,
            2 => CheckState::Critical,
            other => return Err(RecordError::Damaged(format!("{other} is no state of a check"))),
        },
    })
}

fn status_code(status: Status) -> u8 {
    match status {
        Status::Up => 0,
        Status::Starting => 1,
        Status::Down => 2,
        Status::OutOfService => 3,
        Status::Unknown => 4,
    }
}

fn status_from(code: u8) -> Result<Status, RecordError> {
    Status::ALL
        .into_iter()
        .find(|status| status_code(*status) == code)
        .ok_or_else(|| RecordError::Damaged(format!("{code} is no status")))
}

fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
