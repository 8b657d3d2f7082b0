//! What lies in a partner's mailbox, and what we gave back: found fast, however much there is.

use super::house::Gateway;
use super::receipt;
use crate::event::State;
use crate::message::{Direction, MessageId, PartnerId, Reference, ReferenceKind};
use crate::spool::{Dossier, Head, Offer, Query, SpoolError, Summary};
use crate::transport::{Letter, Returned};

/// What waits for a partner, oldest first, after `after`, at most `most`.
pub(super) fn waiting(
    house: &Gateway,
    partner: &PartnerId,
    after: Option<MessageId>,
    most: usize,
) -> Result<Vec<Letter>, SpoolError> {
    let offers = house.spool.offers(partner, after, most)?;
    Ok(offers.iter().map(offered).collect())
}

/// One message, if it waits for this partner.
pub(super) fn one_waiting(
    house: &Gateway,
    partner: &PartnerId,
    id: MessageId,
) -> Result<Option<Letter>, SpoolError> {
    Ok(house.spool.offer(partner, id)?.as_ref().map(offered))
}

/// What a partner collected before, newest first.
pub(super) fn collected(
    house: &Gateway,
    partner: &PartnerId,
    most: usize,
) -> Result<Vec<Letter>, SpoolError> {
    let had = |summary: &Summary| {
        matches!(
            summary.state,
            State::Awaiting | State::Delivered | State::Acknowledged | State::Refused
        )
    };
    let found = newest(house, partner, Direction::Outbound, most, had)?;
    Ok(found.iter().filter(|dossier| was_offered(dossier)).map(letter).collect())
}

/// What a partner handed in and we could not take as it is, newest first.
pub(super) fn turned_back(
    house: &Gateway,
    partner: &PartnerId,
    most: usize,
) -> Result<Vec<Returned>, SpoolError> {
    let bad = |summary: &Summary| matches!(summary.state, State::Rejected | State::Quarantined);
    let found = newest(house, partner, Direction::Inbound, most, bad)?;
    let returned = |dossier: &Dossier| {
        Ok(Returned {
            id: dossier.summary.id,
            file_name: file_name(dossier),
            since: dossier.summary.opened,
            length: dossier.body.length,
            why: receipt::receipt(house, dossier)?.summary,
        })
    };
    found.iter().map(returned).collect()
}

/// The newest messages of a partner's of a sort. Only so far back is looked: mailboxes are no
/// archive.
fn newest(
    house: &Gateway,
    partner: &PartnerId,
    direction: Direction,
    most: usize,
    wanted: impl Fn(&Summary) -> bool,
) -> Result<Vec<Dossier>, SpoolError> {
    let query =
        Query { partner: Some(partner.clone()), direction: Some(direction), ..Query::default() };
    let (mut found, mut before) = (Vec::new(), None);
    for _ in 0..PAGES {
        let page = house.spool.list(&query, before, A_PAGE)?;
        for summary in page.messages.iter().filter(|summary| wanted(summary)) {
            if found.len() < most {
                found.push(house.spool.dossier(summary.id)?);
            }
        }
        before = page.next;
        if before.is_none() || found.len() >= most {
            break;
        }
    }
    Ok(found)
}

/// How far back is looked: so many pages of so many messages.
const PAGES: usize = 20;
const A_PAGE: usize = 500;

fn letter(dossier: &Dossier) -> Letter {
    described(&dossier.summary, file_name(dossier), dossier.body.length, &dossier.references)
}

fn offered(offer: &Offer) -> Letter {
    let name = named(&offer.head, offer.summary.id);
    described(&offer.summary, name, offer.summary.length, &offer.references)
}

fn described(summary: &Summary, file_name: String, length: u64, found_by: &[Reference]) -> Letter {
    let sets = found_by.iter().filter(|named| named.kind == ReferenceKind::SetKind);
    Letter {
        id: summary.id,
        file_name,
        since: summary.opened,
        sets: sets.map(|named| named.value.clone()).collect(),
        length,
        test: summary.test,
    }
}

/// What a message is called as a file.
pub(super) fn file_name(dossier: &Dossier) -> String {
    named(&dossier.head, dossier.summary.id)
}

fn named(head: &Head, id: MessageId) -> String {
    head.file_name.clone().unwrap_or_else(|| format!("{id}.edi"))
}

/// Whether it is, or was, there to be collected.
pub(super) fn was_offered(dossier: &Dossier) -> bool {
    let offered =
        |event: &crate::event::Event| matches!(event.kind, crate::event::EventKind::Offered);
    dossier.events.iter().any(offered)
}
