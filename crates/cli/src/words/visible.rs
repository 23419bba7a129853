//! [`visible`]: text of strangers, so that it cannot move the cursor.

/// The text with its control characters written out: a registry of another make may let anything in.
pub(crate) fn visible(text: &str) -> String {
    let written = |c: char| if c.is_control() { c.escape_default().to_string() } else { c.to_string() };
    text.chars().map(written).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_written_out_and_all_else_is_left_as_it_is() {
        assert_eq!(visible("web-1 ä \u{1b}[2J\n"), "web-1 ä \\u{1b}[2J\\n");
    }
}
