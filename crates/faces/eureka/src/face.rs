//! [`EurekaFace`]: what the server mounts.

use std::sync::Arc;

use lubdub_runtime::Handle;
use lubdub_runtime::render::Renderer;

use crate::config::EurekaConfig;

/// The Eureka face. Cheap to clone.
#[derive(Debug, Clone)]
pub struct EurekaFace {
    pub(crate) handle: Handle,
    pub(crate) renderer: Renderer,
    pub(crate) config: Arc<EurekaConfig>,
}

impl EurekaFace {
    /// A face of this registry.
    pub fn new(handle: Handle, renderer: Renderer, config: EurekaConfig) -> Self {
        Self { handle, renderer, config: Arc::new(config) }
    }
}
