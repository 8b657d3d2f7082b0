//! Reading receipts.

use super::super::buffered;
use super::super::disposition::Disposition;
use super::super::error::As2Error;
use super::super::headers::{As2Name, ContentType, Headers, MessageName};
use super::super::mic::Mic;
use super::super::mime::{Canonical, Multipart, decoded, read_head};
use super::super::opened::{Form, Sealed, Signed, Terms};
use super::super::policy::Policy;
use super::super::seal::Signature;
use super::super::trouble::Trouble;
use super::super::unsealed::{Unsealed, may_be_sealed};
use super::fault::MdnFault;
use crate::pki::Certificate;
use jiff::Timestamp;
use std::io::BufRead;

/// A receipt as it came. Nothing it says is proven before [`Report::check`].
#[derive(Clone, Debug, Default)]
pub struct Report {
    from: Option<As2Name>,
    to: Option<As2Name>,
    original: Option<MessageName>,
    disposition: Option<Disposition>,
    mic: Option<Mic>,
    text: String,
    seal: Option<Seal>,
    sealed: Option<Sealed>,
}

/// What was signed, and by which signature.
#[derive(Clone, Debug)]
struct Seal {
    bytes: Vec<u8>,
    signature: Result<Signature, As2Error>,
}

/// What a receipt must say to prove a delivery.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// The message's name.
    pub message_id: &'a MessageName,
    /// Who the message was from: us.
    pub us: &'a As2Name,
    /// Who it was for, and the receipt is from.
    pub them: &'a As2Name,
    /// The MICs that will do: that of what we sent.
    pub mics: &'a [Mic],
    /// Whether a signed receipt was asked for.
    pub signed: bool,
    /// Their pinned certificates, of the time of the sending and of now.
    pub theirs: &'a [Certificate],
    /// What signatures may use.
    pub policy: &'a Policy,
    /// Now.
    pub at: Timestamp,
}

/// A delivery that was proven.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivered {
    /// What became of the message; always [`Disposition::is_processed`].
    pub disposition: Disposition,
    /// The MIC that the partner states.
    pub mic: Option<Mic>,
    /// Its signature, if it was signed.
    pub signed: Option<Signed>,
    /// Its envelope, if it was encrypted.
    pub sealed: Option<Sealed>,
    /// What it says to people.
    pub text: String,
}

impl Report {
    /// Reads a receipt: its headers and its whole body.
    pub fn read(headers: &Headers, body: &[u8]) -> Result<Self, MdnFault> {
        if body.is_empty() {
            return Err(MdnFault::Missing);
        }
        Self::inside(headers, headers, body)
    }

    /// Reads a receipt that may be encrypted for one of our pairs in `terms`.
    pub fn open(headers: &Headers, body: &[u8], terms: &Terms<'_>) -> Result<Self, MdnFault> {
        if body.is_empty() || !may_be_sealed(headers) {
            return Self::read(headers, body);
        }
        let Unsealed { headers: inner, body, sealed } =
            Unsealed::open(headers, body, terms).map_err(|error| closed(&error))?;
        match Self::inside(headers, &inner, &body) {
            Ok(report) => Ok(Self { sealed: Some(sealed), ..report }),
            Err(fault) if sealed.cipher.is_authenticated() => Err(fault),
            Err(_) => Err(CLOSED),
        }
    }

    /// Reads what `inner` are the headers of; the names stand outside of any seal.
    fn inside(outer: &Headers, inner: &Headers, body: &[u8]) -> Result<Self, MdnFault> {
        let name = |header| outer.value(header).and_then(|value| value.parse().ok());
        let mut report = Self { from: name("AS2-From"), to: name("AS2-To"), ..Self::default() };
        let mut source = body;
        report.part(inner, &mut source, 0).map_err(|trouble| unreadable(&trouble))?;
        if report.disposition.is_none() && report.original.is_none() {
            return Err(MdnFault::Unreadable("it is no receipt"));
        }
        Ok(report)
    }

