//! The receipt (MDN) that a message is answered with, and how it goes.

use super::super::super::inbox::{Refusal, RefusalKind};
use super::super::agreed::{name, quirks, signing};
use super::super::disposition::Disposition;
use super::super::evidence::{apart, whole};
use super::super::headers::{Letterhead, MessageName, ReceiptForm};
use super::super::mdn::{Answer, write};
use super::super::mic::Mic;
use super::visit::Visit;
use crate::message::MessageId;
use crate::partner::Sign;
use crate::pki::DigestAlgorithm;
use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;

/// How a message is to be answered.
#[derive(Clone, Debug)]
pub(super) enum Wanted {
    /// By a status alone.
    Nothing,
    /// By a receipt in the answer.
    Now(ReceiptForm),
    /// By a receipt that goes there by itself.
    Later(ReceiptForm, String),
}

impl Wanted {
    /// In which form, if a receipt is wanted.
    pub(super) fn form(&self) -> Option<ReceiptForm> {
        match self {
            Self::Nothing => None,
            Self::Now(form) | Self::Later(form, _) => Some(*form),
        }
    }
}

/// Writes a receipt, as it goes and is kept: headers and body.
pub(super) fn receipt(
    visit: &Visit,
    letterhead: &Letterhead,
    form: ReceiptForm,
    disposition: &Disposition,
    mic: Option<&Mic>,
    words: &str,
) -> Result<Vec<u8>, String> {
    let (as2, at) = (&visit.as2, visit.now.at);
    let (from, to) = (name(&as2.we_are)?, name(&as2.id)?);
    let own = if form.signed {
        Some(
            as2.signer(at)
                .ok_or("no key of ours is valid today, so that no receipt can be signed")?,
        )
    } else {
        None
    };
    let digest = form.digest.unwrap_or(DigestAlgorithm::Sha256);
    let sign = Sign { digest, scheme: as2.send.sign.and_then(|sign| sign.scheme) };
    let sign = own.map(|own| signing(own, sign));
    let message_id = MessageName::of(MessageId::mint(at), as2.we_are.as_str());
    let reporter = format!("{}; Wharf", as2.we_are);
    let answer = Answer {
        from: &from,
        to: &to,
        message_id: &message_id,
        original: &letterhead.message_id,
        disposition,
        mic,
        words,
        reporter: &reporter,
        quirks: &quirks(as2),
        at,
    };
    let written = write(&answer, sign.as_ref()).map_err(|error| error.to_string())?;
    Ok(whole(&written.headers, &written.body))
}

/// A receipt that was kept, as an answer. Its length is known.
pub(super) fn response(kept: &[u8]) -> Option<Response> {
    let (headers, body) = apart(kept)?;
    let mut response = Response::new(Body::from(body.to_vec()));
    for (name, value) in headers.iter() {
        let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
        if name != header::CONTENT_LENGTH {
            response.headers_mut().insert(name, HeaderValue::from_str(value).ok()?);
        }
    }
    Some(response)
}

/// A message was taken, and nothing more is to be said here.
pub(super) fn taken() -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::OK;
    response
}

/// Something of ours did not end.
pub(super) fn lost() -> Refusal {
    Refusal {
        kind: RefusalKind::Unavailable,
        code: "as2_unavailable",
        text: "nothing was kept; send the same again later".to_owned(),
        fields: Vec::new(),
    }
}
