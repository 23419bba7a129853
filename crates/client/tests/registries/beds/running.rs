//! [`Running`]: a server of another project, as a process of ours with a folder of its own.
//!
//! It is killed when this is dropped, and when the test program ends in whatever way: a shell beside it
//! waits for the end of its input, which is ours, and kills it then.

use std::ffi::OsString;
use std::fs::{self, File};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use lubdub_testkit_server::Exchange;
use tempfile::TempDir;

/// A JVM on a busy machine takes its time.
const PATIENCE: Duration = Duration::from_secs(120);

/// Starts what its arguments say, kills it when its own input ends, and ends with it.
const KEEPER: &str = r#"
exec 3<&0
"$@" </dev/null 3<&- & server=$!
(read -r end; kill -9 "$server") <&3 2>/dev/null &
wait "$server"
"#;

/// A server that runs.
pub(crate) struct Running {
    keeper: Child,
    pub(crate) address: SocketAddr,
    /// Absent once it went to the next life.
    folder: Option<TempDir>,
}

/// What a server is started with.
pub(super) struct Start {
    pub(super) program: PathBuf,
    pub(super) arguments: Vec<OsString>,
    pub(super) environment: Vec<(&'static str, String)>,
}

impl Running {
    /// Starts a server on a free port, in a folder of its own. `start` is told the port and the folder,
    /// and `ready` whether it answers yet.
    pub(super) fn start(start: impl Fn(u16, &Path) -> Start, ready: impl Fn(SocketAddr) -> bool) -> Self {
        Self::start_in(tempfile::tempdir().unwrap(), start, ready)
    }

    /// Kills it, and starts it again with what is in its folder.
    pub(super) fn restart(
        &mut self,
        start: impl Fn(u16, &Path) -> Start,
        ready: impl Fn(SocketAddr) -> bool,
    ) {
        self.kill();
        *self = Self::start_in(self.folder.take().unwrap(), start, ready);
    }

    fn start_in(
        mut folder: TempDir,
        start: impl Fn(u16, &Path) -> Start,
        ready: impl Fn(SocketAddr) -> bool,
    ) -> Self {
        // Some cannot be told to take any port; the one that was free is taken by another, rarely.
        for _ in 0..3 {
            match Self::try_start(folder, &start, &ready) {
                Ok(running) => return running,
                Err(unused) => folder = unused,
            }
        }
        panic!("a server ends when it should start; what it wrote is above")
    }

    fn try_start(
        folder: TempDir,
        start: &impl Fn(u16, &Path) -> Start,
        ready: &impl Fn(SocketAddr) -> bool,
    ) -> Result<Self, TempDir> {
        let port = free_port();
        let Start { program, arguments, environment } = start(port, folder.path());
        let log = folder.path().join("log");
        let output = File::create(&log).unwrap();
        let mut command = Command::new("sh");
        command.args(["-c", KEEPER, "keeper"]).arg(&program).args(&arguments).envs(environment);
        command.stdin(Stdio::piped()).stdout(output.try_clone().unwrap()).stderr(output);
        let keeper = command.spawn().unwrap_or_else(|error| panic!("no shell: {error}"));
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        let mut running = Self { keeper, address, folder: Some(folder) };
        let deadline = Instant::now() + PATIENCE;
        loop {
            let has_ended = running.keeper.try_wait().unwrap().is_some();
            if !has_ended && ready(address) {
                break;
            }
            let written = fs::read_to_string(&log).unwrap_or_default();
            assert!(
                !written.contains("not found") && Instant::now() < deadline,
                "{} does not start; `cargo xtask registries` fetches what is missing. It wrote:\n{written}",
                program.display()
            );
            if has_ended {
                // Somebody else has its port, most likely.
                eprintln!("{} ended when it should start: {written}", program.display());
                running.kill();
                return Err(running.folder.take().unwrap());
            }
            std::thread::park_timeout(Duration::from_millis(50));
        }
        Ok(running)
    }

    fn kill(&mut self) {
        // The end of its input.
        drop(self.keeper.stdin.take());
        drop(self.keeper.wait());
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.kill();
    }
}

impl std::fmt::Debug for Running {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Running({})", self.address)
    }
}

/// A program below the folder of registries, or on the path.
pub(super) fn program(name: &str) -> PathBuf {
    let unpacked = registries().join(name).join("usr/bin").join(name);
    if unpacked.exists() { unpacked } else { PathBuf::from(name) }
}

/// Where `cargo xtask registries` puts them.
pub(super) fn registries() -> PathBuf {
    // Test programs are in target/PROFILE/deps.
    let own = std::env::current_exe().unwrap();
    own.ancestors().nth(3).unwrap().join("registries")
}

/// A port that is free, from a range that the system gives to nobody who asks for any: whoever has a
/// port of that kind cannot take it before the server does.
pub(super) fn free_port() -> u16 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    // Another run of these tests begins elsewhere.
    let begin = std::process::id().wrapping_mul(97);
    loop {
        let number = begin.wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed));
        let port = 10_000 + u16::try_from(number % 20_000).unwrap();
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

/// Whether a path is answered with 200.
pub(super) fn answers(address: SocketAddr, path: &str) -> bool {
    std::net::TcpStream::connect(address).is_ok() && Exchange::with(address).get(path).status == 200
}
