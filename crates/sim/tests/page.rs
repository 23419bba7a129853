//! The figures in `docs/simulation.md` and `docs/detectors.md` are those that come out today.

use lubdub_sim::{MARK, detectors, table, with_table};

#[test]
fn the_table_of_the_page_is_up_to_date() {
    let page = include_str!("../../../docs/simulation.md");
    let table = table(|report| assert!(report.violation.is_none(), "{report}"));
    let told = with_table(page, MARK, &table).expect("the page has a place for the table");
    assert!(
        told == page,
        "write it anew with `lubdub sim table --write docs/simulation.md`; it is now\n{table}"
    );
}

#[test]
fn the_figures_of_all_detectors_on_their_page_are_up_to_date() {
    let page = include_str!("../../../docs/detectors.md");
    let table = detectors::table(|_| ());
    let told = with_table(page, detectors::MARK, &table).expect("the page has a place for the tables");
    assert!(
        told == page,
        "write them anew with `lubdub sim detectors --write docs/detectors.md`; they are now\n{table}"
    );
}
