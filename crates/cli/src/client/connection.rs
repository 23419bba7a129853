//! [`Client`]: gets documents and streams from one registry, and says in words why it did not.

use std::io::BufReader;
use std::net::IpAddr;
use std::path::Path;
use std::time::Duration;

use serde::de::DeserializeOwned;
use ureq::http::{Method, Request, StatusCode, Uri};
use ureq::{Agent, BodyReader};

use super::operator::Operator;
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

/// What became of an action.
#[derive(Debug)]
pub(crate) enum Acted<T> {
    /// It was done; this is what the registry says of it.
    Done(Reply<T>),
    /// There was nothing to do; why, in the registry's words.
    Nothing(String),
    /// Whom it is about is not there.
    Absent,
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

    /// Whether the registry is on this machine, by its URL.
    pub(crate) fn is_local(&self) -> bool {
        let uri: Option<Uri> = self.server.parse().ok();
        let host = uri.as_ref().and_then(Uri::host).unwrap_or_default();
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        host.eq_ignore_ascii_case("localhost")
            || bare.parse().is_ok_and(|ip: IpAddr| ip.to_canonical().is_loopback())
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
        let (status, json) = self.whole(self.get(path, "application/json")?)?;
        if status == StatusCode::NOT_FOUND && Problem::read(&json).is_some_and(|problem| problem.is_absence())
        {
            return Ok(None);
        }
        if !status.is_success() {
            return Err(self.refused(path, status, &json));
        }
        self.understood(path, json).map(Some)
    }

    /// Reads a document that an older registry may not have.
    pub(super) fn read_if_known<T: DeserializeOwned>(&self, path: &str) -> Result<Option<Reply<T>>, Failure> {
        let (status, json) = self.whole(self.get(path, "application/json")?)?;
        if Problem::read(&json).is_some_and(|problem| problem.is_unknown_path()) {
            return Ok(None);
        }
        if !status.is_success() {
            return Err(self.refused(path, status, &json));
        }
        self.understood(path, json).map(Some)
    }

    /// Reads a document that says the same with any status.
    pub(super) fn read_whatever_status<T: DeserializeOwned>(&self, path: &str) -> Result<Reply<T>, Failure> {
        let (status, json) = self.whole(self.get(path, "application/json")?)?;
        if !status.is_success() && status != StatusCode::SERVICE_UNAVAILABLE || Problem::read(&json).is_some()
        {
            return Err(self.refused(path, status, &json));
        }
        self.understood(path, json)
    }

    /// Asks for an action, as an operator.
    pub(super) fn act<T: DeserializeOwned>(
        &self,
        method: &Method,
        path: &str,
        body: &str,
        operator: &Operator,
    ) -> Result<Acted<T>, Failure> {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.server))
            .header("accept", "application/json");
        let own = self.authorization.as_deref().map(|value| ("authorization", value));
        for (name, value) in own.into_iter().chain(operator.headers()) {
            request = request.header(name, value);
        }
        if !body.is_empty() {
            request = request.header("content-type", "application/json");
        }
        let request = request.body(body.to_owned()).map_err(|error| self.not_ours(path, &error))?;
        let answer = self.agent.run(request).map_err(|error| self.no_answer(&error))?;
        let (status, json) = self.whole(answer)?;
        let problem = Problem::read(&json);
        match status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                match problem.filter(Problem::is_about_operators) {
                    Some(problem) => Err(operator.refused(&self.server, &problem)),
                    None => Err(self.refused(path, status, &json)),
                }
            }
            StatusCode::NOT_FOUND if problem.as_ref().is_some_and(Problem::is_absence) => Ok(Acted::Absent),
            StatusCode::CONFLICT if problem.is_some() => {
                Ok(Acted::Nothing(problem.as_ref().map(Problem::in_words).unwrap_or_default().to_owned()))
            }
            status if status.is_success() => self.understood(path, json).map(Acted::Done),
            status => Err(self.refused(path, status, &json)),
        }
    }

    fn whole(&self, mut response: ureq::http::Response<ureq::Body>) -> Result<(StatusCode, String), Failure> {
        let status = response.status();
        let body = response.body_mut().with_config().limit(u64::MAX);
        let text = body.read_to_string().map_err(|error| self.no_answer(&error))?;
        Ok((status, text))
    }

    fn understood<T: DeserializeOwned>(&self, path: &str, json: String) -> Result<Reply<T>, Failure> {
        match serde_json::from_str(&json) {
            Ok(document) => Ok(Reply { json, document }),
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

    #[test]
    fn a_registry_on_this_machine_is_known_by_its_address() {
        for (url, local) in [
            ("http://127.0.0.1:8761", true),
            ("http://localhost:8761", true),
            ("http://[::1]:8761", true),
            ("http://10.0.0.5:8761", false),
            ("http://localhost.example:8761", false),
        ] {
            assert_eq!(Client::new(url, None).unwrap().is_local(), local, "{url}");
        }
    }
}
