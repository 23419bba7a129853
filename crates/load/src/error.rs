//! [`Error`]: why there is no measurement.

use std::io;

/// Why nothing could be measured. What goes wrong while measuring is counted, not an error.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The server's URL is not one that can be used. Nothing was sent.
    #[error("`{url}` is not the URL of a server; expected something like http://127.0.0.1:8761")]
    Url {
        /// As it was given.
        url: String,
    },
    /// The server's name has no address. Nothing was sent.
    #[error("`{host}` has no address ({source}); check the name in --server")]
    Unresolved {
        /// The name.
        host: String,
        /// What the system says.
        source: io::Error,
    },
    /// The plan asks for what cannot be. Nothing was sent.
    #[error("{what}")]
    Plan {
        /// What, and what was expected.
        what: &'static str,
    },
    /// Nobody answers at the server's address.
    #[error(
        "nothing answers at {server} ({reason}); start a server there, or name another with --server URL"
    )]
    Unreachable {
        /// Its URL.
        server: String,
        /// What the system says.
        reason: String,
    },
    /// The instances could not be registered; those that were have been deregistered, as far as
    /// the server let that be.
    #[error(
        "cannot prepare: of {asked} instances {failed} could not be registered ({kinds}); is {server} a registry that speaks this protocol?"
    )]
    Preparation {
        /// The server's URL.
        server: String,
        /// How many were to be registered.
        asked: u64,
        /// How many could not.
        failed: u64,
        /// What was answered, with counts.
        kinds: String,
    },
    /// A registry's URL is not one that can be used. Nothing was sent.
    #[error(
        "`{url}` is no registry that is known here; expected lubdub://, etcd://, zookeeper:// or nacos:// \
         with host and port, such as lubdub://127.0.0.1:8761"
    )]
    Registry {
        /// As it was given.
        url: String,
    },
    /// A registry could not be spoken to as was needed.
    #[error("{server} cannot be measured: {reason}; is it there, and does it speak this protocol?")]
    Conversation {
        /// Its URL.
        server: String,
        /// What it said, or did not.
        reason: String,
    },
    /// It was stopped before anything was measured.
    #[error("stopped before anything was measured")]
    Stopped,
    /// The process that was named does not exist, or may not be looked at.
    #[error("process {pid} cannot be looked at ({reason}); give the server's own process id with --pid")]
    Process {
        /// Its id.
        pid: i32,
        /// What the system says.
        reason: String,
    },
    /// The system refused what the generator itself needs.
    #[error("the generator cannot {what}: {source}")]
    Generator {
        /// What it could not do.
        what: &'static str,
        /// What the system says.
        source: io::Error,
    },
}

impl Error {
    /// Refuses a plan by the first of these that is wrong.
    pub(crate) fn unless_right(faults: &[(bool, &'static str)]) -> Result<(), Self> {
        match faults.iter().find(|(wrong, _)| *wrong) {
            Some((_, what)) => Err(Self::Plan { what }),
            None => Ok(()),
        }
    }
}
