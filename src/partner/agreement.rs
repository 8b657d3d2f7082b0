//! What is agreed with a partner about one transaction set in one direction.

use super::desk::Placed;
use super::envelope::Release;
use super::fault::{FaultKind, shown};
use super::papers::{AgreedMap, Context, guide_for, map_for};
use super::quantity::{Length, Size};
use super::role::{Mode, Role};
use super::rules::Guide;
use super::word::Word;
use super::written::Table;
use crate::grammar::{FindingKind, Severities, Severity, Standard};
use crate::message::Direction;
use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};
use std::sync::Arc;

/// One agreement.
#[derive(Clone, Debug, Serialize)]
pub struct Agreement {
    /// The transaction set, such as `850`.
    pub set: String,
    /// Which way, seen from us.
    #[serde(serialize_with = "direction_word")]
    pub direction: Direction,
    /// What it is written in (GS08).
    pub release: Release,
    /// Whether such documents count.
    pub mode: Mode,
    /// Their guide, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub guide: Option<Guide>,
    /// What translates it.
    pub map: AgreedMap,
    /// How bad each kind of finding is.
    #[serde(serialize_with = "changed_severities")]
    pub severities: Severities,
    /// How many documents travel in one interchange; only for what we send.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub batch: Option<Batch>,
}

/// Documents that wait for each other. Whichever limit is reached first closes the interchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Batch {
    /// As many documents.
    pub count: u32,
    /// The first has waited so long.
    pub wait: Length,
    /// As many bytes.
    pub size: Size,
}

impl Batch {
    fn read(mut table: Table<'_>) -> Self {
        let batch = Self {
            count: table.or("count", 1_000),
            wait: table.or("wait", Length::seconds(300)),
            size: table.or("size", Size::of_bytes(1_000_000)),
        };
        table.finish();
        batch
    }
}

impl Word for Direction {
    const ALL: &'static [(Self, &'static str)] = &[(Self::Inbound, "in"), (Self::Outbound, "out")];
}

impl Word for Severity {
    const ALL: &'static [(Self, &'static str)] = &[
        (Self::Ignore, "ignore"),
        (Self::Warn, "warn"),
        (Self::Accept, "accept"),
        (Self::Reject, "reject"),
    ];
}

/// The word for a direction in files.
pub(super) fn direction(direction: Direction) -> &'static str {
    match direction {
        Direction::Inbound => "in",
        Direction::Outbound => "out",
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "what serde calls has this shape")]
fn direction_word<S: Serializer>(of: &Direction, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(direction(*of))
}

fn changed_severities<S: Serializer>(all: &Severities, serializer: S) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(None)?;
    for kind in FindingKind::ALL {
        let severity = all.of(*kind);
        if severity != kind.default_severity() {
            map.serialize_entry(kind.code(), &severity)?;
        }
    }
    map.end()
}

/// An agreement with the place of its table, for faults between agreements.
pub(super) fn agreement(mut table: Table<'_>, context: &Context<'_>) -> Option<Placed<Agreement>> {
    let set = table.need::<String>("set");
    let direction = table.need::<Direction>("direction").map(|direction| direction.value);
    let release = table.placed::<Release>("release");
    let release =
        release.unwrap_or(Placed { place: table.place(), value: context.release.clone() });
    let mode = table.placed::<Mode>("mode");
    let severities = table.table("severities").map(severities).unwrap_or_default();
    let batch = batch(&mut table, direction);
    let (guide, map) = (table.placed::<String>("guide"), table.placed::<String>("map"));
    if let (Some(mode), Some(Mode::Test)) = (&mode, context.mode)
        && mode.value == Mode::Production
    {
        table.fault(mode.place, FaultKind::PartnerInTest);
    }
    let mode = mode.map(|mode| mode.value).or(context.mode);
    if let (Some(set), Some(direction), Some(role)) = (&set, direction, context.role) {
        check_direction(&table, set, direction, role);
    }
    let standard = set.as_ref().and_then(|set| standard(&table, set, &release, context));
    let known = set.as_ref().zip(standard.as_deref());
    let guide = known
        .zip(guide)
        .and_then(|((set, base), name)| guide_for(&table, context, set, &name, base));
    let map = known.and_then(|(set, base)| map_for(&table, context, set, map, base));
    let place = table.place();
    table.finish();
    let (set, direction, mode, map) = (set?.value, direction?, mode?, map?);
    let release = release.value;
    let value = Agreement { set, direction, release, mode, guide, map, severities, batch };
    Some(Placed { place, value })
}

