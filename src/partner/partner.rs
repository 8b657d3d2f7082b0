//! One trading partner.

use super::agreement::{Agreement, Context, Mode, Role, agreement, direction};
use super::envelope::first_six;
use super::fault::FaultKind;
use super::https::{Https, WrittenHttps, not_yet};
use super::identity::{Identity, IsaId, WrittenIdentity, identities};
use super::rules::Rules;
use super::terms::Terms;
use super::us::WrittenUs;
use super::written::{Placed, Table};
use crate::message::{Direction, PartnerId};
use serde::Serialize;
use std::collections::BTreeMap;

/// A trading partner, with everything that was agreed.
#[derive(Clone, Debug, Serialize)]
pub struct Partner {
    /// The name of its file.
    pub name: PartnerId,
    /// Its name for people.
    pub title: String,
    /// What it is to us.
    pub role: Role,
    /// Whether its documents count.
    pub mode: Mode,
    /// Who with us answers for it.
    pub owner: String,
    /// Whom to ask there.
    pub contacts: Vec<Contact>,
    /// Its ids.
    pub identities: Vec<Identity>,
    /// Who we are to it.
    pub ours: Identity,
    /// What was agreed about each set.
    pub agreements: Vec<Agreement>,
    /// Its HTTPS, if it has that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub https: Option<Https>,
    /// How we deal with each other.
    pub terms: Terms,
}

impl Partner {
    /// The agreement about a set that goes `direction` in the release of a GS08: the one for that
    /// very code, or else for its first six characters.
    pub fn agreement(
        &self,
        direction: Direction,
        set: &str,
        release: &str,
    ) -> Option<&Agreement> {
        let about = || self.about(direction, set);
        let exact = about().find(|agreement| agreement.release.as_str() == release);
        exact.or_else(|| {
            about().find(|agreement| agreement.release.as_str() == first_six(release))
        })
    }

    /// The one agreement about a set that we send.
    pub fn outbound(&self, set: &str) -> Option<&Agreement> {
        self.about(Direction::Outbound, set).next()
    }

    /// Whether an interchange with these ids is this partner's.
    pub fn speaks_as(&self, qualifier: &str, id: &str, group: &str) -> bool {
        let isa = IsaId::sought(qualifier, id);
        let same = |identity: &&Identity| identity.isa == isa;
        self.identities
            .iter()
            .find(same)
            .is_some_and(|identity| identity.gs.iter().any(|gs| gs.as_str() == group.trim_end()))
    }

    fn about(&self, direction: Direction, set: &str) -> impl Iterator<Item = &Agreement> {
        let fits = move |agreement: &&Agreement| agreement.direction == direction;
        self.agreements.iter().filter(fits).filter(move |agreement| agreement.set == set)
    }
}

/// Someone to ask.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Contact {
    /// Who.
    pub name: String,
    /// For what, such as `purchasing` or `technical`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// An address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// A number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
}

/// A partner as it is written, with the places that faults between files need.
#[derive(Debug)]
pub(super) struct WrittenPartner {
    pub(super) name: PartnerId,
    title: Option<String>,
    role: Option<Role>,
    mode: Option<Mode>,
    owner: Option<String>,
    contacts: Vec<Contact>,
    pub(super) identities: Vec<WrittenIdentity>,
    ours: Option<Identity>,
    agreements: Vec<Placed<Agreement>>,
    pub(super) https: Option<WrittenHttps>,
    terms: Terms,
}

impl WrittenPartner {
    pub(super) fn read(
        name: PartnerId,
        mut table: Table<'_>,
        us: Option<&WrittenUs>,
        rules: &Rules<'_>,
    ) -> Self {
        let title = table.need("title").map(|title| title.value);
        let role = table.need("role").map(|role| role.value);
        let mode = table.need("mode").map(|mode| mode.value);
        let owner = table.need("owner").map(|owner| owner.value);
        let contacts = table.tables("contacts").into_iter().filter_map(contact).collect();
        let identities = identities(&mut table);
        let ours = ours(&mut table, us);
        let terms = Terms::read(&mut table, &us.map_or_else(Terms::usual, |us| us.defaults.clone()));
        let release = &terms.envelope.release;
        let context = Context { rules, folder: name.as_str(), role, mode, release };
        let written = table.tables("agreements");
        let agreements =
            written.into_iter().filter_map(|table| agreement(table, &context)).collect::<Vec<_>>();
        agreed_twice(&table, &agreements);
        let https = table.item("https");
        let reached = https.is_some();
        let https = https
            .and_then(|item| item.table())
            .and_then(|table| WrittenHttps::read(table, rules.source));
        not_yet(&mut table);
        let sent = agreements.iter().find(|about| about.value.direction == Direction::Outbound);
        if let (Some(sent), false) = (sent, reached) {
            table.fault(sent.place, FaultKind::Unreached);
        }
        table.finish();
        Self {
            name,
            title,
            role,
            mode,
            owner,
            contacts,
            identities,
            ours,
            agreements,
            https,
            terms,
        }
    }

    /// The same as the rest of the program knows it; `None` if a fault left something out.
    pub(super) fn partner(self) -> Option<Partner> {
        Some(Partner {
            name: self.name,
            title: self.title?,
            role: self.role?,
            mode: self.mode?,
            owner: self.owner?,
            contacts: self.contacts,
            identities: self.identities.iter().map(WrittenIdentity::identity).collect(),
            ours: self.ours?,
            agreements: self.agreements.into_iter().map(|agreement| agreement.value).collect(),
            https: self.https.as_ref().map(WrittenHttps::https),
            terms: self.terms,
        })
    }
}

/// Who we are to this partner: the identity that it names, or our first.
fn ours(table: &mut Table<'_>, us: Option<&WrittenUs>) -> Option<Identity> {
    let named = table.placed::<IsaId>("we_are");
    let us = us?;
    let Some(named) = named else {
        return us.identities.first().map(WrittenIdentity::identity);
    };
    let found = us.identities.iter().find(|ours| ours.isa.value == named.value);
    if found.is_none() {
        let known = us.identities.iter().map(|ours| ours.isa.value.to_string()).collect();
        let id = named.value.to_string();
        table.fault(named.place, FaultKind::NotOurs { id, known });
    }
    found.map(WrittenIdentity::identity)
}

/// Agreements that contradict each other: what comes in is told apart by its release, what we send
/// by nothing.
fn agreed_twice(table: &Table<'_>, agreements: &[Placed<Agreement>]) {
    let mut first = BTreeMap::new();
    for Placed { place, value: about } in agreements {
        let inbound = about.direction == Direction::Inbound;
        let release = inbound.then_some(&about.release);
        let earlier = *first.entry((&about.set, about.direction, release)).or_insert(*place);
        if earlier != *place {
            let release = release.map(|release| format!(" in {release}")).unwrap_or_default();
            let what = format!("{} {}{release}", about.set, direction(about.direction));
            let line = table.desk().line(earlier);
            table.fault(*place, FaultKind::AgreedTwice { what, line });
        }
    }
}

fn contact(mut table: Table<'_>) -> Option<Contact> {
    let name = table.need("name").map(|name| name.value);
    let (about, email, phone) = (table.get("about"), table.get("email"), table.get("phone"));
    table.finish();
    Some(Contact { name: name?, about, email, phone })
}
