//! [`Node`]: one loose shape for JSON and XML, so that leniency is written once.
//!
//! An XML element becomes what Eureka's JSON has in its place: attributes are members `@name`,
//! text beside attributes is the member `$`. So
//! `<port enabled="true">8080</port>` and `{"$": 8080, "@enabled": "true"}` are the same. Of an
//! element that is repeated the last counts, as of a member given twice: an instance holds no
//! lists.

use lubdub_core::Fault;

/// The deepest nesting that is read. An instance needs five levels.
pub(super) const DEEPEST: usize = 16;
/// The most values of one document. An instance of 256 metadata entries needs about 300.
pub(super) const MOST_NODES: usize = 200_000;

/// A value of a document.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Node {
    Null,
    Bool(bool),
    Integer(i128),
    Float(f64),
    Text(String),
    List(Vec<Self>),
    Map(Vec<(String, Self)>),
}

impl Node {
    /// A member by name; of a name that is given twice the last counts. `null` is absent.
    pub(super) fn member(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Map(members) => members
                .iter()
                .rev()
                .find_map(|(known, node)| (known == name).then_some(node))
                .filter(|node| **node != Self::Null),
            _ => None,
        }
    }

    /// A text; numbers and booleans count as theirs.
    pub(super) fn text(&self, field: &'static str) -> Result<String, Fault> {
        match self {
            Self::Text(text) => Ok(text.clone()),
            Self::Bool(value) => Ok(value.to_string()),
            Self::Integer(number) => Ok(number.to_string()),
            Self::Float(number) => Ok(number.to_string()),
            Self::Null => Ok(String::new()),
            // An element whose only attribute is its class, or text beside one.
            Self::Map(_) if self.member("$").is_some() => {
                self.member("$").map_or_else(|| Ok(String::new()), |text| text.text(field))
            }
            Self::List(_) | Self::Map(_) => Err(self.fault(field, "a text")),
        }
    }

    /// A whole number; a text that is one counts, also `8080.0`.
    pub(super) fn integer(&self, field: &'static str) -> Result<i64, Fault> {
        let number = match self {
            Self::Integer(number) => i64::try_from(*number).ok(),
            Self::Float(number) => whole(*number),
            Self::Text(text) => {
                let text = text.trim();
                text.parse().ok().or_else(|| text.parse().ok().and_then(whole))
            }
            _ => None,
        };
        number.ok_or_else(|| self.fault(field, "a whole number"))
    }

    /// `true` or `false`, also as a text in any case.
    pub(super) fn boolean(&self, field: &'static str) -> Result<bool, Fault> {
        match self {
            Self::Bool(value) => Ok(*value),
            Self::Text(text) if text.trim().eq_ignore_ascii_case("true") => Ok(true),
            Self::Text(text) if text.trim().eq_ignore_ascii_case("false") => Ok(false),
            _ => Err(self.fault(field, "true or false")),
        }
    }

    /// That this value is not what was expected.
    pub(super) fn fault(&self, field: &'static str, expected: &str) -> Fault {
        Fault::new(field, self.shown(), expected)
    }

    fn shown(&self) -> String {
        match self {
            Self::Null => "null".to_owned(),
            Self::Bool(value) => value.to_string(),
            Self::Integer(number) => number.to_string(),
            Self::Float(number) => number.to_string(),
            Self::Text(text) => text.clone(),
            Self::List(nodes) => format!("a list of {}", nodes.len()),
            Self::Map(members) => {
                let names: Vec<_> = members.iter().take(3).map(|(name, _)| name.as_str()).collect();
                format!(
                    "an object with {}",
                    if names.is_empty() { "nothing".into() } else { names.join(", ") }
                )
            }
        }
    }
}

fn whole(number: f64) -> Option<i64> {
    // Beyond 2^53 a float is no exact number any more.
    (number.fract() == 0.0 && number.abs() < 9_007_199_254_740_992.0).then_some(number as i64)
}

/// Counts down the values that may still be read.
#[derive(Debug)]
pub(super) struct Budget(usize);

impl Budget {
    pub(super) fn new() -> Self {
        Self(MOST_NODES)
    }

    /// One more value at this depth: whether that is allowed.
    pub(super) fn spend(&mut self, depth: usize) -> Result<(), &'static str> {
        if depth > DEEPEST {
            return Err("too deeply nested: expected at most 16 levels");
        }
        self.0 = self.0.checked_sub(1).ok_or("too many values: expected at most 200000")?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_from_numbers_and_texts() {
        for (node, number) in [
            (Node::Integer(8080), 8080),
            (Node::Text(" 8080 ".into()), 8080),
            (Node::Float(8080.0), 8080),
            (Node::Text("8080.0".into()), 8080),
            (Node::Text("-1".into()), -1),
        ] {
            assert_eq!(node.integer("port"), Ok(number));
        }
        for node in [Node::Float(0.5), Node::Text("x".into()), Node::Bool(true), Node::Integer(i128::MAX)] {
            assert_eq!(node.integer("port").unwrap_err().expected, "a whole number");
        }
    }

    #[test]
    fn a_null_member_is_absent_and_the_last_of_a_name_counts() {
        let node = Node::Map(vec![
            ("a".into(), Node::Integer(1)),
            ("a".into(), Node::Integer(2)),
            ("b".into(), Node::Null),
        ]);
        assert_eq!(node.member("a"), Some(&Node::Integer(2)));
        assert_eq!(node.member("b"), None);
    }
}
