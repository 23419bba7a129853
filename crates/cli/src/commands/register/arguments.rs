//! [`Register`]: its arguments become an instance, a check and a plan to keep it.

use std::ffi::OsString;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use lubdub_client::{Config, DEFAULT_WEIGHT, Farewell, Instance, Switch};

use super::address::towards;
use super::check::Check;
use super::checking::CheckPlan;
use super::keeping::{Plan, keep};
use crate::commands::any_registry::{AnyRegistry, USUAL_REGISTRY, failure, runtime};
use crate::commands::span::{some_time, span};
use crate::failure::Failure;

#[derive(Debug, Args)]
#[command(after_help = "\
With a COMMAND, it is run with our input, output and signals, and registered as long as it runs: its \
end ends the registration, and its exit code is ours (128 and the signal, where one killed it). SIGTERM \
and Ctrl-C let it leave so that no call fails: unavailable first, then, when consumers have heard, the \
signal to the command, and out when that has ended. It is told as whom it is registered by \
LUBDUB_SERVICE, LUBDUB_INSTANCE and LUBDUB_ADDRESS. Without one, the instance is registered until SIGTERM \
or Ctrl-C.

A registry that cannot be reached keeps no command from starting: that is told, and tried again.

Examples:
  lubdub register orders --port 8080 -- ./orders --listen 0.0.0.0:8080
  lubdub register orders --port 8080 --check http://127.0.0.1:8080/health -- java -jar orders.jar
  lubdub register mail --port 25 --host 10.0.0.7 --check tcp://10.0.0.7:25
                                        for a process that somebody else runs
  lubdub register orders --port 8080 --registry consul://127.0.0.1:8500 --tag canary -- ./orders
  LUBDUB_REGISTRY=eureka://user:secret@registry.example:8761 \\
    lubdub register orders --port 8080 --metadata commit=4be1c3 -- ./orders")]
pub(in crate::commands) struct Register {
    /// The service, by whose name consumers ask
    service: String,

    /// The port on which it is called
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..))]
    port: u16,

    /// The registry: lubdub://, eureka://, consul://, etcd:// or zookeeper://, with credentials where
    /// it wants some
    #[arg(long, value_name = "URL", env = "LUBDUB_REGISTRY", hide_env_values = true, default_value = USUAL_REGISTRY)]
    registry: String,

    /// A file that holds the registry's token, where it wants one and the URL has none
    #[arg(long, value_name = "FILE", env = "LUBDUB_TOKEN_FILE")]
    token_file: Option<PathBuf>,

    /// The host name or address under which it is called [default: the address by which this machine
    /// reaches the registry]
    #[arg(long)]
    host: Option<String>,

    /// Its name within the service; who registers under the same replaces it [default: HOST:SERVICE:PORT]
    #[arg(long)]
    id: Option<String>,

    /// The version of what it offers
    #[arg(long)]
    version: Option<String>,

    /// What separates it from instances that must not be mixed with it
    #[arg(long)]
    group: Option<String>,

    /// Where it is
    #[arg(long)]
    zone: Option<String>,

    /// Its share of calls in relation to the others'
    #[arg(long, value_name = "NUMBER", default_value_t = DEFAULT_WEIGHT)]
    weight: u32,

    /// A word by which consumers choose; may be given several times
    #[arg(long)]
    tag: Vec<String>,

    /// Anything else to know of it; may be given several times
    #[arg(long, value_name = "KEY=VALUE", value_parser = entry)]
    metadata: Vec<(String, String)>,

    /// Available only while this passes: http://… is answered 2xx, tcp://HOST:PORT accepts a
    /// connection, or a command for the shell ends with 0 [default: available while it is registered]
    #[arg(long)]
    check: Option<Check>,

    /// So long between two checks; each second at least until it has passed first
    #[arg(long, value_name = "SPAN", default_value = "5s", value_parser = some_time, requires = "check")]
    check_interval: Duration,

    /// A check that takes longer has failed
    #[arg(long, value_name = "SPAN", default_value = "2s", value_parser = some_time, requires = "check")]
    check_timeout: Duration,

    /// So many failures in a row make it unavailable; one success brings it back
    #[arg(long, value_name = "NUMBER", default_value = "2", requires = "check")]
    check_failures: NonZeroU32,

    /// When asked to end: so long consumers have to hear that it is unavailable; for those that poll a
    /// registry, as long as lies between two polls
    #[arg(long, value_name = "SPAN", default_value = "2s", value_parser = span)]
    notice: Duration,

    /// When asked to end: so long the command has for that before it is killed
    #[arg(long, value_name = "SPAN", default_value = "30s", value_parser = some_time, requires = "command")]
    stop_timeout: Duration,

    /// What to run, with its arguments
    #[arg(last = true)]
    command: Vec<OsString>,
}

