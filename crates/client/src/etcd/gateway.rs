//! etcd's JSON gateway: requests, answers, and who we are there.
//!
//! Keys and values are base64; numbers of 64 bits are texts.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use parking_lot::Mutex;
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};

use crate::error::Error;
use crate::http::{Answer, Http};
use crate::url::RegistryUrl;

/// Codes of gRPC.
const INVALID: u64 = 3;
const NOT_FOUND: u64 = 5;

/// The gateway of one etcd.
#[derive(Debug)]
pub(super) struct Gateway {
    pub(super) http: Http,
    user: Option<(String, String)>,
    token: Mutex<Option<String>>,
}

impl Gateway {
    pub(super) fn new(http: Http, url: &RegistryUrl) -> Self {
        let user = url.user().map(|user| (user.to_owned(), url.password().unwrap_or_default().to_owned()));
        Self { http, user, token: Mutex::new(None) }
    }

    /// Asks. `None` where what was asked about is not there.
    pub(super) async fn ask(&self, path: &str, question: &Value) -> Result<Option<Value>, Error> {
        let answer = match self.send(path, question).await {
            // A token ends when the server wants it to; one more try with a new one.
            Err(Error::Unauthorized { .. }) if self.token.lock().take().is_some() => {
                self.send(path, question).await?
            }
            other => other?,
        };
        let document = || serde_json::from_slice::<Value>(&answer.body);
        match answer.status {
            StatusCode::OK => match document() {
                // A stream answers with one `result` after the other; we ask for one.
                Ok(mut document) => Ok(Some(document.get_mut("result").map(Value::take).unwrap_or(document))),
                Err(error) => Err(self.http.foreign(format!("its answer is no JSON: {error}"))),
            },
            _ => match document().ok().and_then(|document| document.get("code").and_then(Value::as_u64)) {
                Some(NOT_FOUND) => Ok(None),
                // Who says no name is told so, and not that a name is wanted.
                Some(INVALID) if String::from_utf8_lossy(&answer.body).contains("user name is empty") => {
                    let registry = self.http.registry().to_owned();
                    Err(Error::Unauthorized { registry, reason: "it wants a user's name".to_owned() })
                }
                None if answer.status == StatusCode::NOT_FOUND => Err(self.http.foreign(format!(
                    "it has no {path}; is it etcd 3.4 or later, with its gRPC gateway enabled?"
                ))),
                _ => Err(self.http.refused(&answer)),
            },
        }
    }

    async fn send(&self, path: &str, question: &Value) -> Result<Answer, Error> {
        let token = self.token().await?;
        self.http.send(Method::POST, path, |request| signed(request, token.as_ref()).json(question)).await
    }

    /// Begins to listen to a stream of answers. Only its beginning is waited for here.
    pub(super) async fn listen(&self, path: &str, question: &Value) -> Result<Response, Error> {
        let token = self.token().await?;
        let with = |request: RequestBuilder| signed(request, token.as_ref()).json(question);
        let response = self.http.begin_stream(Method::POST, path, &with).await?;
        match response.status() {
            StatusCode::OK => Ok(response),
            status => Err(Error::Refused {
                registry: self.http.registry().to_owned(),
                status: status.as_u16().to_string(),
                reason: "it does not let us watch".to_owned(),
            }),
        }
    }

    /// Proves who we are, where the URL says so.
    async fn token(&self) -> Result<Option<String>, Error> {
        let Some((name, password)) = &self.user else { return Ok(None) };
        if let Some(token) = self.token.lock().clone() {
            return Ok(Some(token));
        }
        let question = json!({"name": name, "password": password});
        let path = "/v3/auth/authenticate";
        let answer = self.http.send(Method::POST, path, |request| request.json(&question)).await?;
        let document: Option<Value> = serde_json::from_slice(&answer.body).ok();
        match document.as_ref().and_then(|document| document.get("token")).and_then(Value::as_str) {
            Some(token) => {
                *self.token.lock() = Some(token.to_owned());
                Ok(Some(token.to_owned()))
            }
            // A wrong password is an invalid argument to etcd.
            None => match self.http.refused(&answer) {
                Error::Refused { registry, reason, .. } => Err(Error::Unauthorized { registry, reason }),
                other => Err(other),
            },
        }
    }
}

fn signed(request: RequestBuilder, token: Option<&String>) -> RequestBuilder {
    // The user's name is in the URL for the token, not for HTTP.
    match token {
        Some(token) => request.header("authorization", token),
        None => request,
    }
}

/// Bytes as the gateway wants them.
pub(super) fn encoded(bytes: impl AsRef<[u8]>) -> String {
    STANDARD.encode(bytes)
}

/// Bytes as the gateway gives them.
pub(super) fn decoded(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

/// A number of 64 bits.
pub(super) fn number(value: Option<&Value>) -> Option<i64> {
    match value? {
        Value::String(text) => text.parse().ok(),
        other => other.as_i64(),
    }
}
