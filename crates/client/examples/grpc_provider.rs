//! A gRPC server whose services are provided as they are mounted: `cargo run -p lubdub-client --example
//! grpc_provider -- URL`. Reflection is the service here; one that is generated from your own file is mounted
//! in the same way.

use lubdub_client::Registry;
use tonic_health::pb::FILE_DESCRIPTOR_SET;
use tonic_reflection::server::Builder;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let url = std::env::args().nth(1).unwrap_or_else(|| "lubdub://127.0.0.1:8761".to_owned());
    let registry = Registry::at(&url)?;
    let reflection = || Builder::configure().register_encoded_file_descriptor_set(FILE_DESCRIPTOR_SET);

    let setup = registry.serve("127.0.0.1:0").with_version("1").mount(reflection().build_v1()?);
    let serving = setup.start().await?;
    serving.mount(reflection().build_v1alpha()?).await?;
    for instance in serving.instances() {
        println!("{} is registered at {url}; end it with Ctrl-C", instance.id);
    }
    registry.until_terminated().await?;
    Ok(())
}
