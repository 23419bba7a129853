//! [`Switch`]: whether what this process provides is offered, apart from whether it is registered.

use std::sync::LazyLock;

use tokio::sync::watch;

static PROCESS: LazyLock<Switch> = LazyLock::new(Switch::on);

/// A switch in front of all instances that are provided through it. An instance is offered while this
/// switch *and* its own ([`Provider::open`](crate::Provider::open)) are on. It starts on; nothing but
/// [`Self::turn`] ever moves it, certainly not a second [`Registry`](crate::Registry).
///
/// A clone is the same switch.
///
/// ```
/// use lubdub_client::Switch;
///
/// Switch::process().turn(false); // Whatever is provided from now on is registered, and not offered.
/// assert!(!Switch::process().is_on());
/// ```
#[derive(Debug, Clone)]
pub struct Switch {
    state: watch::Sender<bool>,
}

impl Switch {
    /// The one of this process: that of every [`Registry`](crate::Registry) that was given no other.
    pub fn process() -> Self {
        PROCESS.clone()
    }

    /// Another, which is on.
    pub fn on() -> Self {
        Self { state: watch::Sender::new(true) }
    }

    /// Turns it on or off. Each instance behind it is announced at once.
    pub fn turn(&self, on: bool) {
        // Moving it to where it is breaks nothing off.
        self.state.send_if_modified(|state| std::mem::replace(state, on) != on);
    }

    /// Whether it is on.
    pub fn is_on(&self) -> bool {
        *self.state.borrow()
    }

    pub(crate) fn watch(&self) -> watch::Receiver<bool> {
        self.state.subscribe()
    }
}
