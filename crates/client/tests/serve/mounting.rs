//! What is mounted is provided.

use lubdub_client::{Error, Registry, Serving};
use lubdub_testkit_server::TestServer;
use tokio::net::TcpListener;
use tonic::Code;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

use crate::services::{Echo, Greeter, Named, Orders, Stock, call, connect, consume, registry, soon};

async fn start(registry: &Registry) -> Serving {
    let setup = registry.serve("127.0.0.1:0").with_version("2").with_group("shop").with_zone("eu-1");
    let setup = setup.with_tag("canary").with_weight(3).with_metadata("commit", "4be1c3");
    setup.mount(Echo::<Greeter>::new()).mount(Echo::<Orders>::new()).start().await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn every_service_is_provided_with_its_metadata_also_one_that_is_mounted_later() {
    let server = TestServer::in_memory();
    let registry = registry(&server);
    let serving = start(&registry).await;
    let channel = connect(&serving.address().to_string()).await.unwrap();
    assert_eq!(call::<Stock>(&channel).await.unwrap_err().code(), Code::Unimplemented);
    assert!(registry.lookup(Stock::NAME).await.unwrap().is_empty());

    serving.mount(Echo::<Stock>::new()).await.unwrap();
    for name in [Greeter::NAME, Orders::NAME, Stock::NAME] {
        let listed = registry.lookup(name).await.unwrap();
        let [one] = listed.as_slice() else { panic!("{listed:?}") };
        let instance = &one.instance;
        assert_eq!((instance.service.as_str(), instance.address()), (name, serving.address().to_string()));
        assert_eq!(instance.version.as_deref(), Some("2"));
        assert_eq!(instance.group.as_deref(), Some("shop"));
        assert_eq!(instance.zone.as_deref(), Some("eu-1"));
        assert_eq!((instance.weight, instance.tags.contains("canary")), (3, true));
        let metadata: Vec<_> = instance.metadata.iter().map(|(key, value)| (&**key, &**value)).collect();
        assert_eq!(metadata, [("commit", "4be1c3"), ("protocol", "grpc")]);
    }
    assert_eq!(serving.instances().len(), 3);
    let stock = consume::<Stock>(&server).await.unwrap();
    let found = soon(stock.until(|all| all.len() == 1)).await;
    let elsewhere = connect(&found[0].address()).await.unwrap();
    assert_eq!(call::<Stock>(&elsewhere).await.unwrap(), "hello from shop.v1.Stock");
    // On the connection that was there before, too.
    assert_eq!(call::<Stock>(&channel).await.unwrap(), "hello from shop.v1.Stock");
    assert_eq!(call::<Orders>(&channel).await.unwrap(), "hello from shop.v1.Orders");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_service_is_mounted_once_and_the_first_goes_on() {
    let server = TestServer::in_memory();
    let registry = registry(&server);
    let twice = registry.serve("127.0.0.1:0").mount(Echo::<Stock>::new()).mount(Echo::<Stock>::new());
    let refused = twice.start().await.unwrap_err();
    assert!(matches!(&refused, Error::MountedTwice { service } if service == Stock::NAME), "{refused}");
    let serving = start(&registry).await;
    let refused = serving.mount(Echo::<Orders>::new()).await.unwrap_err();
    assert!(matches!(&refused, Error::MountedTwice { service } if service == Orders::NAME), "{refused}");
    let channel = connect(&serving.address().to_string()).await.unwrap();
    assert_eq!(call::<Orders>(&channel).await.unwrap(), "hello from shop.v1.Orders");
    assert_eq!(registry.lookup(Orders::NAME).await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn what_cannot_be_registered_is_not_served() {
    let server = TestServer::in_memory();
    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let closed = nobody.local_addr().unwrap();
    drop(nobody);
    let registry = registry(&server);
    let unreachable = Registry::at(&format!("lubdub://{closed}")).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let error = unreachable.serve(listener).mount(Echo::<Stock>::new()).start().await.unwrap_err();
    assert!(matches!(error, Error::Unreachable { .. }), "{error}");
    soon(async { while connect(&address.to_string()).await.is_ok() {} }).await;

    let everywhere = registry.serve("0.0.0.0:0").mount(Echo::<Stock>::new());
    let error = everywhere.start().await.unwrap_err().to_string();
    assert!(error.contains("host") && error.contains("called_at"), "{error}");

    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let holding = TcpListener::bind(taken).await.unwrap();
    let error = registry.serve(taken).mount(Echo::<Stock>::new()).start().await.unwrap_err();
    assert!(matches!(error, Error::NotListening { .. }), "{error}");
    drop(holding);
    assert!(registry.lookup(Stock::NAME).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn what_is_refused_while_others_are_served_is_not_served() {
    let server = TestServer::in_memory();
    let registry = registry(&server);
    let serving = start(&registry).await;
    registry.shut_down().await;
    let error = serving.mount(Echo::<Stock>::new()).await.unwrap_err();
    assert!(matches!(error, Error::ShutDown), "{error}");
    let channel = connect(&serving.address().to_string()).await.unwrap();
    assert_eq!(call::<Stock>(&channel).await.unwrap_err().code(), Code::Unimplemented);
    assert_eq!(call::<Orders>(&channel).await.unwrap(), "hello from shop.v1.Orders");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn one_that_does_not_wait_for_its_registry_serves_without_it() {
    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let closed = nobody.local_addr().unwrap();
    drop(nobody);
    let unreachable = Registry::at(&format!("lubdub://{closed}")).unwrap();
    let setup = unreachable.serve("127.0.0.1:0").in_background().mount(Echo::<Stock>::new());
    let serving = setup.start().await.unwrap();
    let channel = connect(&serving.address().to_string()).await.unwrap();
    assert_eq!(call::<Stock>(&channel).await.unwrap(), "hello from shop.v1.Stock");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn health_follows_the_switches() {
    let server = TestServer::in_memory();
    let registry = registry(&server);
    let setup = registry.serve("127.0.0.1:0").unavailable().mount(Echo::<Greeter>::new());
    let serving = setup.start().await.unwrap();
    let channel = connect(&serving.address().to_string()).await.unwrap();
    let mut health = HealthClient::new(channel);
    let asked = |service: &str| HealthCheckRequest { service: service.into() };
    let mut told = health.watch(asked(Greeter::NAME)).await.unwrap().into_inner();
    let mut of_all = health.watch(asked("")).await.unwrap().into_inner();
    assert!(!registry.lookup(Greeter::NAME).await.unwrap()[0].availability.is_available());
    let mut until = async |wanted| {
        soon(async {
            while told.message().await.unwrap().unwrap().status() != wanted {}
            while of_all.message().await.unwrap().unwrap().status() != wanted {}
        })
        .await;
    };
    until(ServingStatus::NotServing).await;
    serving.open();
    until(ServingStatus::Serving).await;
    registry.switch().turn(false);
    until(ServingStatus::NotServing).await;
    registry.switch().turn(true);
    until(ServingStatus::Serving).await;
    let unknown = health.check(asked(Stock::NAME)).await.unwrap_err();
    assert_eq!(unknown.code(), Code::NotFound);
}
