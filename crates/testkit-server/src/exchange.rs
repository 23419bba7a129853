//! [`Exchange`]: HTTP on one connection, written byte by byte by the test.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// How long anything may take before the test fails.
const PATIENCE: Duration = Duration::from_secs(20);

/// One connection. Reads and writes give up after 20 s.
#[derive(Debug)]
pub struct Exchange {
    stream: TcpStream,
    address: SocketAddr,
    /// Read, but not yet part of an answer.
    unread: Vec<u8>,
}

/// What was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// Names in lower case, and values.
    pub headers: Vec<(String, String)>,
    /// The body, chunks joined.
    pub body: String,
}

impl Answer {
    /// The first header of this name (lower case).
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find_map(|(known, value)| (known == name).then_some(value.as_str()))
    }
}

impl Exchange {
    /// A connection with a server.
    ///
    /// # Panics
    ///
    /// It cannot be made.
    pub fn with(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address)
            .unwrap_or_else(|error| panic!("no connection with {address}: {error}"));
        let ready = stream
            .set_read_timeout(Some(PATIENCE))
            .and_then(|()| stream.set_write_timeout(Some(PATIENCE)))
            .and_then(|()| stream.set_nodelay(true));
        ready.unwrap_or_else(|error| panic!("the connection takes no timeouts: {error}"));
        Self { stream, address, unread: Vec::new() }
    }

    /// Sends bytes as they are. A connection that the server closed takes them or not.
    pub fn send(&mut self, bytes: impl AsRef<[u8]>) {
        drop(self.stream.write_all(bytes.as_ref()));
    }

    /// Sends a request with a `Host` and, where there is a body, its length.
    pub fn send_request(&mut self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) {
        let given = |name: &str| headers.iter().any(|(known, _)| known.eq_ignore_ascii_case(name));
        let mut lines = vec![format!("{method} {path} HTTP/1.1")];
        if !given("host") {
            lines.push(format!("host: {}", self.address));
        }
        if !body.is_empty() && !given("content-length") && !given("transfer-encoding") {
            lines.push(format!("content-length: {}", body.len()));
        }
        lines.extend(headers.iter().map(|(name, value)| format!("{name}: {value}")));
        self.send(format!("{}\r\n\r\n{body}", lines.join("\r\n")));
    }

    /// Sends a request and reads its answer.
    pub fn request(&mut self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        self.send_request(method, path, headers, body);
        self.answer(method)
    }

    /// Gets a path.
    pub fn get(&mut self, path: &str) -> Answer {
        self.request("GET", path, &[], "")
    }

    /// Reads an answer.
    ///
    /// # Panics
    ///
    /// There is none, or it is no HTTP.
    pub fn answer(&mut self, method: &str) -> Answer {
        let (status, headers) = self.head();
        let mut answer = Answer { status, headers, body: String::new() };
        if method == "HEAD" || status == 204 || status == 304 {
            return answer;
        }
        let body = if answer.header("transfer-encoding") == Some("chunked") {
            self.chunks()
        } else if let Some(length) = answer.header("content-length") {
            let length = length.parse().unwrap_or_else(|_| panic!("no length: {length}"));
            self.exactly(length)
        } else {
            self.rest()
        };
        answer.body = String::from_utf8_lossy(&body).into_owned();
        answer
    }

    /// Reads the head of an answer alone: its body is a stream, read by [`Self::line`].
    ///
    /// # Panics
    ///
    /// There is none, or it is no HTTP.
    pub fn head(&mut self) -> (u16, Vec<(String, String)>) {
        let first = self.line();
        let status = first.split(' ').nth(1).and_then(|status| status.parse().ok());
        let status = status.unwrap_or_else(|| panic!("no answer, but {first:?}"));
        let mut headers = Vec::new();
        loop {
            let line = self.line();
            match line.split_once(':') {
                Some((name, value)) => headers.push((name.to_ascii_lowercase(), value.trim().to_owned())),
                None => return (status, headers),
            }
        }
    }

    /// Reads one line, without its end; empty also where the connection ended.
    ///
    /// # Panics
    ///
    /// Nothing came in time.
    pub fn line(&mut self) -> String {
        loop {
            if let Some(end) = self.unread.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.unread.drain(..=end).collect();
                return String::from_utf8_lossy(&line).trim_end_matches(['\r', '\n']).to_owned();
            }
            if !self.more() {
                return String::from_utf8_lossy(&std::mem::take(&mut self.unread)).into_owned();
            }
        }
    }

    /// Whether the server closed the connection without a word more; waits for it.
    pub fn is_closed(&mut self) -> bool {
        self.unread.is_empty() && !self.more()
    }

    fn chunks(&mut self) -> Vec<u8> {
        let mut body = Vec::new();
        loop {
            let size = self.line();
            let size = usize::from_str_radix(&size, 16).unwrap_or_else(|_| panic!("no chunk size: {size:?}"));
            body.extend(self.exactly(size));
            self.line();
            if size == 0 {
                return body;
            }
        }
    }

    fn exactly(&mut self, length: usize) -> Vec<u8> {
        while self.unread.len() < length {
            assert!(self.more(), "the answer broke off");
        }
        self.unread.drain(..length).collect()
    }

    fn rest(&mut self) -> Vec<u8> {
        while self.more() {}
        std::mem::take(&mut self.unread)
    }

    /// Reads more; false at the end.
    fn more(&mut self) -> bool {
        let mut buffer = [0; 16 * 1024];
        match self.stream.read(&mut buffer) {
            Ok(0) => false,
            Ok(length) => {
                self.unread.extend_from_slice(buffer.get(..length).unwrap_or_default());
                true
            }
            Err(error) if matches!(error.kind(), ErrorKind::ConnectionReset | ErrorKind::BrokenPipe) => false,
            Err(error) => panic!("nothing came from {}: {error}", self.address),
        }
    }
}
