//! [`Carried`]: whose beats a connection carried, so that its end can be looked into.

use lubdub_core::Tick;
use lubdub_core::lease::LeaseId;
use lubdub_runtime::CarriedBeat;
use parking_lot::Mutex;

/// Whose beats a connection carried. One connection's requests come one after the other, so
/// nobody waits for the lock.
#[derive(Debug, Default)]
pub(crate) struct Carried(Mutex<Beats>);

#[derive(Debug)]
enum Beats {
    /// The last of each lease; grows with the first beat of a lease alone.
    Few(Vec<CarriedBeat>),
    /// Of so many that it must be a proxy's: its end says nothing of anybody.
    Many,
}

/// A process registers a few instances, a proxy passes on many. Each registration is a lease of
/// its own.
const MOST_LEASES: usize = 16;

impl Default for Beats {
    fn default() -> Self {
        Self::Few(Vec::new())
    }
}

impl Carried {
    /// A beat came.
    pub(crate) fn note(&self, lease: LeaseId, at: Tick) {
        let mut beats = self.0.lock();
        let Beats::Few(few) = &mut *beats else { return };
        if let Some(known) = few.iter_mut().find(|known| known.lease == lease) {
            known.at = at;
        } else if few.len() < MOST_LEASES {
            few.push(CarriedBeat { lease, at });
        } else {
            *beats = Beats::Many;
        }
    }

    /// Whom the connection's end says something of.
    pub(crate) fn take(&self) -> Vec<CarriedBeat> {
        match std::mem::take(&mut *self.0.lock()) {
            Beats::Few(few) => few,
            Beats::Many => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lease(number: usize) -> LeaseId {
        LeaseId { index: number as u32, reuse: 1 }
    }

    #[test]
    fn the_last_beat_of_each_lease_is_kept() {
        let carried = Carried::default();
        for (number, at) in [(1, 10), (2, 20), (1, 30)] {
            carried.note(lease(number), Tick(at));
        }
        let beat = |number, at| CarriedBeat { lease: lease(number), at: Tick(at) };
        assert_eq!(carried.take(), [beat(1, 30), beat(2, 20)]);
    }

    #[test]
    fn a_connection_of_many_says_nothing_of_anybody() {
        let carried = Carried::default();
        for number in 0..MOST_LEASES {
            carried.note(lease(number), Tick(1));
        }
        carried.note(lease(0), Tick(2));
        assert!(matches!(&*carried.0.lock(), Beats::Few(few) if few.len() == MOST_LEASES));
        carried.note(lease(MOST_LEASES), Tick(3));
        carried.note(lease(0), Tick(4));
        assert_eq!(carried.take(), []);
    }
}
