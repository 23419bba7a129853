//! What is made from the command line itself: completions and manual pages.

use std::io::Write;
use std::process::{Command, Stdio};

use crate::support::{ask, run};

const COMMANDS: [&str; 18] = [
    "serve",
    "demo",
    "register",
    "services",
    "instances",
    "watch",
    "why",
    "drain",
    "resume",
    "deregister",
    "status",
    "guard",
    "damping",
    "log",
    "bench",
    "sim",
    "completions",
    "man",
];

#[test]
fn every_shell_gets_a_script_that_knows_every_command() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = ask(&["completions", shell]);
        for command in COMMANDS {
            assert!(script.contains(command), "{shell} misses {command}");
        }
        assert!(!script.contains("demo-provider"), "{shell}");
    }
}

#[test]
fn the_script_for_bash_is_one() {
    let script = ask(&["completions", "bash"]);
    let Ok(mut bash) = Command::new("bash").arg("-n").stdin(Stdio::piped()).spawn() else {
        // Without bash there is nobody to complete for.
        return;
    };
    bash.stdin.take().unwrap().write_all(script.as_bytes()).unwrap();
    assert!(bash.wait().unwrap().success());
}

#[test]
fn there_is_a_manual_page_for_each_command() {
    let page = ask(&["man"]);
    assert!(page.contains(".TH lubdub 1") && page.contains("heartbeat"), "{page}");
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("man/man1");
    let told = ask(&["man", "--dir", dir.to_str().unwrap()]);
    assert!(told.contains(dir.to_str().unwrap()), "{told}");
    for command in COMMANDS {
        let page = std::fs::read_to_string(dir.join(format!("lubdub-{command}.1"))).unwrap();
        assert!(page.contains("Examples:"), "{command}: {page}");
    }
    assert!(dir.join("lubdub-guard-release-zone.1").exists());
    assert!(!dir.join("lubdub-demo-provider.1").exists());
}

#[test]
fn a_directory_that_cannot_be_written_to_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let ended = run(&["man", "--dir", file.join("man1").to_str().unwrap()]);
    assert_eq!(ended.code, Some(1));
    assert!(ended.err.contains("cannot write") && ended.err.contains("--dir DIR"), "{}", ended.err);
}
