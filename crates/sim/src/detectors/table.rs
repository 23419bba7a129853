//! The figures of all detectors, as they stand in `docs/detectors.md`.

use std::fmt::Write;

use super::network::NETWORKS;
use super::reference::Reference;
use super::row::Row;

/// Between two of these lines stands the table.
pub const MARK: &str = "<!-- lubdub sim detectors -->";

/// A table for each network. `told` hears of each network before it is tried.
pub fn table(mut told: impl FnMut(&str)) -> String {
    let mut text = String::new();
    for network in &NETWORKS {
        told(network.name);
        // Writing to a string cannot fail.
        let _ = write!(
            text,
            "### `{}`\n\n{}.\n\n\
             | detector | setting | T_D: mean, 99 %, longest (s) | from the last beat (s) | mistakes an hour | T_MR (s) | T_M (s) | 1 − P_A | elsewhere |\n\
             | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n",
            network.name,
            capitalised(network.about),
        );
        for row in network.rows() {
            write_row(&mut text, &row);
        }
        text.push('\n');
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
}

fn write_row(text: &mut String, row: &Row) {
    let [mean, most, longest] = row.detection.map(secs);
    let _ = writeln!(
        text,
        "| {} | {} | {mean}, {most}, {longest} | {} | {} | {} | {} | {} | {} |",
        row.detector,
        row.setting,
        secs(row.from_last_beat),
        row.rate(),
        optional(row.recurrence),
        optional(row.duration),
        share(row.inaccuracy),
        row.elsewhere(),
    );
}

impl Row {
    /// Mistakes an hour; what they are below, where there were few.
    pub fn rate(&self) -> String {
        match self.at_most_per_hour {
            None => secs(self.mistakes_per_hour),
            Some(most) => format!("{} (< {})", secs(self.mistakes_per_hour), secs(most)),
        }
    }

    /// What others found, in words.
    pub fn elsewhere(&self) -> String {
        match self.reference {
            None => "–".to_owned(),
            Some(Reference::Pair { mistakes_per_hour, from_last_beat }) => {
                format!("{mistakes_per_hour} an hour, {from_last_beat} s from the last beat")
            }
            Some(Reference::Formula { detection_bound, recurrence, duration, inaccuracy }) => format!(
                "T_D ≤ {detection_bound}, T_MR {recurrence}, T_M {duration}, 1 − P_A {}",
                share(inaccuracy)
            ),
        }
    }
}

fn optional(figure: Option<f64>) -> String {
    figure.map_or_else(|| "–".to_owned(), secs)
}

/// A figure with three digits, or as many as it has before the point.
pub fn secs(figure: f64) -> String {
    match figure {
        0.0 => "0".to_owned(),
        0.0..0.1 => format!("{figure:.4}"),
        0.1..10.0 => format!("{figure:.2}"),
        10.0..100.0 => format!("{figure:.1}"),
        _ => format!("{figure:.0}"),
    }
}

/// A share of time, which may be tiny.
pub fn share(figure: f64) -> String {
    if figure == 0.0 { "0".to_owned() } else { format!("{figure:.1e}") }
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_have_as_many_digits_as_they_are_worth() {
        let shown = [0.0, 0.004_23, 1.256, 35.28, 6_060.4].map(secs);
        assert_eq!(shown, ["0", "0.0042", "1.26", "35.3", "6060"]);
        assert_eq!([0.0, 5.2e-5].map(share), ["0", "5.2e-5"]);
        assert_eq!(capitalised("a beat"), "A beat");
    }
}
