//! What opening a message needs, and what it gives.

use super::mic::Mic;
use super::policy::Policy;
use crate::message::Digest;
use crate::pki::{Certificate, Cipher, DigestAlgorithm, KeyPair, KeyTransport, SignatureScheme};
use jiff::Timestamp;
use std::io::{self, Write};

/// Under which terms a message is opened.
#[derive(Clone, Copy, Debug)]
pub struct Terms<'a> {
    /// What is required of it.
    pub policy: &'a Policy,
    /// Our pairs, every one that may still be used to decrypt.
    pub ours: &'a [KeyPair],
    /// The sender's pinned certificates; those that are not valid at `at` verify nothing.
    pub theirs: &'a [Certificate],
    /// The digest that the MIC is asked over; without it, that of the message's own signature, or
    /// SHA-256.
    pub mic: Option<DigestAlgorithm>,
    /// Now.
    pub at: Timestamp,
}

/// Where the contents of a message go, while it is being opened.
///
/// What a sink was given is good only when the message was opened: on an error, and when
/// [`Sinks::begin`] is called again, everything given so far is void.
pub trait Sinks {
    /// Takes in one content.
    type Sink: Write;

    /// The message is read from its beginning, for the first time or once more.
    fn begin(&mut self) -> io::Result<()>;

    /// A content begins.
    fn open(&mut self, about: &Attachment) -> io::Result<Self::Sink>;

    /// A content ended.
    fn close(&mut self, sink: Self::Sink) -> io::Result<()>;
}

/// Sinks in memory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Memory {
    /// The contents, in order.
    pub contents: Vec<Vec<u8>>,
}

impl Sinks for Memory {
    type Sink = Vec<u8>;

    fn begin(&mut self) -> io::Result<()> {
        self.contents.clear();
        Ok(())
    }

    fn open(&mut self, _: &Attachment) -> io::Result<Vec<u8>> {
        Ok(Vec::new())
    }

    fn close(&mut self, sink: Vec<u8>) -> io::Result<()> {
        self.contents.push(sink);
        Ok(())
    }
}

/// A message that was opened: everything that the terms require of it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// Its contents, in the order of the sinks; at least one.
    pub attachments: Vec<Attachment>,
    /// The MIC to answer with.
    pub mic: Mic,
    /// Its signature, if it was signed.
    pub signed: Option<Signed>,
    /// Its envelope, if it was encrypted.
    pub sealed: Option<Sealed>,
    /// Whether it was compressed, anywhere.
    pub compressed: bool,
}

/// One content.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attachment {
    /// Its type, as stated.
    pub content_type: Option<String>,
    /// The file's name that the sender gave; never a path, and never to be used as one.
    pub file_name: Option<String>,
    /// Its bytes; known when it was closed.
    pub length: u64,
}

/// A signature that was verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// The fingerprint of the pinned certificate that made it.
    pub certificate: Digest,
    /// The digest that it is over.
    pub digest: DigestAlgorithm,
    /// How it is made.
    pub scheme: SignatureScheme,
    /// When the signer says that it was made.
    pub signed_at: Option<Timestamp>,
    /// In which form the bytes were verified.
    pub form: Form,
}

/// In which form signed bytes were verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// As they came.
    AsReceived,
    /// With the ends of their lines made CRLF: something on the way had changed them.
    Canonical,
}

/// An envelope that was opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// The fingerprint of our certificate that it was for.
    pub certificate: Digest,
    /// The cipher.
    pub cipher: Cipher,
    /// How its key was transported.
    pub key_transport: KeyTransport,
}
