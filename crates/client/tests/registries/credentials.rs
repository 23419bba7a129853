//! Registries that do not let everybody in.

use std::io::Write as _;

use lubdub_client::{Config, Error, Instance, Registry, Switch};
use lubdub_testkit_server::TestServer;

use crate::beds::{guarded_consul, guarded_etcd};
use crate::within;

/// Both the right and the wrong credentials, on one registry.
async fn told_apart(right: &str, wrong: &[&str]) {
    let instance = Instance::new("orders", "127.0.0.1", 8080);
    let registry = |url: &str| Registry::with(url, Config::default().switch(Switch::on())).unwrap();
    for url in wrong {
        let error = within(registry(url).provide(instance.clone())).await.unwrap_err();
        assert!(matches!(error, Error::Unauthorized { .. }), "{error:?}");
        assert!(!error.to_string().contains("guess"), "{error}");
    }
    let registry = registry(right);
    let provider = within(registry.provide(instance)).await.unwrap();
    within(provider.until(|status| status.beats == 1)).await;
    assert_eq!(within(registry.lookup("orders")).await.unwrap().len(), 1);
}

#[tokio::test]
async fn etcd_tells_users_apart() {
    let etcd = tokio::task::spawn_blocking(guarded_etcd).await.unwrap();
    let at = |user: &str| format!("etcd://{user}{}?timeout=10s&interval=500ms", etcd.address);
    told_apart(&at("root:secret@"), &[&at("root:guess@"), &at("")]).await;
}

#[tokio::test]
async fn consul_tells_tokens_apart() {
    let (consul, token) = tokio::task::spawn_blocking(guarded_consul).await.unwrap();
    let at = |user: &str| format!("consul://{user}{}?timeout=10s&interval=500ms", consul.address);
    let guess = token.replace(char::is_numeric, "0");
    told_apart(&at(&format!("{token}@")), &[&at(&format!("{guess}@")), &at("")]).await;
}

#[tokio::test]
async fn lubdub_tells_tokens_apart() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    writeln!(file, "open-sesame-1234").unwrap();
    let path = file.path().to_owned();
    let server = TestServer::with(|config| config.token_file = Some(path));
    let at = |user: &str| format!("lubdub://{user}{}?timeout=10s&interval=500ms", server.address());
    told_apart(&at("open-sesame-1234@"), &[&at("guess-sesame-1234@"), &at("")]).await;
}
