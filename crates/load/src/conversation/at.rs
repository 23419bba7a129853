//! [`RegistryAt`]: which registry, and where.

use std::fmt;

use crate::Error;

/// What is spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// lubdub's own protocol, over gRPC.
    Lubdub,
    /// etcd's, over gRPC: a lease a session.
    Etcd,
    /// `ZooKeeper`'s.
    ZooKeeper,
    /// That of Nacos 2, over gRPC.
    Nacos,
}

impl Kind {
    /// All, by the schemes of their URLs.
    const ALL: [(&str, Self); 5] = [
        ("lubdub", Self::Lubdub),
        ("http", Self::Lubdub),
        ("etcd", Self::Etcd),
        ("zookeeper", Self::ZooKeeper),
        ("nacos", Self::Nacos),
    ];
}

/// A registry that is spoken to on long connections.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegistryAt {
    url: String,
    kind: Kind,
    address: String,
}

impl RegistryAt {
    /// The registry at a URL like `lubdub://127.0.0.1:8761`; `etcd://`, `zookeeper://` and `nacos://`
    /// (the port of its gRPC) are known too, and `http://` is lubdub.
    ///
    /// # Errors
    ///
    /// It is none of these, or names no host and port.
    pub fn parse(url: &str) -> Result<Self, Error> {
        let fault = || Error::Registry { url: url.to_owned() };
        let (scheme, rest) = url.split_once("://").ok_or_else(fault)?;
        let (_, kind) = Kind::ALL.iter().find(|(name, _)| *name == scheme).ok_or_else(fault)?;
        let address = rest.trim_end_matches('/');
        let port = address.rsplit_once(':').and_then(|(host, port)| {
            let is_whole = !host.is_empty() && !host.contains('/');
            is_whole.then(|| port.parse::<u16>().ok()).flatten()
        });
        port.filter(|port| *port != 0).ok_or_else(fault)?;
        Ok(Self { url: url.to_owned(), kind: *kind, address: address.to_owned() })
    }

    /// What is spoken there.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Host and port.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }
}

impl fmt::Display for RegistryAt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.url)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scheme_says_what_is_spoken() {
        for (url, kind) in [
            ("lubdub://127.0.0.1:8761", Kind::Lubdub),
            ("http://localhost:8761/", Kind::Lubdub),
            ("etcd://[::1]:2379", Kind::Etcd),
            ("zookeeper://a:2181", Kind::ZooKeeper),
            ("nacos://a:9848", Kind::Nacos),
        ] {
            let at = RegistryAt::parse(url).expect("it is one");
            assert_eq!((at.kind(), at.to_string().as_str()), (kind, url));
        }
        let at = RegistryAt::parse("http://localhost:8761/").expect("it is one");
        assert_eq!(at.address(), "localhost:8761");
    }

    #[test]
    fn what_is_no_registry_is_refused_with_those_that_are_known() {
        for wrong in
            ["", "127.0.0.1:8761", "redis://a:1", "etcd://a", "etcd://a:0", "etcd://:1", "nacos://a/b:1"]
        {
            let told = RegistryAt::parse(wrong).expect_err("it is none").to_string();
            assert!(told.contains(wrong) && told.contains("zookeeper://"), "{told}");
        }
    }
}
