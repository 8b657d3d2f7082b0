//! The files that maps are made of, and one map's files laid over one another.

use super::error::{FaultKind, nearest};
use super::file::{Faults, Item, Span, Table, Value};
use super::rule::{MARKS, only};
use crate::document::DocumentKind;

/// Map files: those that are shipped, and a partner's own.
#[derive(Clone, Debug, Default)]
pub struct MapSources {
    files: Vec<(String, String)>,
    partner: Option<(String, String)>,
}

macro_rules! shipped {
    ($($name:literal),* $(,)?) => {
        [$(($name, include_str!(concat!("../../grammars/maps/", $name)))),*]
    };
}

impl MapSources {
    /// The maps that are part of this program.
    pub fn shipped() -> Self {
        let files = shipped![
            "common.toml",
            "810.toml",
            "850.toml",
            "855.toml",
            "856.toml",
            "860.toml",
            "865.toml",
            "997.toml",
        ];
        Self::default().with(files.map(|(name, text)| (name.to_owned(), text.to_owned())))
    }

    /// These sources and more files; one with a name that is there already replaces it.
    #[must_use]
    pub fn with(mut self, files: impl IntoIterator<Item = (String, String)>) -> Self {
        for (name, text) in files {
            self.files.retain(|(old, _)| *old != name);
            self.files.push((name, text));
        }
        self
    }

    /// These sources with a partner's own map, which goes before all others for its set.
    #[must_use]
    pub fn with_partner(mut self, name: impl Into<String>, text: impl Into<String>) -> Self {
        self.partner = Some((name.into(), text.into()));
        self
    }

    /// The sets that have a map, with the documents that they become.
    pub fn sets(&self) -> Vec<(String, DocumentKind)> {
        let mut ignored = Faults::default();
        let heads = self.files.iter().filter_map(|(name, text)| {
            let table = ignored.read(name, text);
            let text = |key| table.get(key).and_then(Item::text);
            Some((text("set")?.to_owned(), text("document")?.parse().ok()?))
        });
        heads.collect()
    }

    /// Which document a set becomes.
    pub fn document(&self, set: &str) -> Option<DocumentKind> {
        self.sets().into_iter().find(|(id, _)| id == set).map(|(_, document)| document)
    }

    /// Which set a document is written as.
    pub fn set(&self, document: DocumentKind) -> Option<String> {
        self.sets().into_iter().find(|(_, kind)| *kind == document).map(|(set, _)| set)
    }

    /// The files of the map for `set` laid over one another; a partner's map that is for another
    /// set stays out.
    pub(super) fn merged(&self, set: &str) -> Merged {
        let mut merged = Merged::default();
        let partner = self.partner.as_ref().map(|(name, text)| merged.faults.read(name, text));
        let own = merged.faults.beginning();
        match partner {
            Some(table) if set_of(&table).is_none_or(|of| of == set) => {
                merged.partner = Some(own);
                self.partners(&table, set, &mut merged);
            }
            _ => {
                self.base(set, own, &mut merged);
            }
        }
        merged
    }

    /// The set that the partner's map is for.
    pub fn partner_set(&self) -> Option<String> {
        let (name, text) = self.partner.as_ref()?;
        set_of(&Faults::default().read(name, text)).map(str::to_owned)
    }

    /// A partner's map, over its base if it has one.
    fn partners(&self, table: &Table, set: &str, merged: &mut Merged) {
        let own = merged.faults.beginning();
        only(table, &KEYS, &mut merged.faults);
        match table.get("extends") {
            Some(item) => {
                if item.text() == Some(set) {
                    self.base(set, item.span, merged);
                } else {
                    merged.faults.push(item.span, FaultKind::Wanted("the id of a set"));
                }
            }
            None => merged.head(table, own),
        }
        self.shared(table, merged);
        merged.lay_over(table);
    }

    /// The map for `set` among the files.
    fn base(&self, set: &str, asked: Span, merged: &mut Merged) {
        let mut ignored = Faults::default();
        let found = self.files.iter().find(|(name, text)| {
            let table = ignored.read(name, text);
            table.get("extends").is_none() && set_of(&table) == Some(set)
        });
        let Some((name, text)) = found else {
            merged.faults.push(asked, FaultKind::UnknownSet(set.to_owned()));
            return;
        };
        let table = merged.faults.read(name, text);
        let own = merged.faults.beginning();
        only(&table, &KEYS, &mut merged.faults);
        merged.head(&table, own);
        self.shared(&table, merged);
        merged.lay_over(&table);
    }