impl Register {
    /// Keeps it registered until its command ends, or it is asked to end.
    pub(in crate::commands) fn run(&self) -> Result<(), Failure> {
        let runtime = runtime()?;
        let kept = runtime.block_on(keep(self.plan()?));
        // Nobody waits for names that are still being looked up.
        runtime.shutdown_background();
        kept
    }

    fn plan(&self) -> Result<Plan, Failure> {
        let url = if self.registry.is_empty() { USUAL_REGISTRY } else { &self.registry };
        let token_file = self.token_file.as_deref().filter(|file| !file.as_os_str().is_empty());
        let switch = Switch::on();
        // Ours, with a command in it, comes before.
        let at_once = Farewell { notice: Duration::ZERO, drain: Duration::ZERO };
        let config = Config::default().switch(switch.clone()).farewell(at_once);
        let at = AnyRegistry::at(url, token_file, config)?;
        let host = match &self.host {
            Some(host) => host.clone(),
            None => towards(&at.servers).map(|ip| ip.to_string()).ok_or_else(|| {
                Failure::new(
                    format_args!(
                        "this machine knows no way to {}, so its own address there is not known",
                        at.name
                    ),
                    "say with --host HOST where the instance is called",
                )
            })?,
        };
        let instance = self.instance(&host);
        instance.validate().map_err(failure)?;
        let check = self.check.clone().map(|check| CheckPlan {
            check,
            interval: self.check_interval,
            timeout: self.check_timeout,
            failures: self.check_failures,
        });
        let (command, notice, stop_timeout) = (self.command.clone(), self.notice, self.stop_timeout);
        Ok(Plan { at, switch, instance, check, command, notice, stop_timeout })
    }

    fn instance(&self, host: &str) -> Instance {
        let mut instance = Instance::new(&self.service, host, self.port).with_weight(self.weight);
        if let Some(id) = &self.id {
            instance = instance.with_id(id);
        }
        instance.version.clone_from(&self.version);
        instance.group.clone_from(&self.group);
        instance.zone.clone_from(&self.zone);
        instance.tags.extend(self.tag.iter().cloned());
        instance.metadata.extend(self.metadata.iter().cloned());
        instance
    }
}

/// An entry of metadata.
fn entry(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.trim().is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("expected KEY=VALUE, such as commit=4be1c3".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        register: Register,
    }

    fn register(arguments: &[&str]) -> Result<Register, clap::Error> {
        let line = [&["register", "orders", "--port", "8080"], arguments].concat();
        Line::try_parse_from(line).map(|line| line.register)
    }

    #[test]
    fn everything_that_is_said_of_it_is_registered() {
        let line =
            "--id web-1 --version 2 --group blue --zone eu-1 --weight 3 --tag a --tag b --metadata k=v=w";
        let instance = register(&line.split(' ').collect::<Vec<_>>()).unwrap().instance("10.0.0.7");
        let expected = Instance::new("orders", "10.0.0.7", 8080)
            .with_id("web-1")
            .with_version("2")
            .with_group("blue")
            .with_zone("eu-1")
            .with_weight(3)
            .with_tag("a")
            .with_tag("b")
            .with_metadata("k", "v=w");
        assert_eq!(instance, expected);
    }

    #[test]
    fn what_follows_two_dashes_is_the_command_whatever_it_looks_like() {
        let register = register(&["--", "./orders", "--port", "1", "--", "x"]).unwrap();
        assert_eq!(
            (register.port, register.command),
            (8080, ["./orders", "--port", "1", "--", "x"].map(OsString::from).to_vec())
        );
    }

    #[test]
    fn flags_of_a_check_want_one_and_what_cannot_be_is_told() {
        for (arguments, told) in [
            (&["--check-interval", "1s"][..], "--check"),
            (&["--check", "tcp://a:1", "--check-failures", "0"], "check-failures"),
            (&["--check", "tcp://a:1", "--check-timeout", "0s"], "longer than nothing"),
            (&["--check", "ftp://a"], "no check speaks ftp"),
            (&["--stop-timeout", "1s"], "COMMAND"),
            (&["--metadata", "k"], "expected KEY=VALUE"),
            (&["./orders"], "unexpected argument './orders'"),
        ] {
            let error = register(arguments).unwrap_err().to_string();
            assert!(error.contains(told), "{arguments:?}: {error}");
        }
        assert!(register(&["--check", "true", "--check-interval", "1s"]).is_ok());
    }
}
