//! A message: opened, kept, and then answered.

use super::super::super::inbox::{Handed, Refusal, RefusalKind, Taken};
use super::super::super::mail::{Mail, Reply};
use super::super::agreed::{pairs, policy};
use super::super::disposition::{Disposition, ProcessingError};
use super::super::error::As2Error;
use super::super::evidence::{FACTS, Facts, json};
use super::super::headers::{Letterhead, ReceiptForm};
use super::super::mic::Mic;
use super::super::open::open;
use super::super::opened::{Opened, Terms};
use super::answer::{Wanted, lost, receipt, response, taken};
use super::desk::Desk;
use super::failures;
use super::letter::Letter;
use super::shelf::Shelf;
use super::visit::Visit;
use crate::http::Problem;
use crate::message::{Body, Channel, Proof};
use crate::partner::{Habit, PinFor};
use crate::pki::DigestAlgorithm;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use std::sync::Arc;

/// Takes a message in, or says why not.
pub(super) async fn take<M: Mail>(desk: &Desk<M>, visit: Visit, letter: Letter) -> Response {
    let Some(letterhead) = visit.letterhead.clone() else { return problem(lost()) };
    let most = visit.as2.failures_per_hour;
    if let Err(refused) = desk.failures.check(&visit.name, most, visit.now) {
        return refused.into_response();
    }
    let sender = Sender { desk, visit: Arc::new(visit), letterhead: Arc::new(letterhead) };
    match sender.wanted() {
        Err((wanted, Objection::Asked(error))) => sender.refuse(&wanted, &error).await,
        Err((wanted, Objection::Address)) => {
            let failure = Disposition::Failure("receipt address not agreed".to_owned());
            let words = "The receipt was asked for at an address that we did not agree on. Nothing was \
                         taken in; agree on the address with us, or ask for the receipt in the answer.";
            sender.say(&wanted, &failure, words, "receipt_address_not_agreed").await
        }
        Ok(wanted) => sender.take(letter, wanted).await,
    }
}

/// A partner, at the door with a message.
struct Sender<'d, M> {
    desk: &'d Desk<M>,
    visit: Arc<Visit>,
    letterhead: Arc<Letterhead>,
}

/// A message that was opened, with its contents and the receipt for it.
struct Found {
    opened: Opened,
    bodies: Vec<Body>,
    receipt: Option<Vec<u8>>,
}

/// Why the receipt that is asked for cannot be given.
enum Objection {
    /// Its form.
    Asked(As2Error),
    /// Where it is to go.
    Address,
}

/// Why a message was not opened.
enum Closed {
    /// It could not be.
    Fault(As2Error),
    /// The house took no more.
    House(Refusal),
}