    /// The files that a map names under `shared`, laid before it.
    fn shared(&self, table: &Table, merged: &mut Merged) {
        let Some(item) = table.get("shared") else { return };
        let Value::List(names) = &item.value else {
            merged.faults.push(item.span, FaultKind::Wanted("a list of file names"));
            return;
        };
        for item in names {
            let name = item.text().unwrap_or_default();
            match self.files.iter().find(|(file, _)| file == name) {
                Some((name, text)) => {
                    let table = merged.faults.read(name, text);
                    only(&table, &["fragments", "codes"], &mut merged.faults);
                    merged.lay_over(&table);
                }
                None => merged.faults.push(item.span, FaultKind::UnknownFile(name.to_owned())),
            }
        }
    }
}

/// What a map file may hold.
const KEYS: [&str; 7] = ["set", "document", "extends", "shared", "fields", "fragments", "codes"];

/// The set that a map is for: its own, or that of the map it extends.
fn set_of(table: &Table) -> Option<&str> {
    table.get("set").or_else(|| table.get("extends")).and_then(Item::text)
}

/// A map's files laid over one another.
#[derive(Debug, Default)]
pub(super) struct Merged {
    pub(super) document: Option<DocumentKind>,
    pub(super) fields: Table,
    pub(super) fragments: Table,
    pub(super) codes: Table,
    pub(super) faults: Faults,
    /// The beginning of the partner's file, if it is part of this map.
    pub(super) partner: Option<Span>,
}

impl Merged {
    /// What the map says of itself.
    fn head(&mut self, table: &Table, own: Span) {
        if table.get("set").is_none() {
            self.faults.push(own, FaultKind::Missing("set"));
        }
        let Some(item) = table.get("document") else {
            self.faults.push(own, FaultKind::Missing("document"));
            return;
        };
        let name = item.text().unwrap_or_default();
        self.document = name.parse().ok();
        if self.document.is_none() {
            let nearest = nearest(name, DocumentKind::ALL.map(DocumentKind::name));
            let nearest = nearest.map(str::to_owned);
            let kind = FaultKind::UnknownDocument { name: name.to_owned(), nearest };
            self.faults.push(item.span, kind);
        }
    }

