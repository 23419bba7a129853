//! [`replay`]: what a detector concludes of a trace.

use std::time::Duration;

use super::trace::{Arrival, Trace};
use crate::detector::Detector;
use crate::quality::{Figures, Quality};
use crate::tick::Tick;

/// What a detector concluded of a trace.
#[derive(Debug, Clone, PartialEq)]
pub struct Replayed {
    /// The mistakes, if the peer lives on for ever.
    pub figures: Figures,
    /// How soon its death would have been detected.
    pub detection: Detection,
}

/// How soon a death would have been detected: one for each beat that was sent, after it and before the next, at all phases alike.
#[derive(Debug, Clone, PartialEq)]
pub struct Detection {
    /// In microseconds, sorted.
    spans: Vec<u64>,
    /// From the sending of a beat that arrived to the suspicion if it is the last, on average.
    pub from_last_beat: Option<Duration>,
}

impl Detection {
    /// The mean.
    pub fn mean(&self) -> Option<Duration> {
        let sum: u128 = self.spans.iter().map(|&span| u128::from(span)).sum();
        let mean = sum.checked_div(self.spans.len() as u128)?;
        Some(Duration::from_micros(u64::try_from(mean).unwrap_or(u64::MAX)))
    }

    /// So many of a thousand were detected within this.
    pub fn within(&self, per_mille: usize) -> Option<Duration> {
        let last = self.spans.len().checked_sub(1)?;
        let place = (last * per_mille.min(1_000)).div_ceil(1_000);
        self.spans.get(place).copied().map(Duration::from_micros)
    }
}

/// Lets a detector hear a trace, and judges it from the beat of number `from` on: before that it is new, and its mistakes
/// do not count.
pub fn replay(detector: &mut dyn Detector, trace: &Trace, from: u64) -> Replayed {
    let begin = usize::try_from(from).ok().and_then(|from| trace.sent.get(from)).copied();
    let begin = begin.unwrap_or_else(|| trace.began());
    let mut judged = Judged::new(begin);
    let mut deaths = Deaths::new(trace, from);
    for arrival in &trace.arrivals {
        if let Some(deadline) = detector.deadline() {
            judged.passes(deadline, arrival.received);
        }
        detector.heard(arrival.received, arrival.sequence);
        let deadline = detector.deadline();
        judged.heard(arrival.received, deadline);
        deaths.heard(arrival, deadline);
    }
    let end = trace.arrivals.last().map_or(begin, |last| last.received);
    Replayed { figures: judged.finish(end), detection: deaths.finish() }
}

/// Follows whether the peer is trusted, from a point in time on.
#[derive(Debug)]
struct Judged {
    from: Tick,
    /// Made at the first event from there on.
    quality: Quality,
    suspected: bool,
}

impl Judged {
    fn new(from: Tick) -> Self {
        Self { from, quality: Quality::new(from), suspected: false }
    }

    /// Nothing is heard before `until`, which is heard in time if it is the deadline itself.
    fn passes(&mut self, deadline: Tick, until: Tick) {
        if deadline < until {
            self.suspect(deadline);
        }
    }

    fn heard(&mut self, now: Tick, deadline: Option<Tick>) {
        if deadline.is_some_and(|deadline| deadline <= now) {
            self.suspect(now);
        } else if self.suspected {
            self.suspected = false;
            self.quality.trusted(now);
        }
    }

    fn suspect(&mut self, at: Tick) {
        if !self.suspected {
            self.suspected = true;
            if at >= self.from {
                self.quality.suspected(at);
            }
        }
    }

    fn finish(self, end: Tick) -> Figures {
        self.quality.finish(end.max(self.from))
    }
}

/// Lets the peer die after each beat once.
#[derive(Debug)]
struct Deaths<'a> {
    trace: &'a Trace,
    /// The next beat after which it dies.
    next: u64,
    /// The suspicion that follows what has been heard.
    suspected_at: Option<Tick>,
    spans: Vec<u64>,
    from_sending: u128,
    arrived: u64,
    from: u64,
}

/// The golden section: its multiples fill an interval evenly, whatever their number.
const PHASE: f64 = 0.618_033_988_749_895;

impl<'a> Deaths<'a> {
    fn new(trace: &'a Trace, from: u64) -> Self {
        Self { trace, next: from, suspected_at: None, spans: Vec::new(), from_sending: 0, arrived: 0, from }
    }

    fn heard(&mut self, arrival: &Arrival, deadline: Option<Tick>) {
        // Those that died before this beat was sent: all of theirs has arrived, but what it overtook.
        self.die_before(arrival.sequence);
        let suspected_at = deadline.map(|deadline| deadline.max(arrival.received));
        self.suspected_at = suspected_at;
        if let Some(at) = suspected_at
            && arrival.sequence >= self.from
        {
            self.from_sending += u128::from(at.micros_since(arrival.sent));
            self.arrived += 1;
        }
    }

    fn die_before(&mut self, sequence: u64) {
        while self.next < sequence {
            if let Some(at) = self.suspected_at
                && let Some(death) = self.death_after(self.next)
            {
                self.spans.push(at.micros_since(death));
            }
            self.next += 1;
        }
    }

    /// Between a beat and the one after it.
    fn death_after(&self, sequence: u64) -> Option<Tick> {
        let index = usize::try_from(sequence).ok()?;
        let (sent, next) = (self.trace.sent.get(index)?, self.trace.sent.get(index + 1)?);
        let phase = (sequence as f64 * PHASE).fract();
        let gap = next.micros_since(*sent) as f64;
        Some(sent.moved((gap * phase) as i128))
    }

    fn finish(mut self) -> Detection {
        self.spans.sort_unstable();
        let mean = self.from_sending.checked_div(u128::from(self.arrived));
        let from_last_beat = mean.map(|mean| Duration::from_micros(u64::try_from(mean).unwrap_or(u64::MAX)));
        Detection { spans: self.spans, from_last_beat }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::traces::{Delay, Loss, Outage, lossy};
    use crate::{FixedConfig, FixedTimeout};

    #[test]
    fn one_outage_is_one_mistake_from_the_deadline_to_the_next_beat() {
        let mut plan = lossy(1, 100, 0.0);
        plan.delay = Delay::Constant(Duration::from_millis(100));
        plan.loss = Loss::Independent(0.0);
        plan.outage = Some(Outage { from: 50, beats: 4 });
        let config = FixedConfig { interval: Duration::from_secs(1), timeout: Duration::from_millis(2_500) };
        let trace = plan.trace().unwrap();
        let replayed = replay(&mut FixedTimeout::new(config).unwrap(), &trace, 10);
        // Beat 49 arrives at 50.1 s and beat 54 at 55.1 s.
        assert_eq!(replayed.figures.mistakes, 1);
        assert_eq!(replayed.figures.duration, Some(Duration::from_millis(2_500)));
        let detection = replayed.detection;
        assert_eq!(detection.from_last_beat, Some(Duration::from_millis(2_600)));
        // At all phases of an interval alike, and four deaths while it was suspected, or nearly.
        let mean = detection.mean().unwrap().as_secs_f64();
        assert!((mean - 2.0).abs() < 0.1, "{mean}");
        assert!(detection.within(1_000).unwrap() <= Duration::from_millis(2_600));
        assert_eq!(detection.within(0), Some(Duration::ZERO));
    }
}
