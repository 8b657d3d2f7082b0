//! The way in: a message is opened layer by layer, while it is read.

use super::error::As2Error;
use super::headers::{ContentType, Headers};
use super::layers::Layers;
use super::mime::{Multipart, read_head};
use super::opened::{Opened, Sinks, Terms};
use super::trouble::{Hints, Trouble};
use std::io::{BufReader, Read, Seek};

/// Opens a message: its contents go into `sinks`, and are good if this returns [`Opened`].
///
/// `headers` are those of the request; of them, `Content-Type` and its like are read. The body is read
/// once, and again from its beginning where only its end tells what was needed: a signature over
/// another digest than the headers say, lines that were broken on the way.
pub fn open<B: Read + Seek, S: Sinks>(
    headers: &Headers,
    body: &mut B,
    terms: &Terms<'_>,
    sinks: &mut S,
) -> Result<Opened, As2Error> {
    let mut hints = Hints::default();
    loop {
        let rewound = body.rewind().and_then(|()| sinks.begin());
        rewound.map_err(|error| As2Error::Io(error.to_string()))?;
        let mut source = BufReader::with_capacity(BUFFER, &mut *body);
        let outcome = Layers::new(terms, &hints, sinks).open(headers, &mut source);
        match outcome {
            Ok(opened) => return Ok(opened),
            // What was not signed in this form was not signed in the other either, as far as we know.
            Err(Trouble::Final(error)) if hints.canonical && !error.is_ours() => {
                return Err(As2Error::Changed);
            }
            Err(Trouble::Final(error)) => return Err(error),
            Err(Trouble::Again(hint)) => {
                if !hints.add(hint) {
                    return Err(As2Error::Mime("it reads differently each time"));
                }
            }
        }
    }
}

/// Whether what came is a receipt and not a message, by its headers and the first bytes of its body
/// (a few kilobytes will do).
pub fn is_report(headers: &Headers, beginning: &[u8]) -> bool {
    let kind = ContentType::of(headers);
    match &*kind.essence {
        "multipart/report" | "message/disposition-notification" => true,
        "multipart/signed" => {
            let mut source = beginning;
            let boundary = kind.parameter("boundary").unwrap_or_default();
            let Ok(mut parts) = Multipart::new(&mut source, boundary) else { return false };
            let first = parts.next_part().is_ok_and(|there| there);
            let head = first.then(|| read_head(&mut parts, 32_768));
            head.and_then(Result::ok)
                .is_some_and(|head| ContentType::of(&head.headers).essence == "multipart/report")
        }
        _ => false,
    }
}

const BUFFER: usize = 65_536;
