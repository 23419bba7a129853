//! Three providers are replaced one after the other while they are called; what fails is counted.

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

use lubdub_client::Registry;
use lubdub_link::channel;

use crate::provider::Provider;
use crate::service::{SERVICE, place};

/// How many call at the same time.
const CALLERS: usize = 8;

#[derive(Default)]
struct Load {
    is_over: AtomicBool,
    placed: AtomicU64,
    failed: AtomicU64,
}

pub(crate) async fn run(url: &str) -> Result<(), Box<dyn Error>> {
    let mut old = Vec::new();
    for name in ["one", "two", "three"] {
        old.push(Provider::start(name, url).await?);
    }
    let registry = Registry::at(url)?;
    let listed = registry.consume(SERVICE).await?;
    listed.until(|all| all.len() == 3).await;
    let orders = channel(SERVICE).registry(&registry).open().await?;
    let load = Arc::new(Load::default());
    let calling = (0..CALLERS).map(|_| {
        let (orders, load) = (orders.clone(), load.clone());
        tokio::spawn(async move {
            while !load.is_over.load(Relaxed) {
                let counted =
                    if place(&orders, "a book").await.is_ok() { &load.placed } else { &load.failed };
                counted.fetch_add(1, Relaxed);
            }
        })
    });
    let calling: Vec<_> = calling.collect();

    let mut new = Vec::new();
    for provider in old {
        new.push(Provider::start("new", url).await?);
        listed.until(|all| all.len() == 4).await;
        provider.stop().await?;
        listed.until(|all| all.len() == 3).await;
        println!("{} of 3 replaced", new.len());
    }
    load.is_over.store(true, Relaxed);
    for caller in calling {
        caller.await?;
    }
    let failed = load.failed.load(Relaxed);
    println!("{} orders placed, {failed} failed", load.placed.load(Relaxed));
    for provider in new {
        provider.stop().await?;
    }
    if failed == 0 { Ok(()) } else { Err("a rolling restart failed calls".into()) }
}
