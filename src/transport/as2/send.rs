//! What we send to a partner over AS2: one attempt, and what came of it.

use super::super::clients::Clients;
use super::super::error::TransportError;
use super::super::outgoing::{Attempt, Delivery, Notebook, Outgoing};
use super::agreed::{compress, encrypting, ended, name, quirks, signing};
use super::evidence::{REQUEST, SENT, SentNote, apart, json, whole};
use super::headers::{Headers, Letterhead, MessageName, ReceiptOptions, ReceiptRequest};
use super::mdn::MdnFault;
use super::open::is_report;
use super::pack::{Packed, pack};
use super::packing::Packing;
use super::proof::{Came, endpoint, unproven};
use super::unsealed::may_be_sealed;
use crate::http::{Answer, Client, ClientSettings, HttpError, Load, NoAnswer};
use crate::message::{Body, ContentReader};
use crate::partner::{As2, AskFor, Basic, Habit};
use crate::pki::DigestAlgorithm;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use std::io::{self, Read as _};

/// What sends over AS2.
#[derive(Clone, Debug)]
pub struct Sender {
    clients: Clients,
}

/// A message that is ready to go.
struct Ready {
    headers: Vec<(String, String)>,
    load: Load,
    note: SentNote,
    /// The whole request, if it is not too large to be kept.
    request: Option<Vec<u8>>,
}

impl Sender {
    /// A sender of its own, which trusts the authorities that this system trusts.
    pub fn new() -> Result<Self, TransportError> {
        let fault = |error: HttpError| TransportError::NotSetUp {
            endpoint: "any partner".to_owned(),
            why: error.to_string(),
        };
        Ok(Self::over(Clients::new(Client::new(ClientSettings::default()).map_err(fault)?)))
    }

    /// A sender that calls through these clients.
    pub(in super::super) fn over(clients: Clients) -> Self {
        Self { clients }
    }

    /// Sends it once. The Message-ID is made of the message's own id, so that it is the same at every
    /// attempt.
    pub async fn send(&self, as2: &As2, outgoing: &Outgoing, notebook: &impl Notebook) -> Attempt {
        match self.try_once(as2, outgoing, notebook).await {
            Ok(attempt) => attempt,
            Err(error) => Attempt { outcome: Err(error), kept: Vec::new() },
        }
    }

    async fn try_once(
        &self,
        as2: &As2,
        outgoing: &Outgoing,
        notebook: &impl Notebook,
    ) -> Result<Attempt, TransportError> {
        let not_set_up = |why: String| TransportError::NotSetUp { endpoint: endpoint(as2), why };
        let (profile, parcel) = (as2.clone(), outgoing.clone());
        let packed = tokio::task::spawn_blocking(move || ready(&profile, &parcel)).await;
        let Ready { headers, load, note, request } =
            packed.unwrap_or_else(|lost| Err(lost.to_string())).map_err(not_set_up)?;
        let later = as2.mdn.ask == AskFor::Async;
        if later {
            // Their receipt may be faster than their answer.
            notebook.note(SENT, json(&note)).await.map_err(not_set_up)?;
        }
        let headers = map(&headers, as2.calls.basic.as_ref()).map_err(not_set_up)?;
        let patience = as2.calls.timeout.duration();
        let url = as2.url.as_ref().ok_or_else(|| not_set_up("no url".to_owned()))?;
        let (trust, own) = (as2.calls.trust.as_ref(), as2.calls.certificate.as_deref());
        let client =
            self.clients.to(url, trust, own).map_err(|error| not_set_up(error.to_string()))?;
        let answer = client.post_within(patience, &note.url, headers, load).await;
        let answer = answer.map_err(|error| no_answer(endpoint(as2), error))?;
        let mut attempt = judge(as2, &answer, &note, outgoing.at);
        if !later {
            attempt.kept.push((SENT.to_owned(), json(&note).into()));
        }
        if attempt.outcome.is_ok() {
            attempt.kept.extend(request.map(|bytes| (REQUEST.to_owned(), Body::from(bytes))));
        }
        Ok(attempt)
    }

