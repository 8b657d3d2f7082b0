//! A file as it is written: TOML with places, read key by key, every fault gathered.
//!
//! serde stops at the first fault, and a person who moves a partner wants to see them all. So a
//! [`Table`] is asked for its keys one after the other; what it was never asked for means nothing
//! and is named when it is finished with, next to what was probably meant.

use super::desk::{Desk, Place, Placed};
use super::fault::{FaultKind, shown};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A table of a file, asked key by key.
#[derive(Debug)]
pub(super) struct Table<'t> {
    desk: &'t Desk,
    keys: &'t DeTable<'t>,
    place: Place,
    asked: Vec<&'static str>,
}

impl<'t> Table<'t> {
    pub(super) fn new(desk: &'t Desk, table: &'t DeTable<'t>, place: Place) -> Self {
        Self { desk, keys: table, place, asked: Vec::new() }
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
        self.keys.get(key).map(|value| self.of(value))
    }

    fn of(&self, value: &'t Spanned<DeValue<'t>>) -> Item<'t> {
        let place = self.place.at(value.span().start);
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
            let place = self.place.at(key.span().start);
            let key: &std::borrow::Cow<'t, str> = key.get_ref();
            (Placed { place, value: key.as_ref() }, self.of(value))
        };
        self.keys.iter().map(entry).collect()
    }

    /// Ends the reading: what was not asked for means nothing.
    pub(super) fn finish(self) {
        for (key, _) in self.keys {
            let word = key.get_ref().as_ref();
            if !self.asked.contains(&word) {
                let place = self.place.at(key.span().start);
                let (key, known) = (Placed { place, value: word }, self.asked.iter().copied());
                self.desk.unknown(key, known.clone(), || known.map(str::to_owned).collect());
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

    /// A date as it is written, with or without quotes.
    pub(super) fn day(&self) -> Result<String, FaultKind> {
        match self.value {
            DeValue::Datetime(day) => Ok(day.to_string()),
            DeValue::String(text) => Ok(text.to_string()),
            DeValue::Integer(_)
            | DeValue::Float(_)
            | DeValue::Boolean(_)
            | DeValue::Array(_)
            | DeValue::Table(_) => Err(self.wanted("a date")),
        }
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

#[cfg(test)]
mod tests {
    use super::super::sample::{ACME, Folder, US, faults_of};

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
            ("title = 'x'\nenvelope.newlines = 'yes'", "this is text, and must be true or false"),
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
        let faults =
            faults_of(&ACME.replace("'Acme'", "'é'\r\ncontacts = [{ name = 'é', z = 1 }]"));
        assert!(faults[0].starts_with("partners/acme.toml:2:27: `z` means nothing"), "{faults:?}");
    }

    #[test]
    fn many_faults_are_cut_off() {
        let many = (0..250).map(|n| format!("x{n} = 1\n")).collect::<Vec<_>>().concat();
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
}
