//! [`Serve`]: its arguments become the flags of the server's configuration; it starts, tells and
//! stops.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;
use lubdub_server::{Flags, LogControl, ProcessEnvironment, Server, ServerConfig};

use super::banner::Banner;
use super::logging::Logging;
use crate::failure::Failure;
use crate::output::Paint;
use crate::signals::Stop;

#[derive(Debug, Args)]
#[command(after_help = "\
Flags outrank the environment (LUBDUB_LISTEN, LUBDUB_DATA, …), which outranks the file.

Examples:
  lubdub serve                                      for this machine only, kept in ./lubdub-data
  lubdub serve --ephemeral --listen 127.0.0.1:0     in memory, on any free port
  lubdub serve --listen 0.0.0.0:8761 --token-file /etc/lubdub/token
                                                    for other machines, with a token
  lubdub serve --config lubdub.toml --log debug

Send SIGTERM or press Ctrl-C to stop it; what is registered is there again when it starts anew.")]
pub(crate) struct Serve {
    /// Where to listen; may be given several times; port 0 is any free port [default: 127.0.0.1:8761]
    #[arg(long, value_name = "ADDR:PORT")]
    listen: Vec<String>,

    /// Where to keep what is registered; made if it is missing [default: ./lubdub-data]
    #[arg(long, value_name = "DIR", conflicts_with = "ephemeral")]
    data: Option<PathBuf>,

    /// Keep everything in memory only: what is registered is lost at the end
    #[arg(long)]
    ephemeral: bool,

    /// Read settings from this TOML file
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,

    /// Let everybody in who can reach the listeners, also from other machines
    #[arg(long)]
    open: bool,

    /// A file that holds the token which every request must carry
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,

    /// A file that holds the token without which nobody may drain, deregister, release and the
    /// like [default: `operator-token` in the data directory, made at the first start]
    #[arg(long, value_name = "FILE")]
    operator_token_file: Option<PathBuf>,

    /// Start empty; what was kept is moved aside
    #[arg(long)]
    forget: bool,

    #[command(flatten)]
    logging: Logging,
}

impl Serve {
    /// Serves until it is asked to stop.
    pub(crate) fn run(&self, no_color: bool) -> Result<(), Failure> {
        let log = self.logging.start(Paint::for_stderr(no_color))?;
        let config = ServerConfig::load(&self.flags(), &ProcessEnvironment).map_err(|error| {
            let faults: Vec<String> = error.faults.iter().map(ToString::to_string).collect();
            Failure::new("this cannot be served as it is configured:", faults.join("\n"))
        })?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .map_err(|error| Failure::bare(format_args!("cannot start the threads that serve: {error}")))?;
        runtime.block_on(serve(config, log))
    }

    fn flags(&self) -> Flags {
        Flags {
            listen: self.listen.clone(),
            data: self.data.clone(),
            ephemeral: self.ephemeral,
            config: self.config.clone(),
            open: self.open,
            token_file: self.token_file.clone(),
            operator_token_file: self.operator_token_file.clone(),
            forget: self.forget,
        }
    }
}

async fn serve(config: ServerConfig, log: LogControl) -> Result<(), Failure> {
    // Before anything is open, so that no signal ends the process half-way.
    let mut stop = Stop::new()?;
    let running = Server::start_with_log(config, Some(log)).await.map_err(Failure::told)?;
    let condition = running.condition();
    let banner = Banner { config: running.config(), addresses: running.addresses(), condition: &condition };
    say(&banner.to_string());
    let signal = stop.asked().await;
    say(&format!("{signal}: stopping; once more ends it at once"));
    stop.at_once_next_time();
    running.stop().await;
    say("stopped cleanly");
    Ok(())
}

/// To standard output. That nobody reads it is no reason not to serve.
fn say(text: &str) {
    let mut out = io::stdout().lock();
    let _ = writeln!(out, "{text}").and_then(|()| out.flush());
}
