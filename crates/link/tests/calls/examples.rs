//! The example programs, as anyone would run them.

use std::process::Stdio;
use std::time::Duration;

use lubdub_testkit_server::TestServer;
use tokio::process::Command;
use tokio::time::timeout;

/// Runs an example, which is beside the test program, where cargo builds it; what it prints.
async fn example(name: &str, what: &str) -> String {
    let server = TestServer::in_memory();
    let own = std::env::current_exe().unwrap();
    let mut command = Command::new(own.ancestors().nth(2).unwrap().join("examples").join(name));
    command.arg(what).arg(format!("lubdub://{}", server.address()));
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    // Seven processes, one after the other.
    let done =
        timeout(Duration::from_secs(180), command.output()).await.expect("it ends within three minutes");
    let done = done.expect("cargo test builds the examples");
    let (said, errors) = (String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    assert!(done.status.success(), "{said}{errors}");
    said.into_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn of_three_processes_the_cut_consumer_avoids_the_one_it_cannot_reach() {
    let said = example("orders", "partition").await;
    assert!(said.contains("far avoids two") && said.contains("the registry lists 3"), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn replacing_three_processes_under_load_fails_no_order() {
    let said = example("orders", "restart").await;
    assert!(said.ends_with(" orders placed, 0 failed\n"), "{said}");
}
