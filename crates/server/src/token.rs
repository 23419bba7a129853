//! [`Token`]: a secret that requests must carry. It is never shown and never logged.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http::{HeaderMap, header};
use subtle::ConstantTimeEq;

/// A secret that requests must carry.
pub(crate) struct Token(Box<[u8]>);

/// Why there is no token to ask for.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// The file cannot be read.
    #[error("the token file {} cannot be read: {source}; make it with a long random text in one line, readable by lubdub alone", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The file cannot be made.
    #[error("the token file {} cannot be written: {source}; let lubdub write to its directory, or name a file that holds a token with --operator-token-file", .path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The file holds something else than one token.
    #[error("the token file {} holds no token, expected one line of 8 to 256 printable characters without blanks", .path.display())]
    NoToken {
        /// The file.
        path: PathBuf,
    },
}

/// Longer ones would not fit where credentials are decoded.
const LONGEST: usize = 256;
/// Shorter ones are guessed in no time.
const SHORTEST: usize = 8;
/// The most bytes of `user:password`.
const LONGEST_CREDENTIALS: usize = 1024;

impl Token {
    /// Reads a file; blanks and line ends around the token do not count.
    pub(crate) fn read(path: &Path) -> Result<Self, TokenError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| TokenError::Unreadable { path: path.to_owned(), source })?;
        let token = text.trim();
        let fits = (SHORTEST..=LONGEST).contains(&token.len());
        if !fits || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(TokenError::NoToken { path: path.to_owned() });
        }
        Ok(Self(token.as_bytes().into()))
    }

    /// Whether a request carries it: as bearer token, or as the password of any user (which
    /// is how Eureka clients send what stands in their server's URL). Takes the same time
    /// whatever is sent, but for its length; allocates nothing.
    pub(crate) fn is_in(&self, headers: &HeaderMap) -> bool {
        let mut values = headers.get_all(header::AUTHORIZATION).iter();
        let (Some(value), None) = (values.next(), values.next()) else { return false };
        let Ok(value) = value.to_str() else { return false };
        let Some((scheme, credentials)) = value.split_once(' ') else { return false };
        let credentials = credentials.trim().as_bytes();
        if scheme.eq_ignore_ascii_case("bearer") {
            return self.equals(credentials);
        }
        let mut decoded = [0; LONGEST_CREDENTIALS];
        if !scheme.eq_ignore_ascii_case("basic") {
            return false;
        }
        let Ok(length) = BASE64_STANDARD.decode_slice(credentials, &mut decoded) else { return false };
        let decoded = decoded.get(..length).unwrap_or_default();
        let Some(colon) = decoded.iter().position(|byte| *byte == b':') else { return false };
        self.equals(decoded.get(colon + 1..).unwrap_or_default())
    }

    /// Whether this is it. Takes the same time whatever is sent, but for its length.
    pub(crate) fn equals(&self, sent: &[u8]) -> bool {
        self.0.ct_eq(sent).into()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token() -> Token {
        Token(b"open-sesame".as_slice().into())
    }

    fn carries(value: &str) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(header::AUTHORIZATION, value.parse().unwrap());
        token().is_in(&headers)
    }

    #[test]
    fn the_token_is_taken_as_bearer_or_as_the_password_of_any_user() {
        let basic = |credentials: &str| format!("Basic {}", BASE64_STANDARD.encode(credentials));
        for good in
            ["Bearer open-sesame", "bearer open-sesame", &basic("eureka:open-sesame"), &basic(":open-sesame")]
        {
            assert!(carries(good), "{good}");
        }
        for bad in [
            "",
            "Bearer",
            "Bearer ",
            "Bearer open-sesam",
            "Bearer open-sesame1",
            "Digest open-sesame",
            "open-sesame",
            "Basic !!!",
            &basic("open-sesame"),
            &basic("open-sesame:other"),
            &basic("a:b:open-sesame"),
            &format!("Basic {}", "A".repeat(9_000)),
        ] {
            assert!(!carries(bad), "{bad}");
        }
        assert!(!token().is_in(&HeaderMap::new()));
    }

    #[test]
    fn two_credentials_are_none() {
        let mut headers = HeaderMap::new();
        for _ in 0..2 {
            headers.append(header::AUTHORIZATION, "Bearer open-sesame".parse().unwrap());
        }
        assert!(!token().is_in(&headers));
    }

    #[test]
    fn a_token_is_not_shown() {
        assert!(!format!("{:?}", token()).contains("sesame"));
    }

    #[test]
    fn a_file_holds_one_line_that_is_a_token() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("token");
        let long = "x".repeat(257);
        for (text, good) in [
            ("open-sesame\n", true),
            ("", false),
            ("short", false),
            ("two words here", false),
            (&long, false),
            ("naïve-token", false),
        ] {
            std::fs::write(&file, text).unwrap();
            assert_eq!(Token::read(&file).is_ok(), good, "{text:?}");
        }
        let told = Token::read(&folder.path().join("none")).unwrap_err().to_string();
        assert!(told.contains("none cannot be read"), "{told}");
    }
}
