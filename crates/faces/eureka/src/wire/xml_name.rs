//! Any name as an XML element's name, and back: `XStream`'s friendly names, which Eureka's XML is
//! written in. `_` becomes `__`, `$` becomes `_-`, what XML does not allow in a name becomes
//! `_.` and four hexadecimal digits for each UTF-16 unit.
//!
//! Deviation: `:` is escaped too, though `XStream` leaves it. Readers that know namespaces (Python's
//! among them) refuse a whole document over a prefix that is not declared.

use std::fmt::Write as _;

/// Writes a name as an element's name.
pub(super) fn escape(name: &str, out: &mut String) {
    for (at, letter) in name.chars().enumerate() {
        match letter {
            '_' => out.push_str("__"),
            '$' => out.push_str("_-"),
            _ if is_start(letter) || (at > 0 && is_inner(letter)) => out.push(letter),
            _ => {
                let mut units = [0; 2];
                for unit in letter.encode_utf16(&mut units) {
                    // Writing to a string cannot fail.
                    let _ = write!(out, "_.{unit:04x}");
                }
            }
        }
    }
}

/// Reads an element's name.
pub(super) fn unescape(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut units: Vec<u16> = Vec::new();
    let mut rest = name;
    while let Some(first) = rest.chars().next() {
        if let Some((unit, after)) = unit(rest) {
            units.push(unit);
            rest = after;
            continue;
        }
        flush(&mut units, &mut out);
        let (letter, after) = if let Some(after) = rest.strip_prefix("__") {
            ('_', after)
        } else if let Some(after) = rest.strip_prefix("_-") {
            ('$', after)
        } else {
            (first, rest.get(first.len_utf8()..).unwrap_or_default())
        };
        out.push(letter);
        rest = after;
    }
    flush(&mut units, &mut out);
    out
}

/// An escaped UTF-16 unit at the start of `text`, and what follows it.
fn unit(text: &str) -> Option<(u16, &str)> {
    let (digits, after) = text.strip_prefix("_.")?.split_at_checked(4)?;
    let all_digits = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    all_digits.then(|| u16::from_str_radix(digits, 16).ok()).flatten().map(|unit| (unit, after))
}

fn flush(units: &mut Vec<u16>, out: &mut String) {
    out.extend(char::decode_utf16(units.drain(..)).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)));
}

/// `NameStartChar` of XML 1.0 (fifth edition), without `:` and `_`, and without what lies
/// beyond 16 bits, which older readers refuse.
fn is_start(letter: char) -> bool {
    matches!(letter,
        'A'..='Z' | 'a'..='z' | '\u{c0}'..='\u{d6}' | '\u{d8}'..='\u{f6}' | '\u{f8}'..='\u{2ff}'
        | '\u{370}'..='\u{37d}' | '\u{37f}'..='\u{1fff}' | '\u{200c}'..='\u{200d}'
        | '\u{2070}'..='\u{218f}' | '\u{2c00}'..='\u{2fef}' | '\u{3001}'..='\u{d7ff}'
        | '\u{f900}'..='\u{fdcf}' | '\u{fdf0}'..='\u{fffd}')
}

/// What `NameChar` has beyond `NameStartChar`.
fn is_inner(letter: char) -> bool {
    matches!(letter,
        '-' | '.' | '0'..='9' | '\u{b7}' | '\u{300}'..='\u{36f}' | '\u{203f}'..='\u{2040}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_are_escaped_as_xstream_does() {
        for (name, element) in [
            ("my_key", "my__key"),
            ("management.port", "management.port"),
            ("$x", "_-x"),
            ("a b", "a_.0020b"),
            ("1st", "_.0031st"),
            ("-x", "_.002dx"),
            ("a:b", "a_.003ab"),
            ("😀", "_.d83d_.de00"),
        ] {
            let mut out = String::new();
            escape(name, &mut out);
            assert_eq!(out, element);
            assert_eq!(unescape(&out), name);
        }
    }

    #[test]
    fn what_is_no_escape_stays() {
        assert_eq!(unescape("a_b"), "a_b");
        assert_eq!(unescape("a_.00"), "a_.00");
        assert_eq!(unescape("a_.+123"), "a_.+123");
    }

    proptest! {
        #[test]
        fn every_name_comes_back(name in any::<String>()) {
            let mut out = String::new();
            escape(&name, &mut out);
            prop_assert_eq!(unescape(&out), name);
        }
    }
}
