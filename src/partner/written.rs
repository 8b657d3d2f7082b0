//! A file as it is written: TOML with places, read key by key, every fault gathered.
//!
//! serde stops at the first fault, and a person who moves a partner wants to see them all. So a
//! [`Table`] is asked for its keys one after the other; what it was never asked for means nothing
//! and is named when it is finished with, next to what was probably meant.

use super::fault::{Fault, FaultKind, Faults, nearest, shown};
use std::cell::RefCell;
use std::collections::BTreeMap;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A place in one of the files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    file: usize,
    start: usize,
}

/// A value and where it stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Placed<T> {
    pub(super) place: Place,
    pub(super) value: T,
}

/// The files read so far and everything found wrong in them.
#[derive(Debug, Default)]
pub(super) struct Desk {
    files: RefCell<Vec<File>>,
    found: RefCell<Vec<(Place, Found)>>,
}

#[derive(Debug)]
struct File {
    name: String,
    /// Where each line begins.
    lines: Vec<usize>,
    text: String,
}

#[derive(Debug)]
enum Found {
    Here(FaultKind),
    /// In a file of another sort, that knows its own places.
    There(Fault),
}

impl Desk {
    /// Lays a file on the desk; the place is its beginning.
    pub(super) fn open(&self, name: &str, text: &str) -> Place {
        let breaks = text.match_indices('\n').map(|(at, _)| at + 1);
        let lines = std::iter::once(0).chain(breaks).collect();
        let mut files = self.files.borrow_mut();
        files.push(File { name: name.to_owned(), lines, text: text.to_owned() });
        Place { file: files.len() - 1, start: 0 }
    }

    pub(super) fn fault(&self, place: Place, kind: FaultKind) {
        self.found.borrow_mut().push((place, Found::Here(kind)));
    }

    /// A fault in a file that `place` names.
    pub(super) fn fault_there(&self, place: Place, fault: Fault) {
        self.found.borrow_mut().push((place, Found::There(fault)));
    }

    /// The table that a whole file is; `None` if it is no TOML.
    pub(super) fn parse<'t>(
        &self,
        place: Place,
        text: &'t str,
    ) -> Option<Spanned<DeTable<'t>>> {
        let (table, errors) = DeTable::parse_recoverable(text);
        for error in &errors {
            let start = error.span().map_or(0, |span| span.start);
            let why = error.message().lines().collect::<Vec<_>>().join(", ");
            self.fault(Place { start, ..place }, FaultKind::Syntax(shown(&why)));
        }
        errors.is_empty().then_some(table)
    }

    /// A place in words: `partners/acme.toml:7:3`.
    pub(super) fn words(&self, place: Place) -> String {
        let fault = self.place(place, FaultKind::SecretSource);
        format!("{}:{}:{}", fault.file, fault.line, fault.column)
    }

    /// The line that a place is in.
    pub(super) fn line(&self, place: Place) -> u32 {
        self.place(place, FaultKind::SecretSource).line
    }

    pub(super) fn is_clean(&self) -> bool {
        self.found.borrow().is_empty()
    }

    /// Everything found, in the order of the files.
    pub(super) fn faults(self) -> Faults {
        let mut found = self.found.take();
        found.sort_by_key(|(place, _)| *place);
        let mut seen = BTreeMap::<usize, usize>::new();
        let mut faults = Vec::new();
        let mut last = BTreeMap::new();
        for (place, found) in found {
            let count = seen.entry(place.file).or_default();
            *count += 1;
            last.insert(place.file, place);
            if *count <= MOST_LISTED {
                let fault = match found {
                    Found::Here(kind) => self.place(place, kind),
                    Found::There(fault) => fault,
                };
                if !faults.contains(&fault) {
                    faults.push(fault);
                }
            }
        }
        let more = |(file, count): (&usize, &usize)| {
            let place = last.get(file)?;
            Some(self.place(*place, FaultKind::More(count.checked_sub(MOST_LISTED + 1)? + 1)))
        };
        faults.extend(seen.iter().filter_map(more));
        Faults(faults)
    }

    fn place(&self, place: Place, kind: FaultKind) -> Fault {
        let files = self.files.borrow();
        let Some(file) = files.get(place.file) else {
            return Fault { file: String::new(), line: 1, column: 1, kind };
        };
        let line = file.lines.partition_point(|start| *start <= place.start).max(1);
        let start = file.lines.get(line - 1).copied().unwrap_or(0);
        let before = file.text.get(start..place.start).unwrap_or_default();
        let narrow = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let column = before.chars().count() + 1;
        Fault { file: file.name.clone(), line: narrow(line), column: narrow(column), kind }
    }
}

