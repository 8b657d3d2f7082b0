//! What lies beside a partner's file: guides, and maps of their own.

use super::desk::Placed;
use super::envelope::Release;
use super::fault::FaultKind;
use super::role::{Mode, Role};
use super::rules::{Guide, OwnMap, Rules};
use super::written::Table;
use crate::grammar::Standard;
use crate::map::Map;
use serde::Serialize;
use std::fmt;
use std::sync::Arc;

/// What an agreement is read with.
pub(super) struct Context<'c> {
    pub(super) rules: &'c Rules<'c>,
    /// The partner's folder.
    pub(super) folder: &'c str,
    pub(super) role: Option<Role>,
    pub(super) mode: Option<Mode>,
    pub(super) release: &'c Release,
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

/// A guide that lies beside the partner's file, if it is one for this set and release.
pub(super) fn guide_for(
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

/// The map for a set: the partner's own, the one that ships, or none.
pub(super) fn map_for(
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

#[cfg(test)]
mod tests {
    use super::super::sample::{ACME, Folder, US};
    use crate::message::Direction;

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
}
