//! [`Screen`]: where the demo writes. On a terminal the chart stays below what is told and is
//! drawn again in place; elsewhere there are only the lines that are told.

use std::io::{self, IsTerminal, Stdout, Write};
use std::time::Duration;

use super::picture::Picture;
use crate::output::{Ink, Paint};

/// Writes to standard output.
pub(super) struct Screen {
    out: Stdout,
    paint: Paint,
    live: bool,
    drawn: usize,
}

impl Screen {
    /// The standard output of this process.
    pub(super) fn new(paint: Paint) -> Self {
        let able = std::env::var_os("TERM").is_none_or(|term| term != "dumb");
        let out = io::stdout();
        let live = able && out.is_terminal();
        Self { out, paint, live, drawn: 0 }
    }

    /// Whether it colours.
    pub(super) fn paint(&self) -> Paint {
        self.paint
    }

    /// Tells what happened, `at` that time since the demo began.
    pub(super) fn tell(&mut self, at: Duration, text: &str) -> io::Result<()> {
        let time = format!("{:>4}.{} s", at.as_secs(), at.subsec_millis() / 100);
        let line = format!("{}  {text}", self.paint.ink(Ink::Faint, &time));
        self.write(&line)
    }

    /// Writes lines as they are.
    pub(super) fn write(&mut self, lines: &str) -> io::Result<()> {
        let mut text = self.erase();
        text.push_str(lines);
        text.push('\n');
        self.put(&text)
    }

    /// Draws the chart as it is `now`.
    pub(super) fn draw(&mut self, picture: &Picture, now: Duration) -> io::Result<()> {
        if !self.live {
            return Ok(());
        }
        let (width, height) = size();
        let mut text = self.erase();
        // One line above, and never more than fits: what has scrolled away cannot be erased.
        let lines = picture.lines(now, width, self.paint);
        let fitting = lines.iter().take(height.saturating_sub(2));
        text.push('\n');
        self.drawn = 1;
        for line in fitting {
            text.push_str(line);
            text.push('\n');
            self.drawn += 1;
        }
        self.put(&text)
    }

    /// Writes the chart as it is `now`, to stay.
    pub(super) fn keep(&mut self, picture: &Picture, now: Duration) -> io::Result<()> {
        // Elsewhere than on a terminal nothing is cut off.
        let width = if self.live { size().0 } else { usize::MAX };
        let chart = picture.lines(now, width, self.paint).join("\n");
        self.write(&format!("\n{chart}"))
    }

    /// What takes the chart away.
    fn erase(&mut self) -> String {
        match std::mem::take(&mut self.drawn) {
            0 => String::new(),
            lines => format!("\u{1b}[{lines}A\u{1b}[J"),
        }
    }

    fn put(&mut self, text: &str) -> io::Result<()> {
        // In one piece, so that a terminal does not show a half-drawn chart.
        let mut out = self.out.lock();
        out.write_all(text.as_bytes())?;
        out.flush()
    }
}

/// The terminal's columns and lines; 80 × 24 where it does not tell.
fn size() -> (usize, usize) {
    match rustix::termios::tcgetwinsize(io::stdout()) {
        Ok(size) if size.ws_col > 0 && size.ws_row > 0 => (size.ws_col.into(), size.ws_row.into()),
        _ => (80, 24),
    }
}
