//! [`Target`]: which registry to ask, and how to write its answer; shared by every command that
//! asks one.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::client::Client;
use crate::failure::Failure;

/// Where `lubdub serve` listens unless told otherwise.
pub(super) const USUAL: &str = "http://127.0.0.1:8761";

#[derive(Debug, Args)]
pub(super) struct Target {
    /// The registry to ask
    #[arg(long, global = true, value_name = "URL", env = "LUBDUB_SERVER", default_value = USUAL)]
    server: String,

    /// A file that holds the registry's token, where it wants one
    #[arg(long, global = true, value_name = "FILE", env = "LUBDUB_TOKEN_FILE")]
    token_file: Option<PathBuf>,

    /// The registry's own JSON instead of words, for machines
    #[arg(long, global = true)]
    pub(super) json: bool,
}

impl Target {
    /// A client of that registry. A variable that is set to nothing is none.
    pub(super) fn client(&self) -> Result<Client, Failure> {
        let server = if self.server.is_empty() { USUAL } else { &self.server };
        Client::new(server, self.token_file())
    }

    /// The file with the registry's token, where one was named.
    pub(super) fn token_file(&self) -> Option<&Path> {
        self.token_file.as_deref().filter(|file| !file.as_os_str().is_empty())
    }
}
