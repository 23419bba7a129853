//! A provider as a process of its own: this program once more, with other arguments.

use std::error::Error;
use std::process::Stdio;

use lubdub_client::Registry;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::service::Orders;

/// What the process does: provides until nobody holds its input any more, then leaves so that no call fails.
pub(crate) async fn run(name: &str, url: &str) -> Result<(), Box<dyn Error>> {
    let registry = Registry::at(url)?;
    let orders = Orders { taker: name.to_owned() };
    let serving = registry.serve("127.0.0.1:0").mount(orders).start().await?;
    println!("{}", serving.address());
    tokio::io::stdin().read_to_end(&mut Vec::new()).await?;
    serving.shut_down().await;
    Ok(())
}

/// The process as the one that started it holds it. It ends when this does.
pub(crate) struct Provider {
    process: Child,
    /// Where it is called.
    pub(crate) address: String,
}

impl Provider {
    /// Starts it, and waits until it is registered.
    pub(crate) async fn start(name: &str, url: &str) -> Result<Self, Box<dyn Error>> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["provide", name, url]).stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut process = command.spawn()?;
        let said = process.stdout.take().ok_or("a process without output")?;
        let address = BufReader::new(said).lines().next_line().await?.ok_or("a provider did not start")?;
        Ok(Self { process, address })
    }

    /// Asks it to leave, and waits until it has.
    pub(crate) async fn stop(mut self) -> Result<(), Box<dyn Error>> {
        drop(self.process.stdin.take());
        self.process.wait().await?;
        Ok(())
    }
}