impl<M: Mail> Sender<'_, M> {
    /// Which receipt is wanted; or why that one cannot be given, and which one says so.
    fn wanted(&self) -> Result<Wanted, (Wanted, Objection)> {
        let Some(asked) = &self.letterhead.receipt else { return Ok(Wanted::Nothing) };
        let policy = policy(&self.visit.as2, 0);
        let digests: Vec<DigestAlgorithm> = policy.digests_at(self.visit.now.at).collect();
        let plain = ReceiptForm { signed: false, digest: None };
        let form = asked
            .options
            .choose(&digests)
            .map_err(|error| (Wanted::Now(plain), Objection::Asked(error)))?;
        match &asked.deliver_to {
            None => Ok(Wanted::Now(form)),
            Some(to) if self.visit.as2.mdn.may_go_to(to) => Ok(Wanted::Later(form, to.clone())),
            Some(to) => {
                tracing::warn!(
                    partner = %self.visit.name, address = to.escape_debug().to_string(),
                    "a receipt was asked for at an address that is not below `theirs` in [as2.mdn]"
                );
                Err((Wanted::Now(form), Objection::Address))
            }
        }
    }

    async fn take(&self, letter: Letter, wanted: Wanted) -> Response {
        let (form, began) = (wanted.form(), self.desk.mail.now().tick);
        let (mail, visit) = (Arc::clone(&self.desk.mail), Arc::clone(&self.visit));
        let letterhead = Arc::clone(&self.letterhead);
        let found = tokio::task::spawn_blocking(move || {
            let found = find(mail, &visit, &letterhead, &letter, form)?;
            Ok((letter, found))
        });
        match found.await {
            Err(_) => problem(lost()),
            Ok(Err(Closed::House(refusal))) => problem(refusal),
            Ok(Err(Closed::Fault(error))) => {
                if error.disposition() == UNDECRYPTED {
                    failures::next_tick(began, self.desk.mail.now().tick).await;
                }
                self.refuse(&wanted, &error).await
            }
            Ok(Ok((letter, found))) => self.keep(letter, found, &wanted).await,
        }
    }

    /// Hands in every content; the last one brings the receipt on its way.
    async fn keep(&self, letter: Letter, found: Found, wanted: &Wanted) -> Response {
        let Found { opened, bodies, mut receipt } = found;
        let mut evidence = letter.evidence();
        let last = bodies.len().saturating_sub(1);
        let mut again = false;
        for (index, body) in bodies.into_iter().enumerate() {
            let evidence = std::mem::take(&mut evidence);
            let handed = self.handed(evidence, &opened, index, body, receipt.as_ref());
            let later = match (wanted, &receipt) {
                (Wanted::Later(_, to), Some(bytes)) if index == last => Some(Reply {
                    to: to.clone(),
                    about: self.letterhead.message_id.as_str().to_owned(),
                    bytes: bytes.clone(),
                }),
                _ => None,
            };
            match self.desk.mail.take_in(handed, later).await {
                Ok(Taken::New(_)) => {}
                // What was said then is said again, byte for byte.
                Ok(Taken::Repeat { answer, .. }) => {
                    again = index == last;
                    receipt = answer.or(receipt);
                }
                Err(refusal) => return self.unkept(refusal, wanted).await,
            }
        }
        if again && self.visit.as2.has(Habit::WarnedDuplicates) {
            let words = "The message came before, and was taken in then.";
            let mic = Some(opened.mic);
            return self.say_of(wanted, &Disposition::duplicate(), mic, words, "duplicate").await;
        }
        self.count(if again { "repeat" } else { "processed" });
        match (wanted, receipt) {
            (Wanted::Now(_), Some(receipt)) => {
                response(&receipt).unwrap_or_else(|| problem(lost()))
            }
            (Wanted::Now(_) | Wanted::Later(..) | Wanted::Nothing, _) => taken(),
        }
    }

    fn handed(
        &self,
        evidence: Vec<(String, Body)>,
        opened: &Opened,
        index: usize,
        body: Body,
        receipt: Option<&Vec<u8>>,
    ) -> Handed {
        let Letterhead { message_id, from, to, subject, .. } = &*self.letterhead;
        let about = opened.attachments.get(index).cloned().unwrap_or_default();
        let names = [message_id.as_str(), from.as_str(), to.as_str()];
        let facts = Facts::of(names, subject.as_deref(), self.visit.now.at, opened);
        let mut kept = vec![(FACTS.to_owned(), Body::from(json(&facts)))];
        kept.extend(evidence);
        let key = if index == 0 {
            message_id.as_str().to_owned()
        } else {
            format!("{}#{}", message_id.as_str(), index + 1)
        };
        let proof = opened.signed.as_ref().map_or_else(
            || Proof::Claimed(from.to_string()),
            |signed| Proof::Certificate(signed.certificate.to_string()),
        );
        Handed {
            partner: self.visit.name.clone(),
            channel: Channel::As2,
            proof,
            file_name: about.file_name.as_deref().and_then(plain),
            content_type: about.content_type,
            key: Some(key),
            document: None,
            body,
            answer: receipt.map(|receipt| Body::from(receipt.clone())),
            kept,
        }
    }

    /// The house said no to what was opened.
    async fn unkept(&self, refusal: Refusal, wanted: &Wanted) -> Response {
        match refusal.kind {
            RefusalKind::Full | RefusalKind::Unavailable => problem(refusal),
            RefusalKind::Conflict => {
                let words = "Another message with other content came under this Message-ID before. \
                             Send this one under an id of its own.";
                let other = ProcessingError::Other("message-id-used-before".to_owned());
                self.say(wanted, &Disposition::Error(other), words, refusal.code).await
            }
            RefusalKind::Invalid
            | RefusalKind::Unknown
            | RefusalKind::NotAgreed
            | RefusalKind::TooLarge => {
                let unexpected = Disposition::Error(ProcessingError::UnexpectedProcessingError);
                self.say(wanted, &unexpected, &refusal.text, refusal.code).await
            }
        }
    }

    /// Says why a message was not opened.
    async fn refuse(&self, wanted: &Wanted, error: &As2Error) -> Response {
        let visit = &self.visit;
        let code = error.code();
        tracing::warn!(
            partner = %visit.name, message = %self.letterhead.message_id, code, %error,
            "a message over AS2 was not taken in"
        );
        if error.is_ours() {
            return problem(lost());
        }
        let disposition = error.disposition();
        if disposition == UNDECRYPTED {
            self.desk.failures.count(&visit.name, visit.now);
        }
        self.say(wanted, &disposition, error.advice(), code).await
    }

    /// A receipt that says no, or a status where none is wanted.
    async fn say(
        &self,
        wanted: &Wanted,
        disposition: &Disposition,
        words: &str,
        code: &'static str,
    ) -> Response {
        self.say_of(wanted, disposition, None, words, code).await
    }

    async fn say_of(
        &self,
        wanted: &Wanted,
        disposition: &Disposition,
        mic: Option<Mic>,
        words: &str,
        code: &'static str,
    ) -> Response {
        self.count(code);
        let Some(form) = wanted.form() else {
            return Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "as2_not_taken", words)
                .into_response();
        };
        let (visit, letterhead) = (Arc::clone(&self.visit), Arc::clone(&self.letterhead));
        let (told, text) = (disposition.clone(), words.to_owned());
        let written = tokio::task::spawn_blocking(move || {
            receipt(&visit, &letterhead, form, &told, mic.as_ref(), &text)
        });
        let written = match written.await {
            Ok(Ok(written)) => written,
            Ok(Err(error)) => {
                tracing::error!(partner = %self.visit.name, error, "a receipt cannot be written");
                return problem(lost());
            }
            Err(_) => return problem(lost()),
        };
        if let Wanted::Later(_, to) = wanted {
            let (to, about) = (to.clone(), self.letterhead.message_id.as_str().to_owned());
            let reply = Reply { to, about, bytes: written };
            return match self.desk.mail.reply(&self.visit.name, reply).await {
                Ok(()) => taken(),
                Err(refusal) => problem(refusal),
            };
        }
        response(&written).unwrap_or_else(|| problem(lost()))
    }

    fn count(&self, outcome: &'static str) {
        let partner = self.visit.name.to_string();
        metrics::counter!("wharf_as2_received_total", "partner" => partner, "outcome" => outcome)
            .increment(1);
    }
}

