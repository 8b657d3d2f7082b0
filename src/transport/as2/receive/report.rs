//! A receipt (MDN) for what we sent. It is answered by a status and nothing else.

use super::super::super::error::TransportError;
use super::super::super::mail::Mail;
use super::super::evidence::{SENT, SentNote};
use super::super::headers::MessageName;
use super::super::mdn::Report;
use super::super::proof::Came;
use super::answer::{lost, taken};
use super::desk::Desk;
use super::letter::Letter;
use super::visit::Visit;
use crate::http::Problem;
use crate::message::MessageId;
use axum::http::StatusCode;
use axum::response::Response;

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
    let body = letter.content.bytes().map_err(|_| Problem::from(lost()))?;
    let report = Report::read(&letter.headers, &body).map_err(|fault| {
        tracing::warn!(partner = %visit.name, %fault, "a receipt over AS2 cannot be read");
        Problem::new(StatusCode::BAD_REQUEST, fault.code(), fault.to_string())
    })?;
    let id = report.original().and_then(message);
    let id = id.ok_or_else(|| unknown(visit, report.original()))?;
    let notes = desk.mail.noted(&visit.name, id).map_err(|_| unknown(visit, report.original()))?;
    let sent: Vec<SentNote> = notes
        .iter()
        .filter(|(label, _)| label == SENT)
        .filter_map(|(_, bytes)| serde_json::from_slice(bytes).ok())
        .collect();
    if sent.is_empty() {
        return Err(unknown(visit, report.original()));
    }
    let came = Came { headers: &letter.headers, body: &body, at: visit.now.at };
    let attempt = came.judge(&visit.as2, &sent);
    if let Err(error) = &attempt.outcome {
        tracing::warn!(
            partner = %visit.name, message_id = %id, code = error.code(), %error,
            "a receipt does not prove a delivery"
        );
        // Whoever can reach us could send this: it changes nothing.
        if let TransportError::Unproven { code, why, .. } = error
            && UNPROVEN.contains(code)
        {
            return Err(Problem::new(StatusCode::FORBIDDEN, *code, why.as_str()));
        }
    }
    desk.mail.learnt(&visit.name, id, attempt).await.map_err(Problem::from)?;
    Ok(taken())
}

/// The message of ours that a name says.
fn message(name: &MessageName) -> Option<MessageId> {
    name.as_str().split('@').next()?.parse().ok()
}

fn unknown(visit: &Visit, named: Option<&MessageName>) -> Problem {
    let named = named.map_or("none", MessageName::as_str);
    tracing::warn!(partner = %visit.name, named, "a receipt for what we did not send");
    let text = "this receipt names no message that we sent you over AS2; Original-Message-ID must be \
                the Message-ID of what it is for";
    Problem::new(StatusCode::NOT_FOUND, "mdn_wrong_message", text)
}

/// Faults of receipts that anyone could have written.
const UNPROVEN: [&str; 4] =
    ["mdn_unsigned", "mdn_bad_signature", "mdn_unreadable", "mdn_wrong_message"];

/// A receipt is small.
const LARGEST: u64 = 1_000_000;
