//! [`Commits`]: what the journal's commits take, and how many fail.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::clock::Clock;
use crate::histogram::Histogram;
use crate::journal::{Batch, Journal, JournalError};

/// What the journal's commits took, and how many failed.
#[derive(Debug, Default)]
pub(crate) struct Commits {
    pub(crate) times: Histogram,
    failed: AtomicU64,
}

impl Commits {
    pub(crate) fn failed(&self) -> u64 {
        self.failed.load(Ordering::Relaxed)
    }
}

/// A journal whose commits are timed.
pub(crate) struct Timed {
    pub(crate) journal: Box<dyn Journal>,
    pub(crate) commits: Arc<Commits>,
}

impl Journal for Timed {
    fn append(&mut self, batch: &Batch) -> Result<(), JournalError> {
        let began = Clock::nanos();
        let outcome = self.journal.append(batch);
        // A batch without writes only says that the registry lives: nobody waits for it.
        if !batch.writes.is_empty() {
            match &outcome {
                Ok(()) => self.commits.times.note(Clock::nanos().saturating_sub(began)),
                Err(_) => drop(self.commits.failed.fetch_add(1, Ordering::Relaxed)),
            }
        }
        outcome
    }
}

#[cfg(test)]
mod tests {
    use lubdub_core::model::InstanceKey;
    use lubdub_core::{Revision, WallTime};

    use super::*;
    use crate::journal::Write;

    struct Failing(bool);

    impl Journal for Failing {
        fn append(&mut self, _: &Batch) -> Result<(), JournalError> {
            if self.0 { Err(JournalError("full".to_owned())) } else { Ok(()) }
        }
    }

    #[test]
    fn commits_are_timed_and_failures_counted_but_no_signs_of_life() {
        let commits = Arc::new(Commits::default());
        let gone = Write::Gone(InstanceKey::new("orders", "a"));
        for (failing, writes) in
            [(false, vec![gone.clone()]), (true, vec![gone]), (false, vec![]), (true, vec![])]
        {
            let (journal, commits) = (Box::new(Failing(failing)), Arc::clone(&commits));
            let mut timed = Timed { journal, commits };
            let batch = Batch { revision: Revision(1), at: WallTime(0), writes };
            assert_eq!(timed.append(&batch).is_err(), failing);
        }
        assert_eq!((commits.times.read().count(), commits.failed()), (1, 1));
    }
}
