//! [`Timer`]: wakes the generator at a time, to some microseconds where the system can.

use std::io;
use std::time::Duration;

use mio::{Registry, Token};

/// A poll alone wakes at whole milliseconds, which is much longer than an exchange takes.
#[cfg(target_os = "linux")]
mod precise {
    use std::io;
    use std::os::fd::{AsRawFd, OwnedFd};
    use std::time::Duration;

    use mio::unix::SourceFd;
    use mio::{Interest, Registry, Token};
    use rustix::time::{
        Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create,
        timerfd_settime,
    };

    /// It goes off at its time, whatever the poll waits for meanwhile.
    pub(crate) const RUNS_ON: bool = true;

    #[derive(Debug)]
    pub(crate) struct Timer(OwnedFd);

    impl Timer {
        pub(crate) fn new(registry: &Registry, token: Token) -> io::Result<Self> {
            let timer =
                timerfd_create(TimerfdClockId::Monotonic, TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC)?;
            registry.register(&mut SourceFd(&timer.as_raw_fd()), token, Interest::READABLE)?;
            Ok(Self(timer))
        }

        pub(crate) fn arm(&self, wait: Duration) -> io::Result<Option<Duration>> {
            let nothing = Timespec { tv_sec: 0, tv_nsec: 0 };
            // Nought would switch it off.
            let wait = wait.max(Duration::from_nanos(1));
            let value = Timespec::try_from(wait).unwrap_or(Timespec { tv_sec: i64::MAX, tv_nsec: 0 });
            timerfd_settime(
                &self.0,
                TimerfdTimerFlags::empty(),
                &Itimerspec { it_interval: nothing, it_value: value },
            )?;
            Ok(None)
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod precise {
    use std::io;
    use std::time::Duration;

    use mio::{Registry, Token};

    pub(crate) const RUNS_ON: bool = false;

    #[derive(Debug)]
    pub(crate) struct Timer;

    impl Timer {
        #[expect(clippy::unnecessary_wraps, reason = "it can fail where there is a timer")]
        pub(crate) fn new(_: &Registry, _: Token) -> io::Result<Self> {
            Ok(Self)
        }

        #[expect(clippy::unnecessary_wraps, clippy::unused_self, reason = "as where there is a timer")]
        pub(crate) fn arm(&self, wait: Duration) -> io::Result<Option<Duration>> {
            Ok(Some(wait))
        }
    }
}

/// Wakes the poll that it is registered with.
#[derive(Debug)]
pub(crate) struct Timer {
    timer: precise::Timer,
    /// When it will go off, on the clock of who armed it.
    armed: Option<Duration>,
}

impl Timer {
    /// # Errors
    ///
    /// The system refuses.
    pub(crate) fn new(registry: &Registry, token: Token) -> io::Result<Self> {
        Ok(Self { timer: precise::Timer::new(registry, token)?, armed: None })
    }

    /// The clock begins anew.
    pub(crate) fn reset(&mut self) {
        self.armed = None;
    }

    /// Wakes at `until`, once, instead of what was asked for before. Answers how long the poll
    /// must wait at most by itself; none: until something happens.
    ///
    /// # Errors
    ///
    /// The system refuses.
    pub(crate) fn arm(&mut self, until: Duration, now: Duration) -> io::Result<Option<Duration>> {
        // Most wake-ups are answers, which change nothing about what is due next.
        if precise::RUNS_ON && until > now && self.armed == Some(until) {
            return Ok(None);
        }
        self.armed = Some(until);
        self.timer.arm(until.saturating_sub(now))
    }
}
