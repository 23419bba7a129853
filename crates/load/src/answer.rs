//! [`Reader`]: finds the end of one HTTP/1.1 answer in what arrives, and keeps nothing of its body.

use httparse::{EMPTY_HEADER, Response, Status, parse_chunk_size};

/// Header lines that are understood; a registry sends fewer than ten.
const MOST_HEADERS: usize = 64;

/// Bytes of a head, or of the line before a chunk, that are waited for.
const LONGEST_HEAD: usize = 64 * 1024;

/// The line end behind a chunk: skipped with it, and not of the body.
const CHUNK_END: u64 = 2;

/// A whole answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Answer {
    /// Its status.
    pub(crate) status: u16,
    /// Bytes of its body.
    pub(crate) body_bytes: u64,
    /// Whether the connection takes no further request.
    pub(crate) closes: bool,
}

/// What came is no answer in HTTP/1.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NotHttp;

/// Reads one answer after the other.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    /// What cannot be understood without more of it: a head, or the line before a chunk.
    kept: Vec<u8>,
    state: State,
    status: u16,
    closes: bool,
    body_bytes: u64,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum State {
    #[default]
    Head,
    /// So many bytes are left.
    Body(u64),
    /// Until the connection ends.
    Rest,
    /// The line that tells the size of a chunk.
    ChunkSize,
    /// So many bytes of a chunk and of the line end behind it are left.
    Chunk(u64),
    /// Lines behind the last chunk, up to an empty one.
    Trailer,
}

impl Reader {
    /// Takes what arrived; answers when an answer is whole. One request is in flight at a time, so
    /// anything behind a whole answer is not HTTP.
    ///
    /// # Errors
    ///
    /// It is no HTTP/1.1.
    pub(crate) fn take(&mut self, mut arrived: &[u8]) -> Result<Option<Answer>, NotHttp> {
        while !arrived.is_empty() {
            let is_whole = match self.state {
                State::Head | State::ChunkSize | State::Trailer => self.line(&mut arrived)?,
                State::Body(left) => {
                    let left = self.skip(&mut arrived, left);
                    self.state = State::Body(left);
                    left == 0
                }
                State::Chunk(left) => {
                    let left = self.skip(&mut arrived, left);
                    self.state = State::Chunk(left);
                    if left == 0 {
                        self.state = State::ChunkSize;
                        self.body_bytes -= CHUNK_END;
                    }
                    false
                }
                State::Rest => {
                    self.skip(&mut arrived, u64::MAX);
                    false
                }
            };
            if is_whole {
                return if arrived.is_empty() { Ok(Some(self.whole())) } else { Err(NotHttp) };
            }
        }
        Ok(None)
    }

    /// The connection ended; a whole answer if that was how its end is told.
    pub(crate) fn ended(&mut self) -> Option<Answer> {
        (self.state == State::Rest).then(|| self.whole())
    }

    /// Whether nothing of an answer has come yet.
    #[cfg(test)]
    fn is_untouched(&self) -> bool {
        self.state == State::Head && self.kept.is_empty()
    }

    fn whole(&mut self) -> Answer {
        let answer = Answer { status: self.status, body_bytes: self.body_bytes, closes: self.closes };
        self.kept.clear();
        (self.state, self.body_bytes) = (State::Head, 0);
        answer
    }

    /// Takes from what arrived; what is left of `left`.
    fn skip(&mut self, arrived: &mut &[u8], left: u64) -> u64 {
        let taken = (arrived.len() as u64).min(left);
        *arrived = arrived.get(taken as usize..).unwrap_or_default();
        self.body_bytes += taken;
        left - taken
    }

    /// Reads what ends with a line end; whether the answer is whole then.
    fn line(&mut self, arrived: &mut &[u8]) -> Result<bool, NotHttp> {
        if self.kept.is_empty() {
            // Nearly always it is here in one piece, and nothing is copied.
            let used = self.understand(arrived)?;
            match used {
                Some((used, is_whole)) => {
                    *arrived = arrived.get(used..).unwrap_or_default();
                    return Ok(is_whole);
                }
                None => self.kept.extend_from_slice(arrived),
            }
        } else {
            let before = self.kept.len();
            self.kept.extend_from_slice(arrived);
            let kept = std::mem::take(&mut self.kept);
            let used = self.understand(&kept);
            self.kept = kept;
            if let Some((used, is_whole)) = used? {
                *arrived = arrived.get(used.saturating_sub(before)..).unwrap_or_default();
                self.kept.clear();
                return Ok(is_whole);
            }
        }
        *arrived = &[];
        if self.kept.len() > LONGEST_HEAD { Err(NotHttp) } else { Ok(false) }
    }

    /// How many bytes were understood, and whether the answer is whole; none: more must come.
    fn understand(&mut self, bytes: &[u8]) -> Result<Option<(usize, bool)>, NotHttp> {
        match self.state {
            State::Head => self.head(bytes),
            State::ChunkSize => Ok(match parse_chunk_size(bytes).map_err(|_| NotHttp)? {
                Status::Partial => None,
                Status::Complete((used, 0)) => {
                    self.state = State::Trailer;
                    Some((used, false))
                }
                Status::Complete((used, size)) => {
                    self.state = State::Chunk(size.checked_add(CHUNK_END).ok_or(NotHttp)?);
                    Some((used, false))
                }
            }),
            _ => Ok(bytes.windows(2).position(|end| end == b"\r\n").map(|at| (at + 2, at == 0))),
        }
    }

