//! JSON and XML documents in one shape, so that they can be compared member by member.

use quick_xml::events::Event;
use quick_xml::{Reader, XmlVersion};
use serde_json::{Map, Value};

/// An XML document as JSON: attributes are members `@name`, text is the member `$` or the value
/// itself, repeated elements are a list.
pub(crate) fn from_xml(text: &str) -> Value {
    let mut reader = Reader::from_str(text);
    let mut open = vec![(String::new(), Map::new(), String::new())];
    loop {
        match reader.read_event().unwrap_or_else(|error| panic!("{error}: {text}")) {
            Event::Start(start) => open.push(opened(&start)),
            Event::Empty(start) => {
                open.push(opened(&start));
                close(&mut open);
            }
            Event::End(_) => close(&mut open),
            Event::Text(part) => open.last_mut().unwrap().2.push_str(&part.xml10_content()),
            Event::GeneralRef(reference) => {
                let letter = reference.resolve_char_ref().unwrap().map(String::from);
                let part = letter.unwrap_or_else(|| {
                    quick_xml::escape::resolve_predefined_entity(&reference).unwrap().to_owned()
                });
                open.last_mut().unwrap().2.push_str(&part);
            }
            Event::Eof => break,
            _ => {}
        }
    }
    Value::Object(open.remove(0).1)
}

fn opened(start: &quick_xml::events::BytesStart<'_>) -> (String, Map<String, Value>, String) {
    let attributes = start.attributes().map(|attribute| {
        let attribute = attribute.unwrap();
        let value = attribute.normalized_value(XmlVersion::Implicit1_0).unwrap().into_owned();
        (format!("@{}", attribute.key.as_ref()), Value::String(value))
    });
    (start.name().as_ref().to_owned(), attributes.collect(), String::new())
}

fn close(open: &mut Vec<(String, Map<String, Value>, String)>) {
    let (name, mut members, text) = open.pop().unwrap();
    let value = if members.is_empty() {
        Value::String(text)
    } else {
        if !text.trim().is_empty() {
            members.insert("$".to_owned(), Value::String(text));
        }
        Value::Object(members)
    };
    let inside = open.len() > 1;
    let around = &mut open.last_mut().unwrap().1;
    if matches!(name.as_str(), "application" | "instance") && inside {
        let list = around.entry(name).or_insert(Value::Array(Vec::new()));
        list.as_array_mut().unwrap().push(value);
    } else {
        around.insert(name, value);
    }
}
