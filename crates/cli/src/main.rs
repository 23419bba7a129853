//! `lubdub`: runs a service registry, asks it everything, and shows it at work.
//!
//! Each command is a module of [`commands`] with its arguments and one `run`; what they share is
//! beside it. Nothing is decided here: the registry is `lubdub-server`'s, and every
//! other command is an outside client of its REST face, or, where it is about registries of any
//! kind, of the SDK.
//!
//! Exit codes: 0 as asked, 1 not as asked (said on standard error, with what to do next) or, from
//! `status`, not all is well, 2 a command line that cannot be understood, 3 a
//! measurement that is void; from `register` that of the command that it ran.

mod client;
mod commands;
mod demo;
mod failure;
mod output;
mod signals;
mod words;

use std::process::ExitCode;

use clap::Parser;

use crate::commands::CommandLine;
use crate::failure::Failure;

/// A renewal takes an eighth less of the processor than with the system's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The exit code of a measurement that says nothing.
const VOID: u8 = 3;

fn main() -> ExitCode {
    match CommandLine::parse().run() {
        Ok(()) | Err(Failure::NobodyReads) => ExitCode::SUCCESS,
        Err(Failure::Void) => ExitCode::from(VOID),
        Err(Failure::Ended(code)) => ExitCode::from(code),
        Err(Failure::Said) => ExitCode::FAILURE,
        Err(failure) => {
            output::note(failure);
            ExitCode::FAILURE
        }
    }
}
