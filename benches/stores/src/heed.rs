//! heed: LMDB, a memory-mapped copy-on-write B-tree, in C.

use crate::store::{Result, Store, Write};
use heed::types::Bytes;
use heed::{CommitOrAbort, Database, Env, EnvOpenOptions};
use std::path::Path;

/// The most that the file may grow to; only address space is taken.
const MAP: usize = 8 << 30;

pub struct Heed {
    env: Env,
    state: Database<'static, Bytes, Bytes>,
}

impl Store for Heed {
    fn open(dir: &Path) -> Result<Self> {
        // SAFETY: nothing else writes to the folder while it is mapped.
        let env = unsafe { EnvOpenOptions::new().map_size(MAP).open(dir)? };
        let state = env
            .create_databases_and_commit(env.write_txn()?, |opener, setup| {
                opener.create_database(setup, None).map(CommitOrAbort::<_, ()>::Commit)
            })?
            .unwrap_commit();
        Ok(Self { env, state })
    }

    fn commit(&mut self, batch: Vec<Write>) -> Result<()> {
        let mut transaction = self.env.write_txn()?;
        for Write { key, value } in &batch {
            match value {
                Some(value) => self.state.put(&mut transaction, key, value)?,
                None => self.state.delete(&mut transaction, key).map(drop)?,
            }
        }
        Ok(transaction.commit()?)
    }

    fn scan(&self, visit: &mut dyn FnMut(&[u8], &[u8])) -> Result<()> {
        let transaction = self.env.read_txn()?;
        for row in self.state.iter(&transaction)? {
            let (key, value) = row?;
            visit(key, value);
        }
        Ok(())
    }
}
