//! Processes of the program under test, and what they write.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

/// How long anything may take; far above what it takes, also on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// The program, with nothing of our environment that it would read.
pub(crate) fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lubdub"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("LUBDUB_") {
            command.env_remove(name);
        }
    }
    command.args(arguments).stdin(Stdio::null());
    command
}

/// What a process wrote, and how it ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// Runs the program to its end.
pub(crate) fn run(arguments: &[&str]) -> Ended {
    Running::start(program(arguments)).end()
}

/// Runs the program to its end; it must succeed.
pub(crate) fn ask(arguments: &[&str]) -> String {
    let ended = run(arguments);
    assert_eq!(ended.code, Some(0), "lubdub {arguments:?}: {}{}", ended.out, ended.err);
    ended.out
}

/// A process that is killed when it is dropped.
pub(crate) struct Running {
    pub(crate) child: Child,
    pub(crate) out: Lines,
    pub(crate) err: Lines,
}

impl Running {
    pub(crate) fn start(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let out = Lines::of(child.stdout.take().unwrap());
        let err = Lines::of(child.stderr.take().unwrap());
        Self { child, out, err }
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Waits for its end.
    pub(crate) fn end(mut self) -> Ended {
        let deadline = Instant::now() + PATIENCE;
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(
                Instant::now() < deadline,
                "it does not end; so far: {:?} {:?}",
                self.out.rest(),
                self.err.rest()
            );
            thread::sleep(Duration::from_millis(5));
        };
        self.ended(status)
    }

    fn ended(&mut self, status: ExitStatus) -> Ended {
        Ended { code: status.code(), out: self.out.all(), err: self.err.all() }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Lines as they are written, so that a test waits for what it expects and for nothing else.
pub(crate) struct Lines {
    lines: Receiver<String>,
    read: Vec<String>,
}

impl Lines {
    fn of(output: impl Read + Send + 'static) -> Self {
        let (sender, lines) = mpsc::channel();
        thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        Self { lines, read: Vec::new() }
    }

    /// Waits for a line that holds this text.
    pub(crate) fn wait_for(&mut self, text: &str) -> String {
        let deadline = Instant::now() + PATIENCE;
        loop {
            match self.lines.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(line) => {
                    self.read.push(line.clone());
                    if line.contains(text) {
                        return line;
                    }
                }
                Err(why) => panic!("no line with {text:?} ({why:?}); there were {:#?}", self.read),
            }
        }
    }

    /// What was read so far.
    pub(crate) fn so_far(&self) -> String {
        self.read.join("\n")
    }

    fn rest(&mut self) -> Vec<String> {
        self.read.extend(self.lines.try_iter());
        self.read.clone()
    }

    /// Everything, to the end.
    fn all(&mut self) -> String {
        let deadline = Instant::now() + PATIENCE;
        loop {
            match self.lines.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(line) => self.read.push(line),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => panic!("the output does not end"),
            }
        }
        self.read.iter().fold(String::new(), |text, line| text + line + "\n")
    }
}

/// A registry that serves.
pub(crate) struct Registry {
    pub(crate) process: Running,
    pub(crate) url: String,
}

impl Registry {
    /// On a free port, with these arguments besides.
    pub(crate) fn start(arguments: &[&str]) -> Self {
        Self::start_at("127.0.0.1:0", arguments)
    }

    pub(crate) fn start_at(address: &str, arguments: &[&str]) -> Self {
        Self::of(program(&[&["serve", "--listen", address], arguments].concat()))
    }

    /// What this command starts.
    pub(crate) fn of(command: Command) -> Self {
        let mut process = Running::start(command);
        let line = process.out.wait_for("listening on ");
        let url = line.trim_start_matches("listening on ").to_owned();
        process.out.wait_for("/api/v1/services");
        Self { process, url }
    }

    /// In memory.
    pub(crate) fn ephemeral() -> Self {
        Self::start(&["--ephemeral"])
    }

    /// Its URL for the SDK, with this scheme.
    pub(crate) fn at(&self, scheme: &str) -> String {
        self.url.replacen("http", scheme, 1)
    }

    /// What it said when it began.
    pub(crate) fn banner(&self) -> String {
        self.process.out.so_far()
    }

    /// Registers an instance as an Eureka client does.
    pub(crate) fn register(&self, service: &str, id: &str, status: &str) {
        self.register_for(service, id, status, 90);
    }

    /// Registers an instance with a lease of so many seconds.
    pub(crate) fn register_for(&self, service: &str, id: &str, status: &str, lease_secs: u64) {
        let app = service.to_uppercase();
        let instance = serde_json::json!({ "instance": {
            "instanceId": id, "hostName": "10.0.0.7", "app": app, "ipAddr": "10.0.0.7", "status": status,
            "port": { "$": 8080, "@enabled": "true" },
            "dataCenterInfo": { "@class": "com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo", "name": "MyOwn" },
            "leaseInfo": { "renewalIntervalInSecs": lease_secs.div_ceil(3), "durationInSecs": lease_secs },
            "metadata": { "zone": "eu-1a" },
        }});
        let reply = ureq::post(format!("{}/eureka/apps/{app}", self.url)).send_json(instance).unwrap();
        assert_eq!(reply.status(), 204);
    }

    /// Deregisters an instance as an Eureka client does.
    pub(crate) fn deregister(&self, service: &str, id: &str) {
        let path = format!("{}/eureka/apps/{}/{id}", self.url, service.to_uppercase());
        assert_eq!(ureq::delete(path).call().unwrap().status(), 200);
    }
}
