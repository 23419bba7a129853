//! Doors for the fuzzer to what reads the journal's records, with what must hold whatever is there.
//!
//! Each panics where something does not hold. Not for use: it may change without notice.

use lubdub_core::history::HistoryEntry;
use lubdub_core::model::Instance;

use crate::journal::record::{self, HEADER};
use crate::journal::salvage;

/// The payload of a record of this format. Its checksum is put right first: only so is anything
/// behind it reached. What is read is written so that it is read again.
///
/// # Panics
///
/// It is not.
pub fn record(format: u8, payload: &[u8]) {
    let bytes = sealed(format, payload);
    if let Ok(instance) = record::decode_instance(&bytes) {
        let again = record::decode_instance(&record::encode_instance(&instance));
        assert_eq!(again.as_ref(), Ok(&instance));
    }
    if let Ok(entry) = record::decode_history(&bytes) {
        let again = record::decode_history(&record::encode_history(&entry));
        assert_eq!(again.as_ref(), Ok(&entry));
    }
}

/// Bytes that may hold records anywhere.
///
/// # Panics
///
/// One is found more often than its mark.
pub fn salvaged(bytes: &[u8]) {
    let marks = bytes.windows(record::MAGIC.len()).filter(|window| window == record::MAGIC).count();
    assert!(salvage::records(bytes).count() <= marks);
}

/// A record around a payload, as it stands in a journal.
pub fn sealed(format: u8, payload: &[u8]) -> Vec<u8> {
    record::seal([&[0; HEADER], payload].concat(), format)
}

/// The format and payload of an instance's record, as `record` takes them.
pub fn written_instance(instance: &Instance) -> Vec<u8> {
    opened(&record::encode_instance(instance))
}

/// The format and payload of a history entry's record, as `record` takes them.
pub fn written_entry(entry: &HistoryEntry) -> Vec<u8> {
    opened(&record::encode_history(entry))
}

fn opened(bytes: &[u8]) -> Vec<u8> {
    let format = bytes.get(record::MAGIC.len()).into_iter();
    format.chain(bytes.get(HEADER..).unwrap_or_default()).copied().collect()
}