    fn head(&mut self, bytes: &[u8]) -> Result<Option<(usize, bool)>, NotHttp> {
        let mut headers = [EMPTY_HEADER; MOST_HEADERS];
        let mut response = Response::new(&mut headers);
        let Status::Complete(used) = response.parse(bytes).map_err(|_| NotHttp)? else { return Ok(None) };
        let status = response.code.ok_or(NotHttp)?;
        if (100..200).contains(&status) {
            // Only says that the answer will come.
            return Ok(Some((used, false)));
        }
        self.status = status;
        self.closes = response.version == Some(0);
        let (mut length, mut is_chunked) = (None, false);
        for header in response.headers.iter() {
            if header.name.eq_ignore_ascii_case("content-length") {
                length = Some(number(header.value).ok_or(NotHttp)?);
            } else if header.name.eq_ignore_ascii_case("transfer-encoding") {
                is_chunked |= names(header.value, b"chunked");
            } else if header.name.eq_ignore_ascii_case("connection") {
                self.closes |= names(header.value, b"close");
                self.closes &= !names(header.value, b"keep-alive");
            }
        }
        self.state = match length {
            _ if matches!(status, 204 | 304) => State::Body(0),
            _ if is_chunked => State::ChunkSize,
            Some(length) => State::Body(length),
            None => {
                self.closes = true;
                State::Rest
            }
        };
        Ok(Some((used, self.state == State::Body(0))))
    }
}

fn number(value: &[u8]) -> Option<u64> {
    std::str::from_utf8(value).ok()?.trim().parse().ok()
}

/// Whether a list such as `keep-alive, upgrade` names this.
fn names(value: &[u8], name: &[u8]) -> bool {
    value.split(|byte| *byte == b',').any(|one| one.trim_ascii().eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHUNKED: &str =
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\na;x=y\r\n0123456789\r\n0\r\n\r\n";

    fn answer(status: u16, body_bytes: u64, closes: bool) -> Answer {
        Answer { status, body_bytes, closes }
    }

    fn in_pieces(text: &str, size: usize) -> Result<Option<Answer>, NotHttp> {
        let mut reader = Reader::default();
        let mut found = None;
        for piece in text.as_bytes().chunks(size) {
            assert_eq!(found, None, "an answer was whole before its end");
            found = reader.take(piece)?;
        }
        Ok(found)
    }

    #[test]
    fn an_answer_is_whole_at_its_last_byte_however_it_is_cut() {
        for (text, expected) in [
            ("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", answer(200, 0, false)),
            ("HTTP/1.1 204 No Content\r\n\r\n", answer(204, 0, false)),
            ("HTTP/1.1 404 Not Found\r\nContent-Length: 3\r\n\r\nabc", answer(404, 3, false)),
            ("HTTP/1.1 200 OK\r\nConnection: close\r\ncontent-length: 1\r\n\r\na", answer(200, 1, true)),
            ("HTTP/1.0 200 OK\r\ncontent-length: 1\r\n\r\na", answer(200, 1, true)),
            (
                "HTTP/1.0 200 OK\r\nconnection: keep-alive\r\ncontent-length: 1\r\n\r\na",
                answer(200, 1, false),
            ),
            (
                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nab",
                answer(200, 2, false),
            ),
            (CHUNKED, answer(200, 15, false)),
            ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\nx: y\r\n\r\n", answer(200, 0, false)),
        ] {
            for size in 1..=text.len() {
                assert_eq!(in_pieces(text, size), Ok(Some(expected)), "{text:?} in pieces of {size}");
            }
        }
    }

    #[test]
    fn the_next_answer_begins_where_the_last_ended() {
        let mut reader = Reader::default();
        for _ in 0..2 {
            assert_eq!(reader.take(CHUNKED.as_bytes()), Ok(Some(answer(200, 15, false))));
            assert!(reader.is_untouched());
        }
    }

    #[test]
    fn a_body_without_a_length_ends_with_the_connection() {
        let mut reader = Reader::default();
        assert_eq!(reader.take(b"HTTP/1.1 200 OK\r\n\r\nabc"), Ok(None));
        assert_eq!(reader.ended(), Some(answer(200, 3, true)));
        assert_eq!(reader.take(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc"), Ok(None));
        assert!(!reader.is_untouched());
        assert_eq!(reader.ended(), None);
    }

    #[test]
    fn what_is_no_answer_is_refused() {
        for text in [
            "<html>",
            "HTTP/1.1 200 OK\r\ncontent-length: many\r\n\r\n",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
            "HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
        ] {
            assert_eq!(Reader::default().take(text.as_bytes()), Err(NotHttp), "{text:?}");
        }
        let endless = format!("HTTP/1.1 200 OK\r\nx: {}", "a".repeat(LONGEST_HEAD));
        assert_eq!(Reader::default().take(endless.as_bytes()), Err(NotHttp));
    }
}
