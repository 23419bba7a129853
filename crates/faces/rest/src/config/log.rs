//! [`LogControl`]: what is logged, and how that is changed while the server runs.

use std::fmt;
use std::sync::Arc;

type Read = dyn Fn() -> String + Send + Sync;
type Set = dyn Fn(&str) -> Result<(), String> + Send + Sync;

/// What is logged, and how that is changed while the server runs.
#[derive(Clone)]
pub struct LogControl {
    read: Arc<Read>,
    set: Arc<Set>,
}

impl LogControl {
    /// `read` answers the filter in force; `set` puts another in force, or says what is wrong
    /// with it and changes nothing.
    pub fn new(
        read: impl Fn() -> String + Send + Sync + 'static,
        set: impl Fn(&str) -> Result<(), String> + Send + Sync + 'static,
    ) -> Self {
        Self { read: Arc::new(read), set: Arc::new(set) }
    }

    /// The filter in force.
    pub fn filter(&self) -> String {
        (self.read)()
    }

    /// Puts another filter in force.
    ///
    /// # Errors
    ///
    /// What is wrong with it; nothing is changed then.
    pub fn set(&self, filter: &str) -> Result<(), String> {
        (self.set)(filter)
    }
}

impl fmt::Debug for LogControl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LogControl").field("filter", &self.filter()).finish()
    }
}
