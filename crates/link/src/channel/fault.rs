//! [`ChannelFault`]: why there is no channel.

use lubdub_detect::Fault;

/// Why a channel cannot be opened. Nothing is left behind.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum ChannelFault {
    /// Neither a registry nor addresses were given.
    #[error(
        "nobody says where {service:?} is called; give the channel a registry, or addresses with `direct`"
    )]
    Nowhere {
        /// The service.
        service: String,
    },
    /// Both a registry and addresses were given.
    #[error("both a registry and addresses say where {service:?} is called; expected is one of them")]
    TwoSources {
        /// The service.
        service: String,
    },
    /// The same address twice.
    #[error("{address:?} is given twice; expected is each address once")]
    TwiceGiven {
        /// The address.
        address: String,
    },
    /// An endpoint cannot be called at such an address.
    #[error("{address:?} is no address to call; expected is host:port")]
    BadAddress {
        /// The address.
        address: String,
    },
    /// There is nothing of this name.
    #[error("no {kind} is known by the name {name:?}; known are: {}", known.join(", "))]
    UnknownName {
        /// Of what kind it should be.
        kind: &'static str,
        /// The name.
        name: String,
        /// The names that are known.
        known: Vec<String>,
    },
    /// No strategy has this name.
    #[error(transparent)]
    UnknownStrategy(#[from] lubdub_balance::UnknownStrategy),
    /// A setting cannot be.
    #[error(transparent)]
    Setting(#[from] Fault),
    /// The registry does not say whom to call.
    #[error(transparent)]
    Registry(#[from] lubdub_client::Error),
}
