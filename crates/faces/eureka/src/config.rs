//! [`EurekaConfig`]: what bounds and names this face.

/// What bounds and names this face.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EurekaConfig {
    /// The most bytes of a request's body, before and after decompression. Default 1 MiB; an
    /// instance takes about 2 KiB. Larger bodies are answered 413.
    pub max_body_bytes: usize,
    /// Whether `apps/delta` is served. Default true; else it is answered 403 and clients fetch
    /// everything each time. Eureka's `disableDelta`, turned round.
    pub delta: bool,
    /// The environment that the server's status names. Default `test`, as Eureka's.
    pub environment: String,
}

impl Default for EurekaConfig {
    fn default() -> Self {
        Self { max_body_bytes: 1 << 20, delta: true, environment: "test".to_owned() }
    }
}
