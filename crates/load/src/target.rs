//! [`Target`]: where the server is.

use std::fmt;
use std::net::{SocketAddr, ToSocketAddrs};

use http::Uri;

use crate::Error;

/// A server: its address, and how requests name it.
#[derive(Debug, Clone)]
pub struct Target {
    url: String,
    host: String,
    prefix: String,
    address: SocketAddr,
}

impl Target {
    /// The server at this URL, such as `http://127.0.0.1:8761`. A path in it comes before the
    /// protocol's own paths.
    ///
    /// # Errors
    ///
    /// It is no URL of plain HTTP, or its name has no address.
    pub fn resolve(url: &str) -> Result<Self, Error> {
        let url = url.trim_end_matches('/').to_owned();
        let uri: Option<Uri> = url.parse().ok().filter(|uri: &Uri| uri.scheme_str() == Some("http"));
        let Some((prefix, authority)) = uri
            .as_ref()
            .and_then(|uri| Some((uri.path().trim_end_matches('/').to_owned(), uri.authority()?)))
        else {
            return Err(Error::Url { url });
        };
        let name = authority.host().trim_start_matches('[').trim_end_matches(']');
        let addresses = (name, authority.port_u16().unwrap_or(80)).to_socket_addrs();
        let address = addresses.map(|mut all| all.next());
        let unresolved = |source| Error::Unresolved { host: name.to_owned(), source };
        let address = address.map_err(unresolved)?.ok_or_else(|| {
            unresolved(std::io::Error::new(std::io::ErrorKind::NotFound, "the name is known, without one"))
        })?;
        let host = authority.as_str().to_owned();
        Ok(Self { url, host, prefix, address })
    }

    /// For the `Host` of a request.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// What comes before the protocol's own paths; empty, or begins with a slash.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.url)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_taken_apart() {
        let target = Target::resolve("http://127.0.0.1:8761/registry/").expect("it is a URL");
        assert_eq!((target.host(), target.prefix()), ("127.0.0.1:8761", "/registry"));
        assert_eq!(target.to_string(), "http://127.0.0.1:8761/registry");
        let target = Target::resolve("http://[::1]:80").expect("it is a URL");
        assert_eq!((target.address().to_string().as_str(), target.prefix()), ("[::1]:80", ""));
    }

    #[test]
    fn what_is_no_url_of_plain_http_is_refused_with_an_example() {
        for wrong in ["", "localhost:8761", "https://127.0.0.1", "http://", "not a url"] {
            let told = Target::resolve(wrong).expect_err("it is no URL").to_string();
            assert!(told.contains(wrong) && told.contains("http://127.0.0.1:8761"), "{told}");
        }
    }
}
