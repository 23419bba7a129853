//! One attempt of a check, and why it did not pass.

use std::error::Error;
use std::os::unix::process::ExitStatusExt;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use reqwest::redirect::Policy;
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::net::TcpStream;
use tokio::process::Command;
use tokio::time::timeout;

use super::check::Check;
use crate::failure::Failure;
use crate::words::chosen;

/// What attempts need, made once.
#[derive(Debug)]
pub(super) struct Attempts {
    check: Check,
    timeout: Duration,
    http: reqwest::Client,
}

impl Attempts {
    /// Of this check, of which each may take so long.
    pub(super) fn new(check: Check, timeout: Duration) -> Result<Self, Failure> {
        let http = reqwest::Client::builder()
            .no_proxy()
            // Who is sent elsewhere, to log in for instance, was not served.
            .redirect(Policy::none())
            // An open connection does not show that new ones are accepted.
            .pool_max_idle_per_host(0)
            .user_agent(concat!("lubdub/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| Failure::bare(format_args!("cannot make a client for checks: {error}")))?;
        Ok(Self { check, timeout, http })
    }

    /// Tries once; the error says why it did not pass.
    pub(super) async fn once(&self) -> Result<(), String> {
        let attempt = async {
            match &self.check {
                Check::Http(url) => self.http(url).await,
                Check::Tcp(host, port) => {
                    let connected = TcpStream::connect((host.as_str(), *port)).await;
                    connected.map(drop).map_err(|error| error.to_string())
                }
                Check::Command(line) => command(line).await,
            }
        };
        let late = |_| Err(format!("nothing within {}", chosen(self.timeout)));
        timeout(self.timeout, attempt).await.unwrap_or_else(late)
    }

    async fn http(&self, url: &reqwest::Url) -> Result<(), String> {
        let response = self.http.get(url.clone()).send().await.map_err(|error| innermost(&error))?;
        let status = response.status();
        if status.is_success() { Ok(()) } else { Err(format!("answered {status}")) }
    }
}

async fn command(line: &str) -> Result<(), String> {
    let mut command = Command::new("/bin/sh");
    command.args(["-c", line]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    // A group of its own, so that nothing of it outlives its time.
    let mut child = command.process_group(0).kill_on_drop(true).spawn().map_err(|error| error.to_string())?;
    let group = Group::of(child.id());
    let status = child.wait().await.map_err(|error| error.to_string())?;
    group.ended();
    if status.success() { Ok(()) } else { Err(how(status)) }
}

/// How a process ended.
pub(super) fn how(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exit code {code}"),
        (None, Some(signal)) => format!("killed by signal {signal}"),
        (None, None) => status.to_string(),
    }
}

/// A group of processes that is killed when this is dropped, unless its first ended.
struct Group(Option<Pid>);

impl Group {
    fn of(id: Option<u32>) -> Self {
        Self(id.and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw))
    }

    fn ended(mut self) {
        self.0 = None;
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(group) = self.0 {
            // One that is gone already needs no end.
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}

/// What is at the bottom of an error: `Connection refused`, not that sending a request failed.
fn innermost(error: &dyn Error) -> String {
    match error.source() {
        Some(source) => innermost(source),
        None => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpListener;
    use std::thread;

    use super::*;

    /// Far more than any of these takes.
    const LONG: Duration = Duration::from_secs(30);

    async fn once(check: &str, within: Duration) -> Result<(), String> {
        Attempts::new(check.parse().unwrap(), within).unwrap().once().await
    }

    /// Answers one request with this status, and is gone.
    fn answering(status: &'static str) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let _ = stream.read(&mut [0; 4096]);
            let head = "content-length: 0\r\nlocation: /\r\nconnection: close\r\n\r\n";
            let _ = write!(stream, "HTTP/1.1 {status}\r\n{head}");
        });
        format!("http://{address}/health")
    }

    #[tokio::test]
    async fn http_passes_with_a_status_of_success_and_with_no_other() {
        assert_eq!(once(&answering("204 No Content"), LONG).await, Ok(()));
        for status in ["503 Service Unavailable", "302 Found", "404 Not Found"] {
            assert_eq!(once(&answering(status), LONG).await, Err(format!("answered {status}")));
        }
    }

    #[tokio::test]
    async fn where_nobody_listens_nothing_passes() {
        for scheme in ["tcp", "http"] {
            // Port 1 is reserved and served by nobody.
            let told = once(&format!("{scheme}://127.0.0.1:1"), LONG).await.unwrap_err();
            assert!(told.contains("refused"), "{scheme}: {told}");
        }
    }

    #[tokio::test]
    async fn tcp_passes_where_a_connection_is_accepted() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        assert_eq!(once(&format!("tcp://{}", listener.local_addr().unwrap()), LONG).await, Ok(()));
    }

    #[tokio::test]
    async fn a_command_passes_when_it_ends_with_0() {
        assert_eq!(once("true", LONG).await, Ok(()));
        assert_eq!(once("exit 3", LONG).await, Err("exit code 3".to_owned()));
        assert_eq!(once("kill -9 $$", LONG).await, Err("killed by signal 9".to_owned()));
    }

    #[tokio::test]
    async fn what_takes_longer_than_it_may_fails_and_nothing_of_it_stays() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
        // The shell, and what it started, hold the pipe open for writing; its end is the end of both.
        let check = format!("exec > {}; sleep 1000 & wait", pipe.display());
        let reader = thread::spawn(move || std::fs::read_to_string(pipe).unwrap());
        let within = Duration::from_secs(1);
        assert_eq!(once(&check, within).await, Err("nothing within 1 s".to_owned()));
        assert_eq!(reader.join().unwrap(), "");

        // Connections are taken by the system, and nobody answers on them.
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let silent = format!("http://{}", listener.local_addr().unwrap());
        assert_eq!(once(&silent, Duration::from_millis(50)).await, Err("nothing within 50 ms".to_owned()));
    }
}
