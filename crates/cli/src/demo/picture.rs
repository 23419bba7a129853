//! [`Picture`]: the heart-beat chart of the demo, drawn from what has happened so far.
//!
//! Pure: it is told what happens and when, and gives lines of text. It knows nothing of
//! processes, terminals or clocks; time is the span since the demo began.

use std::time::Duration;

use crate::output::{Ink, Paint};
use crate::words::span;

/// How much time one column of the chart stands for.
const COLUMN: Duration = Duration::from_millis(200);

/// How many columns the chart has: the last eight seconds.
const COLUMNS: u64 = 40;

/// What is known of a provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// Its process runs; the registry does not know it yet.
    Starting,
    /// The registry offers it.
    Up,
    /// It left the registry.
    Gone,
}

/// What was done to a provider's process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// Nothing.
    Running,
    /// Ended by SIGKILL.
    Killed,
    /// Stopped by SIGSTOP.
    Stopped,
}

/// One row of the chart.
#[derive(Debug, Clone)]
pub(super) struct Row {
    name: String,
    process: u32,
    state: State,
    fate: Fate,
    /// What was seen of it, in order: beats, and that it left.
    marks: Vec<(Duration, Column)>,
}

impl Row {
    fn mark(&mut self, at: Duration, mark: Column) {
        // What has left the chart is forgotten, but for the last: it says what came after.
        let oldest = at.saturating_sub(COLUMN * (COLUMNS as u32 + 1));
        let seen = self.marks.iter().take_while(|(at, _)| *at < oldest).count();
        self.marks.drain(..seen.saturating_sub(1));
        self.marks.push((at, mark));
    }

    fn last_beat(&self) -> Option<Duration> {
        self.marks.iter().rfind(|(_, mark)| *mark == Column::Beat).map(|(at, _)| *at)
    }
}

/// The chart.
#[derive(Debug, Clone)]
pub(super) struct Picture {
    ttl: Duration,
    rows: Vec<Row>,
}

impl Picture {
    /// An empty chart of providers whose leases last this long.
    pub(super) fn new(ttl: Duration) -> Self {
        Self { ttl, rows: Vec::new() }
    }

    /// A provider's process was started.
    pub(super) fn started(&mut self, name: &str, process: u32) {
        self.rows.push(Row {
            name: name.to_owned(),
            process,
            state: State::Starting,
            fate: Fate::Running,
            marks: Vec::new(),
        });
    }

    /// The registry heard a beat: a renewal or a registration.
    pub(super) fn beat(&mut self, name: &str, at: Duration) {
        self.change(name, |row| row.mark(at, Column::Beat));
    }

    /// The registry offers it.
    pub(super) fn joined(&mut self, name: &str) {
        self.change(name, |row| row.state = State::Up);
    }

    /// It left the registry.
    pub(super) fn left(&mut self, name: &str, at: Duration) {
        self.change(name, |row| {
            row.state = State::Gone;
            row.mark(at, Column::Left);
        });
    }

    /// Something was done to its process.
    pub(super) fn fate(&mut self, name: &str, fate: Fate) {
        self.change(name, |row| row.fate = fate);
    }

    /// The chart as it is `now`, a line for each provider, at most `width` columns wide.
    pub(super) fn lines(&self, now: Duration, width: usize, paint: Paint) -> Vec<String> {
        let longest = self.rows.iter().map(|row| row.name.chars().count()).max().unwrap_or(0);
        self.rows.iter().map(|row| self.line(row, now, longest, width, paint)).collect()
    }

    fn change(&mut self, name: &str, change: impl FnOnce(&mut Row)) {
        if let Some(row) = self.rows.iter_mut().find(|row| row.name == name) {
            change(row);
        }
    }

    fn line(&self, row: &Row, now: Duration, longest: usize, width: usize, paint: Paint) -> String {
        let mut line = Fitted::new(width, paint);
        line.push(None, &format!("  {:<longest$}  ", row.name));
        line.push(Some(Ink::Faint), &format!("pid {:<7}  ", row.process));
        for run in chart(row, now).chunk_by(|left, right| left.ink() == right.ink()) {
            let signs: String = run.iter().map(|column| column.sign()).collect();
            line.push(run.first().map(|column| column.ink()), &signs);
        }
        let (ink, words) = self.words(row, now);
        line.push(Some(ink), &format!("  {words}"));
        line.text
    }

    fn words(&self, row: &Row, now: Duration) -> (Ink, String) {
        let fate = match row.fate {
            Fate::Running => "",
            Fate::Killed => " (killed)",
            Fate::Stopped => " (stopped)",
        };
        match (row.state, row.last_beat()) {
            (State::Starting, _) | (State::Up, None) => (Ink::Wary, format!("starting{fate}")),
            (State::Gone, _) => (Ink::Bad, format!("gone{fate}")),
            (State::Up, Some(beat)) if row.fate != Fate::Running => {
                let silent = now.saturating_sub(beat);
                (Ink::Wary, format!("silent for {} of {}{fate}", span(silent), span(self.ttl)))
            }
            (State::Up, Some(_)) => (Ink::Good, "UP".to_owned()),
        }
    }
}

