//! [`Sent`]: which pings wait for their pong.

use lubdub_detect::Tick;

/// Pings that are remembered; what is older waits no longer.
const REMEMBERED: usize = 4;

/// What a pong is to the pings that were sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Belongs {
    /// To a ping of this time, which waited for it.
    To(Tick),
    /// To a ping that does not wait any more: it was answered, or is too old.
    Past,
    /// To none.
    Unknown,
}

/// The newest pings. Their ids follow each other, so the times alone are kept, the newest first.
#[derive(Debug, Clone)]
pub(super) struct Sent {
    first: u64,
    next: u64,
    waiting: [Tick; REMEMBERED],
}

/// In the place of a ping that does not wait.
const NONE: Tick = Tick(u64::MAX);

impl Sent {
    pub(super) const fn new(first: u64) -> Self {
        Self { first, next: first, waiting: [NONE; REMEMBERED] }
    }

    /// Another ping, in place of the oldest.
    pub(super) fn ping(&mut self, now: Tick) -> u64 {
        let id = self.next;
        self.next = self.next.wrapping_add(1);
        self.waiting.rotate_right(1);
        let [newest, ..] = &mut self.waiting;
        *newest = now;
        id
    }

    /// A pong with this id; without one it answers the oldest ping that waits.
    pub(super) fn pong(&mut self, id: Option<u64>) -> Belongs {
        let place = match id {
            None => self.waiting.iter().rposition(|sent| *sent != NONE),
            Some(id) => usize::try_from(self.next.wrapping_sub(id).wrapping_sub(1)).ok(),
        };
        let slot = place.and_then(|place| self.waiting.get_mut(place)).filter(|sent| **sent != NONE);
        if let Some(sent) = slot {
            return Belongs::To(std::mem::replace(sent, NONE));
        }
        let was_sent = |id: u64| id.wrapping_sub(self.first) < self.next.wrapping_sub(self.first);
        if id.is_none_or(was_sent) { Belongs::Past } else { Belongs::Unknown }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pong_belongs_to_its_ping_once() {
        let mut sent = Sent::new(u64::MAX);
        assert_eq!(sent.ping(Tick(5)), u64::MAX);
        assert_eq!(sent.ping(Tick(6)), 0, "ids go round");
        assert_eq!(sent.pong(Some(1)), Belongs::Unknown);
        assert_eq!(sent.pong(Some(0)), Belongs::To(Tick(6)));
        assert_eq!(sent.pong(Some(0)), Belongs::Past);
        assert_eq!(sent.pong(Some(u64::MAX)), Belongs::To(Tick(5)));
        assert_eq!(sent.pong(Some(u64::MAX - 1)), Belongs::Unknown);
    }

    #[test]
    fn a_pong_without_an_id_answers_the_oldest_ping_that_waits() {
        let mut sent = Sent::new(0);
        assert_eq!(sent.pong(None), Belongs::Past);
        sent.ping(Tick(5));
        sent.ping(Tick(6));
        assert_eq!([sent.pong(None), sent.pong(None)], [Belongs::To(Tick(5)), Belongs::To(Tick(6))]);
    }

    #[test]
    fn what_is_too_old_waits_no_longer() {
        let mut sent = Sent::new(0);
        for at in 0..=REMEMBERED as u64 {
            sent.ping(Tick(at));
        }
        assert_eq!(sent.pong(Some(0)), Belongs::Past);
        assert_eq!(sent.pong(Some(1)), Belongs::To(Tick(1)));
    }
}
