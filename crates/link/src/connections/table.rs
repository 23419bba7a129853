//! [`ConnectionTable`]: who is in it, and who has to go. It knows no clock and no task.

use std::collections::BTreeMap;
use std::time::Duration;

use lubdub_detect::Tick;

use super::config::{ConnectionsConfig, ScanFault};

/// What a table asks of a connection.
pub trait Connection {
    /// Whether it is over.
    fn is_over(&self) -> bool;

    /// How long nothing was heard on it.
    fn silent_for(&self) -> Duration;

    /// Closes it.
    fn close(&self);
}

/// How many a scan removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Removed {
    /// They were over.
    pub over: usize,
    /// They were silent, and are closed now.
    pub silent: usize,
}

/// Connections by number, in the order in which they came.
#[derive(Debug, Clone)]
pub struct ConnectionTable<C> {
    config: ConnectionsConfig,
    connections: BTreeMap<u64, C>,
    next: u64,
    scanned: Tick,
}

impl<C> ConnectionTable<C> {
    /// One less. None where a scan was quicker.
    pub fn remove(&mut self, number: u64) -> Option<C> {
        self.connections.remove(&number)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.connections.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.connections.is_empty()
    }
}

impl<C: Connection> ConnectionTable<C> {
    /// An empty one, first scanned an interval from now.
    ///
    /// # Errors
    ///
    /// The configuration cannot be used.
    pub fn new(config: ConnectionsConfig, now: Tick) -> Result<Self, ScanFault> {
        config.check()?;
        Ok(Self { config, connections: BTreeMap::new(), next: 0, scanned: now })
    }

    /// One more; the number that it is known by.
    pub fn insert(&mut self, connection: C) -> u64 {
        let number = self.next;
        self.next += 1;
        self.connections.insert(number, connection);
        number
    }

    /// When the next scan is due.
    pub fn deadline(&self) -> Tick {
        self.scanned.after(self.config.interval)
    }

    /// Removes those that are over, and closes and removes those that are silent, where a scan is due.
    pub fn scan(&mut self, now: Tick) -> Removed {
        let mut removed = Removed::default();
        if now < self.deadline() {
            return removed;
        }
        self.scanned = now;
        let silence = self.config.silence;
        self.connections.retain(|_, connection| {
            if connection.is_over() {
                removed.over += 1;
                return false;
            }
            if silence.is_zero() || connection.silent_for() < silence {
                return true;
            }
            connection.close();
            removed.silent += 1;
            false
        });
        removed
    }

    /// All of them, in the order in which they came.
    pub fn iter(&self) -> impl Iterator<Item = &C> {
        self.connections.values()
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::rc::Rc;

    use proptest::prelude::*;

    use super::*;

    /// Whether it is over, and since when it is silent; both are moved from outside.
    #[derive(Debug, Default)]
    struct Told {
        is_over: Cell<bool>,
        silent: Cell<Duration>,
    }

    impl Connection for Rc<Told> {
        fn is_over(&self) -> bool {
            self.is_over.get()
        }

        fn silent_for(&self) -> Duration {
            self.silent.get()
        }

        fn close(&self) {
            self.is_over.set(true);
        }
    }

    fn secs(secs: u64) -> Duration {
        Duration::from_secs(secs)
    }

    #[test]
    fn what_is_over_is_gone_with_the_next_scan_and_not_before() {
        let config = ConnectionsConfig::default();
        let mut table = ConnectionTable::new(config, Tick::of_secs(10)).unwrap();
        let connection = Rc::new(Told::default());
        table.insert(connection.clone());
        connection.is_over.set(true);
        assert_eq!(table.deadline(), Tick::of_secs(70));
        assert_eq!((table.scan(Tick::of_secs(69)), table.len()), (Removed::default(), 1));
        assert_eq!((table.scan(Tick::of_secs(70)), table.len()), (Removed { over: 1, silent: 0 }, 0));
    }

    #[test]
    fn what_is_silent_is_closed_where_that_is_wanted() {
        let config = ConnectionsConfig { silence: secs(40), ..ConnectionsConfig::default() };
        let mut table = ConnectionTable::new(config, Tick(0)).unwrap();
        let (silent, heard) = (Rc::new(Told::default()), Rc::new(Told::default()));
        silent.silent.set(secs(40));
        heard.silent.set(secs(39));
        table.insert(silent.clone());
        table.insert(heard.clone());
        assert_eq!(table.scan(Tick::of_secs(60)), Removed { over: 0, silent: 1 });
        assert!(silent.is_over() && !heard.is_over());
    }

    #[test]
    fn an_interval_that_is_none_is_refused() {
        let config = ConnectionsConfig { interval: Duration::ZERO, ..ConnectionsConfig::default() };
        let fault = ConnectionTable::<Rc<Told>>::new(config, Tick(0)).unwrap_err();
        assert_eq!(fault.to_string(), "the interval of scans is 0ns; expected a span from 1 ms to 366 days");
    }

    proptest! {
        #[test]
        fn the_gauge_is_what_came_less_what_left_and_what_a_scan_saw_over(
            steps in prop::collection::vec((0..4u8, 0..9usize), 0..120),
        ) {
            let mut table = ConnectionTable::new(ConnectionsConfig::default(), Tick(0)).unwrap();
            let (mut all, mut here, mut now): (Vec<(u64, Rc<Told>)>, Vec<u64>, _) = (Vec::new(), Vec::new(), 0);
            for (step, which) in steps {
                match (step, all.get(which)) {
                    (0, _) => {
                        let connection = Rc::new(Told::default());
                        let number = table.insert(connection.clone());
                        all.push((number, connection));
                        here.push(number);
                    }
                    (1, Some((number, _))) => {
                        prop_assert_eq!(table.remove(*number).is_some(), here.contains(number));
                        here.retain(|other| other != number);
                    }
                    (2, Some((_, connection))) => connection.is_over.set(true),
                    (3, _) => {
                        now += 25;
                        let was_due = table.deadline() <= Tick::of_secs(now);
                        table.scan(Tick::of_secs(now));
                        if was_due {
                            here.retain(|number| !all.iter().any(|(other, told)| other == number && told.is_over()));
                        }
                    }
                    _ => {}
                }
                prop_assert_eq!(table.len(), here.len());
            }
        }
    }
}
