//! [`OperatorGate`]: who may do what only operators may.
//!
//! Their token is one of its own, beside the one that `token_file` asks everybody for: it is
//! read from the file that `operator_token_file` names, else kept in the data directory,
//! where it is made at the first start, readable by the server's own account alone. Whoever
//! is refused is logged and counted, and nothing is done.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::net::SocketAddr;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::extract::ConnectInfo;
use http::request::Parts;
use http::{HeaderMap, HeaderName};
use lubdub_rest::{Denied, FieldFault, OPERATOR_HEADER, OPERATOR_TOKEN_HEADER, Operators};

use crate::config::ServerConfig;
use crate::token::{Token, TokenError};

/// The file in the data directory.
const FILE: &str = "operator-token";
/// Where it is written before it is put into its place whole.
const UNFINISHED: &str = "operator-token.new";
/// The most characters of an operator's name.
const LONGEST_NAME: usize = 64;
/// Who gives no name.
const NOBODY: &str = "operator";
/// So much of what is no name is shown in the log.
const SHOWN: usize = 100;

impl ServerConfig {
    /// The file that holds the operator token; none for a server in memory that is given none.
    pub fn operator_token(&self) -> Option<PathBuf> {
        let kept = || (!self.ephemeral).then(|| self.data.join(FILE));
        self.operator_token_file.clone().or_else(kept)
    }
}

/// Who may do what only operators may.
#[derive(Debug)]
pub(crate) struct OperatorGate {
    /// None: nobody may.
    token: Option<Token>,
    refusals: AtomicU64,
}

impl OperatorGate {
    pub(crate) fn new(token: Option<Token>) -> Self {
        Self { token, refusals: AtomicU64::new(0) }
    }

    /// How many actions were refused since the start because whoever asked for them is no
    /// operator.
    pub(crate) fn refusals(&self) -> u64 {
        self.refusals.load(Ordering::Relaxed)
    }

    fn judge(&self, headers: &HeaderMap) -> Result<Arc<str>, Denied> {
        let token = self.token.as_ref().ok_or(Denied::NoOperators)?;
        match only(headers, &OPERATOR_TOKEN_HEADER) {
            Ok(None) => return Err(Denied::NoToken),
            Ok(Some(sent)) if token.equals(sent) => {}
            Ok(Some(_)) | Err(()) => return Err(Denied::WrongToken),
        }
        let given = only(headers, &OPERATOR_HEADER).map_err(|()| bad_name("several"))?;
        let Some(given) = given else { return Ok(NOBODY.into()) };
        match std::str::from_utf8(given) {
            Ok(name) if is_name(name) => Ok(name.into()),
            _ => Err(bad_name(&String::from_utf8_lossy(given))),
        }
    }
}

impl Operators for OperatorGate {
    fn admit(&self, request: &Parts) -> Result<Arc<str>, Denied> {
        let judged = self.judge(&request.headers);
        let why = match &judged {
            Err(Denied::NoToken) => "it carries no operator token",
            Err(Denied::WrongToken) => "it carries a wrong operator token",
            Err(Denied::NoOperators) => "this registry has no operator token",
            // A name that is none is a slip of somebody who has the token.
            Err(Denied::BadName(_)) | Ok(_) => return judged,
        };
        self.refusals.fetch_add(1, Ordering::Relaxed);
        let peer = request.extensions.get::<ConnectInfo<SocketAddr>>();
        let peer = peer.map(|ConnectInfo(address)| address.to_string()).unwrap_or_default();
        let claimed =
            request.headers.get(OPERATOR_HEADER).map(http::HeaderValue::as_bytes).unwrap_or_default();
        let claimed: String = String::from_utf8_lossy(claimed).chars().take(SHOWN).collect();
        let path: String = request.uri.path().chars().take(SHOWN).collect();
        tracing::warn!(
            method = %request.method, ?path, %peer, ?claimed, why,
            "an action that only operators may do was refused"
        );
        judged
    }
}

/// The one value of a header; none where it is not there.
fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a [u8]>, ()> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => Ok(Some(value.as_bytes())),
        (Some(_), Some(_)) => Err(()),
    }
}

fn is_name(text: &str) -> bool {
    (1..=LONGEST_NAME).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

fn bad_name(given: &str) -> Denied {
    let expected = "a name of 1 to 64 visible ASCII characters without blanks, given once";
    Denied::BadName(FieldFault::new(OPERATOR_HEADER.as_str(), given, expected))
}

/// The operator token of a data directory; made where there is none yet. The directory must
/// be there, and ours alone.
pub(crate) fn kept_in(directory: &Path) -> Result<Token, TokenError> {
    let file = directory.join(FILE);
    if !file.exists() {
        make(directory, &file).map_err(|source| TokenError::Unwritable { path: file.clone(), source })?;
        tracing::info!(file = %file.display(), "made a token for operators");
    }
    if let Ok(about) = fs::metadata(&file)
        && about.permissions().mode() & 0o077 != 0
    {
        tracing::warn!(
            file = %file.display(),
            "other accounts of this machine may read the operator token; run chmod 600 on it, or delete it to have \
             another made at the next start"
        );
    }
    Token::read(&file)
}

fn make(directory: &Path, file: &Path) -> io::Result<()> {
    let unfinished = directory.join(UNFINISHED);
    // What an earlier start left behind when it was cut off.
    match fs::remove_file(&unfinished) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    // 32 random bytes.
    let text = format!("{:032x}{:032x}\n", rand::random::<u128>(), rand::random::<u128>());
    let mut written = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&unfinished)?;
    written.write_all(text.as_bytes())?;
    written.sync_all()?;
    fs::rename(&unfinished, file)?;
    File::open(directory)?.sync_all()
}

#[cfg(test)]
mod tests;