/// A table of a file, asked key by key.
#[derive(Debug)]
pub(super) struct Table<'t> {
    desk: &'t Desk,
    table: &'t DeTable<'t>,
    place: Place,
    asked: Vec<&'static str>,
}

impl<'t> Table<'t> {
    pub(super) fn new(desk: &'t Desk, table: &'t DeTable<'t>, place: Place) -> Self {
        Self { desk, table, place, asked: Vec::new() }
    }

    pub(super) fn desk(&self) -> &'t Desk {
        self.desk
    }

    pub(super) fn place(&self) -> Place {
        self.place
    }

    pub(super) fn fault(&self, place: Place, kind: FaultKind) {
        self.desk.fault(place, kind);
    }

    /// What stands under `key`.
    pub(super) fn item(&mut self, key: &'static str) -> Option<Item<'t>> {
        self.asked.push(key);
        self.table.get(key).map(|value| self.of(value))
    }

    fn of(&self, value: &'t Spanned<DeValue<'t>>) -> Item<'t> {
        let place = Place { start: value.span().start, ..self.place };
        Item { desk: self.desk, place, value: value.get_ref() }
    }

    /// The value under `key`, if it is there and is one.
    pub(super) fn placed<T: Value>(&mut self, key: &'static str) -> Option<Placed<T>> {
        self.item(key)?.read()
    }

    /// The same without its place.
    pub(super) fn get<T: Value>(&mut self, key: &'static str) -> Option<T> {
        self.placed(key).map(|placed| placed.value)
    }

    /// The value under `key`, or else `default`.
    pub(super) fn or<T: Value>(&mut self, key: &'static str, default: T) -> T {
        self.get(key).unwrap_or(default)
    }

    /// The value under `key`, which must be there.
    pub(super) fn need<T: Value>(&mut self, key: &'static str) -> Option<Placed<T>> {
        let item = self.item(key);
        if item.is_none() {
            self.fault(self.place, FaultKind::Missing(key));
        }
        item?.read()
    }

    /// The values of the list under `key`; no list is an empty one.
    pub(super) fn list<T: Value>(&mut self, key: &'static str) -> Vec<Placed<T>> {
        self.items(key).iter().filter_map(Item::read).collect()
    }

    /// The members of the list under `key`.
    pub(super) fn items(&mut self, key: &'static str) -> Vec<Item<'t>> {
        let Some(item) = self.item(key) else { return Vec::new() };
        let DeValue::Array(items) = item.value else {
            self.fault(item.place, item.wanted("a list"));
            return Vec::new();
        };
        items.iter().map(|value| self.of(value)).collect()
    }

    /// The table under `key`.
    pub(super) fn table(&mut self, key: &'static str) -> Option<Table<'t>> {
        self.item(key)?.table()
    }

    /// The tables under `key`, written `[[key]]` or as a list.
    pub(super) fn tables(&mut self, key: &'static str) -> Vec<Table<'t>> {
        self.items(key).iter().filter_map(Item::table).collect()
    }

    /// Every key with its place and value, for tables whose keys are data.
    pub(super) fn entries(&mut self) -> Vec<(Placed<&'t str>, Item<'t>)> {
        let entry = |(key, value): (&'t Spanned<_>, _)| {
            let place = Place { start: key.span().start, ..self.place };
            let key: &std::borrow::Cow<'t, str> = key.get_ref();
            (Placed { place, value: key.as_ref() }, self.of(value))
        };
        self.table.iter().map(entry).collect()
    }

    /// Ends the reading: what was not asked for means nothing.
    pub(super) fn finish(self) {
        for (key, _) in self.table {
            let word = key.get_ref().as_ref();
            if !self.asked.contains(&word) {
                let place = Place { start: key.span().start, ..self.place };
                let known = self.asked.iter().copied();
                let nearest = nearest(word, known.clone());
                let known = known.map(str::to_owned).collect();
                self.fault(place, FaultKind::UnknownKey { key: shown(word), nearest, known });
            }
        }
    }
}

/// One value of a file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Item<'t> {
    desk: &'t Desk,
    pub(super) place: Place,
    value: &'t DeValue<'t>,
}

impl<'t> Item<'t> {
    /// The value as what it should be; a fault if it is not.
    pub(super) fn read<T: Value>(&self) -> Option<Placed<T>> {
        match T::of(self) {
            Ok(value) => Some(Placed { place: self.place, value }),
            Err(kind) => {
                self.desk.fault(self.place, kind);
                None
            }
        }
    }

    pub(super) fn text(&self) -> Result<&'t str, FaultKind> {
        self.value.as_str().ok_or_else(|| self.wanted("text"))
    }

    pub(super) fn fault(&self, kind: FaultKind) {
        self.desk.fault(self.place, kind);
    }

    pub(super) fn is_text(&self) -> bool {
        self.value.is_str()
    }

    /// The table that this is; a fault if it is none.
    pub(super) fn table(&self) -> Option<Table<'t>> {
        match self.value {
            DeValue::Table(table) => Some(Table::new(self.desk, table, self.place)),
            DeValue::String(_)
            | DeValue::Integer(_)
            | DeValue::Float(_)
            | DeValue::Boolean(_)
            | DeValue::Datetime(_)
            | DeValue::Array(_) => {
                self.desk.fault(self.place, self.wanted("a table"));
                None
            }
        }
    }

    pub(super) fn wanted(&self, wanted: &'static str) -> FaultKind {
        let found = match self.value {
            DeValue::String(_) => "text",
            DeValue::Integer(_) => "a whole number",
            DeValue::Float(_) => "a number with a point",
            DeValue::Boolean(_) => "true or false",
            DeValue::Datetime(_) => "a date or time",
            DeValue::Array(_) => "a list",
            DeValue::Table(_) => "a table",
        };
        FaultKind::Wanted { wanted, found }
    }
}

