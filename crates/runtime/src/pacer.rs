//! The pacer: a thread that notices when the process did not run, and beats to the registry
//! itself through its own listeners.
//!
//! An own beat takes the way of everybody's beats: a new connection through the listener's
//! accept queue, the same workers, the same parser. What was sent before an own beat that
//! arrived has been read. See [`lubdub_core::hearing`].

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::sync::mpsc;
use std::time::Duration;

use lubdub_core::Tick;

use crate::clock::Clock;
use crate::ears::OwnListener;
use crate::input::Input;
use crate::shared::Shared;

/// The path that a server answers by calling [`crate::Handle::own_beat`] with the query's
/// `token` and `sent`.
pub const OWN_BEAT_PATH: &str = "/.lubdub/own-beat";

/// An own beat is sent at least this often. Must be well below
/// [`lubdub_core::hearing::HearingConfig::longest_gap`].
const BEAT_EVERY: Duration = Duration::from_millis(100);
/// And at most this often, however many leases want to be judged.
const BEAT_AT_MOST_EVERY: Duration = Duration::from_millis(5);
/// Sleeping longer than asked by this much is a pause of the process.
const PAUSE: Duration = Duration::from_millis(250);
/// An own beat that is not answered in this time is given up; the gap tells the rest.
const BEAT_TIMEOUT: Duration = Duration::from_secs(2);

/// Runs until the other end of `wanted` is dropped. A message there asks for an own beat now.
pub(crate) fn run(clock: Clock, shared: &Shared, wanted: &mpsc::Receiver<()>, inputs: &mpsc::Sender<Input>) {
    let mut last_beat = clock.tick();
    loop {
        let asleep_at = clock.tick();
        let next = last_beat.after(BEAT_EVERY);
        match wanted.recv_timeout(next.since(asleep_at)) {
            Err(mpsc::RecvTimeoutError::Disconnected) => return,
            Ok(()) => {
                let earliest = last_beat.after(BEAT_AT_MOST_EVERY);
                std::thread::sleep(earliest.since(clock.tick()));
            }
            Err(mpsc::RecvTimeoutError::Timeout) => {
                let awake_at = clock.tick();
                if awake_at.since(next.max(asleep_at)) > PAUSE
                    && inputs.send(Input::Paused { from: asleep_at, to: awake_at }).is_err()
                {
                    return;
                }
            }
        }
        last_beat = clock.tick();
        let listeners = shared.ears.all();
        for listener in listeners {
            let sent = clock.tick();
            if let Err(error) = beat(&listener, sent) {
                tracing::debug!(%error, address = %listener.address, "an own beat did not arrive");
            }
        }
    }
}

fn beat(listener: &OwnListener, sent: Tick) -> io::Result<()> {
    let mut stream = TcpStream::connect_timeout(&listener.address, BEAT_TIMEOUT)?;
    // Closing with a reset leaves no connection in TIME_WAIT behind, ten times a second.
    socket2::SockRef::from(&stream).set_linger(Some(Duration::ZERO))?;
    stream.set_read_timeout(Some(BEAT_TIMEOUT))?;
    stream.set_write_timeout(Some(BEAT_TIMEOUT))?;
    stream.set_nodelay(true)?;
    let request = format!(
        "PUT {OWN_BEAT_PATH}?token={}&sent={} HTTP/1.1\r\nhost: {}\r\ncontent-length: 0\r\n\r\n",
        listener.token, sent.0, listener.address
    );
    stream.write_all(request.as_bytes())?;
    // The driver learns of it from the server's side; here only its end is awaited.
    let mut answer = [0u8; 256];
    stream.read(&mut answer).map(drop)
}
