//! Three providers, two consumers, and the network between one of each is cut: that consumer avoids that provider, the other does
//! not, and the registry lists all three.

use std::collections::BTreeMap;
use std::error::Error;
use std::time::Duration;

use lubdub_client::Registry;
use lubdub_link::channel::{Channel, add_transport, channel};

use crate::network::{Network, Through};
use crate::provider::Provider;
use crate::service::{SERVICE, place};

const ORDERS: usize = 300;

pub(crate) async fn run(url: &str) -> Result<(), Box<dyn Error>> {
    let mut providers = Vec::new();
    for name in ["one", "two", "three"] {
        providers.push(Provider::start(name, url).await?);
    }
    let second = providers.get(1).ok_or("three were started")?.address.clone();
    let network = Network::to(second.clone()).await?;
    add_transport("through the network", Through { address: second.clone(), entry: network.entry.clone() });

    let registry = Registry::at(url)?;
    registry.consume(SERVICE).await?.until(|all| all.len() == 3).await;
    let near = channel(SERVICE).registry(&registry).strategy("round-robin").open().await?;
    // Placing the same order twice is one order here, so it may be placed elsewhere when the answer is lost.
    let far = channel(SERVICE).registry(&registry).strategy("round-robin").all_idempotent();
    let far = far.transport("through the network").open().await?;
    let consumers = [("near", &near), ("far", &far)];

    let all_three = |took: &BTreeMap<String, usize>| took.len() == 3;
    println!("{:28}{:>8}{:>8}{:>8}", "", "one", "two", "three");
    for (name, consumer) in consumers {
        expect(&tell(name, "", consumer).await?, all_three)?;
    }
    network.cut(true);
    println!("the network between far and two is cut");
    place(&far, "finds out").await?;
    // Its link fails until it is taken out; no order is lost meanwhile.
    while is_available(&far, &second) {
        place(&far, "finds out").await?;
    }
    expect(&tell("near", "", &near).await?, all_three)?;
    expect(&tell("far", "avoids two", &far).await?, |took| !took.contains_key("two"))?;
    println!("the registry lists {}", registry.lookup(SERVICE).await?.len());
    network.cut(false);
    println!("it is mended");
    while !is_available(&far, &second) {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    expect(&tell("far", "starts slowly with two", &far).await?, |took| took.contains_key("one"))?;
    for provider in providers {
        provider.stop().await?;
    }
    Ok(())
}

/// Places orders, and tells who took them.
async fn tell(name: &str, note: &str, orders: &Channel) -> Result<BTreeMap<String, usize>, Box<dyn Error>> {
    let mut took = BTreeMap::new();
    for _ in 0..ORDERS {
        *took.entry(place(orders, "a book").await?).or_default() += 1;
    }
    let of = |name: &str| took.get(name).copied().unwrap_or_default();
    println!("{:28}{:>8}{:>8}{:>8}", format!("{name} {note}"), of("one"), of("two"), of("three"));
    Ok(took)
}

fn is_available(orders: &Channel, address: &str) -> bool {
    orders.links().iter().any(|link| link.address == address && link.is_available)
}

fn expect(
    took: &BTreeMap<String, usize>,
    is_so: impl Fn(&BTreeMap<String, usize>) -> bool,
) -> Result<(), Box<dyn Error>> {
    if is_so(took) { Ok(()) } else { Err(format!("nobody expected this: {took:?}").into()) }
}
