//! [`Running`]: one server that runs, and one measurement of it.

use std::io::{BufRead, BufReader};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::measured::Outcome;
use super::programs::Programs;
use crate::process;
use crate::project::Project;

/// How long a server may take to start; a JVM on a busy machine takes its time.
const PATIENCE: Duration = Duration::from_secs(120);

/// Two workers for every server on tokio, however many cores there are.
const WORKERS: (&str, &str) = ("TOKIO_WORKER_THREADS", "2");

/// What the generator ends with when it was late.
const VOID: i32 = 3;

/// Servers that are measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Server {
    Lubdub,
    Axum,
    Hyper,
    Spring,
    Rnacos,
}

impl Server {
    /// In the page and the pictures.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Lubdub => "lubdub",
            Self::Axum => "empty axum handler",
            Self::Hyper => "bare hyper handler",
            Self::Spring => "Spring Cloud Eureka",
            Self::Rnacos => "r-nacos (its own beat)",
        }
    }

    /// How long it is used before it is measured, when the others are used for `usual` seconds.
    pub(super) fn warm_up_secs(self, usual: u32) -> u32 {
        match self {
            Self::Spring => usual.max(JVM_WARM_UP_SECS),
            Self::Lubdub | Self::Axum | Self::Hyper | Self::Rnacos => usual,
        }
    }
}

/// A JVM compiles what it has run often: its processor time for a renewal falls for so long.
pub(super) const JVM_WARM_UP_SECS: u32 = 30;

/// A server that is killed when this is dropped.
#[derive(Debug)]
pub(super) struct Running {
    pub(super) server: Server,
    child: Child,
    url: String,
}

impl Running {
    /// Starts a server on a free port, and waits until it listens.
    pub(super) fn start(project: &Project, programs: &Programs, server: Server) -> Result<Self> {
        let (mut command, mark) = match server {
            Server::Lubdub => {
                let mut command = project.program(&programs.lubdub);
                command.args(["serve", "--ephemeral", "--listen", "127.0.0.1:0", "--log", "warn"]);
                (command, "listening on http://127.0.0.1:")
            }
            Server::Axum => (project.program(&programs.axum), "listening on http://127.0.0.1:"),
            Server::Hyper => (project.program(&programs.hyper), "listening on http://127.0.0.1:"),
            Server::Spring => {
                let mut command = project.program("java");
                let jar = programs.spring.as_ref().context("it was not built")?;
                command.arg("-jar").arg(jar).env("SERVER_PORT", "0");
                (command, "Tomcat started on port ")
            }
            Server::Rnacos => {
                return Self::rnacos(project, programs.rnacos.as_ref().context("it was not built")?);
            }
        };
        command.env(WORKERS.0, WORKERS.1);
        let child = quiet(&mut command).stdout(Stdio::piped()).spawn();
        let child = child.with_context(|| format!("{} does not start", server.name()))?;
        let mut running = Self { server, child, url: String::new() };
        running.url = format!("http://127.0.0.1:{}", running.port(mark)?);
        Ok(running)
    }

    /// r-nacos neither takes port 0 nor says where it listens.
    fn rnacos(project: &Project, program: &Path) -> Result<Self> {
        let free = || -> Result<u16> { Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port()) };
        let (http, grpc) = (free()?, free()?);
        let data = project.target("peers/rnacos-data").join(http.to_string());
        let mut command = project.program(program);
        command
            .env("RNACOS_DATA_DIR", &data)
            .env("RNACOS_HTTP_PORT", http.to_string())
            .env("RNACOS_GRPC_PORT", grpc.to_string())
            .env("RNACOS_HTTP_CONSOLE_PORT", "0")
            .env("RUST_LOG", "warn");
        let child = quiet(&mut command).stdout(Stdio::null()).spawn().context("r-nacos does not start")?;
        let mut running = Self { server: Server::Rnacos, child, url: format!("http://127.0.0.1:{http}") };
        let deadline = Instant::now() + PATIENCE;
        while TcpStream::connect(("127.0.0.1", http)).is_err() {
            if let Some(status) = running.child.try_wait()? {
                bail!("r-nacos ended when it should start ({status})");
            }
            if Instant::now() > deadline {
                bail!("r-nacos does not listen on port {http}");
            }
            thread::sleep(Duration::from_millis(50));
        }
        Ok(running)
    }

    /// The number behind `mark` in what it writes; the rest is read and thrown away.
    fn port(&mut self, mark: &'static str) -> Result<u16> {
        let output = self.child.stdout.take().context("it writes nowhere")?;
        let (sender, ports) = mpsc::channel();
        thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                let digits = line.split_once(mark).map(|(_, rest)| rest.split(|c: char| !c.is_ascii_digit()));
                if let Some(port) = digits.and_then(|mut digits| digits.next()?.parse().ok()) {
                    let _ = sender.send(port);
                }
            }
        });
        let name = self.server.name();
        ports.recv_timeout(PATIENCE).with_context(|| format!("{name} does not say where it listens"))
    }

    /// Stops it until it is measured: what some do when nothing is asked of them would be taken from
    /// those that are measured meanwhile.
    pub(super) fn rest(&self) -> Result<()> {
        self.signal("STOP")
    }

    fn signal(&self, name: &str) -> Result<()> {
        let mut kill = Command::new("kill");
        kill.args(["-s", name, &self.child.id().to_string()]);
        process::run(kill)
    }

    /// Measures it with `lubdub bench`, or with what it understands, and lets it rest again. A
    /// measurement in which the generator was late is none.
    pub(super) fn measure(&self, programs: &Programs, load: &Load) -> Result<Option<Outcome>> {
        self.signal("CONT")?;
        let outcome = self.ask(programs, load);
        self.rest()?;
        outcome
    }

    fn ask(&self, programs: &Programs, load: &Load) -> Result<Option<Outcome>> {
        let pid = self.child.id().to_string();
        let [instances, connections, rate, seconds] =
            [load.instances, load.connections, load.rate, load.seconds].map(|number| number.to_string());
        let mut command = if self.server == Server::Rnacos {
            let mut command = Command::new(&programs.nacos_beat);
            command.args([&self.url, &instances, &connections, &rate, &seconds, &pid]);
            command
        } else {
            let mut command = Command::new(&programs.lubdub);
            command.arg("bench").args(load.what).args(["--server", &self.url, "--json", "--pid", &pid]);
            command.args(["--instances", &instances, "--connections", &connections, "--rate", &rate]);
            command.args(["--duration", &format!("{seconds}s")]);
            command
        };
        let done = command.stdin(Stdio::null()).output().context("the generator does not start")?;
        let words = String::from_utf8_lossy(&done.stderr);
        match done.status.code() {
            Some(0) => Ok(Some(serde_json::from_slice(&done.stdout).context("what the generator says")?)),
            Some(VOID) => Ok(None),
            _ => bail!("measuring {} failed: {}", self.server.name(), words.trim()),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What is asked of a server.
#[derive(Debug, Clone, Copy)]
pub(super) struct Load {
    /// The words behind `lubdub bench`.
    pub(super) what: &'static [&'static str],
    pub(super) instances: u32,
    pub(super) connections: u32,
    /// 0: a closed loop.
    pub(super) rate: u32,
    pub(super) seconds: u32,
}

fn quiet(command: &mut Command) -> &mut Command {
    command.stdin(Stdio::null()).stderr(Stdio::null())
}
