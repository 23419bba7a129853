//! What the journal asks of a store, and the records that every store is given.

use std::error::Error;
use std::path::Path;

pub type Fault = Box<dyn Error + Send + Sync>;
pub type Result<T> = std::result::Result<T, Fault>;

/// One row to write; without a value it is deleted.
pub struct Write {
    pub key: Vec<u8>,
    pub value: Option<Vec<u8>>,
}

/// An embedded store, used as the journal would use it: one writer, read once at start.
pub trait Store {
    /// Opens the store in `dir`, making it when the folder is empty.
    fn open(dir: &Path) -> Result<Self>
    where
        Self: Sized;

    /// Commits `batch` as one transaction; when this returns, it is on the disk.
    fn commit(&mut self, batch: Vec<Write>) -> Result<()>;

    /// Visits every row in key order.
    fn scan(&self, visit: &mut dyn FnMut(&[u8], &[u8])) -> Result<()>;

    /// The store's own full check, where it has one; `false` when it found damage.
    fn check(&mut self) -> Result<Option<bool>> {
        Ok(None)
    }
}

/// Memory each store may use for its cache, where that can be set.
pub const CACHE: usize = 64 << 20;

/// The SplitMix64 generator: enough to choose keys and fill records, the same in every run.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }
}

/// The key of the one meta row: the number of the last batch.
pub const META: &[u8] = b"\0batch";

/// The key of record `index`, as an instance of one of 1 000 services.
pub fn key(index: u64) -> Vec<u8> {
    let service = index % 1_000;
    format!("SERVICE-{service:03}\0web-{index}:service-{service:03}:8080").into_bytes()
}

/// The value that batch `version` gives record `index`: 300 to 600 bytes, half of them text, half
/// incompressible. It depends on nothing else, so a reader can tell a true value from a wrong one.
pub fn value(index: u64, version: u64) -> Vec<u8> {
    let mut random = Random(index.rotate_left(32) ^ version);
    let length = 300 + random.below(301) as usize;
    let mut value = Vec::with_capacity(length + 8);
    value.extend(version.to_le_bytes());
    value.extend(br#"{"hostName":"web","status":"UP","vipAddress":"service","metadata":{"zone":"eu-central-1a","version":"1.4.2","management.port":"8080"}}"#);
    while value.len() < length {
        value.extend(random.next().to_le_bytes());
    }
    value.truncate(length);
    value
}

/// The version that `value` names, if the value is whole and belongs to `key`.
pub fn version(key: &[u8], found: &[u8]) -> Option<u64> {
    let index = index(key)?;
    let version = u64::from_le_bytes(found.get(..8)?.try_into().ok()?);
    (value(index, version) == found).then_some(version)
}

/// The record that has this key.
pub fn index(found: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(found).ok()?;
    let index = text.split('-').nth(2)?.split(':').next()?.parse().ok()?;
    (key(index) == found).then_some(index)
}

/// Writes that give these records the values of batch `version`, and note its number.
pub fn writes(indices: impl Iterator<Item = u64>, version: u64) -> Vec<Write> {
    let meta = Write { key: META.to_vec(), value: Some(version.to_le_bytes().to_vec()) };
    indices.map(|index| Write { key: key(index), value: Some(value(index, version)) }).chain([meta]).collect()
}
