//! Follows a service: `cargo run -p lubdub-client --example consumer -- URL`.

use lubdub_client::{Change, Registry};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let url = std::env::args().nth(1).unwrap_or_else(|| "eureka://127.0.0.1:8761".to_owned());
    let consumer = Registry::at(&url)?.consume("hello").await?;
    let mut changes = consumer.changes();
    while let Some(change) = changes.next().await {
        match change {
            Change::Joined(endpoint) => println!("+ {}", endpoint.address()),
            Change::Left(endpoint) => println!("- {}", endpoint.address()),
            other => println!("~ {}", other.endpoint().address()),
        }
    }
    Ok(())
}
