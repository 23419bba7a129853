//! Reading the tables of a journal: what is in each, and what of it cannot be read.

use std::path::Path;

use lubdub_core::model::Instance;
use lubdub_core::{Revision, WallTime};
use rusqlite::Connection;

use super::batch::Loaded;
use super::embedded::OpenError;
use super::record;

/// The format of the tables. A file with a higher one is refused.
pub(super) const FORMAT: i64 = 1;

/// Why a file was not read to its end.
pub(super) enum LoadError {
    /// Not to be touched.
    Refused(OpenError),
    /// The file is in order, but for this many records.
    Records(usize),
    /// The file is not in order.
    Structure(String),
}

impl From<rusqlite::Error> for LoadError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Structure(error.to_string())
    }
}

/// Checks a file and reads all of it, as far as it can be read.
pub(super) fn load(directory: &Path, connection: &Connection, loaded: &mut Loaded) -> Result<(), LoadError> {
    let newer = |found| {
        LoadError::Refused(OpenError::NewerFormat { path: directory.to_owned(), found, known: FORMAT })
    };
    let format = format(connection)?;
    if format > FORMAT {
        return Err(newer(format));
    }
    if format == 0 {
        let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", (), |row| row.get(0))?;
        // Without tables: killed between making the file and them, which come with the format.
        return match tables {
            0 => Ok(()),
            _ => Err(LoadError::Structure("the file has tables and no format".to_owned())),
        };
    }
    if let Some(wrong) = wrong(connection)? {
        return Err(LoadError::Structure(wrong));
    }
    meta(connection, loaded)?;
    let mut unreadable = 0;
    let mut later = None;
    instances(connection, |row| match row {
        Row::Whole(instance) => loaded.instances.push(instance.into()),
        Row::Later(format) => later = later.or(Some(format)),
        Row::Unreadable => unreadable += 1,
    })?;
    if let Some(format) = later {
        return Err(newer(format.into()));
    }
    unreadable += history(connection, loaded)?;
    if unreadable > 0 { Err(LoadError::Records(unreadable)) } else { Ok(()) }
}

/// The format of the tables; 0 where there are none.
pub(super) fn format(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("PRAGMA user_version", (), |row| row.get(0))
}

/// What is wrong with the structure of a file, if anything is. A damaged page may pass for one that
/// holds less: without this nobody would hear of it.
pub(super) fn wrong(connection: &Connection) -> rusqlite::Result<Option<String>> {
    let word: String = connection.query_row("PRAGMA quick_check(1)", (), |row| row.get(0))?;
    Ok((word != "ok").then_some(word))
}

/// The revision, and when the registry was alive.
pub(super) fn meta(connection: &Connection, loaded: &mut Loaded) -> rusqlite::Result<()> {
    let mut meta = connection.prepare("SELECT name, value FROM meta")?;
    let mut rows = meta.query(())?;
    while let Some(row) = rows.next()? {
        let value = u64::try_from(row.get::<_, i64>(1)?).unwrap_or_default();
        match row.get_ref(0)?.as_str().unwrap_or_default() {
            "revision" => loaded.revision = Some(Revision(value)),
            "alive" => loaded.alive = Some(WallTime(value)),
            _ => {}
        }
    }
    Ok(())
}

/// A row of the instances' table.
pub(super) enum Row {
    Whole(Instance),
    /// Written by a later version, in this format.
    Later(u8),
    Unreadable,
}

/// Reads the instances in the order of their keys.
pub(super) fn instances(connection: &Connection, mut tell: impl FnMut(Row)) -> rusqlite::Result<()> {
    let mut decoder = record::Decoder::default();
    let mut instances = connection.prepare("SELECT key, record FROM instances ORDER BY key")?;
    let mut rows = instances.query(())?;
    while let Some(row) = rows.next()? {
        let (Ok(key), Ok(bytes)) = (row.get_ref(0)?.as_blob(), row.get_ref(1)?.as_blob()) else {
            tell(Row::Unreadable);
            continue;
        };
        tell(match decoder.decode(bytes) {
            Ok(instance) if record::is_table_key(key, &instance.key) => Row::Whole(instance),
            Err(record::RecordError::Newer(format)) if !record::is_misnumbered(bytes, key) => {
                Row::Later(format)
            }
            Ok(_) | Err(_) => Row::Unreadable,
        });
    }
    Ok(())
}

/// Reads the history; answers how many entries of it cannot be read.
pub(super) fn history(connection: &Connection, loaded: &mut Loaded) -> rusqlite::Result<usize> {
    let mut unreadable = 0;
    let mut history = connection.prepare("SELECT record FROM history ORDER BY place")?;
    let mut rows = history.query(())?;
    while let Some(row) = rows.next()? {
        match row.get_ref(0)?.as_blob().map(record::decode_history) {
            Ok(Ok(entry)) => loaded.history.push(entry),
            _ => unreadable += 1,
        }
    }
    Ok(unreadable)
}
