//! Which back end a URL's scheme stands for.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use parking_lot::RwLock;

use crate::backend::{Backend, Connect};
use crate::error::Error;
use crate::url::RegistryUrl;

static SCHEMES: LazyLock<RwLock<BTreeMap<String, Connect>>> = LazyLock::new(|| RwLock::new(compiled_in()));

fn compiled_in() -> BTreeMap<String, Connect> {
    #[allow(unused_mut, reason = "without any feature nothing is added")]
    let mut schemes = BTreeMap::<String, Connect>::new();
    #[cfg(feature = "lubdub")]
    schemes.insert("lubdub".to_owned(), Arc::new(crate::lubdub::connect));
    #[cfg(feature = "eureka")]
    schemes.insert("eureka".to_owned(), Arc::new(crate::eureka::connect));
    #[cfg(feature = "consul")]
    schemes.insert("consul".to_owned(), Arc::new(crate::consul::connect));
    #[cfg(feature = "etcd")]
    schemes.insert("etcd".to_owned(), Arc::new(crate::etcd::connect));
    #[cfg(feature = "zookeeper")]
    schemes.insert("zookeeper".to_owned(), Arc::new(crate::zookeeper::connect));
    schemes
}

/// Makes a back end of one's own known to this process by a scheme, in the place of any other with it.
///
/// ```
/// use lubdub_client::{Error, Registry, add_scheme};
///
/// // A real one returns its `Backend`.
/// add_scheme("directory", |_url| Err(Error::ShutDown));
/// assert!(matches!(Registry::at("directory://anywhere"), Err(Error::ShutDown)));
/// assert!(matches!(Registry::at("nowhere://"), Err(Error::BadUrl { .. })));
/// ```
pub fn add_scheme(
    scheme: impl Into<String>,
    connect: impl Fn(&RegistryUrl) -> Result<Arc<dyn Backend>, Error> + Send + Sync + 'static,
) {
    SCHEMES.write().insert(scheme.into().to_ascii_lowercase(), Arc::new(connect));
}

/// The schemes that are compiled in or were added, in alphabetical order.
pub fn schemes() -> Vec<String> {
    SCHEMES.read().keys().cloned().collect()
}

/// What the scheme of a URL stands for.
pub(crate) fn connect_of(url: &RegistryUrl) -> Result<Connect, Error> {
    let known = SCHEMES.read().get(url.scheme()).cloned();
    known.ok_or_else(|| Error::UnknownScheme { scheme: url.scheme().to_owned(), known: schemes() })
}