    /// Sends a receipt once, to where its sender asked for it; the profile must still say so.
    pub async fn send_receipt(
        &self,
        as2: &As2,
        to: &str,
        outgoing: &Outgoing,
    ) -> Result<String, TransportError> {
        let not_set_up = |why: String| TransportError::NotSetUp { endpoint: to.to_owned(), why };
        if !as2.mdn.may_go_to(to) {
            let why = "receipts may not go there: it is not below `theirs` in their [as2.mdn]";
            return Err(not_set_up(why.to_owned()));
        }
        let bytes = outgoing.content.bytes().map_err(|error| not_set_up(error.to_string()))?;
        let broken = || not_set_up("the receipt that was kept is damaged".to_owned());
        let (headers, body) = apart(&bytes).ok_or_else(broken)?;
        let headers: Vec<(String, String)> = headers
            .iter()
            .filter(|(name, _)| !name.eq_ignore_ascii_case("Content-Length"))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        // What we sign in with is for their AS2 itself.
        let same = as2.url.as_ref().is_some_and(|url| url.is_same_origin(to));
        let basic = as2.calls.basic.as_ref().filter(|_| same);
        let headers = map(&headers, basic).map_err(not_set_up)?;
        let (patience, load) = (as2.calls.timeout.duration(), Load::from(body.to_vec()));
        // And so are the certificates by which we know each other there.
        let client = match &as2.url {
            Some(url) if same => {
                let (trust, own) = (as2.calls.trust.as_ref(), as2.calls.certificate.as_deref());
                self.clients.to(url, trust, own).map_err(|error| not_set_up(error.to_string()))?
            }
            Some(_) | None => self.clients.usual().clone(),
        };
        let answer = client.post_within(patience, to, headers, load).await;
        let answer = answer.map_err(|error| no_answer(to.to_owned(), error))?;
        match by_status(to.to_owned(), &answer) {
            Some(error) => Err(error),
            None => Ok(format!("{}: the receipt was taken", answer.status)),
        }
    }
}

/// Packs a message, and says what its receipt must say.
fn ready(as2: &As2, outgoing: &Outgoing) -> Result<Ready, String> {
    let at = outgoing.at;
    let url = as2.url.as_ref().ok_or("their file names no url in [as2]")?.to_string();
    if let Some(why) = ended(as2, at) {
        return Err(why);
    }
    let quirks = quirks(as2);
    let (from, to) = (name(&as2.we_are)?, name(&as2.id)?);
    let own = match as2.send.sign {
        Some(sign) => {
            let none = "no key of ours is valid today; `wharf cert list` tells until when each is";
            Some((as2.signer(at).ok_or(none)?, sign))
        }
        None => None,
    };
    let recipients: Vec<_> = as2.recipient(at).into_iter().collect();
    if as2.send.encrypt.is_some() && recipients.is_empty() {
        return Err("no certificate of theirs that can be encrypted for is valid today; ask them \
                    for their new one"
            .to_owned());
    }
    let message_id = MessageName::of(outgoing.id, as2.we_are.as_str());
    let file_name = outgoing.file_name.clone().unwrap_or_else(|| format!("{}.edi", outgoing.id));
    let digest = as2.send.sign.map_or(DigestAlgorithm::Sha256, |sign| sign.digest);
    let packing = Packing {
        content_type: outgoing.content_type.as_deref().unwrap_or("application/edi-x12"),
        file_name: Some(&file_name),
        sign: own.map(|(own, sign)| signing(own, sign)),
        encrypt: as2.send.encrypt.map(|encrypt| encrypting(&recipients, encrypt)),
        compress: compress(as2.send.compress),
        mic: digest,
        quirks: &quirks,
        at,
    };
    let packed = pack(outgoing.content.reader(), &packing).map_err(|error| error.to_string())?;
    let letterhead = Letterhead {
        from: from.clone(),
        to: to.clone(),
        message_id: message_id.clone(),
        subject: Some(file_name.clone()),
        features: vec!["multiple-attachments".to_owned()],
        receipt: asked(as2, digest),
    };
    let mut headers = letterhead.write(at, &quirks);
    for (name, value) in packed.headers() {
        headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        headers.push((name.clone(), value.clone()));
    }
    let note = SentNote {
        message_id: message_id.as_str().to_owned(),
        from: from.to_string(),
        to: to.to_string(),
        url,
        at,
        mics: packed.mics().iter().map(ToString::to_string).collect(),
        signed_receipt: as2.mdn.signed,
        signed: own.map(|(own, sign)| {
            let certificate = own.pair.certificate().fingerprint();
            format!("{} by {certificate}", sign.digest)
        }),
        encrypted: as2.send.encrypt.zip(recipients.first()).map(|(encrypt, recipient)| {
            format!("{} for {}", encrypt.cipher, recipient.fingerprint())
        }),
    };
    let (load, small) =
        loaded(packed, as2.has(Habit::Chunked)).map_err(|error| error.to_string())?;
    let request = small.map(|body| whole(&headers, &body));
    Ok(Ready { headers, load, note, request })
}

