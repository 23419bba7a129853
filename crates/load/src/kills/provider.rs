//! [`ProviderCommand`]: a provider that is a process of its own.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Stdio;

use tokio::process::{Child, Command};

use super::bench::HOST;
use crate::Error;

/// What starts a provider: the program, and its arguments before `--registry URL --host HOST --port PORT
/// SERVICE`. It must provide until it is killed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderCommand {
    /// The program.
    pub program: PathBuf,
    /// Its first arguments.
    pub arguments: Vec<OsString>,
}

impl ProviderCommand {
    /// Starts one. It is killed when what is returned is dropped.
    pub(crate) fn start(&self, registry: &str, service: &str, port: u16) -> Result<Child, Error> {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).args(["--registry", registry, "--host", HOST, "--port"]);
        command.arg(port.to_string()).arg(service).kill_on_drop(true);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command.spawn().map_err(|source| Error::Generator { what: "start a provider", source })
    }
}