    fn part(
        &mut self,
        headers: &Headers,
        source: &mut dyn BufRead,
        depth: usize,
    ) -> Result<(), Trouble> {
        let kind = ContentType::of(headers);
        let mut content = decoded(headers, source)?;
        match &*kind.essence {
            _ if depth > DEPTH => Err(As2Error::TooComplex("it is nested too deep").into()),
            // Only all of it: beside something signed, something else could say what became of it.
            "multipart/signed" if depth == 0 => self.signed(&kind, &mut content, depth),
            "multipart/signed" => Err(As2Error::Mime("a part of it is signed by itself").into()),
            "multipart/report" | "multipart/mixed" => {
                let mut parts = Multipart::new(&mut content, boundary(&kind)?)?;
                let mut count = 0;
                while parts.next_part()? {
                    count += 1;
                    if count > PARTS {
                        return Err(As2Error::TooComplex("it has too many parts").into());
                    }
                    let head = read_head(&mut parts, HEADERS)?;
                    self.part(&head.headers, &mut parts, depth + 1)?;
                }
                Ok(())
            }
            "message/disposition-notification" if self.disposition.is_none() => {
                let fields = buffered::all(&mut content, HEADERS, TOO_LARGE)?;
                self.fields(&fields)
            }
            "text/plain" if self.text.is_empty() => {
                let text = buffered::all(&mut content, HEADERS, TOO_LARGE)?;
                let text = String::from_utf8_lossy(&text);
                let plain = |c: &char| !c.is_control() || matches!(c, '\n' | '\t');
                self.text = text.trim().chars().filter(plain).take(LONGEST_TEXT).collect();
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn signed(
        &mut self,
        kind: &ContentType,
        source: &mut dyn BufRead,
        depth: usize,
    ) -> Result<(), Trouble> {
        let mut parts = Multipart::new(source, boundary(kind)?)?;
        if !parts.next_part()? {
            return Err(As2Error::Mime("nothing is signed").into());
        }
        let bytes = buffered::all(&mut parts, usize::MAX, TOO_LARGE)?;
        let signature = signature(&mut parts)?;
        let mut source = bytes.as_slice();
        self.seal = Some(Seal { bytes: Vec::new(), signature });
        let head = read_head(&mut source, HEADERS)?;
        self.part(&head.headers, &mut source, depth + 1)?;
        if let Some(seal) = &mut self.seal {
            seal.bytes = bytes;
        }
        Ok(())
    }

    fn fields(&mut self, bytes: &[u8]) -> Result<(), Trouble> {
        let fields = Headers::parse(bytes).map_err(|_| As2Error::Mime("a line is no field"))?;
        self.disposition = fields.value("Disposition").and_then(|value| value.parse().ok());
        self.original = fields.value("Original-Message-ID").and_then(|value| value.parse().ok());
        self.mic = fields.value("Received-Content-MIC").and_then(|value| value.parse().ok());
        Ok(())
    }

    /// The message that it says to be for; for finding out which one is meant.
    pub fn original(&self) -> Option<&MessageName> {
        self.original.as_ref()
    }

    /// What it says became of the message.
    pub fn disposition(&self) -> Option<&Disposition> {
        self.disposition.as_ref()
    }

    /// The MIC that it states.
    pub fn mic(&self) -> Option<&Mic> {
        self.mic.as_ref()
    }

    /// What it says to people.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Holds it against what it must say.
    pub fn check(&self, expected: &Expected<'_>) -> Result<Delivered, MdnFault> {
        let signed = match &self.seal {
            Some(seal) => {
                seal.verify(expected).map(Some).map_err(|it| MdnFault::BadSignature(it.to_string()))
            }
            None if expected.signed => Err(MdnFault::Unsigned),
            None => Ok(None),
        };
        let signed = signed.map_err(|fault| self.tellable(fault, false))?;
        let proven = signed.is_some();
        self.delivered(signed, expected).map_err(|fault| self.tellable(fault, proven))
    }

    fn delivered(
        &self,
        signed: Option<Signed>,
        expected: &Expected<'_>,
    ) -> Result<Delivered, MdnFault> {
        self.is_for(expected)?;
        let disposition = self.disposition.clone();
        let disposition = disposition.ok_or(MdnFault::Unreadable("it has no disposition"))?;
        if !disposition.is_processed() {
            return Err(MdnFault::Negative { disposition, text: self.text.clone() });
        }
        if !self.mic.as_ref().is_some_and(|mic| expected.mics.contains(mic)) {
            let shown = |mic: Option<&Mic>| mic.map(Mic::to_string).unwrap_or_default();
            let (theirs, ours) = (shown(self.mic.as_ref()), shown(expected.mics.first()));
            return Err(MdnFault::MicMismatch { theirs, ours });
        }
        let (mic, sealed) = (self.mic.clone(), self.sealed.clone());
        Ok(Delivered { disposition, mic, signed, sealed, text: self.text.clone() })
    }

    /// A fault as it may be told. What was encrypted so that a change goes unseen, and is not proven to
    /// be theirs, says only that it cannot be decrypted: else changed copies of a message could be sent
    /// as receipts until the answers told its content.
    fn tellable(&self, fault: MdnFault, proven: bool) -> MdnFault {
        let malleable =
            self.sealed.as_ref().is_some_and(|sealed| !sealed.cipher.is_authenticated());
        if proven || !malleable { fault } else { CLOSED }
    }

    fn is_for(&self, expected: &Expected<'_>) -> Result<(), MdnFault> {
        let wrong = |what: String| Err(MdnFault::WrongMessage(what));
        match &self.original {
            Some(name) if name == expected.message_id => {}
            Some(name) => return wrong(format!("it is for {name}")),
            None => return wrong("it does not say which message it is for".to_owned()),
        }
        // Where a receipt is the answer to a request, some leave these out.
        match (&self.from, &self.to) {
            (Some(from), _) if !same(from, expected.them) => wrong(format!("it is from `{from}`")),
            (_, Some(to)) if !same(to, expected.us) => wrong(format!("it is for `{to}`")),
            _ => Ok(()),
        }
    }
}

/// Whether two names are the same; some put a name that came in quotes in quotes once more.
fn same(stated: &As2Name, name: &As2Name) -> bool {
    stated == name || stated.as_str().trim_matches('"') == name.as_str()
}

impl Seal {
    fn verify(&self, expected: &Expected<'_>) -> Result<Signed, As2Error> {
        let Expected { policy, theirs, at, .. } = *expected;
        let terms = Terms { policy, ours: &[], theirs, mic: None, at };
        let signature = self.signature.as_ref().map_err(Clone::clone)?;
        let verify =
            |bytes: &[u8], form| signature.verify(&signature.digest.of(bytes), form, &terms);
        verify(&self.bytes, Form::AsReceived).or_else(|error| {
            if error != As2Error::Changed {
                return Err(error);
            }
            let mut source = self.bytes.as_slice();
            let mut lines = Canonical::new(&mut source);
            let canonical = buffered::all(&mut lines, usize::MAX, TOO_LARGE);
            verify(&canonical.map_err(|_| As2Error::Changed)?, Form::Canonical)
        })
    }
}

/// The signature in the second part, and that there is no third.
fn signature(parts: &mut Multipart<'_>) -> Result<Result<Signature, As2Error>, Trouble> {
    if !parts.next_part()? {
        return Ok(Err(As2Error::SignatureStructure("the signature is missing")));
    }
    let head = read_head(parts, HEADERS)?;
    let bytes = {
        let mut content = decoded(&head.headers, parts)?;
        buffered::all(&mut content, LARGEST_SIGNATURE, TOO_LARGE)?
    };
    if parts.next_part()? {
        return Ok(Err(As2Error::SignatureStructure("there is a third part")));
    }
    Ok(Signature::detached(&bytes))
}

fn boundary(kind: &ContentType) -> Result<&str, As2Error> {
    kind.parameter("boundary").ok_or(As2Error::Mime("a multipart without its boundary"))
}

fn unreadable(trouble: &Trouble) -> MdnFault {
    match trouble {
        Trouble::Final(As2Error::Mime(what) | As2Error::TooComplex(what)) => {
            MdnFault::Unreadable(what)
        }
        Trouble::Final(_) | Trouble::Again(_) => MdnFault::Unreadable("its parts cannot be read"),
    }
}

/// Why an envelope stays closed: no more than whoever carries it knows.
fn closed(error: &As2Error) -> MdnFault {
    if let As2Error::NotForUs(_) = error {
        return MdnFault::Unreadable("it is encrypted, and for none of our certificates");
    }
    let not_agreed = matches!(
        error,
        As2Error::CipherNotAllowed(_)
            | As2Error::UnknownCipher(_)
            | As2Error::KeyTransportNotAllowed(_)
    );
    let other = MdnFault::Unreadable("it is encrypted in a way that was not agreed on");
    if not_agreed { other } else { CLOSED }
}

const CLOSED: MdnFault = MdnFault::Unreadable("it cannot be decrypted");

const TOO_LARGE: As2Error = As2Error::TooComplex("a part is too large");
const DEPTH: usize = 4;
const PARTS: usize = 10;
const HEADERS: usize = 32_768;
const LARGEST_SIGNATURE: usize = 262_144;
const LONGEST_TEXT: usize = 2000;
