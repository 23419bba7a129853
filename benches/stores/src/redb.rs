//! redb: a copy-on-write B-tree in one file, in Rust.

use crate::store::{CACHE, Result, Store, Write};
use redb::{Database, ReadableDatabase, ReadableTable, TableDefinition};
use std::path::Path;

const TABLE: TableDefinition<&[u8], &[u8]> = TableDefinition::new("state");

/// With `QUICK`, each commit also saves the allocator's state, so that opening after a crash need
/// not walk the file.
pub struct Redb<const QUICK: bool>(Database);

impl<const QUICK: bool> Store for Redb<QUICK> {
    fn open(dir: &Path) -> Result<Self> {
        let database = Database::builder().set_cache_size(CACHE).create(dir.join("journal.redb"))?;
        let store = Self(database);
        let setup = store.0.begin_write()?;
        setup.open_table(TABLE)?;
        setup.commit()?;
        Ok(store)
    }

    fn commit(&mut self, batch: Vec<Write>) -> Result<()> {
        let mut transaction = self.0.begin_write()?;
        transaction.set_quick_repair(QUICK);
        {
            let mut table = transaction.open_table(TABLE)?;
            for Write { key, value } in &batch {
                match value {
                    Some(value) => table.insert(key.as_slice(), value.as_slice())?,
                    None => table.remove(key.as_slice())?,
                };
            }
        }
        Ok(transaction.commit()?)
    }

    fn scan(&self, visit: &mut dyn FnMut(&[u8], &[u8])) -> Result<()> {
        for row in self.0.begin_read()?.open_table(TABLE)?.iter()? {
            let (key, value) = row?;
            visit(key.value(), value.value());
        }
        Ok(())
    }

    fn check(&mut self) -> Result<Option<bool>> {
        Ok(Some(self.0.check_integrity()?))
    }
}
