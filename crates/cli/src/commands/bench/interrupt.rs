//! [`Interrupt`]: Ctrl-C ends a measurement early with what there is; once more ends it at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use crate::failure::Failure;
use crate::output::note;
use crate::signals::Stop;

/// What a program ends with that Ctrl-C ended.
const INTERRUPTED: i32 = 130;

/// Waits for signals beside the thread that measures.
pub(super) struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// From now on signals do not end the process by themselves.
    pub(super) fn new() -> Result<Self, Failure> {
        let cannot = |error| Failure::bare(format_args!("cannot wait for signals: {error}"));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(cannot)?;
        let mut stop = {
            let _inside = runtime.enter();
            Stop::new()?
        };
        let flag = Arc::new(AtomicBool::new(false));
        let raised = Arc::clone(&flag);
        thread::spawn(move || {
            runtime.block_on(async {
                let signal = stop.asked().await;
                raised.store(true, Ordering::Relaxed);
                note(format_args!("{signal}: ending early; once more ends it at once, and leaves instances"));
                stop.asked().await;
                std::process::exit(INTERRUPTED);
            });
        });
        Ok(Self(flag))
    }

    /// Becomes true with the first signal.
    pub(super) fn flag(&self) -> &AtomicBool {
        &self.0
    }
}
