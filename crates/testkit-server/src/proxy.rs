//! [`Proxy`]: stands between a client and a server, and stops doing so when a test wants it.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

/// Passes bytes on between whoever connects to it and one server; stopped when it is dropped.
///
/// | state | connections that are there | new connections |
/// | --- | --- | --- |
/// | [`Self::heal`]: as at first | go on | are passed on |
/// | [`Self::swallow`] | stay open; nothing comes through any more | are accepted; nothing comes through |
/// | [`Self::cut`] | are closed | are closed at once |
#[derive(Debug)]
pub struct Proxy {
    shared: Arc<Shared>,
    address: SocketAddr,
}

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug)]
struct State {
    mode: Mode,
    server: SocketAddr,
    open: Vec<TcpStream>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Pass,
    Swallow,
    Cut,
    Over,
}

impl Proxy {
    /// Between a free port and `server`.
    ///
    /// # Panics
    ///
    /// No port is free.
    pub fn to(server: SocketAddr) -> Self {
        let listening = TcpListener::bind(("127.0.0.1", 0)).and_then(|on| Ok((on.local_addr()?, on)));
        let (address, listener) = listening.unwrap_or_else(|error| panic!("no free port: {error}"));
        let state = State { mode: Mode::Pass, server, open: Vec::new() };
        let shared = Arc::new(Shared { state: Mutex::new(state), changed: Condvar::new() });
        let accepting = shared.clone();
        thread::spawn(move || accepting.accept(&listener));
        Self { shared, address }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Another server, for connections that are made from now on.
    pub fn lead_to(&self, server: SocketAddr) {
        self.shared.state().server = server;
    }

    /// Everything passes again.
    pub fn heal(&self) {
        self.shared.turn(Mode::Pass);
    }

    /// Connections stay, and nothing comes through: a network that loses everything.
    pub fn swallow(&self) {
        self.shared.turn(Mode::Swallow);
    }

    /// Connections are closed, as by a server that was killed.
    pub fn cut(&self) {
        self.shared.turn(Mode::Cut);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.turn(Mode::Over);
        // Whoever waits for a connection gets one, and sees that it is over.
        drop(TcpStream::connect(self.address));
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn turn(&self, mode: Mode) {
        let mut state = self.state();
        state.mode = mode;
        if matches!(mode, Mode::Cut | Mode::Over) {
            for stream in state.open.drain(..) {
                drop(stream.shutdown(Shutdown::Both));
            }
        }
        self.changed.notify_all();
    }

    /// Waits while nothing comes through.
    fn mode(&self) -> Mode {
        let mut state = self.state();
        while state.mode == Mode::Swallow {
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.mode
    }

    fn accept(self: &Arc<Self>, listener: &TcpListener) {
        for client in listener.incoming().flatten() {
            if self.state().mode == Mode::Over {
                return;
            }
            let shared = self.clone();
            thread::spawn(move || shared.serve(&client));
        }
    }

    fn serve(self: &Arc<Self>, client: &TcpStream) {
        if self.mode() != Mode::Pass {
            return;
        }
        let server = self.state().server;
        let Ok(server) = TcpStream::connect(server) else { return };
        let both = || Some((client.try_clone().ok()?, server.try_clone().ok()?));
        let (Some((from_client, to_server)), Some((to_client, from_server)), Some((one, other))) =
            (both(), both(), both())
        else {
            return;
        };
        {
            let mut state = self.state();
            if matches!(state.mode, Mode::Cut | Mode::Over) {
                return;
            }
            state.open.extend([one, other]);
        }
        let back = self.clone();
        let backwards = thread::spawn(move || back.pump(from_server, to_client));
        self.pump(from_client, to_server);
        drop(backwards.join());
    }

    fn pump(&self, mut from: TcpStream, mut to: TcpStream) {
        let mut buffer = [0; 16 * 1024];
        while let Ok(length) = from.read(&mut buffer) {
            // What came before the silence and is not yet through is swallowed with the rest.
            let passed = length > 0 && self.mode() == Mode::Pass;
            if !passed || to.write_all(buffer.get(..length).unwrap_or_default()).is_err() {
                break;
            }
        }
        drop(to.shutdown(Shutdown::Both));
        drop(from.shutdown(Shutdown::Both));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Exchange, TestServer};

    #[test]
    fn what_is_cut_is_closed_and_heals() {
        let server = TestServer::in_memory();
        let proxy = Proxy::to(server.address());
        let mut one = Exchange::with(proxy.address());
        assert_eq!(one.request("GET", "/healthz", &[("host", "localhost")], "").status, 200);
        proxy.cut();
        assert!(one.is_closed());
        assert!(Exchange::with(proxy.address()).is_closed());
        proxy.heal();
        let mut other = Exchange::with(proxy.address());
        assert_eq!(other.request("GET", "/healthz", &[("host", "localhost")], "").status, 200);
    }

    #[test]
    fn what_is_swallowed_comes_when_it_heals() {
        let server = TestServer::in_memory();
        let proxy = Proxy::to(server.address());
        proxy.swallow();
        let mut one = Exchange::with(proxy.address());
        one.send_request("GET", "/healthz", &[("host", "localhost")], "");
        proxy.heal();
        assert_eq!(one.answer("GET").status, 200);
    }
}
