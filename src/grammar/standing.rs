//! What a set is within its group: whether it belongs there, and which guide it follows.

use super::check::{Facts, header, shown};
use super::envelope::Notes;
use super::kind::FindingKind;
use super::rules::{SetRules, Standard};
use crate::x12::Set;
use std::sync::Arc;

/// A group, as one of its sets sees it.
#[derive(Clone, Copy, Debug)]
pub(super) struct GroupSoFar<'g> {
    /// GS01.
    pub(super) functional_id: &'g str,
    /// GS08.
    pub(super) version: &'g str,
    /// The group that the set belongs in, if that is known.
    pub(super) proper: &'g str,
    /// Whether a set before had the same control number.
    pub(super) repeated: bool,
    /// The release that the set is checked against.
    pub(super) standard: Option<&'g Standard>,
}

/// Whether GS01 is the id of a functional group, as far as is known.
pub(super) fn is_functional(standard: Option<&Standard>, id: &str) -> bool {
    let element = standard.and_then(|standard| standard.elements.get("479"));
    match element.and_then(|element| element.codes.as_ref()) {
        Some(codes) => codes.contains(id.as_bytes()),
        None => !id.is_empty(),
    }
}

/// Tells of a set that does not belong in its group.
pub(super) fn in_group(notes: &mut Notes<'_>, set: &Set<'_>, id: &str, group: &GroupSoFar<'_>) {
    let (guide, proper) = (set.guide(), group.proper);
    if id.is_empty() {
        let facts = Facts {
            subject: "ST01".to_owned(),
            other: "is empty: the set does not say what it is".to_owned(),
            expected: "write the number of the transaction set in ST01, such as 850".to_owned(),
            ..Facts::default()
        };
        notes.report(FindingKind::SetIdInvalid, header(set, 1), &facts);
    } else if !proper.is_empty()
        && proper != group.functional_id
        && is_functional(group.standard, group.functional_id)
    {
        // A group that is none has been told of, once for all its sets.
        let facts = Facts {
            subject: format!("a transaction set {id}"),
            other: format!("does not belong in a group {}", shown(group.functional_id.as_bytes())),
            expected: format!("send the {id} in a group with GS01 {proper}"),
            ..Facts::default()
        };
        notes.report(FindingKind::SetIdInvalid, header(set, 1), &facts);
    }
    if group.repeated {
        let facts = Facts { value: shown(set.control().as_bytes()), ..Facts::default() };
        notes.report(FindingKind::SetControlRepeated, header(set, 2), &facts);
    }
    // GS08 names a guide only if it goes on behind the release.
    if !guide.is_empty() && group.version.len() > 6 && guide != group.version {
        let facts = Facts {
            value: shown(guide.as_bytes()),
            expected: shown(group.version.as_bytes()),
            ..Facts::default()
        };
        notes.report(FindingKind::GuideUnsupported, header(set, 3), &facts);
    }
}

/// Tells of a set that stands in no group.
pub(super) fn without_group(notes: &mut Notes<'_>, set: &Set<'_>) {
    let facts = Facts {
        subject: "ST".to_owned(),
        other: "a transaction set must stand in a group".to_owned(),
        expected: "put a GS before the set and a GE behind it".to_owned(),
        ..Facts::default()
    };
    notes.report(FindingKind::ControlStructureInvalid, header(set, 0), &facts);
}

/// The guide to hold a set against: the one that ST03 or GS08 names, else one of the release.
pub(super) fn guide<'g>(
    guides: &'g [Arc<Standard>],
    standard: &Standard,
    id: &str,
    set: &Set<'_>,
    version: &str,
) -> Option<&'g Arc<SetRules>> {
    if guides.is_empty() {
        return None;
    }
    let release = standard.release.get(..6);
    let fitting =
        || guides.iter().filter(|guide| release.is_some() && guide.release.get(..6) == release);
    let by =
        |name: &str| fitting().find(|guide| guide.release == name && guide.sets.contains_key(id));
    by(&set.guide())
        .or_else(|| by(version))
        .or_else(|| fitting().find(|guide| guide.sets.contains_key(id)))
        .and_then(|guide| guide.sets.get(id))
}
