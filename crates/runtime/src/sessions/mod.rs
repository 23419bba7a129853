//! Sessions on their way between a face and the driver.
//!
//! | module | its one idea |
//! | --- | --- |
//! | `secrets` | the tokens by which sessions are resumed: made and compared here, for the core draws no random numbers |
//! | `session` | a [`Session`], as the connection that has it holds it |
//! | `driving` | what the driver does with what connections do |

mod driving;
mod secrets;
mod session;

pub(crate) use driving::{SessionConnections, SessionInput};
pub(crate) use secrets::Secrets;
pub use session::{Answer, Session, SessionEvent};
