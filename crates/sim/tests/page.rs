//! The figures in `docs/simulation.md` are those that the scenarios give today.

use lubdub_sim::{table, with_table};

#[test]
fn the_table_of_the_page_is_up_to_date() {
    let page = include_str!("../../../docs/simulation.md");
    let table = table(|report| assert!(report.violation.is_none(), "{report}"));
    let told = with_table(page, &table).expect("the page has a place for the table");
    assert!(
        told == page,
        "write it anew with `lubdub sim table --write docs/simulation.md`; it is now\n{table}"
    );
}
