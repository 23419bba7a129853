//! [`Running`]: one server that runs, and one measurement of it.

use std::io::{BufRead, BufReader};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde::de::DeserializeOwned;

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
    Tonic,
    Spring,
    Rnacos,
    Etcd,
    ZooKeeper,
}

impl Server {
    /// In the page and the pictures.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Lubdub => "lubdub",
            Self::Axum => "empty axum handler",
            Self::Hyper => "bare hyper handler",
            Self::Spring => "Spring Cloud Eureka",
            Self::Tonic => "bare tonic",
            Self::Rnacos => "r-nacos (its own beat)",
            Self::Etcd => "etcd",
            Self::ZooKeeper => "ZooKeeper",
        }
    }

    /// How long it is used before it is measured, when the others are used for `usual` seconds.
    pub(super) fn warm_up_secs(self, usual: u32) -> u32 {
        match self {
            Self::Spring => usual.max(JVM_WARM_UP_SECS),
            _ => usual,
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
    /// Where it is spoken to on long connections.
    conversation: String,
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
            Server::Tonic => (project.program(&programs.tonic), "listening on http://127.0.0.1:"),
            Server::Spring => {
                let mut command = project.program("java");
                let jar = programs.spring.as_ref().context("it was not built")?;
                command.arg("-jar").arg(jar).env("SERVER_PORT", "0");
                (command, "Tomcat started on port ")
            }
            Server::Rnacos => {
                return Self::rnacos(project, programs.rnacos.as_ref().context("it was not built")?);
            }
            Server::Etcd => return Self::etcd(project, programs.etcd.as_ref().context("it is not here")?),
            Server::ZooKeeper => {
                return Self::zookeeper(project, programs.zookeeper.as_ref().context("it is not here")?);
            }
        };
        command.env(WORKERS.0, WORKERS.1);
        let child = quiet(&mut command).stdout(Stdio::piped()).spawn();
        let child = child.with_context(|| format!("{} does not start", server.name()))?;
        let mut running = Self { server, child, url: String::new(), conversation: String::new() };
        let port = running.port(mark)?;
        running.url = format!("http://127.0.0.1:{port}");
        running.conversation = format!("lubdub://127.0.0.1:{port}");
        Ok(running)
    }

    /// r-nacos neither takes port 0 nor says where it listens.
    fn rnacos(project: &Project, program: &Path) -> Result<Self> {
        let (http, grpc) = (free_port()?, free_port()?);
        let mut command = project.program(program);
        command
            .env("RNACOS_DATA_DIR", data(project, "rnacos", http)?)
            .env("RNACOS_HTTP_PORT", http.to_string())
            .env("RNACOS_GRPC_PORT", grpc.to_string())
            .env("RNACOS_HTTP_CONSOLE_PORT", "0")
            .env("RUST_LOG", "warn");
        let mut running = Self::listening(Server::Rnacos, command, http)?;
        running.await_port(grpc)?;
        running.conversation = format!("nacos://127.0.0.1:{grpc}");
        Ok(running)
    }

    fn etcd(project: &Project, program: &Path) -> Result<Self> {
        let (client, peer) = (free_port()?, free_port()?);
        let url = |port: u16| format!("http://127.0.0.1:{port}");
        let mut command = project.program(program);
        command.arg("--data-dir").arg(data(project, "etcd", client)?).args(["--log-level", "error"]);
        command.args(["--listen-client-urls", &url(client), "--advertise-client-urls", &url(client)]);
        command.args(["--listen-peer-urls", &url(peer), "--initial-advertise-peer-urls", &url(peer)]);
        command.args(["--initial-cluster", &format!("default={}", url(peer))]);
        let mut running = Self::listening(Server::Etcd, command, client)?;
        running.conversation = format!("etcd://127.0.0.1:{client}");
        // It listens before it has elected itself.
        thread::sleep(Duration::from_secs(2));
        Ok(running)
    }

    /// As it is configured usually, but for how many clients one machine may be.
    fn zookeeper(project: &Project, jars: &Path) -> Result<Self> {
        let port = free_port()?;
        let data = data(project, "zookeeper", port)?;
        let config = data.join("zoo.cfg");
        let text = format!(
            "tickTime=2000\nclientPortAddress=127.0.0.1\nclientPort={port}\ndataDir={}\n\
             admin.enableServer=false\nmaxClientCnxns=0\n",
            data.display()
        );
        std::fs::write(&config, text)?;
        let mut command = project.program("java");
        command
            .arg("-cp")
            .arg(jars.join("*"))
            .arg("org.apache.zookeeper.server.ZooKeeperServerMain")
            .arg(config);
        let mut running = Self::listening(Server::ZooKeeper, command, port)?;
        running.conversation = format!("zookeeper://127.0.0.1:{port}");
        // It listens before it takes sessions.
        thread::sleep(Duration::from_secs(2));
        Ok(running)
    }

    /// One that is told its port, and does not say when it listens there.
    fn listening(server: Server, mut command: Command, port: u16) -> Result<Self> {
        let child = quiet(&mut command).stdout(Stdio::null()).spawn();
        let child = child.with_context(|| format!("{} does not start", server.name()))?;
        let url = format!("http://127.0.0.1:{port}");
        let mut running = Self { server, child, url, conversation: String::new() };
        running.await_port(port)?;
        Ok(running)
    }

    fn await_port(&mut self, port: u16) -> Result<()> {
        let (deadline, name) = (Instant::now() + PATIENCE, self.server.name());
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            if let Some(status) = self.child.try_wait()? {
                bail!("{name} ended when it should start ({status})");
            }
            if Instant::now() > deadline {
                bail!("{name} does not listen on port {port}");
            }
            thread::sleep(Duration::from_millis(50));
        }
        Ok(())
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

    /// Measures it on long connections with `lubdub bench`; `timeout` is a part of the registry's URL
    /// where it is spoken to through the SDK.
    pub(super) fn converse<T: DeserializeOwned>(
        &self,
        programs: &Programs,
        load: &[&str],
        timeout: &str,
    ) -> Result<T> {
        let mut command = Command::new(&programs.lubdub);
        command.arg("bench").args(load).arg("--json");
        if load.first() == Some(&"kill") {
            command.arg("--registry").arg(format!("{}?{timeout}", self.conversation));
        } else {
            command.args(["--server", &self.conversation, "--pid", &self.child.id().to_string()]);
        }
        let done = command.stdin(Stdio::null()).output().context("the generator does not start")?;
        if !done.status.success() {
            let words = String::from_utf8_lossy(&done.stderr);
            bail!("measuring {} failed: {}", self.server.name(), words.trim());
        }
        serde_json::from_slice(&done.stdout).context("what the generator says")
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

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// A folder for what a server keeps, of its own.
fn data(project: &Project, of: &str, port: u16) -> Result<PathBuf> {
    let folder = project.target("peers").join(format!("{of}-data")).join(port.to_string());
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}

fn quiet(command: &mut Command) -> &mut Command {
    command.stdin(Stdio::null()).stderr(Stdio::null())
}
