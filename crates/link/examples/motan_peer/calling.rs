//! [`Calling`]: a link to a Motan server.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use lubdub_link::heartbeat::{HeartbeatConfig, Pings};
use lubdub_link::motan::{MotanLink, connect};
use serde_json::{Value, json};

use crate::{Fallible, echo};

const PATIENCE: Duration = Duration::from_secs(10);
const INTERVAL: Duration = Duration::from_millis(20);
const TIMEOUT: Duration = Duration::from_secs(5);

/// Beats each 20 ms, whatever else is said, and gives up a server that it has heard nothing of for 5 s.
pub(crate) struct Calling {
    link: MotanLink,
    calls: u64,
}

impl Calling {
    pub(crate) async fn connect(address: &str) -> Fallible<Self> {
        let config = HeartbeatConfig {
            pings: Pings::EachInterval,
            timeout: TIMEOUT,
            ..HeartbeatConfig::of_interval(INTERVAL)
        };
        Ok(Self { link: connect(address, PATIENCE, config).await?, calls: 0 })
    }

    /// What the server echoes.
    pub(crate) async fn call(&mut self, group: &str, text: &str) -> Fallible<String> {
        let id = self.send(group, text).await?;
        loop {
            let answer = tokio::time::timeout(PATIENCE, self.link.next()).await?;
            let answer = answer.ok_or("the link is over")??;
            if answer.id == id {
                return Ok(echo::text(&answer)?);
            }
        }
    }

    /// Has one of the server's workers hang.
    pub(crate) async fn hang(&mut self, group: &str) -> Fallible<()> {
        self.send(group, "hang").await.map(drop)
    }

    async fn send(&mut self, group: &str, text: &str) -> Fallible<u64> {
        self.calls += 1;
        self.link.send(echo::call(self.calls, group, text).ok_or("a text of at most 31 bytes")?).await?;
        Ok(self.calls)
    }

    /// How its link is.
    pub(crate) fn tells(&self) -> Value {
        let pulse = self.link.pulse();
        let ended = pulse.ended().map(|ended| ended.to_string());
        json!({ "answered": pulse.round_trip().samples(), "strays": pulse.strays(), "ended": ended })
    }
}
