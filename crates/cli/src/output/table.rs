//! [`Table`]: rows for eyes. No frame, so that `awk` and a narrow terminal cope too.

use std::fmt;

use comfy_table::{Attribute, Cell, CellAlignment, Color, ContentArrangement, presets};

use super::ink::{Ink, Paint};

/// Rows under a head. A column is as wide as its widest cell; on a terminal that is too
/// narrow, cells wrap.
pub(crate) struct Table(comfy_table::Table);

impl Table {
    /// An empty table with these column names.
    pub(crate) fn new(paint: Paint, head: &[&str]) -> Self {
        let mut table = comfy_table::Table::new();
        table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
        if paint.is_on() {
            table.enforce_styling();
        } else {
            table.force_no_tty();
        }
        table.set_header(head.iter().map(|name| Cell::new(name).add_attribute(Attribute::Bold)));
        Self(table)
    }

    /// Writes the numbers of a column under each other.
    pub(crate) fn align_right(&mut self, column: usize) {
        if let Some(column) = self.0.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }

    /// One more row; a cell has its ink, or none.
    pub(crate) fn row<const N: usize>(&mut self, cells: [(String, Option<Ink>); N]) {
        self.0.add_row(cells.into_iter().map(|(text, ink)| match ink {
            None => Cell::new(text),
            Some(ink) => coloured(Cell::new(text), ink),
        }));
    }
}

fn coloured(cell: Cell, ink: Ink) -> Cell {
    match ink {
        Ink::Good => cell.fg(Color::DarkGreen),
        Ink::Wary => cell.fg(Color::DarkYellow),
        Ink::Bad => cell.fg(Color::DarkRed),
        Ink::Strong => cell.add_attribute(Attribute::Bold),
        Ink::Faint => cell.add_attribute(Attribute::Dim),
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut lines = self.0.lines();
        if let Some(head) = lines.next() {
            f.write_str(head.trim_end())?;
        }
        lines.try_for_each(|line| write!(f, "\n{}", line.trim_end()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_without_colour_is_plain_columns() {
        let mut table = Table::new(Paint::PLAIN, &["SERVICE", "UP"]);
        table.row([("orders".to_owned(), None), ("3".to_owned(), Some(Ink::Good))]);
        table.row([("payments-eu".to_owned(), None), ("12".to_owned(), None)]);
        table.align_right(1);
        let text = table.to_string();
        let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
        assert_eq!(lines, [" SERVICE      UP", " orders        3", " payments-eu  12"]);
    }

    #[test]
    fn a_table_with_colour_marks_its_cells() {
        let mut table = Table::new(Paint::COLOUR, &["STATUS"]);
        table.row([("UP".to_owned(), Some(Ink::Good))]);
        assert!(table.to_string().contains("\u{1b}[38;5;2m"), "{table}");
    }
}
