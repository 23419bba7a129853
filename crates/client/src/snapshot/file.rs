//! [`SnapshotFile`]: one snapshot on disk, replaced as a whole.

use std::fs;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use tracing::warn;

use super::format::Snapshot;
use crate::endpoint::Endpoint;

/// The file of one service of one registry.
#[derive(Debug)]
pub(crate) struct SnapshotFile {
    path: PathBuf,
    registry: String,
    service: String,
}

impl SnapshotFile {
    /// The one in `folder`, which is made when something is written. `registry` is its address without
    /// credentials: two registries do not share a file.
    pub(crate) fn of(folder: &Path, registry: &str, service: &str) -> Self {
        let name = utf8_percent_encode(service, NON_ALPHANUMERIC).to_string();
        // Longer names than file systems take are told apart by their checksum.
        let name: String = name.chars().take(150).collect();
        let sum = crc32fast::hash(format!("{registry}\n{service}").as_bytes());
        let path = folder.join(format!("{name}-{sum:08x}.endpoints"));
        Self { path, registry: registry.to_owned(), service: service.to_owned() }
    }

    /// What was known last: nothing where there is no file, or a damaged one, which is told in the log.
    pub(crate) fn read(&self) -> Option<Vec<Endpoint>> {
        let path = self.path.display();
        let bytes = match fs::read(&self.path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::NotFound => return None,
            Err(error) => {
                warn!(%path, %error, "the snapshot of endpoints cannot be read and is ignored");
                return None;
            }
        };
        match Snapshot::decode(&bytes) {
            Ok(read) if read.registry == self.registry && read.service == self.service => {
                Some(read.endpoints)
            }
            Ok(read) => {
                warn!(%path, of = %read.service, "the snapshot of endpoints is another's and is ignored");
                None
            }
            Err(fault) => {
                warn!(%path, %fault, "the snapshot of endpoints is damaged and is ignored");
                None
            }
        }
    }

    /// Replaces it: a reader, or a crash, finds the old one or the new one, never a part. A failure is
    /// told in the log; the program goes on without.
    pub(crate) fn write(&self, endpoints: &[Endpoint]) {
        if let Err(error) = self.try_write(endpoints) {
            let path = self.path.display();
            warn!(%path, %error, "the snapshot of endpoints cannot be written");
        }
    }

    fn try_write(&self, endpoints: &[Endpoint]) -> std::io::Result<()> {
        let snapshot = Snapshot {
            registry: self.registry.clone(),
            service: self.service.clone(),
            endpoints: endpoints.to_vec(),
        };
        let folder = self.path.parent().unwrap_or_else(|| Path::new("."));
        fs::create_dir_all(folder)?;
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(&snapshot.encode())?;
        file.as_file().sync_all()?;
        file.persist(&self.path)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::instance::Instance;

    fn endpoints() -> Vec<Endpoint> {
        vec![Endpoint::sure(Instance::new("orders", "a", 1))]
    }

    #[test]
    fn what_is_written_is_read_and_replaced_and_nothing_else_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let file = SnapshotFile::of(&folder.path().join("new"), "eureka://a", "a/../b ü");
        assert_eq!(file.read(), None);
        file.write(&endpoints());
        file.write(&[]);
        file.write(&endpoints());
        assert_eq!(file.read(), Some(endpoints()));
        assert_eq!(fs::read_dir(folder.path().join("new")).unwrap().count(), 1);
    }

    #[test]
    fn a_damaged_file_is_ignored() {
        let folder = tempfile::tempdir().unwrap();
        let file = SnapshotFile::of(folder.path(), "eureka://a", "orders");
        file.write(&endpoints());
        let mut bytes = fs::read(&file.path).unwrap();
        bytes.truncate(bytes.len() / 2);
        fs::write(&file.path, bytes).unwrap();
        assert_eq!(file.read(), None);
    }

    #[test]
    fn two_registries_do_not_share_a_file() {
        let folder = tempfile::tempdir().unwrap();
        SnapshotFile::of(folder.path(), "eureka://a", "orders").write(&endpoints());
        assert_eq!(SnapshotFile::of(folder.path(), "eureka://b", "orders").read(), None);
    }
}
