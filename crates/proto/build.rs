//! Generates the code of `lubdub.v1` from `proto/`, without an installed `protoc`: `protox` is one in Rust.

use std::error::Error;
use std::path::PathBuf;

use prost::Message as _;

/// The file that has the service; it imports the others.
const ENTRY: &str = "lubdub/v1/registry.proto";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=proto");
    let files = protox::compile([ENTRY], ["proto"])?;
    let out = PathBuf::from(std::env::var("OUT_DIR")?);
    std::fs::write(out.join("lubdub.bin"), files.encode_to_vec())?;
    tonic_prost_build::configure()
        // Whoever uses the client brings a channel; the types alone need none.
        .build_transport(false)
        .codec_path("crate::Codec")
        // Ordered maps: the same names and values are the same bytes.
        .btree_map(".")
        .compile_fds(files)?;
    Ok(())
}
