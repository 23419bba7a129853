//! [`Served`]: the command that an instance is registered for: started, told to end, and how it ended.

use std::ffi::OsString;
use std::io::{self, IsTerminal};
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

use lubdub_client::Instance;
use rustix::process::{Pid, Signal, kill_process};
use tokio::process::{Child, Command};

use crate::failure::Failure;

/// What shells add to the number of the signal that ended a program.
const SIGNALLED: i32 = 128;

/// A command that runs. It is killed when this is dropped.
#[derive(Debug)]
pub(super) struct Served {
    child: Child,
    /// Its name, as it was typed.
    pub(super) name: String,
    /// Whether Ctrl-C reaches it by itself.
    shares_terminal: bool,
}

impl Served {
    /// Starts a program with its arguments, and tells it in its environment as whom it is registered.
    ///
    /// # Errors
    ///
    /// It cannot be started.
    pub(super) fn start(
        program: &OsString,
        arguments: &[OsString],
        instance: &Instance,
    ) -> Result<Self, Failure> {
        let name = program.to_string_lossy().into_owned();
        let mut command = Command::new(program);
        command
            .args(arguments)
            .env("LUBDUB_SERVICE", &instance.service)
            .env("LUBDUB_INSTANCE", &instance.id)
            .env("LUBDUB_ADDRESS", instance.address())
            .kill_on_drop(true);
        // Apart from ours, Ctrl-C does not reach it before its consumers have heard. But only the group
        // in front may read from a terminal.
        let shares_terminal = io::stdin().is_terminal();
        if !shares_terminal {
            command.process_group(0);
        }
        let child = command.spawn().map_err(|error| {
            Failure::new(
                format_args!("cannot start `{name}`: {error}"),
                "nothing was registered; see whether it is there, may be run, and is spelt right",
            )
        })?;
        Ok(Self { child, name, shares_terminal })
    }

    /// Waits for its end.
    pub(super) async fn ended(&mut self) -> Result<ExitStatus, Failure> {
        let lost = |error| Failure::bare(format_args!("cannot tell how `{}` ended: {error}", self.name));
        self.child.wait().await.map_err(lost)
    }

    /// Asks it to end, as we were asked.
    pub(super) fn ask_to_end(&self, asked: &str) {
        let signal = match asked {
            // To many programs a second one means: at once.
            "SIGINT" if self.shares_terminal => Signal::TERM,
            "SIGINT" => Signal::INT,
            _ => Signal::TERM,
        };
        self.pass_on(signal);
    }

    /// Sends it a signal. One that ended meanwhile needs none.
    pub(super) fn pass_on(&self, signal: Signal) {
        let id = self.child.id().and_then(|id| i32::try_from(id).ok());
        if let Some(id) = id.and_then(Pid::from_raw) {
            let _ = kill_process(id, signal);
        }
    }
}

/// The exit code that stands for how it ended, as a shell has it.
pub(super) fn code(status: ExitStatus) -> u8 {
    let code = status.code().or_else(|| status.signal().map(|signal| SIGNALLED + signal));
    code.and_then(|code| u8::try_from(code).ok()).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exit_code_is_the_commands_or_128_and_the_signal() {
        for (raw, expected) in [(0, 0), (3 << 8, 3), (255 << 8, 255), (15, 143), (9, 137)] {
            assert_eq!(code(ExitStatus::from_raw(raw)), expected, "{raw}");
        }
    }
}
