use std::collections::{BTreeMap, BTreeSet};

use axum::body::Body;
use http::Request;
use lubdub_runtime::{Runtime, RuntimeConfig};
use tower::ServiceExt;

use super::*;

/// Each described path, with its methods.
fn described() -> BTreeMap<String, BTreeSet<String>> {
    let document: serde_json::Value = serde_json::from_slice(&openapi::written()).unwrap();
    let methods = |item: &serde_json::Value| {
        item.as_object().unwrap().keys().map(|method| method.to_ascii_uppercase()).collect()
    };
    let paths = document["paths"].as_object().unwrap();
    paths.iter().map(|(path, item)| (path.clone(), methods(item))).collect()
}

/// Each path that is routed, with the methods that it takes.
async fn routed() -> BTreeMap<String, BTreeSet<String>> {
    let runtime = Runtime::start(RuntimeConfig::default()).unwrap();
    let router = router(runtime.handle(), RestConfig::default());
    let mut routed = BTreeMap::new();
    for (path, _) in paths() {
        let request = Request::builder().method("TRACE").uri(path.replace(['{', '}'], "x"));
        let refused = router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(refused.status(), 405, "{path}");
        let allowed = refused.headers()[header::ALLOW].to_str().unwrap();
        // Whatever takes GET takes HEAD.
        let methods = allowed.split(',').filter(|method| *method != "HEAD").map(str::to_owned);
        routed.insert(path.to_owned(), methods.collect());
    }
    routed
}

#[tokio::test]
async fn every_route_is_described_and_every_description_is_routed() {
    assert_eq!(routed().await, described());
}
