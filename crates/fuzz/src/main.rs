//! The engine: libFuzzer, on the target that `LUBDUB_FUZZ_TARGET` names.
//!
//! Before it starts it writes the target's seeds into the folder that `LUBDUB_FUZZ_SEEDS` names.
#![no_main]

use std::path::PathBuf;
use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use lubdub_fuzz::{Target, find};

static CHOSEN: OnceLock<Target> = OnceLock::new();

fn choose() -> Target {
    let name = std::env::var("LUBDUB_FUZZ_TARGET").expect("LUBDUB_FUZZ_TARGET names a target");
    let target = find(&name).expect("there is a target of this name");
    if let Some(folder) = std::env::var_os("LUBDUB_FUZZ_SEEDS").map(PathBuf::from) {
        std::fs::create_dir_all(&folder).expect("the folder for seeds can be made");
        for (number, seed) in (target.seeds)().into_iter().enumerate() {
            std::fs::write(folder.join(format!("seed-{number}")), seed).expect("a seed can be written");
        }
    }
    target
}

fuzz_target!(
    init: {
        CHOSEN.get_or_init(choose);
    },
    |bytes: &[u8]| (CHOSEN.get_or_init(choose).read)(bytes)
);
