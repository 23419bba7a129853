//! rusqlite: SQLite with a write-ahead log, in C.

use crate::store::{CACHE, Result, Store, Write};
use rusqlite::Connection;
use std::path::Path;

pub struct Sqlite(Connection);

impl Store for Sqlite {
    fn open(dir: &Path) -> Result<Self> {
        let connection = Connection::open(dir.join("journal.sqlite"))?;
        connection.execute_batch(&format!(
            "PRAGMA locking_mode = EXCLUSIVE;
             PRAGMA journal_mode = WAL;
             PRAGMA synchronous = FULL;
             PRAGMA cache_size = -{};
             CREATE TABLE IF NOT EXISTS state (key BLOB PRIMARY KEY, value BLOB) WITHOUT ROWID;",
            CACHE >> 10
        ))?;
        Ok(Self(connection))
    }

    fn commit(&mut self, batch: Vec<Write>) -> Result<()> {
        let transaction = self.0.transaction()?;
        {
            let mut put = transaction.prepare_cached("REPLACE INTO state VALUES (?1, ?2)")?;
            let mut delete = transaction.prepare_cached("DELETE FROM state WHERE key = ?1")?;
            for Write { key, value } in &batch {
                match value {
                    Some(value) => put.execute((key, value))?,
                    None => delete.execute((key,))?,
                };
            }
        }
        Ok(transaction.commit()?)
    }

    fn scan(&self, visit: &mut dyn FnMut(&[u8], &[u8])) -> Result<()> {
        let mut query = self.0.prepare("SELECT key, value FROM state ORDER BY key")?;
        let mut rows = query.query(())?;
        while let Some(row) = rows.next()? {
            visit(row.get_ref(0)?.as_blob()?, row.get_ref(1)?.as_blob()?);
        }
        Ok(())
    }

    fn check(&mut self) -> Result<Option<bool>> {
        let answer: String = self.0.query_row("PRAGMA integrity_check(1)", (), |row| row.get(0))?;
        Ok(Some(answer == "ok"))
    }
}
