//! What damping says of an instance.

use crate::command::Sender;
use crate::model::InstanceKey;
use crate::tick::WallTime;

/// An instance with a penalty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DampingReport {
    /// Which.
    pub key: InstanceKey,
    /// Its penalty now; a loss costs 1 000.
    pub penalty: u32,
    /// How many losses that counted it had since its penalty was last forgotten.
    pub losses: u32,
    /// Until when it is kept out, if it is and nothing more happens.
    pub until: Option<WallTime>,
}

/// An instance that was lost came back: the same process, as far as can be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flap {
    /// Its penalty, this loss included.
    pub penalty: u32,
    /// How many losses that counted it had lately.
    pub losses: u32,
    /// What follows.
    pub outcome: FlapOutcome,
}

/// What follows from a flap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FlapOutcome {
    /// It is offered: its penalty is not above the threshold.
    Offered,
    /// It is kept out for about so many milliseconds.
    KeptOut {
        /// If nothing more happens.
        millis: u64,
    },
    /// It is offered, because half of its service is kept out already.
    OfferedForLack,
}

/// Why an instance is not kept out any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Undamped {
    /// Its penalty fell below the threshold.
    Decayed {
        /// To this.
        penalty: u32,
    },
    /// More than half of its service would be kept out.
    ForLack,
    /// An operator said so.
    ByHand(Sender),
}
