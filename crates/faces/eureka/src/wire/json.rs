//! JSON text into a tree, within bounds.

use std::fmt;

use lubdub_core::Fault;
use serde::de::{DeserializeSeed, Error, MapAccess, SeqAccess, Visitor};
use serde_json::Deserializer;

use super::tree::{Budget, Node};

/// Reads one JSON document.
pub(super) fn parse(text: &str) -> Result<Node, Fault> {
    let mut budget = Budget::new();
    let mut deserializer = Deserializer::from_str(text);
    let node = Seed { budget: &mut budget, depth: 0 }
        .deserialize(&mut deserializer)
        .and_then(|node| deserializer.end().map(|()| node));
    node.map_err(|error| Fault::new("body", excerpt(text), format!("a JSON document ({error})")))
}

fn excerpt(text: &str) -> &str {
    text.get(..text.char_indices().nth(40).map_or(text.len(), |(at, _)| at)).unwrap_or_default()
}

struct Seed<'a> {
    budget: &'a mut Budget,
    depth: usize,
}

impl Seed<'_> {
    fn deeper(&mut self) -> Seed<'_> {
        Seed { budget: self.budget, depth: self.depth + 1 }
    }
}

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Node;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        self.budget.spend(self.depth).map_err(D::Error::custom)?;
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
        Ok(Node::Bool(value))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Node, E> {
        Ok(Node::Integer(number.into()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Node, E> {
        Ok(Node::Integer(number.into()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Node, E> {
        Ok(Node::Float(number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Node, E> {
        Ok(Node::Text(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Node, E> {
        Ok(Node::Text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut list: A) -> Result<Node, A::Error> {
        let mut nodes = Vec::new();
        while let Some(node) = list.next_element_seed(self.deeper())? {
            nodes.push(node);
        }
        Ok(Node::List(nodes))
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<Node, A::Error> {
        let mut members = Vec::new();
        while let Some(name) = map.next_key::<String>()? {
            members.push((name, map.next_value_seed(self.deeper())?));
        }
        Ok(Node::Map(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_becomes_a_tree() {
        let node = parse(r#"{"a": [1, -2, 2.5, "x", null, true]}"#).unwrap();
        let Some(Node::List(list)) = node.member("a") else { panic!("{node:?}") };
        assert_eq!(list[0], Node::Integer(1));
        assert_eq!(list[4], Node::Null);
    }

    #[test]
    fn what_is_no_json_is_told_with_its_place() {
        for (text, told) in [
            ("{", "EOF while parsing"),
            ("{} x", "trailing characters"),
            ("", "EOF while parsing"),
            ("{\"a\": 1,}", "line 1 column"),
        ] {
            let fault = parse(text).unwrap_err();
            assert_eq!(fault.field, "body");
            assert!(fault.expected.contains(told), "{text}: {}", fault.expected);
        }
    }

    #[test]
    fn nesting_and_the_number_of_values_are_bounded() {
        let deep = "[".repeat(20) + &"]".repeat(20);
        assert!(parse(&deep).unwrap_err().expected.contains("too deeply nested"));
        let many = format!("[{}0]", "0,".repeat(300_000));
        assert!(parse(&many).unwrap_err().expected.contains("too many values"));
    }
}
