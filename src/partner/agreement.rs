//! What is agreed with a partner about one transaction set in one direction.

use super::desk::Placed;
use super::envelope::Release;
use super::fault::{FaultKind, shown};
use super::quantity::{Length, Size};
use super::role::{Mode, Role};
use super::rules::{Guide, OwnMap, Rules};
use super::word::Word;
use super::written::Table;
use crate::grammar::{FindingKind, Severities, Severity, Standard};
use crate::map::Map;
use crate::message::Direction;
use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};
use std::fmt;
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

/// What translates the sets of an agreement.
#[derive(Clone, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AgreedMap {
    /// The map that ships, for the sets of the agreement's release.
    Shipped(#[serde(skip)] Arc<Map>),
    /// The partner's own.
    Own(OwnMap),
    /// Nothing: it is passed on as X12.
    None,
}

impl AgreedMap {
    /// The map, if there is one.
    pub fn map(&self) -> Option<&Map> {
        match self {
            Self::Shipped(map) => Some(map),
            Self::Own(own) => Some(&own.map),
            Self::None => None,
        }
    }
}

impl fmt::Debug for AgreedMap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Shipped(_) => f.write_str("Shipped"),
            Self::Own(own) => own.fmt(f),
            Self::None => f.write_str("None"),
        }
    }
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

/// What an agreement is read with.
pub(super) struct Context<'c> {
    pub(super) rules: &'c Rules<'c>,
    /// The partner's folder.
    pub(super) folder: &'c str,
    pub(super) role: Option<Role>,
    pub(super) mode: Option<Mode>,
    pub(super) release: &'c Release,
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

fn guide_for(
    table: &Table<'_>,
    context: &Context<'_>,
    set: &Placed<String>,
    name: &Placed<String>,
    base: &Standard,
) -> Option<Guide> {
    let guide = context.rules.guide(table.desk(), context.folder, name, base)?;
    let standard = &guide.standard;
    if standard.release.get(..6) != base.release.get(..6) {
        let (file, is) = (name.value.clone(), standard.release.clone());
        table.fault(name.place, FaultKind::GuideRelease { file, is, wanted: base.release.clone() });
        return None;
    }
    if !standard.sets.contains_key(&set.value) {
        let known = standard.sets.keys().cloned().collect();
        let (file, set) = (name.value.clone(), set.value.clone());
        table.fault(name.place, FaultKind::GuideLacksSet { file, set, known });
        return None;
    }
    Some(guide)
}

fn map_for(
    table: &Table<'_>,
    context: &Context<'_>,
    set: &Placed<String>,
    name: Option<Placed<String>>,
    base: &Standard,
) -> Option<AgreedMap> {
    let (desk, rules) = (table.desk(), base.sets.get(&set.value)?);
    match name {
        Some(name) if name.value == "none" => Some(AgreedMap::None),
        Some(name) => context.rules.own_map(desk, context.folder, &name, rules).map(AgreedMap::Own),
        None if context.rules.shelf.has_map(&set.value) => {
            context.rules.shelf.map(desk, set.place, rules, base).map(AgreedMap::Shipped)
        }
        None => {
            table.fault(set.place, FaultKind::NoMap(set.value.clone()));
            None
        }
    }
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

    const GUIDE: &str = ".VER 1.6\n.INI\nACME,,004 010,X,X12-4010,Acme\n.SETS\n855=^[ST,M][BAK,M][.CUR]^{:100000[!PO1]}^{:1[CTT]}[SE,M]\n";

    fn beside(setting: &str, files: &[(&str, &str)]) -> Folder {
        let acme = format!("{ACME}{setting}\n");
        let own = [("us.toml", US), ("acme/partner.toml", acme.as_str())];
        Folder::of(&own.iter().chain(files).copied().collect::<Vec<_>>())
    }

    #[test]
    fn guides_lie_beside_the_file_and_their_faults_are_told_at_their_own_place() {
        let folder = beside("guide = '855.sef'", &[("acme/855.sef", GUIDE)]);
        let partners = folder.load().unwrap();
        let acme = partners.partner("acme").unwrap();
        let agreement = acme.agreement(Direction::Inbound, "855", "004010").unwrap();
        assert_eq!(agreement.guide.as_ref().unwrap().file, "partners/acme/855.sef");
        let at = "partners/acme/partner.toml:13:9";
        for (setting, text, faults) in [
            (
                "guide = '856.sef'",
                GUIDE,
                vec![format!(
                    "{at}: there is no file partners/acme/856.sef; guides and maps lie in the partner's folder"
                )],
            ),
            (
                "guide = '../us.toml'",
                GUIDE,
                vec![format!(
                    "{at}: `../us.toml` is no file in the partner's folder; write a plain name without folders, as in \"850.sef\""
                )],
            ),
            (
                "guide = '855.sef'",
                &GUIDE.replace("004 010", "005 010"),
                vec![format!("{at}: 855.sef is a guide for release 005010, not for 004010")],
            ),
            (
                "guide = '855.sef'",
                &GUIDE.replace("855=", "856="),
                vec![format!("{at}: 855.sef has no set 855; it has: 856")],
            ),
            (
                "guide = '855.sef'",
                &GUIDE.replace("[SE,M]", "[SE,M"),
                vec![
                    "partners/acme/855.sef:5:56: the end of the line stands where `]` belongs"
                        .to_owned(),
                ],
            ),
        ] {
            assert_eq!(beside(setting, &[("acme/855.sef", text)]).faults(), faults, "{setting}");
        }
    }

    #[test]
    fn a_map_of_ones_own_is_compiled_for_the_release() {
        let map = "extends = '855'\n[codes.unit]\nBX = 'CT'\n";
        let folder = beside("map = '855.toml'", &[("acme/855.toml", map)]);
        let faults = folder.faults();
        assert_eq!(faults, [""; 0]);
        for (text, fault) in [
            (
                "extends = '850'\n",
                "partners/acme/partner.toml:13:7: 855.toml is a map for 850, not for 855",
            ),
            (
                "extends = '855'\nfeilds = 1\n",
                "partners/acme/855.toml:2:1: `feilds` means nothing here; did you mean `fields`?",
            ),
        ] {
            assert_eq!(beside("map = '855.toml'", &[("acme/855.toml", text)]).faults(), [fault]);
        }
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
