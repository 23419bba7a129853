//! [`Status`]: how it goes with one instance in its registry.

use std::time::Instant;

use crate::availability::Availability;
use crate::error::Error;

/// Where an instance stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum State {
    /// It has not been registered yet, or the registry forgot it and it is about to be again.
    Registering,
    /// The last thing that was told to the registry was heard.
    Registered,
    /// The last attempts failed; it goes on serving, and trying.
    Retrying,
    /// It left, or did not get to leave: nothing more is sent.
    Gone,
}

/// How it goes. Counts are since it was provided.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Status {
    /// Where it stands.
    pub state: State,
    /// What the registry was told last of its availability; `None` while that is not sure.
    pub availability: Option<Availability>,
    /// When the last beat that was answered, or the last registration, was sent.
    pub last_success: Option<Instant>,
    /// Beats that kept the lease.
    pub beats: u64,
    /// Registrations that the registry took: the first, and one for each time it forgot.
    pub registrations: u64,
    /// How often the registry did not know the instance (any more).
    pub forgotten: u64,
    /// What failed: beats, registrations, announcements.
    pub failures: u64,
    /// Of these, since the last success.
    pub failures_in_a_row: u32,
    /// The last failure, as long as nothing has succeeded since.
    pub last_error: Option<Error>,
}

impl Status {
    pub(crate) const fn new() -> Self {
        Self {
            state: State::Registering,
            availability: None,
            last_success: None,
            beats: 0,
            registrations: 0,
            forgotten: 0,
            failures: 0,
            failures_in_a_row: 0,
            last_error: None,
        }
    }
}
