//! [`Detector`]: what all detectors have in common.

use crate::tick::Tick;

/// Judges one peer by the beats that are heard of it.
///
/// Tell it each beat with [`heard`](Self::heard), when it is heard, and wait until the
/// [`deadline`](Self::deadline): if nothing was heard by then, the peer is suspected from there on. So nobody has to ask again and
/// again; the deadline changes only when something is heard, and is computed once for each beat. What is heard at the very tick of the
/// deadline counts before it: read what has arrived first, then look at the clock.
///
/// A suspicion ends with the next beat that is heard in time. Time in which the caller did not listen (its own pause) is
/// silence to a detector: shift the time that it is told by what was not listened to.
pub trait Detector {
    /// Beat number `sequence` of the peer is heard. The peer counts the beats that it *sends*: so a lost one
    /// leaves a gap. A number that is not higher than all before is a duplicate, or was overtaken: it says nothing new and changes
    /// nothing. A peer that begins to count anew is a new peer, for a new detector.
    fn heard(&mut self, now: Tick, sequence: u64);

    /// From when on the peer is suspected if nothing more is heard. None as long as nothing was heard at all, where a
    /// detector does not say otherwise: an unknown peer is not judged.
    fn deadline(&self) -> Option<Tick>;

    /// Whether the peer is suspected now. It is, from the deadline on and not before.
    fn suspects(&self, now: Tick) -> bool {
        self.deadline().is_some_and(|deadline| deadline <= now)
    }
}

/// A detector that asks a beat's number only whether it is new. It can be used where beats have no number, by
/// counting those that arrive.
pub trait Unnumbered: Detector {}

/// The newest beat that was heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Newest {
    pub(crate) sequence: u64,
    pub(crate) at: Tick,
}

impl Newest {
    /// The newest after one more; none where that one says nothing new. Its time is not before that of the last.
    pub(crate) fn after(newest: Option<Self>, now: Tick, sequence: u64) -> Option<Self> {
        match newest {
            Some(last) if sequence <= last.sequence => None,
            Some(last) => Some(Self { sequence, at: now.max(last.at) }),
            None => Some(Self { sequence, at: now }),
        }
    }
}