/// What a value of a file can be read as.
pub(super) trait Value: Sized {
    fn of(item: &Item<'_>) -> Result<Self, FaultKind>;
}

/// Text that says something.
impl Value for String {
    fn of(item: &Item<'_>) -> Result<Self, FaultKind> {
        let text = item.text()?.trim();
        if text.is_empty() {
            return Err(FaultKind::Empty("write something, or leave it out"));
        }
        Ok(text.to_owned())
    }
}

impl Value for bool {
    fn of(item: &Item<'_>) -> Result<Self, FaultKind> {
        item.value.as_bool().ok_or_else(|| item.wanted("true or false"))
    }
}

/// A whole number above zero.
impl Value for u32 {
    fn of(item: &Item<'_>) -> Result<Self, FaultKind> {
        let integer = item.value.as_integer().ok_or_else(|| item.wanted("a whole number"))?;
        let number = Self::from_str_radix(integer.as_str(), integer.radix()).ok();
        number.filter(|number| *number > 0).ok_or_else(|| FaultKind::Malformed {
            value: shown(integer.as_str()),
            what: "number that can stand here",
            how: "a whole number above zero",
        })
    }
}

/// A closed set of words.
pub(super) trait Word: Copy + 'static {
    const ALL: &'static [(Self, &'static str)];
}

impl<W: Word> Value for W {
    fn of(item: &Item<'_>) -> Result<Self, FaultKind> {
        let text = item.text()?;
        let found = W::ALL.iter().find(|(_, word)| *word == text);
        found.map(|(value, _)| *value).ok_or_else(|| {
            let words = || W::ALL.iter().map(|(_, word)| *word);
            FaultKind::NotOneOf {
                value: shown(text),
                nearest: nearest(text, words()),
                known: words().map(str::to_owned).collect(),
            }
        })
    }
}

/// Declares a closed set of words, as files and people write them.
macro_rules! words {
    ($(#[$doc:meta])* $vis:vis enum $name:ident { $($(#[$variant:meta])* $value:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        $vis enum $name { $($(#[$variant])* $value,)* }

        impl $name {
            /// The word for it in files.
            $vis fn word(self) -> &'static str {
                match self { $(Self::$value => $word,)* }
            }
        }

        impl $crate::partner::written::Word for $name {
            const ALL: &'static [(Self, &'static str)] = &[$((Self::$value, $word),)*];
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.word())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.word())
            }
        }
    };
}
pub(super) use words;

