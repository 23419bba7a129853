//! The provider's side: the handle, what it tells of itself, and the task that does what the machine says.

mod drive;
mod farewell;
mod handle;
mod measures;
mod status;
mod traffic;

pub use farewell::{Farewell, Parting};
pub use handle::Provider;
pub use status::{State, Status};
pub use traffic::Call;

pub(crate) use farewell::terminated;
pub(crate) use handle::{Providing, begin};
pub(crate) use traffic::Calls;
