//! The example programs, as anyone would run them: only the URL differs from one registry to the next.

use std::process::Stdio;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::Command;

use crate::beds::Bed;

/// Beside the test program, where cargo builds them.
pub(crate) fn example(name: &str) -> Command {
    let own = std::env::current_exe().unwrap();
    let mut command = Command::new(own.ancestors().nth(2).unwrap().join("examples").join(name));
    command.stdout(Stdio::piped()).kill_on_drop(true);
    command
}

pub(crate) async fn one_program_runs_on_every_registry_and_leaves_when_it_is_terminated(bed: &Bed) {
    let mut provider = example("provider").arg(bed.url()).spawn().expect("cargo test builds the examples");
    let mut said = BufReader::new(provider.stdout.take().unwrap());
    let mut line = String::new();
    said.read_line(&mut line).await.unwrap();
    assert!(line.contains("is registered"), "{line:?}");
    let mut consumer = example("consumer").arg(bed.url()).spawn().unwrap();
    let mut told = BufReader::new(consumer.stdout.take().unwrap()).lines();
    let joined = told.next_line().await.unwrap().unwrap();
    assert!(joined.starts_with("+ 127.0.0.1:"), "{joined:?}");

    let process = provider.id().unwrap().to_string();
    assert!(Command::new("kill").args(["-s", "TERM", &process]).status().await.unwrap().success());
    // It is gone from consumers while it still serves, and ends by itself.
    let left = told.next_line().await.unwrap().unwrap();
    assert_eq!(left, joined.replacen('+', "-", 1));
    assert!(provider.wait().await.unwrap().success());
    line.clear();
    said.read_to_string(&mut line).await.unwrap();
    assert!(line.starts_with("gone"), "{line:?}");
    consumer.kill().await.unwrap();
}

pub(crate) async fn the_example_of_a_rolling_restart_fails_no_call(bed: &Bed) {
    let done =
        example("rolling_restart").arg(bed.url()).output().await.expect("cargo test builds the examples");
    let said = String::from_utf8(done.stdout).unwrap();
    assert!(done.status.success() && said.ends_with(" calls, 0 failed\n"), "{said}");
}
