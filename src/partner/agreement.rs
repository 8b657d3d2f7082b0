//! What is agreed with a partner about one transaction set in one direction.

use super::envelope::Release;
use super::fault::{FaultKind, nearest, shown};
use super::quantity::{Length, Size};
use super::rules::{Guide, OwnMap, Rules};
use super::written::{Placed, Table, Word, words};
use crate::grammar::{FindingKind, Severities, Severity, Standard};
use crate::map::Map;
use crate::message::Direction;
use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};
use std::fmt;
use std::sync::Arc;

words! {
    /// Whether documents count.
    pub enum Mode {
        /// They are tried out (ISA15 = T) and never reach the ERP's production feed.
        Test = "test",
        /// They are real (ISA15 = P).
        Production = "production",
    }
}

words! {
    /// What a partner is to us.
    pub enum Role {
        /// They sell: orders go to them; acknowledgments, ship notices and invoices come.
        Supplier = "supplier",
        /// They buy: the other way round.
        Customer = "customer",
        /// Both.
        Both = "both",
    }
}

impl Role {
    /// Which way a set goes with such a partner; `None` if it may go both.
    fn direction_of(self, set: &str) -> Option<Direction> {
        let (to_seller, to_buyer) = match self {
            Self::Supplier => (Direction::Outbound, Direction::Inbound),
            Self::Customer => (Direction::Inbound, Direction::Outbound),
            Self::Both => return None,
        };
        if TO_SELLER.contains(&set) {
            return Some(to_seller);
        }
        TO_BUYER.contains(&set).then_some(to_buyer)
    }
}

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
    const ALL: &'static [(Self, &'static str)] =
        &[(Self::Inbound, "in"), (Self::Outbound, "out")];
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
pub(super) fn agreement(
    mut table: Table<'_>,
    context: &Context<'_>,
) -> Option<Placed<Agreement>> {
    let set = table.need::<String>("set");
    let direction = table.need::<Direction>("direction").map(|direction| direction.value);
    let release = table.placed::<Release>("release");
    let release = release.unwrap_or(Placed { place: table.place(), value: context.release.clone() });
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
    let guide = known.zip(guide).and_then(|((set, base), name)| {
        guide_for(&table, context, set, &name, base)
    });
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
        Some(name) => {
            context.rules.own_map(desk, context.folder, &name, rules).map(AgreedMap::Own)
        }
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
        match FindingKind::ALL.iter().find(|kind| kind.code() == key.value) {
            Some(kind) => severities = severities.with(*kind, severity.value),
            None => {
                let codes = FindingKind::ALL.iter().map(|kind| kind.code());
                let nearest = nearest(key.value, codes);
                let known = vec!["the names that `wharf check` shows in brackets".to_owned()];
                let key_text = shown(key.value);
                table.fault(key.place, FaultKind::UnknownKey { key: key_text, nearest, known });
            }
        }
    }
    severities
}

/// What is answered with, not agreed on.
const ACKNOWLEDGMENTS: [&str; 3] = ["997", "999", "TA1"];

/// What a buyer sends.
const TO_SELLER: [&str; 7] = ["820", "830", "840", "850", "860", "861", "862"];

/// What a seller sends.
const TO_BUYER: [&str; 6] = ["810", "832", "843", "855", "856", "865"];
