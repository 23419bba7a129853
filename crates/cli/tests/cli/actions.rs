//! What operators do: `drain`, `resume`, `deregister`, `guard release`, `damping clear`, `log`.

use std::fs;

use serde_json::Value;
use tempfile::TempDir;

use crate::support::{Ended, Registry, Running, ask, program, run};

/// A registry with a data directory, and with it a token for operators.
struct Kept {
    registry: Registry,
    folder: TempDir,
}

impl Kept {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let registry = Registry::start(&["--data", folder.path().to_str().unwrap()]);
        Self { registry, folder }
    }

    fn token_file(&self) -> String {
        self.folder.path().join("operator-token").to_str().unwrap().to_owned()
    }

    /// Acts as alice.
    fn run(&self, arguments: &[&str]) -> Ended {
        let token = self.token_file();
        let who = ["--server", &self.registry.url, "--operator-token-file", &token, "--as", "alice"];
        run(&[arguments, &who].concat())
    }

    fn act(&self, arguments: &[&str]) -> String {
        let ended = self.run(arguments);
        assert_eq!(ended.code, Some(0), "lubdub {arguments:?}: {}{}", ended.out, ended.err);
        ended.out
    }

    fn statuses(&self) -> Vec<String> {
        let json = ask(&["instances", "--json", "--server", &self.registry.url]);
        let document: Value = serde_json::from_str(&json).unwrap();
        let instances = document.get("instances").and_then(Value::as_array).unwrap().iter();
        instances
            .map(|it| format!("{}={}", it["id"].as_str().unwrap(), it["status"].as_str().unwrap()))
            .collect()
    }
}

#[test]
fn several_are_drained_and_resumed_and_why_tells_who_did_it() {
    let kept = Kept::new();
    for id in ["a", "b", "c"] {
        kept.registry.register("orders", id, "UP");
    }
    let told = kept.act(&["drain", "orders/a", "orders/b"]);
    assert_eq!(
        told,
        "orders/a is drained: consumers are shown OUT_OF_SERVICE now; it reports UP itself.\n\
         orders/b is drained: consumers are shown OUT_OF_SERVICE now; it reports UP itself.\n"
    );
    assert_eq!(kept.statuses(), ["a=OUT_OF_SERVICE", "b=OUT_OF_SERVICE", "c=UP"]);
    let again = kept.act(&["drain", "orders/a"]);
    assert_eq!(again, "orders/a was drained already: consumers are shown OUT_OF_SERVICE.\n");

    let told = kept.act(&["resume", "orders/a", "orders/c"]);
    assert_eq!(
        told,
        "orders/a is resumed (it is drained no more): consumers are shown UP now.\n\
         orders/c was not drained: consumers are shown UP.\n"
    );
    assert_eq!(kept.statuses(), ["a=UP", "b=OUT_OF_SERVICE", "c=UP"]);

    let why = ask(&["why", "orders/a", "--server", &kept.registry.url]);
    for done in ["  status overridden ", "  override cleared "] {
        let line = why.lines().find(|line| line.contains(done)).unwrap_or_else(|| panic!("{done} in {why}"));
        assert!(line.ends_with("by alice through rest from 127.0.0.1"), "{line}");
    }
}

#[test]
fn all_of_a_service_or_zone_are_drained_when_somebody_means_it() {
    let kept = Kept::new();
    kept.registry.register("orders", "a", "UP");
    kept.registry.register("orders", "b", "UP");
    kept.registry.register("payments", "c", "UP");
    let unasked = kept.run(&["drain", "--service", "orders"]);
    assert_eq!((unasked.code, unasked.out.as_str()), (Some(1), ""), "{}", unasked.err);
    assert!(unasked.err.contains("Drain 2 instances (ORDERS/a, ORDERS/b)?"), "{}", unasked.err);
    assert!(unasked.err.contains("--yes"), "{}", unasked.err);
    assert_eq!(kept.statuses(), ["a=UP", "b=UP", "c=UP"]);

    kept.act(&["drain", "--service", "orders", "--zone", "eu-1a", "--yes"]);
    assert_eq!(kept.statuses(), ["a=OUT_OF_SERVICE", "b=OUT_OF_SERVICE", "c=UP"]);
    kept.act(&["resume", "--zone", "eu-1a", "--yes"]);
    assert_eq!(kept.statuses(), ["a=UP", "b=UP", "c=UP"]);
    let nobody = kept.run(&["resume", "--zone", "eu-1a", "--yes"]);
    assert_eq!(nobody.code, Some(1));
    assert!(nobody.err.contains("there is no instance"), "{}", nobody.err);
}

#[test]
fn one_that_is_not_registered_does_not_keep_the_others_from_their_turn() {
    let kept = Kept::new();
    kept.registry.register("orders", "a", "UP");
    let ended = kept.run(&["drain", "orders/z", "orders/a", "orders/y", "--json"]);
    assert_eq!(ended.code, Some(1));
    let document: Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!(document["instances"][0]["status"], "OUT_OF_SERVICE", "{}", ended.out);
    for absent in ["orders/z is not registered", "orders/y is not registered", "`lubdub instances orders`"] {
        assert!(ended.err.contains(absent), "{absent}: {}", ended.err);
    }
}

