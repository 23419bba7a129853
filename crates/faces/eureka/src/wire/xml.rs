//! XML text into a tree, within bounds. No document type is read: no entities but XML's own five.

use lubdub_core::Fault;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use super::tree::{Budget, Node};
use super::xml_name;

/// An element that is still open.
struct Open {
    name: String,
    members: Vec<(String, Node)>,
    text: String,
}

impl Open {
    /// The element's value, once it is closed.
    fn close(self) -> (String, Node) {
        let Self { name, mut members, text } = self;
        let text_counts = !text.trim().is_empty();
        if members.is_empty() {
            return (name, Node::Text(text));
        }
        if text_counts {
            members.push(("$".to_owned(), Node::Text(text)));
        }
        (name, Node::Map(members))
    }
}

/// Reads one XML document; its root element becomes the only member of the result.
pub(super) fn parse(text: &str) -> Result<Node, Fault> {
    read(text).map_err(|error| {
        let start: String = text.chars().take(40).collect();
        Fault::new("body", start, format!("an XML document ({error})"))
    })
}

fn read(text: &str) -> Result<Node, String> {
    let mut reader = Reader::from_str(text);
    let mut budget = Budget::new();
    let mut open: Vec<Open> = Vec::new();
    let mut root = None;
    loop {
        match reader.read_event().map_err(|error| error.to_string())? {
            Event::Start(start) => {
                budget.spend(open.len())?;
                open.push(element(&start, &mut budget)?);
            }
            Event::Empty(start) => {
                budget.spend(open.len())?;
                let closed = element(&start, &mut budget)?.close();
                put(closed, &mut open, &mut root)?;
            }
            Event::End(_) => {
                // The reader has checked that it matches.
                let closed = open.pop().ok_or("an end without a start")?.close();
                put(closed, &mut open, &mut root)?;
            }
            Event::Text(part) => add(&part.xml10_content(), &mut open)?,
            Event::CData(part) => add(&part.xml10_content(), &mut open)?,
            Event::GeneralRef(reference) => {
                let character = reference.resolve_char_ref().map_err(|error| error.to_string())?;
                let mut buffer = [0; 4];
                let part = match character {
                    Some(letter) => &*letter.encode_utf8(&mut buffer),
                    None => resolve_predefined_entity(&reference)
                        .ok_or_else(|| format!("unknown entity &{};", &*reference))?,
                };
                add(part, &mut open)?;
            }
            Event::DocType(_) => return Err("a document type is not accepted".to_owned()),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            Event::Eof => break,
        }
    }
    if let Some(unclosed) = open.last() {
        return Err(format!("<{}> is not closed", unclosed.name));
    }
    root.map(|(name, node)| Node::Map(vec![(name, node)])).ok_or_else(|| "no element".to_owned())
}

fn element(start: &BytesStart<'_>, budget: &mut Budget) -> Result<Open, String> {
    let mut members = Vec::new();
    for attribute in start.attributes() {
        budget.spend(0)?;
        let attribute = attribute.map_err(|error| error.to_string())?;
        let value = attribute.normalized_value(XmlVersion::Implicit1_0).map_err(|error| error.to_string())?;
        members.push((format!("@{}", attribute.key.as_ref()), Node::Text(value.into_owned())));
    }
    Ok(Open { name: xml_name::unescape(start.name().as_ref()), members, text: String::new() })
}

fn add(part: &str, open: &mut [Open]) -> Result<(), String> {
    match open.last_mut() {
        Some(element) => element.text.push_str(part),
        None if part.trim().is_empty() => {}
        None => return Err("text outside of an element".to_owned()),
    }
    Ok(())
}

/// Puts a closed element into the one around it, or makes it the root.
fn put(
    (name, node): (String, Node),
    open: &mut [Open],
    root: &mut Option<(String, Node)>,
) -> Result<(), String> {
    match open.last_mut() {
        Some(around) => around.members.push((name, node)),
        None if root.is_none() => *root = Some((name, node)),
        None => return Err("more than one root element".to_owned()),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_become_what_json_has_in_their_place() {
        let node = parse(
            "<?xml version='1.0'?><instance><port enabled=\"true\">8080</port><!-- a comment -->\
             <metadata><my__key>a &amp; <![CDATA[<b>]]>&#33;</my__key></metadata><sid/></instance>",
        )
        .unwrap();
        let instance = node.member("instance").unwrap();
        let port = instance.member("port").unwrap();
        assert_eq!(port.member("$"), Some(&Node::Text("8080".into())));
        assert_eq!(port.member("@enabled"), Some(&Node::Text("true".into())));
        let value = instance.member("metadata").unwrap().member("my_key");
        assert_eq!(value, Some(&Node::Text("a & <b>!".into())));
        assert_eq!(instance.member("sid"), Some(&Node::Text(String::new())));
    }

    #[test]
    fn what_is_no_xml_is_told() {
        let deep = "<a>".repeat(20) + &"</a>".repeat(20);
        for (text, told) in [
            ("<a><b></a>", "expected `</b>`"),
            ("<a>", "<a> is not closed"),
            ("", "no element"),
            ("hello", "text outside"),
            ("<a/><b/>", "more than one root"),
            ("<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>", "a document type is not accepted"),
            ("<a>&x;</a>", "unknown entity &x;"),
            ("<a b=c/>", "attribute"),
            (deep.as_str(), "too deeply nested"),
        ] {
            let fault = parse(text).unwrap_err();
            assert!(fault.expected.contains(told), "{text}: {}", fault.expected);
        }
    }
}
