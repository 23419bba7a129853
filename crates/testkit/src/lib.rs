//! What tests share: a builder for registrations, a [`Scene`]: a registry on a clock that is
//! moved by hand, a [`Fleet`] of machines that live and die on it, and a [`Counting`] allocator.
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

mod counting;
mod fleet;
mod provider;
mod scene;

pub use counting::Counting;
pub use fleet::{Fleet, Told};
pub use provider::{Provider, provider};
pub use scene::Scene;
