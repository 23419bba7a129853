//! The back end: leases, keys, and a watch.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use parking_lot::Mutex;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use tracing::debug;

use super::gateway::{Gateway, decoded, encoded, number};
use crate::availability::Availability;
use crate::backend::{Backend, News, Renewal};
use crate::endpoint::Listed;
use crate::error::Error;
use crate::http::Http;
use crate::instance::Instance;
use crate::terms::Terms;
use crate::url::RegistryUrl;

const PORT: u16 = 2379;
const PREFIX: &str = "lubdub";
const USUAL_TIMEOUT: Duration = Duration::from_secs(30);
const USUAL_POLL: Duration = Duration::from_secs(10);

#[derive(Debug)]
struct Etcd {
    gateway: Gateway,
    prefix: String,
    terms: Terms,
    /// By key.
    leases: Mutex<HashMap<String, i64>>,
}

/// Makes the back end of a URL.
pub(crate) fn connect(url: &RegistryUrl) -> Result<Arc<dyn Backend>, Error> {
    let terms = Terms::of(url, USUAL_TIMEOUT, USUAL_POLL)?;
    let prefix = if url.path().is_empty() { PREFIX } else { url.path() };
    let http = Http::of(url, PORT, terms.patience)?.without_basic();
    let gateway = Gateway::new(http, url);
    Ok(Arc::new(Etcd { gateway, prefix: format!("/{prefix}"), terms, leases: Mutex::default() }))
}

impl Etcd {
    /// Begins all keys of a service.
    fn keys_of(&self, service: &str) -> String {
        format!("{}/{}/", self.prefix, utf8_percent_encode(service, NON_ALPHANUMERIC))
    }

    fn key_of(&self, instance: &Instance) -> String {
        format!("{}{}", self.keys_of(&instance.service), utf8_percent_encode(&instance.id, NON_ALPHANUMERIC))
    }

    fn range_of(&self, service: &str) -> (String, String) {
        let first = self.keys_of(service);
        // '0' follows '/': the first key that does not begin so.
        let end = format!("{}0", first.trim_end_matches('/'));
        (encoded(first), encoded(end))
    }

    fn lease_of(&self, key: &str) -> Option<i64> {
        self.leases.lock().get(key).copied()
    }

    /// Writes a key. False where its lease is gone.
    async fn put(&self, instance: &Instance, availability: Availability, lease: i64) -> Result<bool, Error> {
        let listed = Listed { instance: instance.clone(), availability };
        let value = serde_json::to_vec(&listed).unwrap_or_default();
        let question = json!({
            "key": encoded(self.key_of(instance)),
            "value": encoded(value),
            "lease": lease.to_string(),
        });
        Ok(self.gateway.ask("/v3/kv/put", &question).await?.is_some())
    }

    /// The instances of a service, and the revision at which they were so.
    async fn read(&self, service: &str) -> Result<(Vec<Listed>, i64), Error> {
        let (key, range_end) = self.range_of(service);
        let question = json!({"key": key, "range_end": range_end});
        let answer = self.gateway.ask("/v3/kv/range", &question).await?.unwrap_or(Value::Null);
        let revision = number(answer.get("header").and_then(|header| header.get("revision")));
        let revision = revision.ok_or_else(|| self.gateway.http.foreign("its answer has no revision"))?;
        let keys = answer.get("kvs").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let instances = keys.iter().filter_map(|key| {
            let value = decoded(key.get("value")?.as_str()?)?;
            match serde_json::from_slice(&value) {
                Ok(listed) => Some(listed),
                Err(error) => {
                    debug!(%service, %error, "a key that is no instance is left out");
                    None
                }
            }
        });
        Ok((instances.collect(), revision))
    }

    /// Tells news until something goes wrong.
    async fn watch(&self, service: &str, news: &News) -> Result<(), Error> {
        loop {
            let (listing, revision) = self.read(service).await?;
            news.tell(listing);
            let (key, range_end) = self.range_of(service);
            let wanted = json!({"create_request": {
                "key": key, "range_end": range_end, "start_revision": (revision + 1).to_string(),
            }});
            let mut stream = self.gateway.listen("/v3/watch", &wanted).await?;
            let mut line = Vec::new();
            loop {
                // What is read again each poll finds out whether the silence is that of the network.
                let piece = match tokio::time::timeout(self.terms.poll, stream.chunk()).await {
                    Err(_) => {
                        news.tell(self.read(service).await?.0);
                        continue;
                    }
                    Ok(piece) => piece.map_err(|error| self.gateway.http.failed(&error, self.terms.poll))?,
                };
                let Some(piece) = piece else { break };
                line.extend_from_slice(&piece);
                let told = whole_lines(&mut line);
                if told.iter().any(has_ended) {
                    // Compacted away meanwhile: begin again.
                    break;
                }
                if told.iter().any(has_events) {
                    news.tell(self.read(service).await?.0);
                }
            }
        }
    }
}

