//! A journal with damaged bytes: it is opened all the same, and nothing is made up.

use std::fs;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use lubdub_core::model::Instance;
use lubdub_core::{Revision, WallTime};
use lubdub_runtime::journal::{Batch, EmbeddedJournal, Journal, Loaded, OpenError, Write};
use lubdub_testkit::{Scene, provider};
use tempfile::TempDir;

const NOW: WallTime = WallTime(1_790_000_000_000);
const INSTANCES: usize = 12;
/// As it is called in the directory.
const FILE: &str = "registry.sqlite";
/// Where in it the number of its format stands.
const VERSION: std::ops::Range<usize> = 60..64;
/// The bytes of one damage: where, how, and with what.
const DAMAGE: usize = 4;

/// A whole journal, and what is in it.
struct Whole {
    bytes: Vec<u8>,
    instances: Vec<Arc<Instance>>,
}

/// Damages a journal as the bytes say, and opens it twice. Every four bytes are one damage: two
/// for the place, one for what is done there, one for a value.
pub(crate) fn read_damaged(bytes: &[u8]) {
    static WHOLE: OnceLock<Whole> = OnceLock::new();
    let whole = WHOLE.get_or_init(Whole::write);
    let mut damaged = whole.bytes.clone();
    for damage in bytes.chunks_exact(DAMAGE) {
        apply(damage, &mut damaged);
    }
    let folder = folder();
    fs::write(folder.path().join(FILE), &damaged).expect("a folder takes a file");
    let loaded = match open(folder.path()) {
        Ok(loaded) => loaded,
        // Nothing tells a later version's file from one whose number was damaged to a higher one.
        Err(OpenError::NewerFormat { .. }) if damaged.get(VERSION) != whole.bytes.get(VERSION) => return,
        Err(error) => panic!("a damaged journal keeps the registry from starting: {error}"),
    };
    for found in &loaded.instances {
        assert!(whole.instances.contains(found), "made up: {found:?}");
    }
    if loaded.damaged.is_none() {
        assert_eq!(loaded.instances.len(), INSTANCES, "instances are missing, and nobody is told");
    }
    let again = open(folder.path()).expect("what was written anew is whole");
    assert_eq!((again.instances.len(), again.damaged), (loaded.instances.len(), None));
}

/// Opens and closes.
fn open(folder: &Path) -> Result<Loaded, OpenError> {
    EmbeddedJournal::open(folder, false, 100, NOW).map(|(_, loaded)| loaded)
}

/// In memory where there is such a place: a journal waits for the disk.
fn folder() -> TempDir {
    let memory = tempfile::tempdir_in("/dev/shm");
    memory.or_else(|_| tempfile::tempdir()).expect("there is a temporary folder")
}

fn apply(damage: &[u8], bytes: &mut Vec<u8>) {
    let [high, low, what, value] = *damage else { return };
    let length = bytes.len().max(1);
    let place = usize::from(u16::from_be_bytes([high, low])) % length;
    let end = (place + usize::from(value)).min(bytes.len());
    match what {
        0..=2 => bytes.truncate(place),
        3..=31 => bytes.get_mut(place..end).unwrap_or_default().fill(0),
        32..=63 => bytes.get_mut(place..end).unwrap_or_default().fill(0xff),
        _ => bytes.get_mut(place..).unwrap_or_default().iter_mut().take(1).for_each(|byte| *byte ^= value),
    }
}

impl Whole {
    fn write() -> Self {
        let mut scene = Scene::new();
        for id in 0..INSTANCES {
            scene.register(provider("orders", &format!("web-{id}")).metadata(&[("zone", "a")]));
        }
        let snapshot = scene.registry.snapshot();
        let service = snapshot.catalog.service("orders").expect("they are registered");
        let instances: Vec<_> = service.iter().map(|listed| Arc::clone(&listed.instance)).collect();
        let told = instances.iter().flat_map(|instance| snapshot.history.of(&instance.key));
        let mut writes: Vec<_> = told.map(|entry| Write::History(Box::new(entry))).collect();
        writes.extend(instances.iter().cloned().map(Write::Instance));
        let folder = folder();
        let (mut journal, _) =
            EmbeddedJournal::open(folder.path(), false, 100, NOW).expect("an empty folder takes a journal");
        journal
            .append(&Batch { revision: Revision(7), at: NOW, writes })
            .expect("an empty journal takes a batch");
        drop(journal);
        let bytes = fs::read(folder.path().join(FILE)).expect("it was written");
        Self { bytes, instances }
    }
}
