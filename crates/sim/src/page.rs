//! The table of all quick scenarios, as it stands in `docs/simulation.md`.

use std::fmt::Write;

use crate::figures::Figures;
use crate::report::{Report, seconds};
use crate::scenario::{Group, Scenario, Wish};

/// Between two of these lines stands the table.
pub const MARK: &str = "<!-- lubdub sim table -->";

/// The table, made by living every named scenario with seed 1. `told` hears of each when it is done.
pub fn table(mut told: impl FnMut(&Report)) -> String {
    let mut text = String::from(
        "| scenario | what happens | providers | simulated | gone after: median, 99 %, longest (s) | living evicted | held, returned | deaf (s) | most in a tick |\n\
         | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n",
    );
    for scenario in Scenario::all().filter(|scenario| scenario.group != Group::Anything) {
        let report = scenario.run(&Wish::default());
        told(&report);
        row(&mut text, scenario, &report);
    }
    text
}

fn row(text: &mut String, scenario: &Scenario, report: &Report) {
    let Figures { living_evicted, held, returned, deaf_millis, most_concluded, .. } = report.figures;
    let gone = report.detection().map_or_else(|| "–".to_owned(), |gone| gone.join(", "));
    let (name, about, providers) = (scenario.name, scenario.about, report.providers);
    let minutes = report.lasted / 60_000_000;
    let deaf = seconds(deaf_millis * 1_000);
    let broken = if report.violation.is_some() { " **broken**" } else { "" };
    // Writing to a string cannot fail.
    let _ = writeln!(
        text,
        "| `{name}`{broken} | {about} | {providers} | {minutes} min | {gone} | {living_evicted} | {held}, {returned} | {deaf} | {most_concluded} |"
    );
}

/// A page with the table between two such marks; none where it has no such place.
pub fn with_table(page: &str, mark: &str, table: &str) -> Option<String> {
    let (before, rest) = page.split_once(mark)?;
    let (_, after) = rest.split_once(mark)?;
    Some(format!("{before}{mark}\n\n{table}\n{mark}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_put_between_the_marks_and_nothing_else_is_touched() {
        let page = format!("head\n{MARK}\nold\n{MARK}\ntail\n");
        let new = with_table(&page, MARK, "new\n").expect("there are two marks");
        assert_eq!(new, format!("head\n{MARK}\n\nnew\n\n{MARK}\ntail\n"));
        assert_eq!(with_table(&new, MARK, "new\n"), Some(new.clone()));
        assert_eq!(with_table("no mark", MARK, "new"), None);
    }
}
