//! [`Registered`]: provider and consumer in Motan's registry.

use std::net::SocketAddr;

use lubdub_client::{Consumer, Instance, Provider, Registry};
use serde_json::{Value, json};

use crate::Fallible;

/// Those that there are.
#[derive(Default)]
pub(crate) struct Registered {
    provider: Option<Provider>,
    consumer: Option<Consumer>,
}

impl Registered {
    /// An instance that is not available yet.
    pub(crate) async fn provide(
        &mut self,
        url: &str,
        service: &str,
        version: &str,
        listens: SocketAddr,
    ) -> Fallible<()> {
        let instance = Instance::new(service, listens.ip().to_string(), listens.port()).with_version(version);
        self.provider = Some(Registry::at(url)?.provide_unavailable(instance).await?);
        Ok(())
    }

    /// Makes it available, or takes that back.
    pub(crate) fn open(&self, is_open: bool) -> Fallible<Value> {
        let provider = self.provider.as_ref().ok_or("provide first")?;
        if is_open {
            provider.open();
        } else {
            provider.close();
        }
        Ok(json!(true))
    }

    pub(crate) async fn leave(&mut self) -> Fallible<Value> {
        let parting = self.provider.take().ok_or("provide first")?.stop().await;
        Ok(json!(format!("{parting:?}")))
    }

    pub(crate) async fn consume(&mut self, url: &str, service: &str) -> Fallible<()> {
        self.consumer = Some(Registry::at(url)?.consume(service).await?);
        Ok(())
    }

    /// The addresses that the consumer would call.
    pub(crate) fn offers(&self) -> Fallible<Value> {
        let endpoints = self.consumer.as_ref().ok_or("consume first")?.endpoints();
        Ok(endpoints.iter().map(lubdub_client::Endpoint::address).collect())
    }

    /// All that are listed, with what they say.
    pub(crate) async fn listed(&self, url: &str, service: &str) -> Fallible<Value> {
        Ok(serde_json::to_value(Registry::at(url)?.lookup(service).await?)?)
    }
}
