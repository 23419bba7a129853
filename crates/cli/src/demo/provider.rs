//! A provider process of the demo: registers over Eureka's protocol, beats, registers again
//! when it is not known any more, and says goodbye when its standard input ends.
//!
//! It lives no longer than the demo: its standard input is a pipe whose other end the demo
//! holds, and on Linux the kernel kills it with its parent, also while it is stopped.

use std::io::{self, Write};
use std::net::TcpListener;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use clap::Args;
use serde_json::json;
use ureq::Agent;
use ureq::http::StatusCode;

use super::report::Report;
use crate::failure::Failure;

/// Who it is and whom it tells.
#[derive(Debug, Args)]
pub(crate) struct ProviderArgs {
    /// The registry's URL.
    #[arg(long)]
    registry: String,
    /// Its service.
    #[arg(long)]
    service: String,
    /// Its id.
    #[arg(long)]
    id: String,
    /// The silence that its lease allows, in seconds.
    #[arg(long)]
    ttl_secs: u64,
    /// The time between two beats, in seconds.
    #[arg(long)]
    interval_secs: u64,
}

/// Runs until standard input ends.
pub(crate) fn run(args: &ProviderArgs) -> Result<(), Failure> {
    #[cfg(target_os = "linux")]
    rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL))
        .map_err(|error| Failure::bare(format_args!("cannot tie the provider to the demo: {error}")))?;
    let (input_ended, ended) = mpsc::channel();
    thread::spawn(move || {
        // What is in it does not matter, only its end.
        let _ = io::copy(&mut io::stdin().lock(), &mut io::sink());
        let _ = input_ended.send(());
    });
    let mut provider = Provider::new(args)?;
    provider.register()?;
    let interval = Duration::from_secs(args.interval_secs);
    let mut next = Instant::now() + interval;
    loop {
        match ended.recv_timeout(next.saturating_duration_since(Instant::now())) {
            Err(RecvTimeoutError::Timeout) => provider.beat()?,
            Ok(()) | Err(RecvTimeoutError::Disconnected) => return provider.leave(),
        }
        // After a stop there is one beat at once, not one for each that was missed.
        next = (next + interval).max(Instant::now());
    }
}

struct Provider<'a> {
    args: &'a ProviderArgs,
    agent: Agent,
    dirty_at: jiff::Timestamp,
    // Held so that the port that it registers is its own; nobody calls it.
    listener: TcpListener,
}

impl<'a> Provider<'a> {
    fn new(args: &'a ProviderArgs) -> Result<Self, Failure> {
        let listener = TcpListener::bind(("127.0.0.1", 0))
            .map_err(|error| Failure::bare(format_args!("cannot open a port: {error}")))?;
        let timeout = Some(Duration::from_secs(args.ttl_secs));
        let config =
            Agent::config_builder().http_status_as_error(false).proxy(None).timeout_global(timeout).build();
        Ok(Self { args, agent: Agent::new_with_config(config), dirty_at: jiff::Timestamp::now(), listener })
    }

    fn register(&mut self) -> Result<(), Failure> {
        // A new one each time: a registration with an older one would not count.
        self.dirty_at = jiff::Timestamp::now();
        let port = self.listener.local_addr().map_or(0, |address| address.port());
        let instance = json!({ "instance": {
            "instanceId": self.args.id,
            "hostName": "127.0.0.1",
            "app": self.args.service.to_uppercase(),
            "ipAddr": "127.0.0.1",
            "status": "UP",
            "overriddenStatus": "UNKNOWN",
            "port": { "$": port, "@enabled": "true" },
            "securePort": { "$": 443, "@enabled": "false" },
            "countryId": 1,
            "dataCenterInfo": {
                "@class": "com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo",
                "name": "MyOwn",
            },
            "leaseInfo": {
                "renewalIntervalInSecs": self.args.interval_secs,
                "durationInSecs": self.args.ttl_secs,
            },
            "metadata": { "zone": "demo" },
            "vipAddress": self.args.service,
            "lastDirtyTimestamp": self.dirty_at.as_millisecond().to_string(),
        }});
        let path = format!("{}/eureka/apps/{}", self.args.registry, self.args.service.to_uppercase());
        match self.agent.post(path).send_json(instance).map(|reply| reply.status()) {
            Ok(StatusCode::NO_CONTENT) => say(Report::Registered),
            _ => say(Report::Unanswered),
        }
    }

    fn beat(&mut self) -> Result<(), Failure> {
        let dirty = self.dirty_at.as_millisecond();
        let renewal = format!("{}?status=UP&lastDirtyTimestamp={dirty}", self.own_path());
        match self.agent.put(renewal).send_empty().map(|reply| reply.status()) {
            Ok(StatusCode::OK) => say(Report::Renewed),
            Ok(StatusCode::NOT_FOUND) => {
                say(Report::Unknown)?;
                self.register()
            }
            _ => say(Report::Unanswered),
        }
    }

    fn leave(&self) -> Result<(), Failure> {
        match self.agent.delete(self.own_path()).call().map(|reply| reply.status()) {
            Ok(StatusCode::OK) => say(Report::Deregistered),
            _ => say(Report::Unanswered),
        }
    }

    fn own_path(&self) -> String {
        format!("{}/eureka/apps/{}/{}", self.args.registry, self.args.service.to_uppercase(), self.args.id)
    }
}

/// Tells the demo. An error means that it is gone, and ends the provider.
fn say(report: Report) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    writeln!(out, "{report}")?;
    Ok(out.flush()?)
}
