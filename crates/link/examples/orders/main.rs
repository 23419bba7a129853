//! Orders are placed with three providers, each a process of its own, while something happens:
//!
//! - `cargo run -p lubdub-link --example orders -- partition URL`: the network between one consumer and one provider is cut;
//! - `cargo run -p lubdub-link --example orders -- restart URL`: each provider is replaced.
//!
//! The URL is that of a registry, `lubdub://127.0.0.1:8761` unless it is said. Ends with 1 where an order failed, or went where it
//! should not.

mod network;
mod partition;
mod provider;
mod restart;
mod service;

use std::error::Error;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let here = "lubdub://127.0.0.1:8761";
    match arguments[..] {
        ["partition"] => partition::run(here).await,
        ["partition", url] => partition::run(url).await,
        ["restart"] => restart::run(here).await,
        ["restart", url] => restart::run(url).await,
        ["provide", name, url] => provider::run(name, url).await,
        _ => Err("what is to happen? Say `partition` or `restart`, and the URL of a registry".into()),
    }
}
