//! fjall: a log-structured merge tree with a write-ahead journal, in Rust.

use crate::store::{CACHE, Result, Store, Write};
use fjall::{Database, Keyspace, KeyspaceCreateOptions, PersistMode};
use std::path::Path;

pub struct Fjall {
    database: Database,
    state: Keyspace,
}

impl Store for Fjall {
    fn open(dir: &Path) -> Result<Self> {
        let database = Database::builder(dir).cache_size(CACHE as u64).open()?;
        let state = database.keyspace("state", KeyspaceCreateOptions::default)?;
        Ok(Self { database, state })
    }

    fn commit(&mut self, batch: Vec<Write>) -> Result<()> {
        let mut transaction = self.database.batch().durability(Some(PersistMode::SyncData));
        for Write { key, value } in batch {
            match value {
                Some(value) => transaction.insert(&self.state, key, value),
                None => transaction.remove(&self.state, key),
            }
        }
        Ok(transaction.commit()?)
    }

    fn scan(&self, visit: &mut dyn FnMut(&[u8], &[u8])) -> Result<()> {
        for row in self.state.iter() {
            let (key, value) = row.into_inner()?;
            visit(&key, &value);
        }
        Ok(())
    }
}