/// The batch of what we send; without one, each document travels alone.
fn batch(table: &mut Table<'_>, direction: Option<Direction>) -> Option<Batch> {
    let item = table.item("batch")?;
    if direction == Some(Direction::Inbound) {
        item.fault(FaultKind::BatchIn);
    }
    item.table().map(Batch::read)
}

fn check_direction(table: &Table<'_>, set: &Placed<String>, given: Direction, role: Role) {
    let Some(right) = role.direction_of(&set.value).filter(|right| *right != given) else { return };
    let verb = match given {
        Direction::Inbound => "send us",
        Direction::Outbound => "receive",
    };
    let (set_id, role) = (set.value.clone(), role.word());
    let direction = direction(right);
    table.fault(set.place, FaultKind::WrongWay { role, verb, set: set_id, direction });
}

/// The rules of the release, if it has the set.
fn standard(
    table: &Table<'_>,
    set: &Placed<String>,
    release: &Placed<Release>,
    context: &Context<'_>,
) -> Option<Arc<Standard>> {
    if ACKNOWLEDGMENTS.contains(&set.value.as_str()) {
        table.fault(set.place, FaultKind::AcknowledgmentSet(set.value.clone()));
        return None;
    }
    let library = context.rules.shelf.library;
    let found = library.standard(release.value.as_str());
    // A shipped or replaced grammar with faults was told of when the library was made.
    let Some(standard) = found.ok().flatten() else {
        let (release_id, known) = (release.value.to_string(), library.releases());
        table.fault(release.place, FaultKind::UnknownRelease { release: release_id, known });
        return None;
    };
    if !standard.sets.contains_key(&set.value) {
        let known = standard.sets.keys().filter(|id| !ACKNOWLEDGMENTS.contains(&id.as_str()));
        let known = known.cloned().collect();
        let (set_id, release) = (shown(&set.value), release.value.base().to_owned());
        table.fault(set.place, FaultKind::UnknownSet { set: set_id, release, known });
        return None;
    }
    Some(standard)
}

fn severities(mut table: Table<'_>) -> Severities {
    let mut severities = Severities::default();
    for (key, item) in table.entries() {
        let Some(severity) = item.read::<Severity>() else { continue };
        if let Some(kind) = FindingKind::from_code(key.value) {
            severities = severities.with(kind, severity.value);
            continue;
        }
        let codes = FindingKind::ALL.iter().map(|kind| kind.code());
        let listed = || vec!["the names that `wharf check` shows in brackets".to_owned()];
        table.desk().unknown(key, codes, listed);
    }
    severities
}

/// What is answered with, not agreed on.
const ACKNOWLEDGMENTS: [&str; 3] = ["997", "999", "TA1"];

#[cfg(test)]
mod tests {
    use super::super::sample::{ACME, Folder, US, faults_of};
    use super::*;

    fn agreed(agreement: &str) -> Vec<String> {
        faults_of(&ACME.replace("set = '855'\ndirection = 'in'\n", agreement))
    }

