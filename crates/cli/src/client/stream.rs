//! [`Frames`]: server-sent events, read line by line.
//!
//! Source: <https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation>.
//! Left out: `retry` (the watcher has its own pace) and lone carriage returns as line ends.

use std::io::{self, BufRead};

/// One event of a stream.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Frame {
    /// Where to resume after it; empty when the server gave none.
    pub(crate) id: String,
    /// Its kind; empty when the server gave none.
    pub(crate) event: String,
    /// What it carries.
    pub(crate) data: String,
}

/// Reads events from a response body, until it ends.
#[derive(Debug)]
pub(crate) struct Frames<R> {
    body: R,
}

impl<R: BufRead> Frames<R> {
    /// The events in this body.
    pub(crate) fn new(body: R) -> Self {
        Self { body }
    }

    fn read(&mut self) -> io::Result<Option<Frame>> {
        let mut frame = Frame::default();
        let mut line = String::new();
        loop {
            line.clear();
            if self.body.read_line(&mut line)? == 0 {
                // An event that was cut off is not one.
                return Ok(None);
            }
            let text = line.trim_end_matches(['\n', '\r']);
            if text.is_empty() {
                if frame == Frame::default() {
                    continue;
                }
                frame.data.truncate(frame.data.trim_end_matches('\n').len());
                return Ok(Some(frame));
            }
            let (field, value) = text.split_once(':').unwrap_or((text, ""));
            let value = value.strip_prefix(' ').unwrap_or(value);
            match field {
                "id" => value.clone_into(&mut frame.id),
                "event" => value.clone_into(&mut frame.event),
                "data" => {
                    frame.data.push_str(value);
                    frame.data.push('\n');
                }
                // Comments (an empty field) keep the connection alive; others are to come.
                _ => {}
            }
        }
    }
}

impl<R: BufRead> Iterator for Frames<R> {
    type Item = io::Result<Frame>;

    fn next(&mut self) -> Option<Self::Item> {
        self.read().transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frames(text: &str) -> Vec<Frame> {
        Frames::new(text.as_bytes()).map(Result::unwrap).collect()
    }

    fn frame(id: &str, event: &str, data: &str) -> Frame {
        Frame { id: id.to_owned(), event: event.to_owned(), data: data.to_owned() }
    }

    #[test]
    fn events_are_read_with_their_place_kind_and_data() {
        let text = "id: 7\nevent: change\ndata: {\"a\":1}\n\nid:8\r\ndata:x\r\n\r\n";
        assert_eq!(frames(text), [frame("7", "change", "{\"a\":1}"), frame("8", "", "x")]);
    }

    #[test]
    fn comments_and_unknown_fields_are_skipped_and_data_lines_are_joined() {
        assert_eq!(frames(": alive\n\n:\n\nretry: 5\ndata: a\ndata: b\n\n"), [frame("", "", "a\nb")]);
    }

    #[test]
    fn an_event_that_was_cut_off_is_not_read() {
        assert_eq!(frames("data: a\n\nid: 9\ndata: half"), [frame("", "", "a")]);
    }
}
