//! The switch of the process. It is one for all tests of a program, so this program has one test.

use std::time::Duration;

use lubdub_client::{Instance, Registry, Switch};
use lubdub_testkit_server::TestServer;

#[tokio::test]
async fn the_switch_of_the_process_moves_all_its_instances_and_another_client_changes_nothing() {
    let server = TestServer::in_memory();
    let url = format!("eureka://{}?poll=100ms", server.address());
    let alive = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = alive.local_addr().unwrap().port();
    let instance = |service: &str| Instance::new(service, "127.0.0.1", port);
    let life = async {
        Switch::process().turn(false);
        let one = Registry::at(&url).unwrap();
        let _orders = one.provide(instance("orders")).await.unwrap();
        let other = Registry::at(&url).unwrap();
        let _payments = other.provide(instance("payments")).await.unwrap();
        let orders = other.consume("orders").await.unwrap();
        let payments = other.consume("payments").await.unwrap();
        assert!(orders.endpoints().is_empty() && payments.endpoints().is_empty());
        Switch::process().turn(true);
        orders.until(|all| all.len() == 1).await;
        payments.until(|all| all.len() == 1).await;
        let _third = Registry::at(&url).unwrap();
        assert!(Switch::process().is_on());
        assert_eq!(orders.endpoints().len(), 1);
    };
    tokio::time::timeout(Duration::from_secs(60), life).await.expect("nothing came of it in time");
}
