//! [`Sabotage`]: ways to break the registry at its seam with the driver, each so that one
//! invariant must notice. A checker that never says no shows nothing.

/// One way to break the registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sabotage {
    /// Own beats are made up, so that leases are judged while their beats lie unread.
    JudgeWithoutProof,
    /// What the registry could not hear is excused to nobody.
    ForgetExcuse,
    /// A lease is ended for the silence that it had when it was overdue, whatever came since.
    JudgeAStaleBeat,
    /// The guard holds for ever.
    HoldForEver,
    /// The guard lets go everything at once when the others are heard well.
    ReleaseAllAtOnce,
    /// The guard sleeps.
    GuardAsleep,
    /// The guard counts instances, not hosts.
    CountInstances,
    /// Damping keeps instances out for far longer than it says.
    DampForTooLong,
    /// What left is not in the delta.
    LoseTombstone,
    /// A change is not in the feed.
    SkipFeedEntry,
    /// Something is changed that is in no transaction.
    ChangeInSecret,
    /// What the registry concluded is not written.
    ForgetToWrite,
    /// A command is answered before it is visible.
    AnswerEarly,
    /// After a restart, revisions go on from the wall clock alone.
    FallBack,
    /// A tick judges everything that is due, however much it is.
    IgnoreBudget,
    /// The registry is not told of connections that close.
    ForgetClosing,
    /// A token resumes somebody else's session.
    ResumeAnother,
}

impl Sabotage {
    /// Every way.
    pub const ALL: [Self; 17] = [
        Self::JudgeWithoutProof,
        Self::ForgetExcuse,
        Self::JudgeAStaleBeat,
        Self::HoldForEver,
        Self::ReleaseAllAtOnce,
        Self::GuardAsleep,
        Self::CountInstances,
        Self::DampForTooLong,
        Self::LoseTombstone,
        Self::SkipFeedEntry,
        Self::ChangeInSecret,
        Self::ForgetToWrite,
        Self::AnswerEarly,
        Self::FallBack,
        Self::IgnoreBudget,
        Self::ForgetClosing,
        Self::ResumeAnother,
    ];
}
