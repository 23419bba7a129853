//! The back end that is built in: a state table in one file of a directory, kept by SQLite.
//!
//! Why SQLite: see `docs/journal-store.md`. Three tables: `meta` (name → number), `instances`
//! (service, id and node → record) and `history` (a growing number → record). The format of
//! the tables is SQLite's `user_version`.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use lubdub_core::model::Instance;
use lubdub_core::{Revision, WallTime};
use rusqlite::{Connection, ErrorCode, ffi};

use super::batch::{Batch, Journal, JournalError, Loaded, Write};
use super::loading::{self, LoadError};
use super::streaming::{self, Part};
use super::{record, salvage};

const FILE: &str = "registry.sqlite";
/// The bytes of the smallest page that SQLite has.
const LEAST_PAGE: u64 = 512;

/// Exclusive: a second process is refused, and (no busy timeout) at once. Full: a commit returns once the disk has it.
const SETTINGS: &str = "
    PRAGMA busy_timeout = 0;
    PRAGMA locking_mode = EXCLUSIVE;
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA cache_size = -16384;
";
const TABLES: &str = "
    BEGIN IMMEDIATE;
    CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS instances (key BLOB PRIMARY KEY, record BLOB NOT NULL) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS history (place INTEGER PRIMARY KEY, record BLOB NOT NULL);
    PRAGMA user_version = 1;
    COMMIT;
";

/// Why a journal could not be opened. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process has it open.
    #[error(
        "the data directory {0} is in use by another process; stop that one, or give this one a directory of its own with --data"
    )]
    InUse(PathBuf),
    /// The directory cannot be made or written.
    #[error(
        "the data directory {path} cannot be written: {reason}; name one that can with --data, or keep nothing with --ephemeral"
    )]
    NotWritable {
        /// The directory.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// A later version wrote it.
    #[error(
        "the journal in {path} has format {found}, and this version of lubdub knows formats up to {known}; start the newer version, or start empty with --forget (the journal is kept aside)"
    )]
    NewerFormat {
        /// The directory.
        path: PathBuf,
        /// The format found.
        found: i64,
        /// The newest format known.
        known: i64,
    },
    /// The disk failed.
    #[error("the journal in {path} could not be opened: {reason}")]
    Storage {
        /// The directory.
        path: PathBuf,
        /// What was said.
        reason: String,
    },
}

/// The journal in one file of a directory.
#[derive(Debug)]
pub struct EmbeddedJournal {
    connection: Connection,
    next_history: i64,
    most_history: i64,
}

/// How a file was found.
enum Found {
    /// Whole.
    Sound(Connection, Loaded),
    /// Whole; its instances were told while it was read.
    Streamed(Connection, Loaded),
    /// Not whole: what of it could be read, and what is wrong.
    Damaged(Loaded, String),
}

impl EmbeddedJournal {
    /// Opens the journal of a directory, or starts one; reads all of it. A damaged one is put
    /// aside with its date, and what could be read of it starts the new one. `forget` puts a
    /// sound one aside, too. Of the history at most `most_history` entries are kept.
    ///
    /// # Errors
    ///
    /// Where another process has it open, the directory cannot be written, a later version
    /// wrote it, or the disk fails.
    pub fn open(
        directory: &Path,
        forget: bool,
        most_history: usize,
        now: WallTime,
    ) -> Result<(Self, Loaded), OpenError> {
        let mut instances = Vec::new();
        let (journal, loaded) =
            Self::open_into(directory, forget, most_history, now, &mut |part| match part {
                Part::Begin { .. } => instances.clear(),
                Part::Instances(more) => instances.extend(more.into_iter().map(Arc::new)),
            })?;
        Ok((journal, Loaded { instances, ..loaded }))
    }

