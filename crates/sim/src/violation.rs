//! [`Violation`]: an invariant that does not hold, when, and how that shows.

use std::fmt;

use crate::time::Time;

/// What must hold throughout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Invariant {
    /// No lease is judged while a beat for it, sent before, lies unread.
    NothingIsJudgedUnheard,
    /// No lease ends before its deadline, counted by what the registry could really hear; an adaptive one not before its floor.
    TheLivingStay,
    /// What ends a lease is the silence since the last beat that was answered "renewed".
    RenewedMeansRenewed,
    /// Whoever is dead is gone by its deadline, what was excused, one time-to-live and the
    /// guard's longest hold; the deadline of an adaptive lease is its ceiling.
    TheDeadGo,
    /// Where too many hosts are silent, none leaves unheld; where not, none is held.
    TheGuardHoldsAMass,
    /// A hold ends by a beat, after its longest time, by hand, or at the documented pace.
    AHoldEndsAsDocumented,
    /// Who is kept out, and for how long, is as documented.
    DampingIsBounded,
    /// A tick does no more than its budget.
    ATickKeepsItsBudget,
    /// Who follows the feed, and who polls deltas, knows what a full look would tell.
    ReadersAgree,
    /// What was applied, applied again, makes the same state.
    ReplayEqualsLive,
    /// When all is written, the disk holds what is true.
    TheDiskHoldsWhatIsTrue,
    /// Revisions never fall, also across a restart.
    RevisionsNeverFall,
    /// When a command is answered, readers see what it did.
    AnsweredMeansVisible,
    /// Each change has a reason in the world.
    EachChangeHasAReason,
    /// A session whose connection closed alone ends after its grace, one that is silent at its
    /// deadline, and neither before.
    ASessionEndsAsDocumented,
    /// Where more connections close within a second than the guard tolerates, those that did not
    /// leave yet are held.
    AReloadLosesNobody,
    /// A token resumes the session that it was given out for, until that is over.
    ATokenIsOneSession,
    /// When everything has been as it should be for a while, the living are listed and nobody else.
    AllIsWellAtTheEnd,
    /// Each fault that a run was to show took place.
    EachFaultHappens,
}

/// An invariant that does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Which.
    pub invariant: Invariant,
    /// When.
    pub at: Time,
    /// How that shows.
    pub what: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}, after {}: {}", self.invariant, self.at, self.what)
    }
}

/// Answers with a violation unless something holds.
pub(crate) fn demand(
    holds: bool,
    invariant: Invariant,
    at: Time,
    what: impl FnOnce() -> String,
) -> Result<(), Violation> {
    if holds { Ok(()) } else { Err(Violation { invariant, at, what: what() }) }
}
