//! Writing a table into a page that has a place for it.

use std::fs;
use std::io;
use std::path::Path;

use crate::failure::Failure;

/// Puts a table between the two marks of a page.
pub(super) fn write_between(path: &Path, mark: &str, table: &str) -> Result<(), Failure> {
    let cannot = |what: &str, error: io::Error| {
        Failure::new(
            format_args!("cannot {what} {}: {error}", path.display()),
            "name a page with --write FILE",
        )
    };
    let page = fs::read_to_string(path).map_err(|error| cannot("read", error))?;
    let Some(page) = lubdub_sim::with_table(&page, mark, table) else {
        return Err(Failure::new(
            format_args!("{} has no place for the table", path.display()),
            format_args!("put two lines `{mark}` where it is to stand"),
        ));
    };
    fs::write(path, page).map_err(|error| cannot("write", error))
}
