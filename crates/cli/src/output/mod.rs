//! What the program writes: colour where it is wanted, tables, and an end of the reader
//! that is no error.

mod ink;
mod note;
mod table;

pub(crate) use ink::{Ink, Paint};
pub(crate) use note::note;
pub(crate) use table::Table;
