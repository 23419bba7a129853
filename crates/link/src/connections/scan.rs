//! [`Connections`]: the task that scans a table, and who has entered it.

use std::sync::{Arc, Weak};

use parking_lot::Mutex;
use tracing::debug;

use super::config::{ConnectionsConfig, ScanFault};
use super::table::{Connection, ConnectionTable};
use crate::clock::Clock;

/// A table of connections with its scan, shared by whoever accepts or opens them. The scan ends with the last of these and of
/// those that have entered.
#[derive(Debug)]
pub struct Connections<C> {
    table: Arc<Mutex<ConnectionTable<C>>>,
}

impl<C> Clone for Connections<C> {
    fn clone(&self) -> Self {
        Self { table: Arc::clone(&self.table) }
    }
}

impl<C: Connection + Send + 'static> Connections<C> {
    /// An empty table, scanned from now on.
    ///
    /// # Errors
    ///
    /// The configuration cannot be used.
    ///
    /// # Panics
    ///
    /// There is no tokio runtime, or it has no timers.
    pub fn scanned(config: ConnectionsConfig) -> Result<Self, ScanFault> {
        let clock = Clock::start();
        let table = Arc::new(Mutex::new(ConnectionTable::new(config, clock.now())?));
        tokio::spawn(scan(Arc::downgrade(&table), clock));
        Ok(Self { table })
    }

    /// One more. It leaves when what is returned is dropped, or with the first scan that finds it over.
    pub fn enter(&self, connection: C) -> Entered<C> {
        Entered { number: self.table.lock().insert(connection), table: Arc::clone(&self.table) }
    }

    /// How many there are now.
    pub fn gauge(&self) -> usize {
        self.table.lock().len()
    }

    /// Closes all of them; they leave as they otherwise would.
    pub fn close_all(&self) {
        self.table.lock().iter().for_each(Connection::close);
    }
}

/// Looks when it is due, for as long as anybody has the table.
async fn scan<C: Connection>(table: Weak<Mutex<ConnectionTable<C>>>, clock: Clock) {
    loop {
        let Some(due) = table.upgrade().map(|table| table.lock().deadline()) else { return };
        tokio::time::sleep_until(clock.instant(due)).await;
        let Some(table) = table.upgrade() else { return };
        let removed = table.lock().scan(clock.now());
        if removed.over + removed.silent > 0 {
            debug!(over = removed.over, silent = removed.silent, "connections were removed that nobody had");
        }
    }
}

/// A place in a table, for as long as it is held.
#[derive(Debug)]
pub struct Entered<C> {
    number: u64,
    table: Arc<Mutex<ConnectionTable<C>>>,
}

impl<C> Drop for Entered<C> {
    fn drop(&mut self) {
        // Its connection is dropped when the lock is free again.
        let left = self.table.lock().remove(self.number);
        drop(left);
    }
}
