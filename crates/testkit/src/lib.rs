//! What tests share: a builder for registrations, and a [`Scene`]: a registry on a clock that
//! is moved by hand.
//!
//! ```
//! use lubdub_testkit::{Scene, provider};
//!
//! let mut scene = Scene::new();
//! scene.register(provider("orders", "web-1").ttl_secs(3));
//! scene.advance_millis(2_999);
//! assert!(scene.is_listed("orders", "web-1"));
//! scene.advance_millis(9);
//! assert!(!scene.is_listed("orders", "web-1"));
//! ```

mod provider;
mod scene;

pub use provider::{Provider, provider};
pub use scene::Scene;