/// Opens a message and writes the receipt for it: all that takes computing.
fn find<M: Mail>(
    mail: Arc<M>,
    visit: &Visit,
    letterhead: &Letterhead,
    letter: &Letter,
    form: Option<ReceiptForm>,
) -> Result<Found, Closed> {
    let at = visit.now.at;
    let policy = policy(&visit.as2, visit.limits.body.bytes());
    let (ours, theirs) = (pairs(&visit.as2), visit.as2.theirs(PinFor::Verify, at));
    let mic = form.and_then(|form| form.digest);
    let terms = Terms { policy: &policy, ours: &ours, theirs: &theirs, mic, at };
    let mut shelf = Shelf::new(mail, visit.name.clone(), letter.content.length());
    let opened = open(&letter.headers, &mut letter.content.reader(), &terms, &mut shelf);
    let opened = opened.map_err(|error| match shelf.refused.take() {
        Some(refusal) => Closed::House(refusal),
        None => Closed::Fault(error),
    })?;
    let receipt = form.map(|form| {
        let digest = form.digest.or(opened.signed.as_ref().map(|signed| signed.digest));
        let form = ReceiptForm { digest, ..form };
        let mic = Some(&opened.mic);
        receipt(visit, letterhead, form, &Disposition::Processed, mic, "")
    });
    let receipt = receipt.transpose().map_err(|why| Closed::Fault(As2Error::Ours(why)))?;
    Ok(Found { opened, bodies: shelf.bodies, receipt })
}

const UNDECRYPTED: Disposition = Disposition::Error(ProcessingError::DecryptionFailed);

fn problem(refusal: Refusal) -> Response {
    Problem::from(refusal).into_response()
}

/// A name without what would deceive a reader of logs, and not too long.
fn plain(name: &str) -> Option<String> {
    let shown = name.chars().filter(|c| !c.is_control()).take(200).collect::<String>();
    let shown = shown.trim();
    (!shown.is_empty()).then(|| shown.to_owned())
}