    fn lay_over(&mut self, table: &Table) {
        let parts: [(&str, &mut Table, &[&str]); 3] = [
            ("fields", &mut self.fields, &MARKS),
            ("fragments", &mut self.fragments, &MARKS),
            ("codes", &mut self.codes, &[]),
        ];
        for (key, base, whole) in parts {
            let Some(item) = table.get(key) else { continue };
            match item.table() {
                Some(over) => base.lay_over(over, whole, &mut self.faults),
                None => self.faults.push(item.span, FaultKind::Wanted("a table")),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::grammar::{Library, SetRules};
    use crate::map::specimen::{read, write};
    use crate::map::{Map, MapSources};
    use std::sync::Arc;

    fn order() -> Arc<SetRules> {
        let standard = Library::shipped().standard("004010").unwrap().unwrap();
        standard.sets["850"].clone()
    }

    fn partner(text: &str) -> Result<Map, String> {
        let sources = MapSources::shipped().with_partner("acme.toml", text);
        Map::compile(&sources, &order()).map_err(|faults| faults.to_string())
    }

    #[test]
    fn a_partners_map_holds_only_what_differs() {
        let map = partner(
            r#"
            extends = "850"
            [fields]
            number = "REF[01=PO]02"
            contract = false
            [fragments.line.fields]
            line_number = false
            [codes.unit]
            CS = "CA"
            [codes.order_kind]
            KN = "consigned_pull"
            "#,
        )
        .unwrap();
        let body = "BEG*00*KN*IGNORED**20240115*C-9\nREF*DP*7\nREF*PO*4501\nPO1*1*5*CS";
        let order_read = read(&map, &order(), body);
        assert_eq!(order_read["number"], "4501");
        assert_eq!(order_read["kind"], "consigned_pull");
        assert_eq!(order_read.get("contract"), None);
        assert_eq!(order_read["references"][0]["scheme"], "department");
        assert_eq!(order_read["lines"][0]["unit"], "CA");
        assert_eq!(order_read["lines"][0]["unit_given"], "CS");
        assert_eq!(order_read["lines"][0].get("line_number"), None);
        let left = &order_read["unmapped"][0]["elements"];
        assert_eq!(left, &serde_json::json!(["", "", "IGNORED", "", "", "C-9"]));
        let refused = write(&map, r#"{"contract": "1"}"#).unwrap_err();
        assert_eq!(
            refused.to_string().split(';').next(),
            Some("/contract: there is no such field")
        );
    }

    #[test]
    fn a_partners_map_for_another_set_is_left_alone() {
        let map = partner("extends = \"810\"\n[fields]\nnumber = \"BIG01\"\n").unwrap();
        assert_eq!(read(&map, &order(), "BEG*00*NE*1**20240115")["number"], "1");
    }

    #[test]
    fn a_partners_map_may_stand_alone() {
        let map = partner(
            "set = \"850\"\ndocument = \"purchase-order\"\nshared = [\"common.toml\"]\n[fields]\nnumber = \"BEG03\"\n\
             parties = { each = \"N1\", use = \"party\" }\n",
        )
        .unwrap();
        let order = read(&map, &order(), "BEG*00*NE*1**20240115\nN1*ST*Hospital");
        assert_eq!(order["parties"][0]["role"], "ship_to");
        assert_eq!(order["unmapped"][0]["partial"], true);
    }

    #[test]
    fn every_fault_of_a_partners_map_is_told_at_once_with_its_place() {
        let faults = partner(
            "extends = \"850\"\n[fields]\nnumber = \"BEX03\"\nordred_on = \"BEG05\"\n\
             kind = { at = \"BEG02\", codes = \"order_knd\" }\nnothing = false\n",
        )
        .unwrap_err();
        let expected = [
            "acme.toml:3:1: the set 850 has no segment BEX",
            "acme.toml:4:1: the document has no field `ordred_on` here; did you mean `ordered_on`?",
            "acme.toml:5:32: there is no code table `order_knd`; did you mean `order_kind`?",
            "acme.toml:6:1: the base map has no `nothing` to remove",
        ];
        assert_eq!(faults.lines().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn what_a_map_says_of_itself_must_make_sense() {
        for (text, fault) in [
            ("extends = \"999\"\nset = \"850\"", "acme.toml:1:11: this must be the id of a set"),
            ("set = \"850\"", "acme.toml:1:1: `document` is missing"),
            (
                "set = \"850\"\ndocument = \"purchase-ordr\"",
                "acme.toml:2:12: there is no document `purchase-ordr`; did you mean `purchase-order`?",
            ),
            (
                "extends = \"850\"\nshared = [\"more.toml\"]",
                "acme.toml:2:11: there is no map file `more.toml`",
            ),
            (
                "extends = \"850\"\nshared = \"x\"",
                "acme.toml:2:10: this must be a list of file names",
            ),
            ("extends = \"850\"\nfields = 5", "acme.toml:2:10: this must be a table"),
            (
                "extends = \"850\"\nfeilds = 5",
                "acme.toml:2:1: `feilds` means nothing here; did you mean `fields`?",
            ),
            ("extends = \"850\"\n[fields]\nnumber = = 5", "acme.toml:3:10: this is not TOML"),
        ] {
            let faults = partner(text).unwrap_err();
            assert!(faults.starts_with(fault), "{faults}");
        }
    }

    #[test]
    fn the_set_of_a_partners_map_is_known() {
        let of = |text: &str| MapSources::shipped().with_partner("a.toml", text).partner_set();
        assert_eq!(of("extends = \"856\"").as_deref(), Some("856"));
        assert_eq!(of("set = \"810\"\n[fields]").as_deref(), Some("810"));
        assert_eq!(of("x = 5"), None);
        assert_eq!(MapSources::shipped().partner_set(), None);
    }
}
