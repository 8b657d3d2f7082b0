//! A receipt (MDN) for what we sent. It is answered by a status and nothing else.
//!
//! # Why an encrypted one is told so little
//!
//! Whoever holds a message that was encrypted for us could send it changed as a receipt, as often as it
//! takes. So unless a receipt in an envelope is proven, nothing is told of what was inside, at the next
//! tick, and only so many times in an hour.

use super::super::super::error::TransportError;
use super::super::super::mail::Mail;
use super::super::evidence::{SENT, SentNote};
use super::super::headers::MessageName;
use super::super::mdn::{MdnFault, Report};
use super::super::proof::Came;
use super::super::unsealed::may_be_sealed;
use super::answer::{lost, taken};
use super::desk::Desk;
use super::failures;
use super::letter::Letter;
use super::visit::Visit;
use crate::http::Problem;
use crate::message::MessageId;
use crate::partner::AskFor;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};

/// Matches a receipt to what we sent, and tells the house what it proves.
pub(super) async fn take<M: Mail>(
    desk: &Desk<M>,
    visit: &Visit,
    letter: &Letter,
) -> Result<Response, Problem> {
    if letter.content.length() > LARGEST {
        let text = "this receipt is larger than any receipt has to be";
        return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", text));
    }
    let sealed = may_be_sealed(&letter.headers);
    if sealed {
        desk.failures.check(&visit.name, visit.as2.failures_per_hour, visit.now)?;
    }
    let began = desk.mail.now().tick;
    let learnt = learn(desk, visit, letter).await;
    if let Err(Untaken::Unread(fault)) = &learnt {
        tracing::warn!(partner = %visit.name, %fault, "a receipt over AS2 cannot be read");
    }
    if !sealed {
        return told(learnt);
    }
    match learnt {
        Ok(()) => Ok(taken()),
        Err(Untaken::House(problem)) => Err(problem),
        Err(Untaken::Unread(_) | Untaken::Unknown | Untaken::Unproven(..)) => {
            failures::next_tick(began, desk.mail.now().tick).await;
            desk.failures.count(&visit.name, visit.now);
            let text = "this receipt is encrypted; it could not be decrypted, or is none that you \
                        signed for what we sent";
            Err(Problem::new(StatusCode::BAD_REQUEST, "mdn_unreadable", text))
        }
    }
}

/// The same where messages come too, of which nothing outside tells an encrypted receipt; none if it is
/// not a proven one, and so to be answered as any message.
pub(super) async fn inside<M: Mail>(
    desk: &Desk<M>,
    visit: &Visit,
    letter: &Letter,
) -> Option<Response> {
    let asks = visit.letterhead.as_ref().is_some_and(|it| it.receipt.is_some());
    let awaited = visit.as2.mdn.ask == AskFor::Async;
    if asks || !awaited || !may_be_sealed(&letter.headers) || letter.content.length() > LARGEST {
        return None;
    }
    desk.failures.check(&visit.name, visit.as2.failures_per_hour, visit.now).ok()?;
    let began = desk.mail.now().tick;
    match learn(desk, visit, letter).await {
        Ok(()) => Some(taken()),
        Err(Untaken::House(problem)) => Some(problem.into_response()),
        Err(Untaken::Unread(_) | Untaken::Unknown | Untaken::Unproven(..)) => {
            failures::next_tick(began, desk.mail.now().tick).await;
            None
        }
    }
}

/// Why a receipt changes nothing.
enum Untaken {
    /// It cannot be read.
    Unread(MdnFault),
    /// It is for nothing that we sent.
    Unknown,
    /// Anyone could have written it.
    Unproven(&'static str, String),
    /// The house did not keep it.
    House(Problem),
}

async fn learn<M: Mail>(desk: &Desk<M>, visit: &Visit, letter: &Letter) -> Result<(), Untaken> {
    let lost = || Untaken::House(Problem::from(lost()));
    let body = letter.content.bytes().map_err(|_| lost())?;
    let at = visit.now.at;
    let (as2, headers, copy) = (visit.as2.clone(), letter.headers.clone(), body.clone());
    let said =
        tokio::task::spawn_blocking(move || Came { headers: &headers, body: &copy, at }.read(&as2));
    let report = said.await.map_err(|_| lost())?.map_err(Untaken::Unread)?;
    let (id, sent) = sent(desk, visit, &report).ok_or_else(|| unknown(visit, &report))?;
    let came = Came { headers: &letter.headers, body: &body, at };
    let attempt = came.judge(&visit.as2, &sent, Ok(&report));
    if let Err(error) = &attempt.outcome {
        tracing::warn!(
            partner = %visit.name, message_id = %id, code = error.code(), %error,
            "a receipt does not prove a delivery"
        );
        // Whoever can reach us could send this: it changes nothing.
        if let TransportError::Unproven { code, why, .. } = error
            && UNPROVEN.contains(code)
        {
            return Err(Untaken::Unproven(code, why.clone()));
        }
    }
    let learnt = desk.mail.learnt(&visit.name, id, attempt).await;
    learnt.map_err(|refusal| Untaken::House(Problem::from(refusal)))
}

/// What became of a receipt that is not encrypted, as its sender is told.
fn told(learnt: Result<(), Untaken>) -> Result<Response, Problem> {
    Err(match learnt {
        Ok(()) => return Ok(taken()),
        Err(Untaken::Unread(fault)) => {
            Problem::new(StatusCode::BAD_REQUEST, fault.code(), fault.to_string())
        }
        Err(Untaken::Unknown) => {
            let text = "this receipt names no message that we sent you over AS2; Original-Message-ID \
                        must be the Message-ID of what it is for";
            Problem::new(StatusCode::NOT_FOUND, "mdn_wrong_message", text)
        }
        Err(Untaken::Unproven(code, why)) => Problem::new(StatusCode::FORBIDDEN, code, why),
        Err(Untaken::House(problem)) => problem,
    })
}

/// What a receipt is for, and what was noted when that was sent.
fn sent<M: Mail>(
    desk: &Desk<M>,
    visit: &Visit,
    report: &Report,
) -> Option<(MessageId, Vec<SentNote>)> {
    let id = report.original().and_then(message)?;
    let notes = desk.mail.noted(&visit.name, id).ok()?;
    let sent: Vec<SentNote> = notes
        .iter()
        .filter(|(label, _)| label == SENT)
        .filter_map(|(_, bytes)| serde_json::from_slice(bytes).ok())
        .collect();
    (!sent.is_empty()).then_some((id, sent))
}

/// The message of ours that a name says.
fn message(name: &MessageName) -> Option<MessageId> {
    name.as_str().split('@').next()?.parse().ok()
}

fn unknown(visit: &Visit, report: &Report) -> Untaken {
    let named = report.original().map_or("none", MessageName::as_str);
    tracing::warn!(partner = %visit.name, named, "a receipt for what we did not send");
    Untaken::Unknown
}

/// Faults of receipts that anyone could have written.
const UNPROVEN: [&str; 4] =
    ["mdn_unsigned", "mdn_bad_signature", "mdn_unreadable", "mdn_wrong_message"];

/// A receipt is small.
const LARGEST: u64 = 1_000_000;