/// How many faults of one file are listed.
const MOST_LISTED: usize = 100;

#[cfg(test)]
mod tests {
    use super::super::rules::Shelf;
    use super::super::sample::{ACME, Folder, US, faults_of};
    use crate::grammar::Library;
    use proptest::prelude::*;

    #[test]
    fn every_fault_is_told_at_once_with_its_place() {
        let bad = ACME
            .replace("role = 'supplier'", "role = 'suplier'\nrloe = 3")
            .replace("mode = 'test'\n", "")
            .replace("title = 'Acme'", "title = 7")
            .replace("[https]", "[https]\ntokenz = []\nzzzzzz = 1");
        assert_eq!(
            faults_of(&bad),
            [
                "partners/acme.toml:1:1: `mode` is missing here",
                "partners/acme.toml:1:9: this is a whole number, and must be text",
                "partners/acme.toml:2:8: `suplier` is not known here; did you mean `supplier`?",
                "partners/acme.toml:3:1: `rloe` means nothing here; did you mean `role`?",
                "partners/acme.toml:7:1: `tokenz` means nothing here; did you mean `tokens`?",
                "partners/acme.toml:8:1: `zzzzzz` means nothing here; known here: tokens, certificates, deliver",
            ]
        );
    }

    #[test]
    fn values_of_another_sort_say_what_they_are() {
        for (line, fault) in [
            ("title = 1.5", "this is a number with a point, and must be text"),
            ("title = true", "this is true or false, and must be text"),
            ("title = 2026-01-02", "this is a date or time, and must be text"),
            ("title = ['x']", "this is a list, and must be text"),
            ("title = { x = 1 }", "this is a table, and must be text"),
            ("title = '  '", "this is empty; write something, or leave it out"),
            ("title = 'x'\ncontacts = 'me'", "this is text, and must be a list"),
            ("title = 'x'\ncontacts = ['me']", "this is text, and must be a table"),
            ("title = 'x'\nlimits = 3", "this is a whole number, and must be a table"),
            (
                "title = 'x'\nlimits.at_once = 0",
                "`0` is no number that can stand here; write a whole number above zero",
            ),
            (
                "title = 'x'\nlimits.at_once = 0x1FFFFFFFF",
                "`1FFFFFFFF` is no number that can stand here; write a whole number above zero",
            ),
            (
                "title = 'x'\nenvelope.newlines = 'yes'",
                "this is text, and must be true or false",
            ),
        ] {
            let faults = faults_of(&ACME.replace("title = 'Acme'", line));
            assert_eq!(faults.len(), 1, "{line}: {faults:?}");
            assert!(faults[0].ends_with(fault), "{line}: {faults:?}");
        }
    }

    #[test]
    fn columns_count_characters_and_lines_count_breaks() {
        let faults = faults_of(&ACME.replace("title = 'Acme'", "title = 'é'; x\r\n"));
        assert_eq!(faults.len(), 1, "{faults:?}");
        assert!(faults[0].starts_with("partners/acme.toml:1:12: this is not TOML: "), "{faults:?}");
        let faults = faults_of(&ACME.replace("'Acme'", "'é'\r\ncontacts = [{ name = 'é', z = 1 }]"));
        assert!(faults[0].starts_with("partners/acme.toml:2:27: `z` means nothing"), "{faults:?}");
    }

    #[test]
    fn many_faults_are_cut_off() {
        let many = (0..250).map(|n| format!("x{n} = 1\n")).collect::<String>();
        let faults = faults_of(&format!("{many}{ACME}"));
        assert_eq!(faults.len(), 101);
        assert_eq!(faults[100], "partners/acme.toml:250:1: there are 150 more faults in this file");
    }

    #[test]
    fn a_file_that_is_too_large_or_no_text_is_refused() {
        let mut folder = Folder::of(&[("us.toml", US), ("acme.toml", ACME)]);
        folder.files.insert("big.toml".to_owned(), vec![b'#'; 1_000_001]);
        folder.files.insert("latin.toml".to_owned(), b"title = '\xE9'".to_vec());
        assert_eq!(
            folder.faults(),
            [
                "partners/big.toml:1:1: this is larger than 1 MB, which is more than such a file ever needs",
                "partners/latin.toml:1:1: this is not UTF-8 text; save it as UTF-8",
            ]
        );
    }

