//! [`Ending`]: whether a connection ended because its other end was silent.

use lubdub_detect::Tick;

use super::keep_alive::KeepAlive;

/// What is known of a connection for when it is over. HTTP/2 gives a connection up when its ping is not answered, and says so
/// to nobody but those who wait for calls. It is told from other ends by this: the connection was given up from this side,
/// nothing had been heard for as long as an answer may take, and neither the other side, nor the network, nor a goodbye
/// had ended it.
#[derive(Debug)]
pub(super) struct Ending {
    keep_alive: KeepAlive,
    heard: Tick,
    has_ended: bool,
}

impl Ending {
    /// Of a connection that was just made.
    pub(super) const fn new(keep_alive: KeepAlive, now: Tick) -> Self {
        Self { keep_alive, heard: now, has_ended: false }
    }

    /// Something came in.
    pub(super) const fn heard(&mut self, now: Tick) {
        self.heard = now;
    }

    /// It was closed, by either side in order, or it failed.
    pub(super) const fn ended(&mut self) {
        self.has_ended = true;
    }

    /// Whether it is given up now because nobody answered.
    pub(super) fn is_silence(&self, now: Tick) -> bool {
        let is_beaten = self.keep_alive.interval.is_some();
        is_beaten && !self.has_ended && now.since(self.heard) >= self.keep_alive.timeout
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const BEATEN: KeepAlive = KeepAlive {
        interval: Some(Duration::from_secs(30)),
        timeout: Duration::from_secs(10),
        connect_timeout: Duration::from_secs(1),
    };

    #[test]
    fn who_is_given_up_after_the_time_for_an_answer_was_silent() {
        let mut ending = Ending::new(BEATEN, Tick::of_secs(0));
        ending.heard(Tick::of_secs(5));
        assert!(
            !ending.is_silence(Tick::of_millis(14_999)),
            "it was heard too lately for a beat to be unanswered"
        );
        assert!(ending.is_silence(Tick::of_secs(15)));
    }

    #[test]
    fn an_end_that_somebody_made_is_no_silence_however_long_nothing_came() {
        let mut ending = Ending::new(BEATEN, Tick::of_secs(0));
        ending.ended();
        assert!(!ending.is_silence(Tick::of_secs(3_600)));
    }

    #[test]
    fn who_is_never_beaten_is_never_silent() {
        let ending = Ending::new(KeepAlive { interval: None, ..BEATEN }, Tick::of_secs(0));
        assert!(!ending.is_silence(Tick::of_secs(3_600)));
    }
}
