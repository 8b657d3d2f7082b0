//! One trading partner.

use super::agreement::{Agreement, agreement, direction};
use super::desk::Placed;
use super::envelope::first_six;
use super::fault::FaultKind;
use super::identity::{Identity, IsaId, WrittenIdentity, identities};
use super::papers::Context;
use super::role::{Mode, Role};
use super::rules::Rules;
use super::terms::Terms;
use super::us::WrittenUs;
use super::wires::{Way, Wires, WrittenWires};
use super::written::Table;
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
    /// Its wires.
    #[serde(flatten)]
    pub wires: Wires,
    /// How we deal with each other.
    pub terms: Terms,
}

impl Partner {
    /// The agreement about a set that goes `direction` in the release of a GS08: the one for that
    /// very code, or else for its first six characters.
    pub fn agreement(&self, direction: Direction, set: &str, release: &str) -> Option<&Agreement> {
        let about = || self.about(direction, set);
        let exact = about().find(|agreement| agreement.release.as_str() == release);
        exact.or_else(|| about().find(|agreement| agreement.release.as_str() == first_six(release)))
    }

    /// The one agreement about a set that we send.
    pub fn outbound(&self, set: &str) -> Option<&Agreement> {
        self.about(Direction::Outbound, set).next()
    }

    /// How what is for this partner reaches them; none: nothing is sent to them.
    pub fn way(&self) -> Option<Way<'_>> {
        self.wires.way()
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
    pub(super) wires: WrittenWires,
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
        let terms =
            Terms::read(&mut table, &us.map_or_else(Terms::usual, |us| us.defaults.clone()));
        let release = &terms.envelope.release;
        let context = Context { rules, folder: name.as_str(), role, mode, release };
        let written = table.tables("agreements");
        let agreements =
            written.into_iter().filter_map(|table| agreement(table, &context)).collect::<Vec<_>>();
        agreed_twice(&table, &agreements);
        let our_as2 = us.map(|us| &us.as2.0);
        let wires = WrittenWires::read(&mut table, &name, rules.source, our_as2);
        let sent = agreements.iter().find(|about| about.value.direction == Direction::Outbound);
        if let (Some(sent), false) = (sent, wires.reach()) {
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
            wires,
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
            wires: self.wires.wires(),
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

#[cfg(test)]
mod tests {
    use super::super::sample::{ACME, Folder, US, faults_of};
    use super::*;

    #[test]
    fn an_agreement_is_found_by_its_release_or_the_first_six_characters_of_it() {
        let more = |release| {
            format!("[[agreements]]\nset = '855'\ndirection = 'in'\nrelease = '{release}'\n")
        };
        let text = format!("{ACME}{}{}", more("004010VICS"), more("005010"));
        let partners = Folder::of(&[("us.toml", US), ("acme.toml", &text)]).load().unwrap();
        let acme = partners.partner("acme").unwrap();
        let found = |release| {
            let agreement = acme.agreement(Direction::Inbound, "855", release);
            agreement.map(|agreement| agreement.release.as_str())
        };
        assert_eq!(found("004010"), Some("004010"));
        assert_eq!(found("004010VICS"), Some("004010VICS"));
        assert_eq!(found("004010UCS"), Some("004010"));
        assert_eq!(found("005010"), Some("005010"));
        assert_eq!(found("006020"), None);
        assert!(acme.agreement(Direction::Outbound, "855", "004010").is_none());
        assert_eq!(acme.outbound("850").unwrap().release.as_str(), "004010");
    }

    #[test]
    fn we_may_be_someone_else_to_a_partner() {
        let us = US.replace(
            "gs = ['LAKESIDE'] }",
            "gs = ['LAKESIDE'] }, { isa = '20:LS1', gs = ['LSCLINIC'] }",
        );
        let load = |name: &str| {
            let acme = format!("we_are = '{name}'\n{ACME}");
            Folder::of(&[("us.toml", &us), ("acme.toml", &acme)]).load()
        };
        assert_eq!(load("20:LS1").unwrap().partner("acme").unwrap().ours.group(), "LSCLINIC");
        assert_eq!(
            load("20:LS2").unwrap_err(),
            ["partners/acme.toml:1:10: we are not `20:LS2`; us.toml knows: ZZ:LAKESIDE, 20:LS1"]
        );
    }

    #[test]
    fn what_is_sent_needs_a_way() {
        assert_eq!(
            faults_of(&ACME.replace("[https]\n", "")),
            [
                "partners/acme.toml:6:1: there are documents to send them and nothing says how; add [https], [sftp] or [folder]"
            ]
        );
        assert_eq!(
            faults_of(&ACME.replace("[https]\n", "[https]\ndeliver = 'post'\n")),
            ["partners/acme.toml:7:11: `post` is not known here; write one of: mailbox"]
        );
    }

    #[test]
    fn terms_are_read_strictly() {
        let terms = "[envelope]\nisa_version = '401'\nseparators = { element = '|', segment = '|', component = 'ab' }\n\
            [acknowledgments]\ngiven = { functional = '998', ta1 = 'sometimes', loops = 'some' }\n\
            wanted = { functional = 'both', within = '1 day', ta1_within = '1w' }\n\
            [schedule]\ndays = ['mon', 'thursday']\nfrom = '6:00'\nto = '00:00'\nzone = 'Nowhere/Land'\n\
            [retry]\nwaits = ['15']\nthen = '0s'\ngive_up = '2y'\n\
            [limits]\nbody = '0MB'\nrequests_per_minute = -1\nat_once = '3'\n";
        let faults = faults_of(&format!("{ACME}{terms}"));
        let length =
            "is no length of time; write a number and s, m, h or d, as in \"15m\", up to a year";
        assert_eq!(
            faults,
            [
                "14:15: `401` is no version of an interchange; write the five digits of ISA12, such as \"00401\"".to_owned(),
                "15:14: `>^||` is no set of separators; write four different characters".to_owned(),
                "15:58: `ab` is no separator; write one character that is no letter, digit or space".to_owned(),
                "17:24: `998` is not known here; write one of: auto, 997, 999, none".to_owned(),
                "17:37: `sometimes` is not known here; write one of: never, as_requested, on_error, always".to_owned(),
                "17:58: `some` is not known here; write one of: all, only_faulty".to_owned(),
                "18:25: `both` is not known here; write one of: any, 997, 999, none".to_owned(),
                format!("18:42: `1 day` {length}"),
                format!("18:64: `1w` {length}"),
                "20:16: `thursday` is not known here; write one of: mon, tue, wed, thu, fri, sat, sun".to_owned(),
                "21:8: `6:00` is no time of the day; write hours and minutes in quotes, as in \"06:30\"".to_owned(),
                "22:6: `00:00` is no end of these hours; write a time later than `from`, as in \"18:00\"; hours end before midnight".to_owned(),
                "23:8: `Nowhere/Land` is no time zone; write its IANA name, as in \"America/Chicago\"".to_owned(),
                format!("25:10: `15` {length}"),
                "26:8: `0s` is no wait between attempts; write a second or more, as in \"30m\"".to_owned(),
                format!("27:11: `2y` {length}"),
                "29:8: `0MB` is no size; write a number and B, kB, MB, GB or TB, as in \"10MB\", up to 10 TB".to_owned(),
                "30:23: `-1` is no number that can stand here; write a whole number above zero".to_owned(),
                "31:11: this is text, and must be a whole number".to_owned(),
            ]
            .map(|fault| format!("partners/acme.toml:{fault}"))
        );
    }
}
