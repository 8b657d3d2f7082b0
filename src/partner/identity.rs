//! The ids by which an organisation is known in ISA and GS.

use super::desk::Placed;
use super::fault::{FaultKind, shown};
use super::written::{Item, Table, Value};
use serde::{Serialize, Serializer};
use std::fmt;

/// An id as an ISA writes it: a qualifier that says whose numbering it is, and the id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IsaId {
    qualifier: String,
    id: String,
}

impl IsaId {
    /// The qualifier, as in ISA05 and ISA07.
    pub fn qualifier(&self) -> &str {
        &self.qualifier
    }

    /// The id, as in ISA06 and ISA08, without the spaces that pad it.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What an ISA holds, to look for: nothing is checked.
    pub(super) fn sought(qualifier: &str, id: &str) -> Self {
        Self { qualifier: qualifier.trim_end().to_owned(), id: id.trim_end().to_owned() }
    }
}

impl fmt::Display for IsaId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.qualifier, self.id)
    }
}

impl Serialize for IsaId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Value for IsaId {
    fn of(item: &Item<'_>) -> Result<Self, FaultKind> {
        let text = item.text()?;
        let malformed = || FaultKind::Malformed {
            value: shown(text),
            what: "ISA id",
            how: "a qualifier, a colon and up to 15 characters, as in \"ZZ:ACME\" or \"01:123456789\"",
        };
        let (qualifier, id) = text.split_once(':').ok_or_else(malformed)?;
        if !plain(id, 1, 15) {
            return Err(malformed());
        }
        if !QUALIFIERS.contains(&qualifier) {
            return Err(FaultKind::NotOneOf {
                value: shown(qualifier),
                nearest: None,
                known: QUALIFIERS.map(str::to_owned).to_vec(),
            });
        }
        Ok(Self { qualifier: qualifier.to_owned(), id: id.to_owned() })
    }
}

/// An id as a GS writes it, in GS02 and GS03.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct GsId(String);

impl GsId {
    /// The id.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for GsId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl Value for GsId {
    fn of(item: &Item<'_>) -> Result<Self, FaultKind> {
        let text = item.text()?;
        plain(text, 2, 15).then(|| Self(text.to_owned())).ok_or_else(|| FaultKind::Malformed {
            value: shown(text),
            what: "GS id",
            how: "2 to 15 characters, as in \"ACME\"",
        })
    }
}

/// Characters that an id may have: what a terminal prints, but no separator and no space at the
/// ends, where an ISA pads.
fn plain(text: &str, least: usize, most: usize) -> bool {
    let fits = |c: char| c == ' ' || c.is_ascii_graphic() && !"*~^|<>:\\\"".contains(c);
    (least..=most).contains(&text.len()) && text.chars().all(fits) && text.trim() == text
}

/// One identity: an ISA id and the GS ids that stand inside it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Identity {
    /// The id of the interchange.
    pub isa: IsaId,
    /// The ids of groups; the first is the one that we write.
    pub gs: Vec<GsId>,
}

impl Identity {
    /// The GS id that we write.
    pub fn group(&self) -> &str {
        self.gs.first().map_or(&self.isa.id, |id| &id.0)
    }
}

/// Identities with the places of their ids, for faults between files.
#[derive(Debug)]
pub(super) struct WrittenIdentity {
    pub(super) isa: Placed<IsaId>,
    pub(super) gs: Vec<Placed<GsId>>,
}

impl WrittenIdentity {
    /// The same as the rest of the program knows it.
    pub(super) fn identity(&self) -> Identity {
        Identity {
            isa: self.isa.value.clone(),
            gs: self.gs.iter().map(|gs| gs.value.clone()).collect(),
        }
    }
}

/// Reads `[[identities]]`, of which there must be one.
pub(super) fn identities(table: &mut Table<'_>) -> Vec<WrittenIdentity> {
    let tables = table.tables("identities");
    if tables.is_empty() {
        table.fault(table.place(), FaultKind::Missing("[[identities]]"));
    }
    tables.into_iter().filter_map(identity).collect()
}

fn identity(mut table: Table<'_>) -> Option<WrittenIdentity> {
    let isa = table.need("isa");
    let gs = table.list("gs");
    if gs.is_empty() {
        table.fault(table.place(), FaultKind::Missing("gs"));
    }
    table.finish();
    Some(WrittenIdentity { isa: isa?, gs })
}

/// The codes of ISA05 and ISA07 (data element I05).
const QUALIFIERS: [&str; 41] = [
    "01", "02", "03", "04", "07", "08", "09", "10", "11", "12", "13", "14", "15", "16", "17", "18",
    "19", "20", "21", "22", "23", "24", "25", "26", "27", "28", "29", "30", "31", "32", "33", "34",
    "35", "36", "37", "38", "AM", "NR", "SA", "SN", "ZZ",
];

#[cfg(test)]
mod tests {
    use super::super::sample::{ACME, faults_of};

    #[test]
    fn ids_are_written_as_the_envelopes_want_them() {
        let with = |isa: &str, gs: &str| {
            let line = format!("identities = [{{ isa = '{isa}', gs = {gs} }}]");
            let old = "identities = [{ isa = '01:006081492', gs = ['ACME'] }]";
            faults_of(&ACME.replace(old, &line))
        };
        assert_eq!(with("14:006081492 4000", "['A B']"), [""; 0]);
        let isa = "ISA id; write a qualifier, a colon and up to 15 characters, as in \"ZZ:ACME\" or \"01:123456789\"";
        for id in ["ACME", "ZZ:", "ZZ:ACMEMEDICALSUPPLY", "ZZ:ACME ", "ZZ:A*B", "ZZ:é"] {
            assert_eq!(
                with(id, "['ACME']"),
                [format!("partners/acme.toml:5:23: `{id}` is no {isa}")]
            );
        }
        assert_eq!(
            with("XX:ACME", "['ACME', 'A']"),
            [
                "partners/acme.toml:5:23: `XX` is not known here; write one of: 01, 02, 03, 04, 07, 08, 09, \
                 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, \
                 33, 34, 35, 36, 37, 38, AM, NR, SA, SN, ZZ",
                "partners/acme.toml:5:48: `A` is no GS id; write 2 to 15 characters, as in \"ACME\"",
            ]
        );
        assert_eq!(with("ZZ:ACME", "[]"), ["partners/acme.toml:5:15: `gs` is missing here"]);
    }

    #[test]
    fn someone_without_identity_is_no_partner() {
        let faults = faults_of(&ACME.replace("identities", "# identities"));
        assert_eq!(faults, ["partners/acme.toml:1:1: `[[identities]]` is missing here"]);
    }
}
