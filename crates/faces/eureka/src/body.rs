//! Reading a request's body, within bounds: chunked or with a length, plain or gzipped.

use std::borrow::Cow;
use std::io::Read;

use axum::body::Body;
use bytes::Bytes;
use flate2::read::MultiGzDecoder;
use http::HeaderMap;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderName};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use lubdub_core::Fault;

use crate::error::Refusal;
use crate::wire::Format;

/// A body as text, and what it is written in.
pub(crate) struct Document {
    pub(crate) format: Format,
    bytes: Bytes,
    latin: bool,
}

impl Document {
    /// Reads a body of at most `limit` bytes, before and after decompression.
    pub(crate) async fn read(headers: &HeaderMap, body: Body, limit: usize) -> Result<Self, Refusal> {
        let (format, latin) = media_type(headers)?;
        let gzipped = is_gzipped(headers)?;
        let told = text(headers, &CONTENT_LENGTH).and_then(|length| length.parse::<u64>().ok());
        if told.is_some_and(|length| length > limit as u64) {
            return Err(Refusal::TooLarge);
        }
        let read = Limited::new(body, limit).collect().await.map_err(|error| {
            if error.is::<LengthLimitError>() { Refusal::TooLarge } else { Refusal::Unreadable }
        })?;
        let bytes = if gzipped { unzip(&read.to_bytes(), limit)? } else { read.to_bytes() };
        let format = format.unwrap_or_else(|| sniff(&bytes));
        Ok(Self { format, bytes, latin })
    }

    /// The text.
    pub(crate) fn text(&self) -> Result<Cow<'_, str>, Fault> {
        if self.latin {
            return Ok(Cow::Owned(self.bytes.iter().map(|byte| char::from(*byte)).collect()));
        }
        std::str::from_utf8(&self.bytes).map(Cow::Borrowed).map_err(|error| {
            let place = format!("invalid from byte {}", error.valid_up_to());
            Fault::new("body", place, "text in UTF-8")
        })
    }
}

/// The format, if a type is given, and whether the text is ISO-8859-1.
fn media_type(headers: &HeaderMap) -> Result<(Option<Format>, bool), Refusal> {
    let Some(value) = headers.get(CONTENT_TYPE) else { return Ok((None, false)) };
    let value = value.to_str().map_err(|_| Refusal::UnsupportedBody)?.to_ascii_lowercase();
    let (media, parameters) = value.split_once(';').unwrap_or((&value, ""));
    let media = media.trim();
    let format = match media {
        "application/json" | "text/json" => Format::Json,
        "application/xml" | "text/xml" => Format::Xml,
        _ if media.ends_with("+json") => Format::Json,
        _ if media.ends_with("+xml") => Format::Xml,
        _ => return Err(Refusal::UnsupportedBody),
    };
    let charset = parameters.split(';').find_map(|parameter| parameter.trim().strip_prefix("charset="));
    match charset.map(|name| name.trim_matches('"')) {
        None | Some("utf-8" | "utf8" | "us-ascii") => Ok((Some(format), false)),
        Some("iso-8859-1" | "latin1") => Ok((Some(format), true)),
        Some(_) => Err(Refusal::UnsupportedBody),
    }
}

fn is_gzipped(headers: &HeaderMap) -> Result<bool, Refusal> {
    match text(headers, &CONTENT_ENCODING).map(|coding| coding.trim().to_ascii_lowercase()).as_deref() {
        None | Some("" | "identity") => Ok(false),
        Some("gzip" | "x-gzip") => Ok(true),
        Some(_) => Err(Refusal::UnsupportedBody),
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

fn unzip(zipped: &[u8], limit: usize) -> Result<Bytes, Refusal> {
    let mut plain = Vec::new();
    let one_more = limit as u64 + 1;
    MultiGzDecoder::new(zipped).take(one_more).read_to_end(&mut plain).map_err(|error| {
        Refusal::Invalid(Fault::new("body", format!("{} bytes", zipped.len()), format!("gzip ({error})")))
    })?;
    if plain.len() > limit { Err(Refusal::TooLarge) } else { Ok(plain.into()) }
}

/// What a body without a type looks like.
fn sniff(bytes: &[u8]) -> Format {
    let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
    if first == Some(&b'<') { Format::Xml } else { Format::Json }
}
