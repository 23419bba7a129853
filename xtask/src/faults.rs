//! The sizes that `cargo xtask sweep` gives to the tests of faults (`crates/cli/tests/cli/faults`), and
//! the figures that they leave.

use std::fs;

use crate::project::Project;

/// Variables and their values; `instances` for the test that overruns a registry.
pub(crate) fn sizes(instances: usize) -> [(&'static str, String); 5] {
    [
        ("LUBDUB_TEST_KILLS", 300.to_string()),
        ("LUBDUB_TEST_PAUSE_SECS", 60.to_string()),
        ("LUBDUB_TEST_SLOW", 4_000.to_string()),
        ("LUBDUB_TEST_IDLE", 10_000.to_string()),
        ("LUBDUB_TEST_INSTANCES", instances.to_string()),
    ]
}

/// Shows what the largest loads took.
pub(crate) fn show_figures(project: &Project) {
    for name in ["tmp/overrun.txt", "tmp/idle.txt"] {
        if let Ok(figures) = fs::read_to_string(project.target(name)) {
            println!("{figures}");
        }
    }
}
