//! An instance and a history entry as bytes: `postcard`, in an envelope of its own.
//!
//! | bytes | what |
//! | --- | --- |
//! | 4 | `LDB` and the format, 7 |
//! | 4 | CRC-32 of the payload, little endian |
//! | 4 | length of the payload, little endian |
//! | … | the payload |
//!
//! The envelope tells a damaged record from a whole one, whatever the store below does, and
//! lets a record be found in a file whose structure is lost.
//!
//! Twins of the core's types, so that those need no serde and this format changes only on
//! purpose. Format 7 is what this file says; a change of it gets a new number, and old ones
//! stay readable: `format_1` has what differed there. Format 4 is the same without adaptive leases: there
//! were fewer causes, and no interval had a level beside it. Format 2 is that without sessions, whose leases have an
//! interval of 0. No other number was ever written, and none that is a flipped bit away from one of these.

mod cause;
mod format_1;
mod instance;

use lubdub_core::history::HistoryEntry;
use lubdub_core::model::{Address, InstanceKey, Status};
use lubdub_core::{Cause, Revision, WallTime};
use serde::{Deserialize, Serialize};

use self::cause::{CauseRecord, cause_from, cause_record};
pub(super) use self::instance::Decoder;
pub(crate) use self::instance::{decode_instance, encode_instance};

/// The format of every record in this file.
const FORMAT: u8 = 7;
/// All that were ever written. No two of them are one flipped bit apart, so that a damaged number is none of them.
const WRITTEN: [u8; 4] = [1, 2, 4, FORMAT];
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
struct KeyRecord<'a> {
    service: &'a str,
    id: &'a str,
    node: &'a str,
}

#[derive(Serialize, Deserialize)]
struct AddressRecord<'a> {
    host: &'a str,
    port: Option<u16>,
    secure_port: Option<u16>,
}

#[derive(Serialize, Deserialize)]
struct HistoryRecord<'a, C = CauseRecord> {
    revision: u64,
    at: u64,
    #[serde(borrow)]
    key: KeyRecord<'a>,
    cause: C,
    status: Option<u8>,
    address: Option<AddressRecord<'a>>,
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

/// Whether these bytes are the [`table_key`] of that instance.
pub(super) fn is_table_key(bytes: &[u8], key: &InstanceKey) -> bool {
    let (service, id, node) = (key.service().as_str(), key.id(), key.node());
    let Some((folded, rest)) = bytes.split_at_checked(service.len()) else { return false };
    let Some((own, rest)) = rest.split_at_checked(id.len() + 2) else { return false };
    let is_folded = |(from, to): (&u8, u8)| from.to_ascii_lowercase() == to;
    service.as_bytes().iter().zip(folded.iter().copied()).all(is_folded)
        && own.strip_prefix(&[0]).and_then(|own| own.strip_suffix(&[0])) == Some(id.as_bytes())
        && rest == node.as_bytes()
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
            let record: HistoryRecord<'_, format_1::CauseRecord> = read(payload)?;
            entry_from(record, |cause| Ok(format_1::cause_from(cause)))
        }
        (_, payload) => {
            let record: HistoryRecord<'_> = read(payload)?;
            entry_from(record, cause_from)
        }
    }
}

fn entry_from<C>(
    record: HistoryRecord<'_, C>,
    cause_from: fn(C) -> Result<Cause, RecordError>,
) -> Result<HistoryEntry, RecordError> {
    Ok(HistoryEntry {
        revision: Revision(record.revision),
        at: WallTime(record.at),
        key: key_from(&record.key),
        cause: cause_from(record.cause)?,
        status: record.status.map(status_from).transpose()?,
        address: record.address.as_ref().map(address_from),
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
    match format {
        format if WRITTEN.contains(&format) => Ok((format, payload)),
        format if format > FORMAT => Err(RecordError::Newer(format)),
        format => Err(damaged(&format!("no version ever wrote format {format}"))),
    }
}

fn read<'a, T: Deserialize<'a>>(payload: &'a [u8]) -> Result<T, RecordError> {
    take(payload).map(|(record, _)| record)
}

/// A part of a record, and what stands behind it.
fn take<'a, T: Deserialize<'a>>(payload: &'a [u8]) -> Result<(T, &'a [u8]), RecordError> {
    postcard::take_from_bytes(payload).map_err(|error| RecordError::Damaged(error.to_string()))
}

fn key_record(key: &InstanceKey) -> KeyRecord<'_> {
    KeyRecord { service: key.service().as_str(), id: key.id(), node: key.node() }
}

fn key_from(record: &KeyRecord<'_>) -> InstanceKey {
    InstanceKey::on_node(record.service, record.id, record.node)
}

fn address_record(address: &Address) -> AddressRecord<'_> {
    AddressRecord { host: &address.host, port: address.port, secure_port: address.secure_port }
}

fn address_from(record: &AddressRecord<'_>) -> Address {
    Address { host: record.host.into(), port: record.port, secure_port: record.secure_port }
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

#[cfg(test)]
mod tests;