    /// The same, but tells the instances while it reads them, instead of at the end.
    pub(crate) fn open_into(
        directory: &Path,
        forget: bool,
        most_history: usize,
        now: WallTime,
        tell: &mut dyn FnMut(Part),
    ) -> Result<(Self, Loaded), OpenError> {
        fs::create_dir_all(directory).map_err(|error| not_writable(directory, &error))?;
        // Messages name the file so that it is found from anywhere.
        let directory = &fs::canonicalize(directory).map_err(|error| not_writable(directory, &error))?;
        let file = directory.join(FILE);
        let (connection, mut loaded, rewrite) = if forget && file.exists() {
            // Opened first, so that what another process is using is not taken from it.
            if let Err(error @ (OpenError::InUse(_) | OpenError::NotWritable { .. })) =
                read(directory, &file, None)
            {
                return Err(error);
            }
            salvage::put_aside(&file, "forgotten", now).map_err(|error| not_writable(directory, &error))?;
            (connect(directory, &file)?, Loaded::default(), false)
        } else {
            match read(directory, &file, Some(&mut *tell))? {
                Found::Sound(connection, mut loaded) => {
                    tell(Part::Begin { revision: loaded.revision });
                    let instances = loaded.instances.drain(..).map(Arc::unwrap_or_clone);
                    tell(Part::Instances(instances.collect()));
                    (connection, loaded, false)
                }
                Found::Streamed(connection, loaded) => (connection, loaded, false),
                Found::Damaged(loaded, reason) => {
                    let aside = salvage::put_aside(&file, "damaged", now)
                        .map_err(|error| not_writable(directory, &error))?;
                    tell(Part::Begin { revision: loaded.revision });
                    let instances = loaded.instances.iter().map(|instance| Instance::clone(instance));
                    tell(Part::Instances(instances.collect()));
                    (connect(directory, &file)?, salvaged(loaded, &reason, &aside, now), true)
                }
            }
        };
        let most_history = i64::try_from(most_history.max(1)).unwrap_or(i64::MAX);
        let storage = |reason: String| OpenError::Storage { path: directory.to_owned(), reason };
        connection.execute_batch(TABLES).map_err(|error| refusal(directory, &error))?;
        let next_history = connection
            .query_row("SELECT coalesce(max(place), 0) + 1 FROM history", (), |row| row.get(0))
            .map_err(|error| storage(error.to_string()))?;
        let mut journal = Self { connection, next_history, most_history };
        let mut writes = Vec::new();
        if rewrite {
            writes.extend(loaded.instances.drain(..).map(Write::Instance));
            writes.extend(loaded.history.iter().cloned().map(|entry| Write::History(Box::new(entry))));
        }
        // Where this run begins is on disk before anybody is told of it: a clock that is set back, and a
        // run that writes nothing more, must not let the next one begin before it. Also tells at once
        // whether the disk takes anything at all.
        let revision = Revision::start(loaded.revision.unwrap_or_default(), now);
        journal.append(&Batch { revision, at: now, writes }).map_err(|error| storage(error.0))?;
        let too_many =
            loaded.history.len().saturating_sub(usize::try_from(most_history).unwrap_or(usize::MAX));
        loaded.history.drain(..too_many);
        Ok((journal, loaded))
    }

    fn write(&mut self, batch: &Batch) -> rusqlite::Result<()> {
        let transaction = self.connection.transaction()?;
        let mut next_history = self.next_history;
        {
            let mut put = transaction.prepare_cached("REPLACE INTO instances VALUES (?1, ?2)")?;
            let mut delete = transaction.prepare_cached("DELETE FROM instances WHERE key = ?1")?;
            let mut note = transaction.prepare_cached("INSERT INTO history VALUES (?1, ?2)")?;
            for write in &batch.writes {
                match write {
                    Write::Instance(instance) => {
                        put.execute((record::table_key(&instance.key), record::encode_instance(instance)))?;
                    }
                    Write::Gone(key) => {
                        delete.execute((record::table_key(key),))?;
                    }
                    Write::History(entry) => {
                        note.execute((next_history, record::encode_history(entry)))?;
                        next_history += 1;
                    }
                }
            }
            let mut forget = transaction.prepare_cached("DELETE FROM history WHERE place < ?1")?;
            forget.execute((next_history - self.most_history,))?;
            let mut meta = transaction.prepare_cached(
                "INSERT INTO meta VALUES (?1, ?2) ON CONFLICT DO UPDATE SET value = max(value, excluded.value)",
            )?;
            meta.execute(("revision", to_number(batch.revision.0)))?;
            meta.execute(("alive", to_number(batch.at.0)))?;
        }
        transaction.commit()?;
        self.next_history = next_history;
        Ok(())
    }
}

impl Journal for EmbeddedJournal {
    fn append(&mut self, batch: &Batch) -> Result<(), JournalError> {
        self.write(batch).map_err(|error| JournalError(error.to_string()))
    }
}

