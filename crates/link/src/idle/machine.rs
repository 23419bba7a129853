//! [`Idle`]: when who is idle, and how often in a row.

use std::time::Duration;

use lubdub_detect::Tick;

use super::config::IdleConfig;
use super::flow::{Flow, Span};

/// Who is idle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum IdleKind {
    /// Nothing was read.
    Reader,
    /// No write was completed.
    Writer,
    /// Neither.
    All,
}

impl IdleKind {
    const EACH: [Self; 3] = [Self::Reader, Self::Writer, Self::All];
}

/// Somebody has been idle for a whole period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IdleEvent {
    /// Who.
    pub kind: IdleKind,
    /// For how many periods in a row, this one included: 1 is the first since there was activity of this kind.
    pub times: u32,
}

impl IdleEvent {
    /// Whether it is the first since there was activity of this kind.
    pub const fn is_first(&self) -> bool {
        self.times == 1
    }
}

/// What was told of one kind: how often since there was activity, and when last.
#[derive(Debug, Clone, Copy, Default)]
struct Told {
    times: u32,
    last: Tick,
}

/// The idleness of one connection, by the rules of Netty's `IdleStateHandler`:
///
/// - Both directions count as active when the connection begins. A limit of zero disables a kind.
/// - Reading is a batch: [`reading`](Self::reading) with each whole frame, [`read_complete`](Self::read_complete) when there is none left for now.
///   While a batch is in progress nobody is idle for reading, nor altogether; its end is when something was read.
/// - A write counts when it is completed ([`written`](Self::written)), also when it failed; not when it is begun.
/// - An event is repeated after each full period, with the number of periods in a row. Activity of its kind begins anew;
///   for [`IdleKind::All`], activity of either.
/// - Nothing is done about it here: whoever asks may ping, or close.
///
/// A driver asks for the [`deadline`](Self::deadline), and then [`check`](Self::check)s until nothing is told. No frame moves a timer:
/// who is woken too early asks again.
///
/// What is not as with Netty, and why:
///
/// - The bytes of an unfinished frame ([`moved_in`](Self::moved_in), [`moved_out`](Self::moved_out)) postpone an event, so that a large frame on a slow
///   link is not taken for silence; at most for [`IdleConfig::frame`], so that a byte now and then keeps nobody. Netty counts whole
///   frames for reading, and has `observeOutput` for writing, which cannot prevent a first event (its issues 6150, 8912).
/// - A check that comes much too late judges nobody ([`IdleConfig::pause`]), once in a row.
/// - Spans are exact to a microsecond; Netty raises them to a millisecond.
///
/// Time that steps back is taken for no time at all.
#[derive(Debug, Clone)]
pub struct Idle {
    reader: Span,
    writer: Span,
    all: Span,
    frame: Span,
    pause: Span,
    read: Flow,
    write: Flow,
    is_reading: bool,
    told: [Told; 3],
    /// After a check that came too late: nobody who was due by then is judged before this. It means nothing to who is due later.
    excused: Tick,
}

impl Idle {
    /// A connection that began now.
    pub fn new(config: IdleConfig, now: Tick) -> Self {
        Self {
            reader: Span::of(config.reader),
            writer: Span::of(config.writer),
            all: Span::of(config.all),
            frame: Span::of(config.frame),
            pause: Span::of(config.pause),
            read: Flow::new(now),
            write: Flow::new(now),
            is_reading: false,
            told: [Told::default(); 3],
            excused: Tick(0),
        }
    }

    /// A whole frame was read, perhaps one of several. The time is noted when the batch ends.
    pub fn reading(&mut self) {
        self.is_reading = true;
        self.active(IdleKind::Reader);
    }

    /// There is nothing more to read for now. Means nothing where no frame was read since the last time.
    pub fn read_complete(&mut self, now: Tick) {
        if self.is_reading {
            self.is_reading = false;
            self.read.completed(now);
        }
    }

    /// Everything that was to be written is written, or failed.
    pub fn written(&mut self, now: Tick) {
        self.write.completed(now);
        self.active(IdleKind::Writer);
    }

