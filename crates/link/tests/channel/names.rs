//! Transports, probes and strategies by name.

use lubdub_balance::{Nodes, Strategies, Strategy, Turn};
use lubdub_link::channel::{ChannelFault, Key, channel, probes, transports};
use tonic::Code;

use crate::scripted::{Script, call, calls, request};

#[tokio::test(start_paused = true)]
async fn a_transport_and_a_probe_of_ones_own_serve_every_channel_that_names_them() {
    let script = Script::default();
    let one = script.setup("of one's own", ["a:1".to_owned()]).open().await.unwrap();
    let other = channel("stock").direct(["b:1"]).transport("of one's own").probe("of one's own").open().await;
    assert_eq!(calls(&one, 2).await, [Code::Ok; 2]);
    assert_eq!(calls(&other.unwrap(), 3).await, [Code::Ok; 3]);
    assert_eq!((script.calls("a:1"), script.calls("b:1")), (2, 3));
    for (names, standard) in [(transports(), "http2"), (probes(), "grpc-health")] {
        assert!(
            names.contains(&"of one's own".to_owned()) && names.contains(&standard.to_owned()),
            "{names:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn an_unknown_name_is_answered_with_those_that_are_known() {
    let setup = || channel("orders").direct(["127.0.0.1:1"]);
    let told = |fault: Result<_, ChannelFault>| fault.map(drop).unwrap_err().to_string();
    let transport = told(setup().transport("quic").open().await);
    assert!(transport.starts_with("no transport is known by the name \"quic\"; known are: "), "{transport}");
    assert!(transport.contains("http2"), "{transport}");
    let probe = told(setup().probe("pulse").open().await);
    assert!(probe.contains("grpc-health") && probe.contains("try-calls"), "{probe}");
    let strategy = told(setup().strategy("randon").open().await);
    assert!(strategy.contains("did you mean \"random\"?"), "{strategy}");
    assert!(strategy.contains("p2c-peak-ewma"), "{strategy}");
}

#[derive(Debug)]
struct AlwaysTheLast(usize);

impl Strategy for AlwaysTheLast {
    fn place(&self, _turn: &Turn, _rng: &mut fastrand::Rng) -> Option<usize> {
        Some(self.0)
    }
}

#[tokio::test(start_paused = true)]
async fn a_strategy_of_ones_own_is_chosen_by_its_name() {
    let mut strategies = Strategies::standard();
    strategies.register("last", |nodes: &Nodes| AlwaysTheLast(nodes.len() - 1));
    let script = Script::default();
    let setup = script.setup("own strategy", ["a:1", "b:1", "c:1"].map(str::to_owned));
    let channel = setup.strategies(strategies).strategy("last").open().await.unwrap();
    calls(&channel, 10).await;
    assert_eq!((script.calls("a:1"), script.calls("b:1"), script.calls("c:1")), (0, 0, 10));
}

#[tokio::test(start_paused = true)]
async fn another_strategy_is_chosen_while_calls_go_on_and_an_unknown_one_changes_nothing() {
    let script = Script::default();
    let setup = script.setup("changed strategy", ["a:1", "b:1"].map(str::to_owned)).strategy("round-robin");
    let channel = setup.open().await.unwrap();
    calls(&channel, 10).await;
    assert_eq!((script.calls("a:1"), script.calls("b:1")), (5, 5));
    let unknown = channel.change_strategy("rendezvous").unwrap_err().to_string();
    assert!(unknown.contains("rendezvous") && unknown.contains("consistent-hash"), "{unknown}");
    assert_eq!(channel.strategy(), "round-robin");
    // Calls of one key stay together from now on.
    channel.change_strategy("consistent-hash").unwrap();
    for _ in 0..10 {
        let mut keyed = request("one");
        keyed.extensions_mut().insert(Key::of("customer-7"));
        call(&channel, keyed).await;
    }
    assert_eq!(script.calls("a:1").abs_diff(script.calls("b:1")), 10);
}