fn salvaged(loaded: Loaded, reason: &str, aside: &Path, now: WallTime) -> Loaded {
    let damaged = format!(
        "the journal was damaged ({reason}); it was moved to {}, and {} instances could be read from it",
        aside.display(),
        loaded.instances.len()
    );
    // An earlier run there was, although nobody may know until when.
    Loaded { damaged: Some(damaged), alive: loaded.alive.or(Some(now)), ..loaded }
}

fn connect(directory: &Path, file: &Path) -> Result<Connection, OpenError> {
    let connection = Connection::open(file).map_err(|error| refusal(directory, &error))?;
    connection.execute_batch(SETTINGS).map_err(|error| refusal(directory, &error))?;
    Ok(connection)
}

/// Reads a file, or starts one. Tells of its instances meanwhile, where it is asked to and can.
fn read(directory: &Path, file: &Path, tell: Option<&mut dyn FnMut(Part)>) -> Result<Found, OpenError> {
    let missing = !file.exists();
    // The store takes less than a page for a file that is new.
    let cut_to_nothing = fs::metadata(file).is_ok_and(|file| file.len() < LEAST_PAGE);
    let opened = Connection::open(file).and_then(|connection| {
        connection.execute_batch(SETTINGS)?;
        // Takes the lock.
        connection.execute_batch("BEGIN IMMEDIATE; COMMIT;")?;
        Ok(connection)
    });
    let mut connection = match opened {
        Ok(connection) if missing => return Ok(Found::Sound(connection, Loaded::default())),
        Ok(_) if cut_to_nothing => {
            return scanned(directory, file, Loaded::default(), "the file is cut to nothing");
        }
        Ok(connection) => connection,
        Err(error) if is_damage(&error, file) => {
            return scanned(directory, file, Loaded::default(), &error.to_string());
        }
        Err(error) => return Err(refusal(directory, &error)),
    };
    let read_only = connection.is_readonly("main").map_err(|error| refusal(directory, &error))?;
    if let Some(tell) = tell.filter(|_| !read_only) {
        match streaming::stream(connection, file, tell) {
            (connection, Some(loaded)) => return Ok(Found::Streamed(connection, loaded)),
            // Read once more, in a way that finds out what is wrong.
            (same, None) => connection = same,
        }
    }
    let mut loaded = Loaded::default();
    match loading::load(directory, &connection, &mut loaded) {
        Ok(()) if read_only && may_be_written(file) => {
            Ok(Found::Damaged(loaded, "the file says of itself that it is not to be written".to_owned()))
        }
        Ok(()) => Ok(Found::Sound(connection, loaded)),
        Err(LoadError::Refused(error)) => Err(error),
        Err(LoadError::Records(count)) => {
            Ok(Found::Damaged(loaded, format!("{count} records could not be read")))
        }
        Err(LoadError::Structure(reason)) => scanned(directory, file, loaded, &reason),
    }
}

/// Adds to what could be read in order what stands anywhere else in the file.
fn scanned(directory: &Path, file: &Path, mut loaded: Loaded, reason: &str) -> Result<Found, OpenError> {
    salvage::scan_into(file, &mut loaded.instances).map_err(|error| not_writable(directory, &error))?;
    Ok(Found::Damaged(loaded, reason.to_owned()))
}

/// Whether an error of opening a file says that its content is wrong, rather than that the disk
/// refused. What is asked of it is always the same, so an error in the question is one of the
/// content; and a file that can be written and says that it cannot is not what was written.
fn is_damage(error: &rusqlite::Error, file: &Path) -> bool {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => return true,
        Some(ErrorCode::ReadOnly) => return may_be_written(file),
        _ => {}
    }
    let code = error.sqlite_error().map(|error| error.extended_code);
    matches!(code, Some(ffi::SQLITE_ERROR | ffi::SQLITE_IOERR_SHORT_READ))
}

fn may_be_written(file: &Path) -> bool {
    fs::OpenOptions::new().write(true).open(file).is_ok()
}

fn refusal(directory: &Path, error: &rusqlite::Error) -> OpenError {
    let path = directory.to_owned();
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => OpenError::InUse(path),
        Some(
            ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied | ErrorCode::DiskFull,
        ) => OpenError::NotWritable { path, reason: error.to_string() },
        _ => OpenError::Storage { path, reason: error.to_string() },
    }
}

fn not_writable(directory: &Path, error: &io::Error) -> OpenError {
    OpenError::NotWritable { path: directory.to_owned(), reason: error.to_string() }
}

/// Revisions and times fit into 63 bits for hundreds of thousands of years.
fn to_number(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}