    #[test]
    fn an_agreement_is_about_a_set_of_a_release() {
        for (agreement, fault) in [
            ("", ["10:1: `set` is missing here", "10:1: `direction` is missing here"].as_slice()),
            (
                "set = '859'\ndirection = 'in'",
                &[
                    "11:7: release 004010 has no set `859`; it has: 810, 812, 820, 824, 832, 844, 845, 846, 849, 850, 855, 856, 860, 861, 864, 865, 867, 869, 870",
                ],
            ),
            (
                "set = '855'\ndirection = 'in'\nrelease = '004060'",
                &[
                    "13:11: there is no grammar for release `004060`; there are: 003040, 003060, 004010, 004030, 005010",
                ],
            ),
            (
                "set = '855'\ndirection = 'in'\nrelease = '4010'",
                &[
                    "13:11: `4010` is no release; write it as in GS08, such as \"004010\" or \"005010\"",
                ],
            ),
            (
                "set = '997'\ndirection = 'in'",
                &[
                    "11:7: 997 is an acknowledgment; what is given and wanted stands in [acknowledgments]",
                ],
            ),
            (
                "set = '846'\ndirection = 'in'",
                &[
                    "11:7: no map ships for 846; name one with `map`, or say map = \"none\" to pass it as X12",
                ],
            ),
            ("set = '846'\ndirection = 'in'\nmap = 'none'\nrelease = '004010VICS'", &[]),
            (
                "set = '855'\ndirection = 'out'",
                &[
                    "11:7: a supplier does not receive a 855; say direction = \"in\", or change their role",
                ],
            ),
            (
                "set = '860'\ndirection = 'in'",
                &[
                    "11:7: a supplier does not send us a 860; say direction = \"out\", or change their role",
                ],
            ),
            (
                "set = '855'\ndirection = 'inbound'",
                &["12:13: `inbound` is not known here; write one of: in, out"],
            ),
            (
                "set = '855'\ndirection = 'in'\nmode = 'production'",
                &["13:8: this partner is in test; say mode = \"production\" for the partner first"],
            ),
            (
                "set = '855'\ndirection = 'in'\nbatch = { count = 2 }",
                &["13:9: a batch is for what we send; leave it out where direction = \"in\""],
            ),
            (
                "set = '860'\ndirection = 'out'\nbatch = { wait = '5 min', size = '1 mb', number = 2 }",
                &[
                    "13:18: `5 min` is no length of time; write a number and s, m, h or d, as in \"15m\", up to a year",
                    "13:34: `1 mb` is no size; write a number and B, kB, MB, GB or TB, as in \"10MB\", up to 10 TB",
                    "13:42: `number` means nothing here; known here: count, wait, size",
                ],
            ),
            (
                "set = '855'\ndirection = 'in'\nseverities = { code_invalud = 'reject', date_invalid = 'refuse', whatever = 'warn' }",
                &[
                    "13:16: `code_invalud` means nothing here; did you mean `code_invalid`?",
                    "13:56: `refuse` is not known here; write one of: ignore, warn, accept, reject",
                    "13:66: `whatever` means nothing here; known here: the names that `wharf check` shows in brackets",
                ],
            ),
        ] {
            let fault = fault.iter().map(|fault| format!("partners/acme.toml:{fault}"));
            assert_eq!(agreed(agreement), fault.collect::<Vec<_>>(), "{agreement}");
        }
    }

    #[test]
    fn a_customer_is_the_other_way_round_and_both_is_both() {
        let customer = ACME.replace("'supplier'", "'customer'");
        assert_eq!(
            faults_of(&customer),
            [
                "partners/acme.toml:8:7: a customer does not receive a 850; say direction = \"in\", or change their role",
                "partners/acme.toml:11:7: a customer does not send us a 855; say direction = \"out\", or change their role",
            ]
        );
        assert_eq!(faults_of(&ACME.replace("'supplier'", "'both'")), [""; 0]);
    }

    #[test]
    fn what_is_agreed_is_told_apart_by_release_only_where_it_comes_in() {
        let more = |text: &str| faults_of(&format!("{ACME}[[agreements]]\n{text}"));
        assert_eq!(more("set = '855'\ndirection = 'in'\nrelease = '005010'"), [""; 0]);
        assert_eq!(
            more("set = '855'\ndirection = 'in'\nrelease = '004010'"),
            [
                "partners/acme.toml:13:1: 855 in in 004010 is agreed at line 10 already; keep one of them"
            ]
        );
        assert_eq!(
            more("set = '850'\ndirection = 'out'\nrelease = '005010'"),
            ["partners/acme.toml:13:1: 850 out is agreed at line 7 already; keep one of them"]
        );
    }

    fn beside(setting: &str, files: &[(&str, &str)]) -> Folder {
        let acme = format!("{ACME}{setting}\n");
        let own = [("us.toml", US), ("acme/partner.toml", acme.as_str())];
        Folder::of(&own.iter().chain(files).copied().collect::<Vec<_>>())
    }

    #[test]
    fn severities_are_the_agreements_own() {
        let folder = beside("severities = { code_invalid = 'reject' }", &[]);
        let partners = folder.load().unwrap();
        let agreements = &partners.partner("acme").unwrap().agreements;
        let of = |at: usize| agreements[at].severities.of(FindingKind::CodeInvalid);
        assert_eq!((of(0), of(1)), (Severity::Accept, Severity::Reject));
        let json = serde_json::to_value(&agreements[1]).unwrap();
        assert_eq!(json["severities"], serde_json::json!({ "code_invalid": "reject" }));
    }
}
