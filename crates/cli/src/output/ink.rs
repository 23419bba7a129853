//! [`Paint`]: colour on a terminal, plain text everywhere else.

use std::io::{self, IsTerminal};

use anstyle::{AnsiColor, Color, Style};

/// What a text is about; each has one colour everywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ink {
    /// As it should be.
    Good,
    /// On its way, or in doubt.
    Wary,
    /// Gone or failed.
    Bad,
    /// What the eye should find first.
    Strong,
    /// What may be passed over.
    Faint,
}

impl Ink {
    /// The colour of a status, as every protocol of this field writes it.
    pub(crate) fn of_status(status: &str) -> Self {
        match status {
            "UP" => Self::Good,
            "DOWN" | "OUT_OF_SERVICE" => Self::Bad,
            _ => Self::Wary,
        }
    }

    fn style(self) -> Style {
        let colour = |colour: AnsiColor| Style::new().fg_color(Some(Color::Ansi(colour)));
        match self {
            Self::Good => colour(AnsiColor::Green),
            Self::Wary => colour(AnsiColor::Yellow),
            Self::Bad => colour(AnsiColor::Red),
            Self::Strong => Style::new().bold(),
            Self::Faint => Style::new().dimmed(),
        }
    }
}

/// Whether to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Paint(bool);

impl Paint {
    /// Never colours.
    #[cfg(test)]
    pub(crate) const PLAIN: Self = Self(false);
    /// Always colours.
    #[cfg(test)]
    pub(crate) const COLOUR: Self = Self(true);

    /// Colours when standard output is a terminal that can, unless `--no-color` was given or
    /// `NO_COLOR` (<https://no-color.org>) is set to anything.
    pub(crate) fn for_stdout(no_color: bool) -> Self {
        Self::of(&io::stdout(), no_color)
    }

    /// The same for standard error.
    pub(crate) fn for_stderr(no_color: bool) -> Self {
        Self::of(&io::stderr(), no_color)
    }

    fn of(output: &impl IsTerminal, no_color: bool) -> Self {
        let wanted = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        let able = std::env::var_os("TERM").is_none_or(|term| term != "dumb");
        Self(!no_color && wanted && able && output.is_terminal())
    }

    /// Whether it colours.
    pub(crate) fn is_on(self) -> bool {
        self.0
    }

    /// The text in this ink.
    pub(crate) fn ink(self, ink: Ink, text: &str) -> String {
        if !self.0 {
            return text.to_owned();
        }
        let style = ink.style();
        format!("{style}{text}{style:#}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_paint_leaves_the_text_alone_and_colour_wraps_it() {
        assert_eq!(Paint::PLAIN.ink(Ink::Bad, "gone"), "gone");
        assert_eq!(Paint::COLOUR.ink(Ink::Bad, "gone"), "\u{1b}[31mgone\u{1b}[0m");
    }
}
