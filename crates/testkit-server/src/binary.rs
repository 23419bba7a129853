//! [`Binary`]: the program itself, as a process.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

/// How long a start or an end may take before the test fails.
const PATIENCE: Duration = Duration::from_secs(60);

/// A process of the program; killed when it is dropped.
#[derive(Debug)]
pub struct Binary {
    child: Child,
    lines: Receiver<String>,
    said: String,
}

impl Binary {
    /// Starts the program, mostly `env!("CARGO_BIN_EXE_lubdub")`, without any variable of the
    /// environment that would configure it.
    ///
    /// # Panics
    ///
    /// It cannot be started.
    pub fn start<S: AsRef<OsStr>>(program: &str, arguments: impl IntoIterator<Item = S>) -> Self {
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let ours = std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("LUBDUB_"));
        for (name, _) in ours {
            command.env_remove(name);
        }
        let mut child =
            command.spawn().unwrap_or_else(|error| panic!("{program} cannot be started: {error}"));
        let (sender, lines) = mpsc::channel();
        let outputs: [Option<Box<dyn Read + Send>>; 2] = [
            child.stdout.take().map(|output| Box::new(output) as _),
            child.stderr.take().map(|output| Box::new(output) as _),
        ];
        for output in outputs.into_iter().flatten() {
            follow(output, sender.clone());
        }
        Self { child, lines, said: String::new() }
    }

    /// Waits until it says where it listens: the first `http://ADDRESS:PORT` in what it says.
    ///
    /// # Panics
    ///
    /// It does not.
    pub fn address(&mut self) -> SocketAddr {
        let from = |line: &str| {
            let rest = line.split("http://").nth(1)?;
            let end = rest.find(|char: char| !(char.is_ascii_hexdigit() || ".:[]".contains(char)));
            rest.get(..end.unwrap_or(rest.len()))?.parse().ok()
        };
        if let Some(known) = self.said.lines().find_map(from) {
            return known;
        }
        self.wait_for(from)
    }

    /// Waits for a line from which something can be told.
    ///
    /// # Panics
    ///
    /// It does not come.
    pub fn wait_for<T>(&mut self, read: impl Fn(&str) -> Option<T>) -> T {
        let until = Instant::now() + PATIENCE;
        loop {
            match self.lines.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(line) => {
                    let found = read(&line);
                    self.said.push_str(&line);
                    self.said.push('\n');
                    if let Some(found) = found {
                        return found;
                    }
                }
                Err(RecvTimeoutError::Timeout) => panic!("it did not come in time; it said:\n{}", self.said),
                Err(RecvTimeoutError::Disconnected) => panic!("it ended; it said:\n{}", self.said),
            }
        }
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Asks it to end, as an operator does.
    pub fn terminate(&mut self) {
        self.signal(Signal::TERM);
    }

    /// Stops it in its tracks.
    pub fn pause(&mut self) {
        self.signal(Signal::STOP);
    }

    /// Lets it go on.
    pub fn resume(&mut self) {
        self.signal(Signal::CONT);
    }

    /// Kills it, which it cannot notice, and waits for its end.
    pub fn kill(&mut self) {
        self.signal(Signal::KILL);
        drop(self.child.wait());
    }

    /// Waits until it ended; how, and everything that it said.
    ///
    /// # Panics
    ///
    /// It does not end in time.
    pub fn wait(&mut self) -> (ExitStatus, String) {
        let until = Instant::now() + PATIENCE;
        loop {
            // Both outputs end when the process does (and nobody inherited them).
            match self.lines.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(line) => self.said.extend([line.as_str(), "\n"]),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => panic!("it does not end; it said:\n{}", self.said),
            }
        }
        let status = self.child.wait().unwrap_or_else(|error| panic!("no status: {error}"));
        (status, self.said.clone())
    }

    /// A process that ended is not signalled: its id may belong to another by now.
    fn signal(&mut self, signal: Signal) {
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        if let (Some(pid), Ok(None)) = (pid, self.child.try_wait()) {
            let _ = kill_process(pid, signal);
        }
    }
}

impl Drop for Binary {
    fn drop(&mut self) {
        self.kill();
    }
}

fn follow(output: Box<dyn Read + Send>, lines: Sender<String>) {
    thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            if lines.send(line).is_err() {
                return;
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Binary {
        Binary::start("/bin/sh", ["-c", script])
    }

    #[test]
    fn what_a_process_says_is_read_until_it_tells_its_address() {
        let mut binary = shell("echo hello >&2; echo 'listening on http://[::1]:8761, now'; exec sleep 60");
        assert_eq!(binary.address(), "[::1]:8761".parse().unwrap());
        assert_eq!(binary.address(), "[::1]:8761".parse().unwrap());
        binary.terminate();
        let (status, _) = binary.wait();
        assert!(!status.success());
    }

    #[test]
    fn how_a_process_ended_and_what_it_said_is_told() {
        let (status, said) = shell("echo one; echo two; exit 3").wait();
        assert_eq!((status.code(), said.as_str()), (Some(3), "one\ntwo\n"));
    }

    #[test]
    fn a_paused_process_goes_on_when_it_is_resumed_and_a_killed_one_does_not() {
        let mut binary = shell("echo ready; while true; do sleep 1; done");
        binary.wait_for(|line| (line == "ready").then_some(()));
        binary.pause();
        binary.resume();
        binary.kill();
        binary.kill();
    }
}
