//! [`Stage`]: everything that happens during the demo comes together here, is written down,
//! told and drawn.

use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use super::happening::Happening;
use super::ledger::Ledger;
use super::picture::{Fate, Picture};
use super::report::Report;
use super::screen::Screen;
use crate::failure::Failure;
use crate::output::Ink;
use crate::words::news;

/// How often the chart is drawn while nothing happens.
const FRAME: Duration = Duration::from_millis(100);

/// Why the waiting ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Waited {
    /// What was waited for is there.
    Done,
    /// It did not come in time.
    InVain,
    /// The person wants the demo to end.
    Interrupted,
}

/// Gathers, tells, draws.
pub(super) struct Stage {
    inbox: Receiver<Happening>,
    began: Instant,
    picture: Picture,
    ledger: Ledger,
    screen: Screen,
}

impl Stage {
    /// An empty stage. What happens comes through `inbox`.
    pub(super) fn new(inbox: Receiver<Happening>, screen: Screen, ttl: Duration) -> Self {
        Self { inbox, began: Instant::now(), picture: Picture::new(ttl), ledger: Ledger::default(), screen }
    }

    /// A provider process was started.
    pub(super) fn enter(&mut self, name: &str, process: u32) -> Result<(), Failure> {
        self.picture.started(name, process);
        self.ledger.open(name);
        self.tell(&format!("{name} is started, process {process}"))
    }

    /// Something is done to a provider process.
    pub(super) fn act(&mut self, name: &str, fate: Fate, told: &str) -> Result<(), Failure> {
        self.picture.fate(name, fate);
        self.tell(told)
    }

    /// Tells something.
    pub(super) fn tell(&mut self, text: &str) -> Result<(), Failure> {
        Ok(self.screen.tell(self.began.elapsed(), text)?)
    }

    /// Writes lines without a time.
    pub(super) fn write(&mut self, lines: &str) -> Result<(), Failure> {
        Ok(self.screen.write(lines)?)
    }

    /// Leaves the chart as it is now where it stands.
    pub(super) fn keep_chart(&mut self) -> Result<(), Failure> {
        Ok(self.screen.keep(&self.picture, self.began.elapsed())?)
    }

    /// What was seen so far.
    pub(super) fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// The screen's colours.
    pub(super) fn paint(&self) -> crate::output::Paint {
        self.screen.paint()
    }

    /// Lets things happen until `done`, at most for `limit` (for ever without one).
    pub(super) fn wait(
        &mut self,
        limit: Option<Duration>,
        done: impl Fn(&Ledger) -> bool,
    ) -> Result<Waited, Failure> {
        let deadline = limit.map(|limit| Instant::now() + limit);
        loop {
            self.screen.draw(&self.picture, self.began.elapsed())?;
            if done(&self.ledger) {
                return Ok(Waited::Done);
            }
            let left = deadline.map_or(FRAME, |deadline| deadline.saturating_duration_since(Instant::now()));
            if left.is_zero() {
                return Ok(Waited::InVain);
            }
            match self.inbox.recv_timeout(left.min(FRAME)) {
                Ok(Happening::Interrupted) | Err(RecvTimeoutError::Disconnected) => {
                    return Ok(Waited::Interrupted);
                }
                Ok(happening) => self.take(happening)?,
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
    }

    fn take(&mut self, happening: Happening) -> Result<(), Failure> {
        match happening {
            Happening::Reported { name, report, at } => self.reported(&name, report, at),
            Happening::Told { event, seen, at } => {
                self.ledger.told(&event, seen, at);
                let since_start = at.duration_since(self.began);
                match event.status {
                    Some(_) => self.picture.joined(&event.id),
                    None => self.picture.left(&event.id, since_start),
                }
                let news = news(&event);
                let paint = self.paint();
                let what = paint.ink(news.ink, &news.what);
                let who = paint.ink(Ink::Strong, &event.id);
                self.tell(&format!("{who} {what}: {}", news.why))
            }
            Happening::Deaf => Err(Failure::bare("the registry ended its stream of events")),
            // Waiting looks at it before it comes here.
            Happening::Interrupted => Ok(()),
        }
    }

    fn reported(&mut self, name: &str, report: Report, at: Instant) -> Result<(), Failure> {
        self.ledger.reported(name, report);
        match report {
            Report::Registered | Report::Renewed => {
                self.picture.beat(name, at.duration_since(self.began));
                Ok(())
            }
            Report::Unknown => {
                self.tell(&format!("{name}'s renewal was answered 404, unknown lease: it registers again"))
            }
            Report::Unanswered => {
                self.tell(&format!("{name} was not answered as Eureka does; it tries again"))
            }
            Report::Deregistered => Ok(()),
        }
    }
}
