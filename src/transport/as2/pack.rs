//! The way out: a content is packed layer by layer.

use super::mic::Mic;
use super::packing::{PackError, Packing};
use std::io::{Read, Seek};

/// A message that is ready to go. It still reads from its content.
#[derive(Debug)]
pub struct Packed<C> {
    content: C,
    headers: Vec<(String, String)>,
    length: u64,
    mic: Mic,
}

impl<C: Read + Seek + Send> Packed<C> {
    /// The headers of the body (`Content-Type` and the like), `Content-Length` not among them.
    pub fn headers(&self) -> &[(String, String)] {
        &self.headers
    }

    /// How many bytes the body has.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// The MIC that the receipt must state.
    pub fn mic(&self) -> &Mic {
        &self.mic
    }

    /// All MICs that will do, for a partner with [`super::Quirk::MicBeforeCompression`].
    pub fn mics(&self) -> &[Mic] {
        std::slice::from_ref(&self.mic)
    }

    /// The body: exactly `length` bytes, or an error of the content.
    pub fn into_reader(self) -> Result<impl Read + Send, PackError> {
        Ok(self.content)
    }
}

/// Packs a content. It is read once or twice here, and once more when the body is read.
pub fn pack<C: Read + Seek + Send>(
    content: C,
    packing: &Packing<'_>,
) -> Result<Packed<C>, PackError> {
    let _ = packing;
    drop(content);
    Err(PackError::NoRecipient)
}