/// One column of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    /// A beat was heard.
    Beat,
    /// None was heard, and the lease holds.
    Quiet,
    /// It left.
    Left,
    /// It is not there.
    Nothing,
}

impl Column {
    fn sign(self) -> &'static str {
        match self {
            Self::Beat => "♥",
            Self::Quiet => "·",
            Self::Left => "✗",
            Self::Nothing => " ",
        }
    }

    fn ink(self) -> Ink {
        match self {
            Self::Beat => Ink::Good,
            Self::Left => Ink::Bad,
            Self::Quiet | Self::Nothing => Ink::Faint,
        }
    }
}

/// The last [`COLUMNS`] columns of a row. Columns are counted from the start of the demo, so
/// a beat moves left as time goes by and never changes its place among the others.
fn chart(row: &Row, now: Duration) -> Vec<Column> {
    let column_of = |at: Duration| at.as_millis() as u64 / COLUMN.as_millis() as u64;
    let first = (column_of(now) + 1).checked_sub(COLUMNS);
    let blank = COLUMNS.saturating_sub(column_of(now) + 1);
    let mut marks = row.marks.iter().map(|(at, mark)| (column_of(*at), *mark)).peekable();
    let mut latest = Column::Nothing;
    let mut columns = vec![Column::Nothing; blank as usize];
    for column in first.unwrap_or(0)..=column_of(now) {
        while let Some((_, mark)) = marks.next_if(|(at, _)| *at <= column) {
            latest = mark;
        }
        let marked = row.marks.iter().any(|(at, _)| column_of(*at) == column);
        columns.push(match latest {
            mark if marked => mark,
            Column::Beat => Column::Quiet,
            _ => Column::Nothing,
        });
    }
    columns
}

/// A line that ends where the terminal does: colours take no room.
struct Fitted {
    text: String,
    room: usize,
    paint: Paint,
}

impl Fitted {
    fn new(width: usize, paint: Paint) -> Self {
        Self { text: String::new(), room: width, paint }
    }

    fn push(&mut self, ink: Option<Ink>, text: &str) {
        let fitting: String = text.chars().take(self.room).collect();
        self.room -= fitting.chars().count();
        match ink {
            Some(ink) if !fitting.trim().is_empty() => self.text.push_str(&self.paint.ink(ink, &fitting)),
            _ => self.text.push_str(&fitting),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    fn beating(beats: &[u64]) -> Picture {
        let mut picture = Picture::new(at(3_000));
        picture.started("orders-1", 4_711);
        for beat in beats {
            picture.beat("orders-1", at(*beat));
        }
        picture.joined("orders-1");
        picture
    }

    fn line(picture: &Picture, now: u64) -> String {
        picture.lines(at(now), 200, Paint::PLAIN).remove(0)
    }

    #[test]
    fn beats_are_drawn_a_second_apart_up_to_now() {
        assert_eq!(
            line(&beating(&[1_000, 2_000, 3_050]), 3_400),
            format!("  orders-1  pid 4711     {}♥····♥····♥··  UP", " ".repeat(27)),
        );
    }

    #[test]
    fn a_beat_keeps_its_place_among_the_others_as_time_goes_by() {
        let picture = beating(&[1_000, 2_000]);
        let (earlier, later) = (line(&picture, 2_400), line(&picture, 2_600));
        assert_eq!(earlier.find('♥').unwrap(), later.find('♥').unwrap() + 1);
    }

    #[test]
    fn a_killed_one_counts_its_silence_and_leaves_at_a_cross() {
        let mut picture = beating(&[1_000, 2_000]);
        picture.fate("orders-1", Fate::Killed);
        assert!(line(&picture, 4_100).ends_with("♥····♥··········  silent for 2.1 s of 3.0 s (killed)"));
        picture.left("orders-1", at(5_000));
        assert!(line(&picture, 5_400).ends_with("♥····♥··············✗    gone (killed)"));
    }

    #[test]
    fn one_that_returned_beats_on_after_its_cross() {
        let mut picture = beating(&[1_000]);
        picture.left("orders-1", at(4_000));
        picture.beat("orders-1", at(5_000));
        picture.joined("orders-1");
        assert!(line(&picture, 5_500).ends_with(" ♥··············✗    ♥··  UP"));
    }

    #[test]
    fn a_line_fits_the_terminal_and_colours_take_no_room() {
        let picture = beating(&[1_000]);
        assert_eq!(picture.lines(at(1_000), 12, Paint::PLAIN)[0].chars().count(), 12);
        assert!(picture.lines(at(1_000), 100, Paint::COLOUR)[0].contains("\u{1b}[32m♥\u{1b}[0m"));
    }

    #[test]
    fn beats_that_left_the_chart_are_forgotten() {
        let beats: Vec<u64> = (0..100).map(|second| second * 1_000).collect();
        assert!(beating(&beats).rows[0].marks.len() <= 11);
    }
}
