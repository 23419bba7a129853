//! [`Client`]: gets documents and streams from one registry, and says in words why it did not.

use std::io::BufReader;
use std::path::Path;
use std::time::Duration;

use serde::de::DeserializeOwned;
use ureq::http::{StatusCode, Uri};
use ureq::{Agent, BodyReader};

use super::stream::Frames;
use super::token::bearer;
use super::wire::Problem;
use crate::failure::Failure;

/// How long a registry may take to answer; far above what one takes.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long a stream of events may be silent before it counts as dead: the server sends a
/// comment at least every 15 s.
const STREAM_SILENCE: Duration = Duration::from_secs(45);

/// Asks one registry.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    server: String,
    authorization: Option<String>,
    agent: Agent,
}

/// A reply, as text and as what it means.
#[derive(Debug)]
pub(crate) struct Reply<T> {
    /// As the registry wrote it.
    pub(crate) json: String,
    /// What it means.
    pub(crate) document: T,
}

impl Client {
    /// A client of the registry at this URL, with the token that the file holds.
    ///
    /// # Errors
    ///
    /// The URL is none, or the file cannot be read.
    pub(crate) fn new(server: &str, token_file: Option<&Path>) -> Result<Self, Failure> {
        let server = server.trim_end_matches('/').to_owned();
        let uri: Option<Uri> = server.parse().ok();
        if !uri.is_some_and(|uri| uri.scheme_str() == Some("http") && uri.host().is_some()) {
            return Err(Failure::new(
                format_args!("--server: `{server}` is not the URL of a registry"),
                "expected something like http://127.0.0.1:8761",
            ));
        }
        let authorization = token_file.map(bearer).transpose()?;
        let agent = Agent::new_with_config(
            Agent::config_builder()
                .http_status_as_error(false)
                .proxy(None)
                .timeout_connect(Some(PATIENCE))
                .timeout_recv_response(Some(PATIENCE))
                .timeout_per_read(Some(STREAM_SILENCE))
                .user_agent(concat!("lubdub/", env!("CARGO_PKG_VERSION")))
                .build(),
        );
        Ok(Self { server, authorization, agent })
    }

    /// The registry's URL.
    pub(crate) fn server(&self) -> &str {
        &self.server
    }

    /// Reads a document.
    pub(super) fn read<T: DeserializeOwned>(&self, path: &str) -> Result<Reply<T>, Failure> {
        match self.find(path)? {
            Some(reply) => Ok(reply),
            None => Err(self.not_ours(path, &StatusCode::NOT_FOUND)),
        }
    }

    /// Reads a document about something that may not be there.
    pub(super) fn find<T: DeserializeOwned>(&self, path: &str) -> Result<Option<Reply<T>>, Failure> {
        let mut response = self.get(path, "application/json")?;
        let status = response.status();
        let body = response.body_mut().with_config().limit(u64::MAX);
        let json = body.read_to_string().map_err(|error| self.no_answer(&error))?;
        if status == StatusCode::NOT_FOUND && Problem::read(&json).is_some_and(|problem| problem.is_absence())
        {
            return Ok(None);
        }
        if !status.is_success() {
            return Err(self.refused(path, status, &json));
        }
        match serde_json::from_str(&json) {
            Ok(document) => Ok(Some(Reply { json, document })),
            Err(error) => Err(self.not_ours(path, &error)),
        }
    }

    /// Opens a stream of server-sent events.
    pub(super) fn stream(&self, path: &str) -> Result<Frames<BufReader<BodyReader<'static>>>, Failure> {
        let mut response = self.get(path, "text/event-stream")?;
        let status = response.status();
        if !status.is_success() {
            let text = response.body_mut().read_to_string().unwrap_or_default();
            return Err(self.refused(path, status, &text));
        }
        let body = response.into_body().into_with_config().limit(u64::MAX).reader();
        Ok(Frames::new(BufReader::new(body)))
    }

    fn get(&self, path: &str, accept: &str) -> Result<ureq::http::Response<ureq::Body>, Failure> {
        let mut request = self.agent.get(format!("{}{path}", self.server)).header("accept", accept);
        if let Some(authorization) = &self.authorization {
            request = request.header("authorization", authorization);
        }
        request.call().map_err(|error| self.no_answer(&error))
    }

    fn no_answer(&self, error: &ureq::Error) -> Failure {
        Failure::new(
            format_args!("nothing answers at {} ({error})", self.server),
            "start one with `lubdub serve`, or name another with --server URL",
        )
    }

    fn refused(&self, path: &str, status: StatusCode, body: &str) -> Failure {
        let problem = Problem::read(body);
        let said = problem.as_ref().map(Problem::in_words);
        match status {
            StatusCode::UNAUTHORIZED => Failure::new(
                format_args!("{} refuses: {}", self.server, said.unwrap_or("it wants a token")),
                "give the file that holds its token with --token-file FILE",
            ),
            _ => match said {
                Some(said) => Failure::bare(said),
                None => self.not_ours(path, &status),
            },
        }
    }

    fn not_ours(&self, path: &str, why: &dyn std::fmt::Display) -> Failure {
        Failure::new(
            format_args!(
                "what answers at {} is not a lubdub registry that this program knows ({path}: {why})",
                self.server
            ),
            "name another with --server URL",
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_url_of_a_registry_is_refused_with_an_example() {
        for wrong in ["", "localhost:8761", "ftp://x", "http://", "not a url"] {
            let told = Client::new(wrong, None).unwrap_err().to_string();
            assert!(told.contains(wrong) && told.contains("http://127.0.0.1:8761"), "{told}");
        }
        assert_eq!(Client::new("http://127.0.0.1:8761/", None).unwrap().server(), "http://127.0.0.1:8761");
    }
}
