//! Adaptive leases: judged by what is learnt of their beats instead of by a fixed time-to-live.
//!
//! A fixed time-to-live is a guess made once: too long for a provider whose beats come like clockwork, too short for one behind a
//! network that jitters. An adaptive lease remembers the intervals between its beats, and is suspected when a living provider
//! would hardly ever be silent for so long (the accrual detector [`Phi`](lubdub_detect::Phi)).
//!
//! What is allowed after a beat, with `m` the mean interval (or the promised one where that is longer), `d` the deviation of
//! the intervals (at least a twentieth of the promised one, and 20 ms) and `z` the number of deviations that a level stands for
//! (5.6 for 8):
//!
//! | when | the silence that loses the lease |
//! | --- | --- |
//! | fewer than eight intervals are learnt: after a registration, and after a restart of the registry | the time-to-live |
//! | then | `m + m + z · d`: the next beat is lost, and the one after it is later than a living provider's would be |
//! | but never less | than `floor` promised intervals, so that one lost beat marks nobody down |
//! | and never more | than `ceiling` times-to-live, so that whoever is dead leaves |
//!
//! Where a lease promises its beats so rarely that the floor is more than the ceiling, neither can be kept: its time-to-live is fixed.
//!
//! Worked example, beats promised each second and a time-to-live of three, level 8: where they come steadily 2.28 s are allowed; where
//! they are off by 0.4 s as a rule 4.2 s, beyond the time-to-live.
//!
//! What is learnt is the provider's way to beat and nothing else. An interval in which the registry was deaf, or that began when it
//! was just so no more, is not remembered; nor one in which the guard held the lease, its renewals were refused, or which is longer than the
//! ceiling. A beat that comes within half a promised interval of the one before is not counted as one: on a session any message is a
//! beat, and a rush of them must not make a steady provider look impatient. Each registration begins anew, because a
//! process that was restarted may beat otherwise.
//!
//! | module | its one idea |
//! | --- | --- |
//! | `config` | the settings, and who is judged by them |
//! | `asked` | what a provider asks for in its metadata |
//! | `levels` | one detector of each level, from which all others are made |
//! | `arrivals` | what is remembered of one provider's beats, and what follows from it |

mod arrivals;
mod asked;
mod config;
mod levels;

pub(crate) use arrivals::Arrivals;
pub use arrivals::Learnt;
pub use asked::{Asked, METADATA_KEY};
pub use config::{AdaptiveConfig, Hundredths};
pub(crate) use levels::Levels;
