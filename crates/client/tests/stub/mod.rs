//! [`Stub`]: an HTTP server that remembers what it was asked and answers as it is told.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

/// A request.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) authorization: Option<String>,
    pub(crate) body: String,
    pub(crate) at: Instant,
}

impl Request {
    pub(crate) fn line(&self) -> String {
        format!("{} {}", self.method, self.target)
    }
}

/// What is answered.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Answer {
    Status(u16),
    With(u16, &'static str),
    /// Something that is no HTTP.
    Raw(&'static str),
    /// The connection stays open and silent.
    Never,
}

type Rule = Box<dyn Fn(&Request) -> Answer + Send>;

struct Shared {
    rule: Mutex<Rule>,
    requests: Mutex<Vec<Request>>,
    came: Condvar,
}

/// A server on a free port. Its threads end with the program.
pub(crate) struct Stub {
    shared: Arc<Shared>,
    address: SocketAddr,
}

impl Stub {
    pub(crate) fn start(rule: impl Fn(&Request) -> Answer + Send + 'static) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            rule: Mutex::new(Box::new(rule)),
            requests: Mutex::default(),
            came: Condvar::new(),
        });
        let accepting = shared.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = accepting.clone();
                std::thread::spawn(move || shared.serve(&stream));
            }
        });
        Self { shared, address }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers otherwise from now on.
    pub(crate) fn answer(&self, rule: impl Fn(&Request) -> Answer + Send + 'static) {
        *self.shared.rule.lock().unwrap() = Box::new(rule);
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        self.shared.requests.lock().unwrap().clone()
    }

    /// Blocks this thread until so many requests came.
    pub(crate) fn wait_for(&self, count: usize, patience: Duration) {
        let requests = self.shared.requests.lock().unwrap();
        let waited =
            self.shared.came.wait_timeout_while(requests, patience, |requests| requests.len() < count);
        assert!(!waited.unwrap().1.timed_out(), "fewer than {count} requests came");
    }
}

impl Shared {
    fn serve(&self, stream: &TcpStream) {
        let mut reader = BufReader::new(stream);
        while let Some(request) = read(&mut reader) {
            let answer = (self.rule.lock().unwrap())(&request);
            self.requests.lock().unwrap().push(request);
            self.came.notify_all();
            let (status, body) = match answer {
                Answer::Status(status) => (status, ""),
                Answer::With(status, body) => (status, body),
                Answer::Raw(text) => {
                    drop((&mut &*stream).write_all(text.as_bytes()));
                    return;
                }
                Answer::Never => {
                    // Until the other side gives up.
                    drop(reader.read(&mut [0]));
                    return;
                }
            };
            let length =
                if status == 204 { String::new() } else { format!("content-length: {}\r\n", body.len()) };
            let text = format!("HTTP/1.1 {status} Told\r\n{length}\r\n{body}");
            if (&mut &*stream).write_all(text.as_bytes()).is_err() {
                return;
            }
        }
    }
}

fn read(reader: &mut impl BufRead) -> Option<Request> {
    let line = |reader: &mut dyn BufRead| {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|length| *length > 0)?;
        Some(line.trim_end().to_owned())
    };
    let first = line(reader)?;
    let mut words = first.split(' ');
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let (mut length, mut authorization) = (0, None);
    loop {
        let header = line(reader)?;
        match header.split_once(": ") {
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                length = value.parse().ok()?;
            }
            Some((name, value)) if name.eq_ignore_ascii_case("authorization") => {
                authorization = Some(value.to_owned());
            }
            Some(_) => {}
            None => break,
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let body = String::from_utf8(body).ok()?;
    #[expect(clippy::disallowed_methods, reason = "a server has a clock of its own")]
    let at = Instant::now();
    Some(Request { method, target, authorization, body, at })
}
