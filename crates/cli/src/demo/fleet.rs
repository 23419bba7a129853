//! [`Fleet`]: the provider processes of the demo, and what is done to them.

use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::Sender;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::happening::Happening;
use crate::failure::Failure;

/// The silence that a demo provider's lease allows, in seconds; a Eureka client's is 90.
pub(super) const TTL_SECS: u64 = 3;

/// The time between two beats of a demo provider, in seconds; a Eureka client's is 30.
pub(super) const INTERVAL_SECS: u64 = 1;

/// How long a provider may take to say goodbye.
const GOODBYE: Duration = Duration::from_secs(2);

/// One provider process.
#[derive(Debug)]
struct Provider {
    /// Its id in the registry, which is its name here.
    name: String,
    child: Child,
}

/// All of them. They end when this is dropped.
#[derive(Debug, Default)]
pub(super) struct Fleet(Vec<Provider>);

/// The providers that a fleet of this size has: service and name, by service.
pub(super) fn names(number: usize) -> Vec<(&'static str, String)> {
    let mut names: Vec<(&str, String)> = (0..number)
        .map(|place| {
            let service = if place % 2 == 0 { "orders" } else { "payments" };
            (service, format!("{service}-{}", place / 2 + 1))
        })
        .collect();
    names.sort_by_key(|(service, _)| *service);
    names
}

impl Fleet {
    /// Starts one more process. What it reports goes to `inbox`.
    pub(super) fn start(
        &mut self,
        registry: &str,
        service: &str,
        name: &str,
        inbox: Sender<Happening>,
    ) -> Result<u32, Failure> {
        let cannot = |error| Failure::bare(format_args!("cannot start the provider process {name}: {error}"));
        let program = std::env::current_exe().map_err(cannot)?;
        let mut child = Command::new(program)
            .args(["demo-provider", "--registry", registry, "--service", service, "--id", name])
            .args(["--ttl-secs", &TTL_SECS.to_string(), "--interval-secs", &INTERVAL_SECS.to_string()])
            // A group of its own: Ctrl-C is for the demo, which then ends its providers.
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(cannot)?;
        let process = child.id();
        if let Some(output) = child.stdout.take() {
            let name = name.to_owned();
            thread::spawn(move || {
                let lines = BufReader::new(output).lines().map_while(Result::ok);
                for report in lines.filter_map(|line| line.parse().ok()) {
                    if inbox
                        .send(Happening::Reported { name: name.clone(), report, at: Instant::now() })
                        .is_err()
                    {
                        break;
                    }
                }
            });
        }
        self.0.push(Provider { name: name.to_owned(), child });
        Ok(process)
    }

    /// Ends a provider without a word, as a crash would.
    pub(super) fn kill(&self, name: &str) -> Result<(), Failure> {
        self.signal(name, Signal::KILL)
    }

    /// Stops a provider, as a long pause would.
    pub(super) fn stop(&self, name: &str) -> Result<(), Failure> {
        self.signal(name, Signal::STOP)
    }

    /// Lets a stopped provider go on.
    pub(super) fn go_on(&self, name: &str) -> Result<(), Failure> {
        self.signal(name, Signal::CONT)
    }

    /// Lets every provider say goodbye; who takes too long is killed.
    pub(super) fn end(&mut self) {
        for provider in &mut self.0 {
            drop(provider.child.stdin.take());
            let _ = kill_process(Pid::from_child(&provider.child), Signal::CONT);
        }
        let deadline = Instant::now() + GOODBYE;
        for provider in &mut self.0 {
            while matches!(provider.child.try_wait(), Ok(None)) && Instant::now() < deadline {
                thread::sleep(Duration::from_millis(10));
            }
            // Without effect on one that has ended; waiting leaves no zombie.
            let _ = provider.child.kill();
            let _ = provider.child.wait();
        }
        self.0.clear();
    }

    fn signal(&self, name: &str, signal: Signal) -> Result<(), Failure> {
        let provider = self.0.iter().find(|provider| provider.name == name);
        // A child that was not waited for keeps its process id, so nobody else is hit.
        let sent = provider.map(|provider| kill_process(Pid::from_child(&provider.child), signal));
        match sent {
            Some(Ok(())) => Ok(()),
            Some(Err(error)) => Err(Failure::bare(format_args!("cannot send {signal:?} to {name}: {error}"))),
            None => Err(Failure::bare(format_args!("there is no provider {name}"))),
        }
    }
}

impl Drop for Fleet {
    fn drop(&mut self) {
        self.end();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn providers_are_spread_over_two_services() {
        let names: Vec<String> = names(5).into_iter().map(|(_, name)| name).collect();
        assert_eq!(names, ["orders-1", "orders-2", "orders-3", "payments-1", "payments-2"]);
    }
}