    #[test]
    fn values_nested_too_deep_are_a_fault() {
        let deep = format!("x = {}{}\n{ACME}", "[".repeat(5_000), "]".repeat(5_000));
        let faults = faults_of(&deep);
        assert!(faults.iter().all(|fault| fault.contains("this is not TOML")), "{faults:?}");
    }

    fn value() -> impl Strategy<Value = String> {
        let leaf = prop_oneof![
            Just("1".to_owned()),
            Just("-7.5".to_owned()),
            Just("true".to_owned()),
            Just("2026-01-02".to_owned()),
            "'[a-zA-Z0-9:/. ]{0,12}'",
            proptest::sample::select(&[
                "'850'", "'in'", "'out'", "'supplier'", "'ZZ:ACME'", "'24h'", "'1MB'", "'off'",
                "'004010'", "'test'", "'127.0.0.1:1'", "{ env = 'X' }", "{ file = 'certs/x' }",
            ][..])
            .prop_map(str::to_owned),
        ];
        leaf.prop_recursive(3, 24, 4, |inner| {
            let table = proptest::collection::vec((key(), inner.clone()), 0..4).prop_map(|pairs| {
                let pairs = pairs.iter().enumerate().map(|(at, (key, value))| {
                    // Keys given twice would end the reading before it begins.
                    format!("{key}{} = {value}", if at == 0 { "" } else { "_" })
                });
                format!("{{ {} }}", pairs.collect::<Vec<_>>().join(", "))
            });
            let list = proptest::collection::vec(inner, 0..4)
                .prop_map(|items| format!("[{}]", items.join(", ")));
            prop_oneof![table, list]
        })
    }

    fn key() -> impl Strategy<Value = &'static str> {
        proptest::sample::select(&[
            "title", "role", "mode", "owner", "contacts", "identities", "isa", "gs", "we_are",
            "agreements", "set", "direction", "release", "guide", "map", "severities", "batch",
            "https", "tokens", "sha256", "deliver", "url", "token", "as2", "sftp", "envelope",
            "separators", "acknowledgments", "given", "wanted", "schedule", "days", "from", "to",
            "zone", "retry", "waits", "then", "limits", "listeners", "partners", "erp", "address",
            "tls", "certificate", "key", "webhooks", "secrets", "defaults", "spool", "whatever",
        ][..])
    }

    fn whatever(name: &str, text: &str, shelf: &Shelf<'_>) -> Result<(), TestCaseError> {
        if let Err(faults) = Folder::of(&[("us.toml", US), (name, text)]).load_on(shelf) {
            prop_assert!(!faults.is_empty());
        }
        Ok(())
    }

    fn files() -> impl Strategy<Value = &'static str> {
        proptest::sample::select(&["us.toml", "acme.toml"][..])
    }

    #[test]
    fn any_text_ends_in_partners_or_faults() {
        let library = Library::shipped();
        let shelf = Shelf::new(&library);
        proptest!(|(text in "\\PC{0,300}", name in files())| whatever(name, &text, &shelf)?);
    }

    #[test]
    fn any_toml_ends_in_partners_or_faults() {
        let library = Library::shipped();
        let shelf = Shelf::new(&library);
        let pairs = proptest::collection::btree_map(key(), value(), 0..12);
        proptest!(ProptestConfig::with_cases(1_000), |(pairs in pairs, name in files())| {
            let text = pairs.iter().map(|(key, value)| format!("{key} = {value}\n"));
            whatever(name, &text.collect::<String>(), &shelf)?;
        });
    }

    #[test]
    fn a_file_changed_anywhere_ends_in_partners_or_faults() {
        let library = Library::shipped();
        let shelf = Shelf::new(&library);
        let changes = proptest::collection::vec((0..ACME.len(), any::<char>()), 1..4);
        proptest!(|(changes in changes)| {
            let mut text = ACME.chars().collect::<Vec<_>>();
            for (at, c) in changes {
                text[at] = c;
            }
            whatever("acme.toml", &text.into_iter().collect::<String>(), &shelf)?;
        });
    }
}