/// Takes the documents that have come in full.
fn whole_lines(line: &mut Vec<u8>) -> Vec<Value> {
    let Some(end) = line.iter().rposition(|byte| *byte == b'\n') else { return Vec::new() };
    let whole: Vec<u8> = line.drain(..=end).collect();
    whole.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok()).collect()
}

fn has_events(told: &Value) -> bool {
    told.get("result").and_then(|result| result.get("events")).is_some()
}

fn has_ended(told: &Value) -> bool {
    told.get("error").is_some()
        || told.get("result").and_then(|result| result.get("canceled")).and_then(Value::as_bool) == Some(true)
}

#[async_trait]
impl Backend for Etcd {
    fn terms(&self) -> Terms {
        self.terms
    }

    async fn register(&self, instance: &Instance, availability: Availability) -> Result<(), Error> {
        let seconds = self.terms.timeout.as_millis().div_ceil(1000).max(1);
        let granted = self.gateway.ask("/v3/lease/grant", &json!({"TTL": seconds.to_string()})).await?;
        let lease = number(granted.as_ref().and_then(|granted| granted.get("ID")));
        let lease = lease.ok_or_else(|| self.gateway.http.foreign("it grants leases without an ID"))?;
        if !self.put(instance, availability, lease).await? {
            let registry = self.gateway.http.registry().to_owned();
            return Err(Error::SessionLost { registry, reason: "a new lease is gone at once".to_owned() });
        }
        // A lease that this replaces holds no key any more, and ends by itself.
        self.leases.lock().insert(self.key_of(instance), lease);
        Ok(())
    }

    async fn deregister(&self, instance: &Instance) -> Result<(), Error> {
        let key = self.key_of(instance);
        self.gateway.ask("/v3/kv/deleterange", &json!({"key": encoded(&key)})).await?;
        if let Some(lease) = self.lease_of(&key) {
            self.gateway.ask("/v3/lease/revoke", &json!({"ID": lease.to_string()})).await?;
            self.leases.lock().remove(&key);
        }
        Ok(())
    }

    async fn set_available(&self, instance: &Instance, availability: Availability) -> Result<Renewal, Error> {
        let Some(lease) = self.lease_of(&self.key_of(instance)) else { return Ok(Renewal::Unknown) };
        let is_there = self.put(instance, availability, lease).await?;
        Ok(if is_there { Renewal::Renewed } else { Renewal::Unknown })
    }

    async fn renew(&self, instance: &Instance, _: Availability) -> Result<Renewal, Error> {
        let Some(lease) = self.lease_of(&self.key_of(instance)) else { return Ok(Renewal::Unknown) };
        let answer = self.gateway.ask("/v3/lease/keepalive", &json!({"ID": lease.to_string()})).await?;
        // A lease that is gone has no time left, and the field is left out.
        let left = number(answer.as_ref().and_then(|answer| answer.get("TTL"))).unwrap_or(0);
        Ok(if left > 0 { Renewal::Renewed } else { Renewal::Unknown })
    }

    async fn lookup(&self, service: &str) -> Result<Vec<Listed>, Error> {
        self.read(service).await.map(|(listing, _)| listing)
    }

    async fn subscribe(&self, service: &str, news: &News) -> Error {
        match self.watch(service, news).await {
            Err(error) => error,
            Ok(()) => self.gateway.http.foreign("its watch ended"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_taken_when_they_are_whole() {
        let mut line = b"{\"a\":1}\n{\"b\"".to_vec();
        assert_eq!(whole_lines(&mut line), [json!({"a": 1})]);
        line.extend(b":2}\n");
        assert_eq!(whole_lines(&mut line), [json!({"b": 2})]);
        assert!(line.is_empty());
    }
}
