//! Running other programs: what they write is shown as it comes, and read on the way.

use std::io::{self, BufRead, BufReader, PipeReader};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};

/// How long the output of a program that has ended may stay open. A process that it left behind
/// holds it open for ever.
const AFTERMATH: Duration = Duration::from_secs(5);

/// How often the end of a program is looked for while it is silent.
const GLANCE: Duration = Duration::from_millis(100);

/// Runs `command`, showing its output.
///
/// # Errors
///
/// It does not start, or does not end with status 0.
pub(crate) fn run(command: Command) -> Result<()> {
    let told = spelled(&command);
    let status = run_reading(command, |_| ())?;
    succeeded(&told, status)
}

/// Runs `command`, showing its output and handing over each line of it, in the order in which
/// they were written, whether to its standard output or its standard error.
///
/// # Errors
///
/// It does not start, or left a process behind that still writes.
pub(crate) fn run_reading(command: Command, read: impl FnMut(&str)) -> Result<ExitStatus> {
    run_labelled("", command, read)
}

/// The same, with `label` before each line that is shown: for programs that run side by side.
///
/// # Errors
///
/// As [`run_reading`].
pub(crate) fn run_labelled(
    label: &str,
    mut command: Command,
    mut read: impl FnMut(&str),
) -> Result<ExitStatus> {
    let told = spelled(&command);
    let (output, both) = io::pipe().context("a pipe")?;
    let out = both.try_clone().context("a pipe")?;
    command.stdin(Stdio::null()).stdout(out).stderr(both);
    let mut child = command.spawn().with_context(|| format!("`{told}` does not start"))?;
    // It holds our ends for writing; while they are open, reading never ends.
    drop(command);

    let lines = lines_of(output);
    let mut ended: Option<ExitStatus> = None;
    loop {
        match lines.recv_timeout(if ended.is_some() { AFTERMATH } else { GLANCE }) {
            Ok(line) => {
                println!("{label}{line}");
                read(&line);
            }
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) if ended.is_some() => {
                bail!("`{told}` has ended and left a process behind that holds its output open")
            }
            Err(RecvTimeoutError::Timeout) => ended = child.try_wait()?,
        }
    }
    match ended {
        Some(status) => Ok(status),
        None => child.wait().with_context(|| format!("`{told}`")),
    }
}

/// Runs `command` and returns what it wrote to its standard output; its standard error is shown.
///
/// # Errors
///
/// It does not start, or does not end with status 0.
pub(crate) fn output(mut command: Command) -> Result<String> {
    let told = spelled(&command);
    let output = command.stdin(Stdio::null()).stderr(Stdio::inherit()).output();
    let output = output.with_context(|| format!("`{told}` does not start"))?;
    succeeded(&told, output.status)?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// What `command` writes to either output, quietly; none when it does not start or fails.
pub(crate) fn answer(mut command: Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).output().ok().filter(|output| output.status.success())?;
    Some(format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr)))
}

fn lines_of(output: PipeReader) -> Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut output = BufReader::new(output);
        let mut line = Vec::new();
        while matches!(output.read_until(b'\n', &mut line), Ok(1..)) {
            let text = String::from_utf8_lossy(&line).trim_end_matches(['\n', '\r']).to_owned();
            line.clear();
            if sender.send(text).is_err() {
                break;
            }
        }
    });
    receiver
}

fn succeeded(told: &str, status: ExitStatus) -> Result<()> {
    if status.success() {
        return Ok(());
    }
    bail!("`{told}` failed ({status})")
}

/// The command as one would type it.
fn spelled(command: &Command) -> String {
    let program = command.get_program().to_string_lossy();
    let name = program.rsplit('/').next().unwrap_or(&program);
    let words = command.get_args().map(|word| word.to_string_lossy().into_owned());
    std::iter::once(name.to_owned()).chain(words).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn both_outputs_are_read_in_the_order_in_which_they_were_written() {
        let mut lines = Vec::new();
        let script = "echo one; echo two >&2; echo three; exit 3";
        let status = run_reading(shell(script), |line| lines.push(line.to_owned())).unwrap();
        assert_eq!(lines, ["one", "two", "three"]);
        assert_eq!(status.code(), Some(3));
    }

    #[test]
    fn a_failure_names_the_command_as_it_was_typed() {
        let error = run(shell("exit 4")).unwrap_err().to_string();
        assert_eq!(error, "`sh -c exit 4` failed (exit status: 4)");
    }

    #[test]
    fn a_program_that_is_not_there_is_named() {
        let error = format!("{:#}", run(Command::new("no-such-program")).unwrap_err());
        assert!(error.starts_with("`no-such-program` does not start: "), "{error}");
    }
}