    /// Bytes came in at this time, and no whole frame yet.
    pub fn moved_in(&mut self, now: Tick) {
        self.read.moved(now);
    }

    /// Bytes went out at this time, and not all yet.
    pub fn moved_out(&mut self, now: Tick) {
        self.write.moved(now);
    }

    /// When to [`check`](Self::check): as soon as anybody is idle for a period. None where every kind is disabled, or nobody can become
    /// idle before a batch ends.
    pub fn deadline(&self) -> Option<Tick> {
        Some(self.earliest()?.max(self.excused))
    }

    /// This program stood still until now, as somebody else noticed: nobody is judged before [`IdleConfig::pause`] is over.
    pub fn excuse(&mut self, now: Tick) {
        self.excused = self.pause.after(now);
    }

    /// Who has been idle for a period by now; call it until it says nothing.
    pub fn check(&mut self, now: Tick) -> Option<IdleEvent> {
        let due = self.earliest()?;
        let deadline = due.max(self.excused);
        if deadline > now {
            return None;
        }
        let is_late = !self.pause.is_none() && self.pause.after(deadline) < now;
        if is_late && due > self.excused {
            self.excuse(now);
            return None;
        }
        let kind = IdleKind::EACH.into_iter().find(|kind| self.due(*kind).is_some_and(|due| due <= now))?;
        let told = self.told_mut(kind);
        *told = Told { times: told.times.saturating_add(1), last: now };
        Some(IdleEvent { kind, times: told.times })
    }

    /// When something was read last, as a whole; while a batch is in progress, when the one before it ended.
    pub const fn last_read(&self) -> Tick {
        self.read.last_whole()
    }

    /// Whether a batch is in progress: something was read, and what there is not to its end.
    pub const fn is_reading(&self) -> bool {
        self.is_reading
    }

    /// When nothing will have been read for `limit`, where the bytes of an unfinished frame count for up to `frame`, whatever
    /// the configuration says. None while a batch is in progress.
    pub fn read_idle_at(&self, limit: Duration, frame: Duration) -> Option<Tick> {
        (!self.is_reading).then(|| self.read.idle_at(Span::of(limit), Span::of(frame)))
    }

    /// Whether something is being read: a batch is in progress, or bytes came `within` this span, of a frame that has not taken `frame`
    /// yet.
    pub fn is_moving_in(&self, now: Tick, within: Duration, frame: Duration) -> bool {
        self.is_reading || self.read.is_moving(now, Span::of(within), Span::of(frame))
    }

    fn earliest(&self) -> Option<Tick> {
        IdleKind::EACH.into_iter().filter_map(|kind| self.due(kind)).min()
    }

    const fn limit(&self, kind: IdleKind) -> Span {
        match kind {
            IdleKind::Reader => self.reader,
            IdleKind::Writer => self.writer,
            IdleKind::All => self.all,
        }
    }

    fn due(&self, kind: IdleKind) -> Option<Tick> {
        let limit = self.limit(kind);
        if limit.is_none() || (self.is_reading && kind != IdleKind::Writer) {
            return None;
        }
        let at = |flow: &Flow| flow.idle_at(limit, self.frame);
        let due = match kind {
            IdleKind::Reader => at(&self.read),
            IdleKind::Writer => at(&self.write),
            IdleKind::All => at(&self.read).max(at(&self.write)),
        };
        let [reader, writer, all] = &self.told;
        let told = match kind {
            IdleKind::Reader => reader,
            IdleKind::Writer => writer,
            IdleKind::All => all,
        };
        Some(if told.times == 0 { due } else { due.max(limit.after(told.last)) })
    }

    fn told_mut(&mut self, kind: IdleKind) -> &mut Told {
        let [reader, writer, all] = &mut self.told;
        match kind {
            IdleKind::Reader => reader,
            IdleKind::Writer => writer,
            IdleKind::All => all,
        }
    }

    /// There was activity of this kind, so of all together, too.
    fn active(&mut self, kind: IdleKind) {
        *self.told_mut(kind) = Told::default();
        *self.told_mut(IdleKind::All) = Told::default();
    }
}

#[cfg(test)]
mod tests;
