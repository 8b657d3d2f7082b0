//! What should have come before and has not: a ship notice before the order's acknowledgment, an
//! invoice before the ship notice, an order's change before the order.
//!
//! Networks and people let documents overtake each other, so whatever comes is taken and told at
//! once, each document for itself. Only if what should have come before has not come a day later is
//! the ERP told of that, once for each order. A follower of the journal that stays a day behind looks
//! back on everything; where it is, is kept with what it found, in one write.

use super::house::Gateway;
use super::notices::{MISSING, Telling, kind_of};
use crate::document::DocumentKind;
use crate::event::{EventKind, Notice};
use crate::message::{Direction, Moment, PartnerId, ReferenceKind};
use crate::partner::Partner;
use crate::spool::{SpoolError, Step, Told};
use jiff::SignedDuration;
use serde_json::json;

/// What one kind of document should find there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Precedent {
    /// The set that came.
    came: &'static str,
    /// The set that should have come before.
    wanted: &'static str,
    /// The event that tells of it.
    told: &'static str,
}

/// What should have come before what an event tells of.
fn precedent(kind: &str) -> Option<Precedent> {
    use DocumentKind as Kind;
    let before = |came, wanted, document| Precedent { came, wanted, told: kind_of(document) };
    if kind == kind_of(Kind::ShipNotice) {
        Some(before("856", "855", Kind::PurchaseOrderAcknowledgment))
    } else if kind == kind_of(Kind::Invoice) {
        Some(before("810", "856", Kind::ShipNotice))
    } else if kind == kind_of(Kind::PurchaseOrderChange) {
        Some(before("860", "850", Kind::PurchaseOrder))
    } else {
        None
    }
}

/// Whether it is agreed that a partner sends us a set: what is not agreed is not missed.
fn is_agreed(partner: &Partner, set: &str) -> bool {
    let about = &mut partner.agreements.iter();
    about.any(|about| about.direction == Direction::Inbound && about.set == set)
}

impl Gateway {
    /// Looks back on what came a day before `now`, and tells what had not come before it and has not
    /// come since.
    pub async fn tell_missing(&self, now: Moment) -> Result<(), SpoolError> {
        let mut from = self.spool.cursor(FOLLOWER).unwrap_or_default();
        loop {
            let wanted = |told: &Told| matches!(told, Told::Notice { notice, .. } if precedent(&notice.kind).is_some());
            let end = self.spool.end();
            let stretch = self.spool.follow(from, AT_ONCE, wanted)?;
            // To write down that nothing happened would be something that happened.
            if stretch.told.is_empty() && stretch.next >= end {
                return Ok(());
            }
            let (mut step, mut next) = (Step::new(now), from);
            let mut early = false;
            for (behind, told) in stretch.told {
                let Told::Notice { notice, .. } = told else { continue };
                if now.at.duration_since(notice.at) < PATIENCE {
                    early = true;
                    break;
                }
                self.look(&notice, now, &mut step)?;
                next = behind;
            }
            if !early {
                next = stretch.next;
            }
            if next == from {
                return Ok(());
            }
            step.follow(FOLLOWER, next);
            self.spool.advance(step).await?;
            if early {
                return Ok(());
            }
            from = next;
        }
    }

    fn look(&self, notice: &Notice, now: Moment, step: &mut Step) -> Result<(), SpoolError> {
        let partners = self.partners();
        let (Some(precedent), Some(partner)) =
            (precedent(&notice.kind), partners.partner(notice.partner.as_str()))
        else {
            return Ok(());
        };
        let order = &notice.subject;
        if !is_agreed(partner, precedent.wanted)
            || !self.names_order(notice)?
            || self.was_told(&notice.partner, order, precedent.told)?
        {
            return Ok(());
        }
        let Precedent { came, wanted, .. } = precedent;
        let (message, at, test) = (notice.message, now.at, notice.test);
        let telling = Telling { partner: &notice.partner, message, at, test };
        let data = json!({
            "order": order, "came": came, "missing": wanted, "since": notice.at,
            "message": message, "event": notice.id,
        });
        let missing = telling.notice(MISSING, order, &[order, came, wanted]);
        // Several invoices for one order miss one ship notice.
        if self.was_told(&notice.partner, order, MISSING)?
            || step.notices().any(|(other, _)| other.id == missing.id)
        {
            return Ok(());
        }
        let said = format!("the {wanted} for order {order} should have come before, and has not");
        tracing::warn!(
            message_id = %message, partner = %notice.partner, lineage = %missing.lineage(),
            came, missing = wanted, "what should have come before has not come for a day"
        );
        metrics::counter!(
            "wharf_missing_documents_total",
            "partner" => notice.partner.to_string(), "set" => wanted
        )
        .increment(1);
        step.notice(missing, data.to_string().into_bytes());
        step.event(message, EventKind::Noted(said));
        Ok(())
    }

    /// Whether the subject of an event is an order, and not the document's own number for want of one.
    fn names_order(&self, notice: &Notice) -> Result<bool, SpoolError> {
        let dossier = self.spool.dossier(notice.message)?;
        let named = &mut dossier.references.iter();
        Ok(named.any(|one| one.kind == ReferenceKind::Order && one.value == notice.subject))
    }

    /// Whether the ERP was ever told of something of this kind about an order.
    fn was_told(&self, partner: &PartnerId, order: &str, kind: &str) -> Result<bool, SpoolError> {
        for message in self.spool.find(order, Some(ReferenceKind::Order))? {
            let dossier = self.spool.dossier(message)?;
            let told = |(notice, _): &(Notice, _)| {
                notice.kind == kind && notice.partner == *partner && notice.subject == order
            };
            if dossier.notices.iter().any(told) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// The name under which it is kept how far we looked.
const FOLLOWER: &str = "gateway:missing";

/// How long what should have come before may come later.
const PATIENCE: SignedDuration = SignedDuration::from_hours(24);

/// How many are looked back on in one write.
const AT_ONCE: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_document_is_missed_by_the_one_that_follows_it_and_by_no_other() {
        let wanted = |kind| precedent(kind_of(kind)).map(|one| (one.came, one.wanted));
        assert_eq!(wanted(DocumentKind::ShipNotice), Some(("856", "855")));
        assert_eq!(wanted(DocumentKind::Invoice), Some(("810", "856")));
        assert_eq!(wanted(DocumentKind::PurchaseOrderChange), Some(("860", "850")));
        assert_eq!(wanted(DocumentKind::PurchaseOrder), None);
        assert_eq!(precedent(MISSING), None);
    }
}
