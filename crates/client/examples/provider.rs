//! Provides a service until it is asked to end: `cargo run -p lubdub-client --example provider -- URL PORT`.

use lubdub_client::{Instance, Registry};
use tokio::net::TcpListener;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let url = arguments.next().unwrap_or_else(|| "eureka://127.0.0.1:8761".to_owned());
    let port = arguments.next().map_or(Ok(0), |port| port.parse())?;

    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    let port = listener.local_addr()?.port();
    tokio::spawn(async move { while listener.accept().await.is_ok() {} });

    let registry = Registry::at(&url)?;
    let provider = registry.provide(Instance::new("hello", "127.0.0.1", port)).await?;
    println!("{} is registered at {url}; end it with Ctrl-C", provider.instance().id);
    registry.until_terminated().await?;
    println!("gone; the last of {} beats was answered", provider.status().beats);
    Ok(())
}
