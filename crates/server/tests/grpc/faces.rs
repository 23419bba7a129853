//! One registry: what is registered through one protocol is found through the others.

use lubdub_proto::v1::{GetInstanceRequest, LeaseKind, ListInstancesRequest, Status};
use lubdub_testkit_server::{Exchange, TestServer};

use crate::client::{Session, Watch, by_port, connect, key};

async fn http(
    server: &TestServer,
    method: &'static str,
    path: &'static str,
    body: &'static str,
) -> (u16, String) {
    let address = server.address();
    let asking = tokio::task::spawn_blocking(move || {
        let headers = [("accept", "application/json"), ("content-type", "application/json")];
        let answer = Exchange::with(address).request(method, path, &headers, body);
        (answer.status, answer.body)
    });
    asking.await.expect("the server answers")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn an_instance_of_a_session_is_found_through_eureka_and_rest() {
    let server = TestServer::in_memory();
    let mut session = Session::open(server.address()).await;
    session.declare(by_port(8080)).await;
    session.register("orders", "web-1").await;
    let (status, told) = http(&server, "GET", "/eureka/apps/ORDERS/web-1", "").await;
    assert_eq!(status, 200);
    for part in [r#""instanceId":"web-1""#, r#""ipAddr":"127.0.0.1""#, r#""$":8080"#, r#""status":"UP""#] {
        assert!(told.contains(part), "{part} in {told}");
    }
    let (status, told) = http(&server, "GET", "/api/v1/services/orders/instances/web-1", "").await;
    assert!(status == 200 && told.contains("127.0.0.1:8080"), "{told}");
    let (_, history) = http(&server, "GET", "/api/v1/services/orders/instances/web-1/history", "").await;
    assert!(history.contains(r#""face":"grpc""#), "{history}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn an_instance_of_eureka_is_found_and_watched_through_grpc() {
    let server = TestServer::in_memory();
    let mut watch = Watch::of(server.address(), &["orders"]).await;
    watch.snapshot().await;
    let body = r#"{"instance":{"instanceId":"web-2","hostName":"web.example","app":"ORDERS","ipAddr":"10.0.0.7",
        "status":"UP","port":{"$":8080,"@enabled":"true"},"securePort":{"$":8443,"@enabled":"true"},
        "vipAddress":"orders","metadata":{"zone":"eu-1","k":"v"},
        "dataCenterInfo":{"@class":"com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo","name":"MyOwn"}}}"#;
    assert_eq!(http(&server, "POST", "/eureka/apps/ORDERS", body).await.0, 204);
    let told = watch.next(1).await.remove(0);
    assert_eq!((told.key, told.cause.as_str()), (Some(key("ORDERS", "web-2")), "registered"));
    let mut client = connect(server.address()).await;
    let asked = GetInstanceRequest { service: "orders".into(), id: "web-2".into() };
    let instance = client.get_instance(asked).await.unwrap().into_inner().instance.unwrap();
    assert_eq!(instance, told.instance.unwrap());
    let address = instance.address.clone().unwrap();
    assert_eq!((address.port, address.secure_port), (8080, 8443));
    assert_eq!((instance.lease(), instance.timeout_millis), (LeaseKind::Ttl, 90_000));
    assert_eq!(instance.profile.clone().unwrap().metadata["k"], "v");
    // An operator's word by Eureka is seen at once.
    assert_eq!(
        http(&server, "PUT", "/eureka/apps/ORDERS/web-2/status?value=OUT_OF_SERVICE", "").await.0,
        200
    );
    assert_eq!(watch.next(1).await[0].instance.as_ref().unwrap().status(), Status::OutOfService);
    let asked = ListInstancesRequest { service: "orders".into(), ..ListInstancesRequest::default() };
    let listed = client.list_instances(asked).await.unwrap().into_inner().instances;
    assert_eq!((listed.len(), listed[0].status_override()), (1, Status::OutOfService));
}
