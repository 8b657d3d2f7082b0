//! How much of a partner's may be here at a time: whoever sends without end fills neither the disk
//! nor the queue of the others.
//!
//! What is counted is what waits and what came on this day, not what is kept: a partner who is served
//! well is not refused one day because everything is kept for ever.

use super::house::Gateway;
use super::refuse::refusal;
use crate::message::PartnerId;
use crate::partner::{Limits, Partner};
use crate::spool::Holding;
use crate::transport::{Refusal, RefusalKind};

impl Gateway {
    /// Whether `more` bytes of a partner's fit in beside what is here of theirs.
    pub(super) fn has_room(&self, partner: &Partner, more: u64) -> Result<(), Refusal> {
        let held = self.spool.holding(&partner.name, self.now().at);
        check(&partner.terms.limits, &held, more).inspect_err(|no| told(&partner.name, no))
    }
}

fn told(partner: &PartnerId, no: &Refusal) {
    tracing::warn!(%partner, code = no.code, reason = no.text, "a quota is used up");
    metrics::counter!(
        "wharf_over_quota_total", "partner" => partner.to_string(), "code" => no.code
    )
    .increment(1);
}

/// Whether `more` bytes fit in beside what is held. What is there already may have reached a limit,
/// but one message more must not pass it.
fn check(limits: &Limits, held: &Holding, more: u64) -> Result<(), Refusal> {
    let full = |bytes: u64, most: u64| bytes >= most || bytes.saturating_add(more) > most;
    let Holding { waiting, today } = held;
    let (code, text) = if waiting.messages >= u64::from(limits.waiting_messages) {
        let most = limits.waiting_messages;
        let text = format!("{most} messages of yours wait here, as many as may; {LATER}");
        ("too_many_waiting", text)
    } else if full(waiting.bytes, limits.waiting.bytes()) {
        let (bytes, most) = (waiting.bytes, limits.waiting);
        let text = format!("{bytes} bytes of yours wait here, and {most} may; {LATER}");
        ("too_much_waiting", text)
    } else if full(today.bytes, limits.day.bytes()) {
        let (bytes, most) = (today.bytes, limits.day);
        let text = format!(
            "{bytes} bytes came from you today, and {most} may come in a day; nothing was kept; \
             send the same again after midnight UTC, or ask us for more"
        );
        ("too_much_today", text)
    } else {
        return Ok(());
    };
    Err(refusal(RefusalKind::Full, code, text))
}

const LATER: &str = "nothing was kept; send the same again later, or ask us what holds them up";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::partner::Partners;
    use crate::spool::Amount;

    fn limits() -> Limits {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("partners");
        let library = crate::grammar::Library::shipped();
        let disk = crate::partner::Disk::new(&folder, &|_| None);
        let partners = Partners::load(&disk, &crate::partner::Shelf::new(&library)).unwrap();
        partners.us().defaults.limits
    }

    #[test]
    fn each_limit_holds_for_itself_and_says_what_is_used_up() {
        let limits = limits();
        let of = |messages, bytes| Amount { messages, bytes };
        let code = |waiting, today, more| {
            check(&limits, &Holding { waiting, today }, more).map_err(|no| (no.kind, no.code))
        };
        let (waiting, day) = (limits.waiting.bytes(), limits.day.bytes());
        let full = |code| Err((RefusalKind::Full, code));
        assert_eq!(code(of(0, 0), of(0, 0), 0), Ok(()));
        assert_eq!(code(of(100_000, 1), of(0, 0), 0), full("too_many_waiting"));
        assert_eq!(code(of(99_999, 1), of(0, 0), 0), Ok(()));
        assert_eq!(code(of(1, waiting), of(0, 0), 0), full("too_much_waiting"));
        assert_eq!(code(of(1, waiting - 5), of(0, 0), 5), Ok(()));
        assert_eq!(code(of(1, waiting - 5), of(0, 0), 6), full("too_much_waiting"));
        assert_eq!(code(of(0, 0), of(1, day), 0), full("too_much_today"));
        assert_eq!(code(of(0, 0), of(1, day - 1), 2), full("too_much_today"));
    }
}