/// Small messages are packed before the call, and their bytes are given too; large ones while they go.
fn loaded(packed: Packed<ContentReader>, chunked: bool) -> io::Result<(Load, Option<Bytes>)> {
    let length = packed.length();
    let mut from = packed.into_reader().map_err(io::Error::other)?;
    if length > IN_MEMORY {
        return Ok((Load::Made { from: Box::new(from), length, chunked }, None));
    }
    let mut bytes = vec![0; usize::try_from(length).unwrap_or(0)];
    from.read_exact(&mut bytes)?;
    let bytes = Bytes::from(bytes);
    let load = if chunked {
        Load::Made { from: Box::new(io::Cursor::new(bytes.clone())), length, chunked }
    } else {
        bytes.clone().into()
    };
    Ok((load, Some(bytes)))
}

/// The receipt that we ask for.
fn asked(as2: &As2, digest: DigestAlgorithm) -> Option<ReceiptRequest> {
    let deliver_to = match as2.mdn.ask {
        AskFor::None => return None,
        AskFor::Sync => None,
        AskFor::Async => as2.mdn.url.clone(),
    };
    let mut options = ReceiptOptions::signed(digest);
    if !as2.mdn.signed {
        options.protocol = None;
    }
    Some(ReceiptRequest { to: as2.we_are.to_string(), deliver_to, options })
}

/// What an answer means.
fn judge(as2: &As2, answer: &Answer, note: &SentNote, at: jiff::Timestamp) -> Attempt {
    let headers = headers_of(&answer.headers);
    let beginning = answer.body.get(..answer.body.len().min(BEGINNING)).unwrap_or_default();
    // Some programs send their receipt with a status that says that something was wrong.
    let is_report = is_report(&headers, beginning) || may_be_sealed(&headers);
    if as2.mdn.ask == AskFor::Sync && is_report {
        let came = Came { headers: &headers, body: &answer.body, at };
        let said = came.read(as2);
        return came.judge(as2, std::slice::from_ref(note), said.as_ref().map_err(Clone::clone));
    }
    let outcome = match (by_status(endpoint(as2), answer), as2.mdn.ask) {
        (Some(error), _) => Err(error),
        (None, AskFor::Sync) => Err(unproven(endpoint(as2), &MdnFault::Missing)),
        (None, AskFor::Async) => Ok(Delivery {
            receipt: format!("{}: taken; the receipt (MDN) is to come", answer.status),
            awaits: Some(as2.mdn.within.duration()),
        }),
        (None, AskFor::None) => Ok(Delivery {
            receipt: format!("{}: taken; no receipt was asked for", answer.status),
            awaits: None,
        }),
    };
    Attempt { outcome, kept: Vec::new() }
}

/// What a status means; none: that it was taken.
fn by_status(endpoint: String, answer: &Answer) -> Option<TransportError> {
    let (status, text) = (answer.status, answer.text());
    match status {
        200..=299 => None,
        408 | 425 | 429 | 500..=599 => {
            let retry_after = answer.retry_after;
            Some(TransportError::Busy { endpoint, status, text, retry_after })
        }
        _ => Some(TransportError::Refused { endpoint, status, text }),
    }
}

fn no_answer(endpoint: String, error: NoAnswer) -> TransportError {
    match error {
        NoAnswer::Unreachable(why) => TransportError::Unreachable { endpoint, why },
        NoAnswer::NotTrusted(why) => TransportError::NotTrusted { endpoint, why },
        NoAnswer::Refused(why) => TransportError::NotSetUp { endpoint, why },
        NoAnswer::Broken(why) => TransportError::Broken { endpoint, why },
    }
}

/// Headers as HTTP has them.
fn map(headers: &[(String, String)], basic: Option<&Basic>) -> Result<HeaderMap, String> {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        let wrong = || format!("the header {name} cannot be sent");
        let key = HeaderName::from_bytes(name.as_bytes()).map_err(|_| wrong())?;
        map.append(key, HeaderValue::from_str(value).map_err(|_| wrong())?);
    }
    if let Some(Basic { user, password }) = basic {
        let pair = [user.as_bytes(), b":", password.expose()].concat();
        let value = format!("Basic {}", BASE64_STANDARD.encode(pair));
        let mut value = HeaderValue::from_str(&value).map_err(|error| error.to_string())?;
        value.set_sensitive(true);
        map.insert(header::AUTHORIZATION, value);
    }
    Ok(map)
}

/// Headers as AS2 reads them.
pub(super) fn headers_of(map: &HeaderMap) -> Headers {
    let mut headers = Headers::new();
    for (name, value) in map {
        headers.push(name.as_str(), value.as_bytes());
    }
    headers
}

/// What is longer is not kept in memory.
const IN_MEMORY: u64 = 1 << 20;

/// So much tells whether an answer is a receipt.
pub(super) const BEGINNING: usize = 4_096;
