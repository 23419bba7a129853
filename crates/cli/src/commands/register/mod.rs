//! `lubdub register`: keeps an instance registered for a process that cannot do it itself.
//!
//! What is decided stands in [`health`] (what the results of a check change) and [`standing`] (what is
//! worth telling of the registry); the rest starts, waits and carries.

mod address;
mod arguments;
mod attempt;
mod check;
mod checking;
mod command;
mod farewell;
mod health;
mod keeping;
mod passed_on;
mod standing;

pub(super) use arguments::Register;