#[test]
fn deregistering_wants_a_yes_where_nobody_can_be_asked() {
    let kept = Kept::new();
    kept.registry.register("orders", "a", "UP");
    let unasked = kept.run(&["deregister", "orders/a"]);
    assert_eq!(unasked.code, Some(1));
    assert!(unasked.err.contains("Deregister orders/a?") && unasked.err.contains("--yes"), "{}", unasked.err);
    assert_eq!(kept.statuses(), ["a=UP"]);
    assert_eq!(kept.act(&["deregister", "orders/a", "--yes"]), "orders/a is deregistered.\n");
    assert_eq!(kept.statuses(), Vec::<String>::new());
    let why = ask(&["why", "orders/a", "--server", &kept.registry.url]);
    assert!(why.contains("\n  deregistered ") && why.contains("by alice through rest"), "{why}");
    let again = kept.run(&["deregister", "orders/a", "--yes"]);
    assert_eq!(again.code, Some(1));
    assert!(again.err.contains("orders/a is not registered"), "{}", again.err);
}

#[test]
fn without_a_token_or_with_a_wrong_one_nothing_is_done_and_the_way_to_one_is_told() {
    let kept = Kept::new();
    kept.registry.register("orders", "a", "UP");
    // Here there is no ./lubdub-data.
    let elsewhere = tempfile::tempdir().unwrap();
    let mut command = program(&["drain", "orders/a", "--server", &kept.registry.url]);
    command.current_dir(elsewhere.path());
    let ended = Running::start(command).end();
    assert_eq!(ended.code, Some(1), "{}", ended.out);
    assert!(ended.err.contains("wants an operator token, and there is none in "), "{}", ended.err);
    assert!(ended.err.contains("lubdub-data/operator-token"), "{}", ended.err);
    assert!(ended.err.contains("--operator-token-file FILE"), "{}", ended.err);

    let wrong = elsewhere.path().join("wrong");
    fs::write(&wrong, "0123456789abcdef\n").unwrap();
    let wrong = wrong.to_str().unwrap();
    let ended = run(&["drain", "orders/a", "--server", &kept.registry.url, "--operator-token-file", wrong]);
    assert_eq!(ended.code, Some(1), "{}", ended.out);
    assert!(ended.err.contains(&format!("does not take the operator token in {wrong}")), "{}", ended.err);
    assert!(!ended.err.contains("0123456789abcdef"), "{}", ended.err);
    assert_eq!(kept.statuses(), ["a=UP"]);
}

#[test]
fn the_token_is_found_in_the_data_directory_and_in_the_environment() {
    let kept = Kept::new();
    kept.registry.register("orders", "a", "UP");
    for (name, value) in [
        ("LUBDUB_DATA", kept.folder.path().to_str().unwrap().to_owned()),
        ("LUBDUB_OPERATOR_TOKEN_FILE", kept.token_file()),
    ] {
        for action in ["drain", "resume"] {
            let mut command = program(&[action, "orders/a", "--server", &kept.registry.url]);
            command.env(name, value.as_str()).env("USER", "bob");
            let ended = Running::start(command).end();
            assert_eq!(ended.code, Some(0), "{name}: {}", ended.err);
        }
    }
    let why = ask(&["why", "orders/a", "--server", &kept.registry.url]);
    assert_eq!(why.matches("by bob through rest").count(), 4, "{why}");
}

#[test]
fn a_registry_in_memory_says_how_it_would_have_a_token() {
    let registry = Registry::ephemeral();
    assert!(registry.banner().contains("nobody can act as an operator"), "{}", registry.banner());
    registry.register("orders", "a", "UP");
    let ended = run(&["drain", "orders/a", "--server", &registry.url]);
    assert_eq!(ended.code, Some(1), "{}", ended.out);
    assert!(ended.err.contains("lets no operator act"), "{}", ended.err);
    assert!(ended.err.contains("--operator-token-file FILE"), "{}", ended.err);
}

#[test]
fn the_banner_says_where_the_token_is_and_never_what_it_is() {
    let kept = Kept::new();
    let banner = kept.registry.banner();
    assert!(banner.contains(&format!("operators act with the token in {}", kept.token_file())), "{banner}");
    let token = fs::read_to_string(kept.token_file()).unwrap();
    assert!(!banner.contains(token.trim()), "the banner tells the token");
}

#[test]
fn what_is_not_held_cannot_be_released_and_what_is_not_damped_not_cleared() {
    let kept = Kept::new();
    kept.registry.register("orders", "a", "UP");
    for scope in [&["registry"][..], &["zone", "eu-1a"], &["service", "orders"]] {
        let ended = kept.run(&[&["guard", "release"], scope].concat());
        assert_eq!(ended.code, Some(1), "{}", ended.out);
        assert!(ended.err.contains("`lubdub guard`"), "{}", ended.err);
    }
    let told = kept.act(&["damping", "clear", "orders/a"]);
    assert!(told.contains("orders/a"), "{told}");
}

#[test]
fn what_is_logged_is_shown_and_set() {
    let kept = Kept::new();
    assert_eq!(ask(&["log", "--server", &kept.registry.url]), "info\n");
    let told = kept.act(&["log", "info,lubdub_core=debug"]);
    assert_eq!(told, "From now on info,lubdub_core=debug is logged; it was info.\n");
    assert_eq!(ask(&["log", "--server", &kept.registry.url]), "info,lubdub_core=debug\n");
    let wrong = kept.run(&["log", "verbose"]);
    assert_eq!(wrong.code, Some(1), "{}", wrong.out);
    assert!(wrong.err.contains("verbose"), "{}", wrong.err);
    assert_eq!(ask(&["log", "--server", &kept.registry.url]), "info,lubdub_core=debug\n");
}
