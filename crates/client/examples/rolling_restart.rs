//! Replaces three instances, one after the other, while they are called, and counts what fails: `cargo run -p
//! lubdub-client --example rolling_restart -- URL`. Ends with 1 where anything did.

use std::error::Error;
use std::process::ExitCode;

use lubdub_client::{Consumer, Instance, Registry};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// What is a process of its own elsewhere.
struct Process {
    registry: Registry,
    serving: JoinHandle<()>,
}

impl Process {
    async fn start(url: &str) -> Result<Self, Box<dyn Error>> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let registry = Registry::at(url)?;
        let instance = Instance::new("rolling", "127.0.0.1", listener.local_addr()?.port());
        let provider = registry.provide(instance).await?;
        let serving = tokio::spawn(async move {
            while let Ok((mut caller, _)) = listener.accept().await {
                // Leaving waits for it.
                let _call = provider.begin_call();
                let mut byte = [0];
                if caller.read_exact(&mut byte).await.is_ok() {
                    let _ = caller.write_all(&byte).await;
                }
            }
        });
        Ok(Self { registry, serving })
    }

    /// Unavailable, heard of, out; only then nobody listens any more.
    async fn stop(self) {
        self.registry.shut_down().await;
        self.serving.abort();
    }
}

/// Calls one instance after the other until it is told to end; how many calls, and how many failed.
async fn call(consumer: Consumer, over: watch::Receiver<bool>) -> (usize, usize) {
    let (mut calls, mut failed) = (0, 0);
    while !*over.borrow() {
        let endpoints = consumer.endpoints();
        let called = match endpoints.get(calls % endpoints.len().max(1)) {
            Some(endpoint) => call_one(&endpoint.address()).await.is_ok(),
            None => false,
        };
        calls += 1;
        failed += usize::from(!called);
    }
    (calls, failed)
}

async fn call_one(address: &str) -> std::io::Result<()> {
    let mut connection = TcpStream::connect(address).await?;
    connection.write_all(&[7]).await?;
    connection.read_exact(&mut [0]).await.map(drop)
}

#[tokio::main]
async fn main() -> Result<ExitCode, Box<dyn Error>> {
    let url = std::env::args().nth(1).unwrap_or_else(|| "lubdub://127.0.0.1:8761".to_owned());
    let mut old = Vec::new();
    for _ in 0..3 {
        old.push(Process::start(&url).await?);
    }
    let consumer = Registry::at(&url)?.consume("rolling").await?;
    consumer.until(|all| all.len() == 3).await;
    let (end, over) = watch::channel(false);
    let calling = tokio::spawn(call(consumer.clone(), over));

    let mut new = Vec::new();
    for process in old {
        new.push(Process::start(&url).await?);
        consumer.until(|all| all.len() == 4).await;
        process.stop().await;
        consumer.until(|all| all.len() == 3).await;
        println!("{} of 3 replaced", new.len());
    }
    end.send_replace(true);
    let (calls, failed) = calling.await?;
    println!("{calls} calls, {failed} failed");
    for process in new {
        process.stop().await;
    }
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
