//! A map file as it is written: TOML with places, and one file laid over another.

use super::error::{FaultKind, MapFault, MapFaults};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A place in one of the files of a map.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Span {
    file: usize,
    start: usize,
}

impl Span {
    pub(super) fn same_file(self, other: Self) -> bool {
        self.file == other.file
    }
}

/// A value and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub(super) span: Span,
    pub(super) value: Value,
}

/// What a map file may hold.
#[derive(Clone, Debug)]
pub(super) enum Value {
    Text(String),
    Bool(bool),
    List(Vec<Item>),
    Table(Table),
    /// A number or a date: nothing that a map has a use for.
    Other,
}

impl Item {
    pub(super) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            Value::Bool(_) | Value::List(_) | Value::Table(_) | Value::Other => None,
        }
    }

    pub(super) fn table(&self) -> Option<&Table> {
        match &self.value {
            Value::Table(table) => Some(table),
            Value::Bool(_) | Value::List(_) | Value::Text(_) | Value::Other => None,
        }
    }
}

/// A table in the order of the file.
#[derive(Clone, Debug, Default)]
pub(super) struct Table {
    entries: Vec<Entry>,
}

/// A key, where it stands, and its value.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) span: Span,
    pub(super) item: Item,
}

impl Table {
    pub(super) fn get(&self, key: &str) -> Option<&Item> {
        self.entries.iter().find(|entry| entry.key == key).map(|entry| &entry.item)
    }

    pub(super) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|entry| entry.key.as_str())
    }

    pub(super) fn has_any(&self, keys: &[&str]) -> bool {
        self.entries.iter().any(|entry| keys.contains(&entry.key.as_str()))
    }

    /// Lays `over` upon this table: what it has wins, `false` removes, tables are merged; a table
    /// that has one of the `whole` keys stands for itself and replaces what was there.
    pub(super) fn lay_over(&mut self, over: &Self, whole: &[&str], faults: &mut Faults) {
        for entry in &over.entries {
            let place = self.entries.iter().position(|old| old.key == entry.key);
            match (place, &entry.item.value) {
                (Some(at), Value::Bool(false)) => {
                    self.entries.remove(at);
                }
                (None, Value::Bool(false)) => {
                    faults.push(entry.span, FaultKind::NothingToRemove(entry.key.clone()));
                }
                (Some(at), value) => {
                    let Some(old) = self.entries.get_mut(at) else { continue };
                    match (&mut old.item.value, value) {
                        (Value::Table(old), Value::Table(new)) if !new.has_any(whole) => {
                            old.lay_over(new, whole, faults);
                        }
                        _ => *old = entry.clone(),
                    }
                }
                (None, _) => self.entries.push(entry.clone()),
            }
        }
    }
}

/// The files read so far, and everything found wrong in them.
#[derive(Debug, Default)]
pub(super) struct Faults {
    files: Vec<(String, String)>,
    found: Vec<(Span, FaultKind)>,
}

impl Faults {
    /// Reads a file; what is not TOML is a fault and leaves out what could not be read.
    pub(super) fn read(&mut self, name: &str, text: &str) -> Table {
        let file = self.files.len();
        self.files.push((name.to_owned(), text.to_owned()));
        let (table, errors) = DeTable::parse_recoverable(text);
        for error in errors {
            let start = error.span().map_or(0, |span| span.start);
            let kind = FaultKind::Syntax(error.message().to_owned());
            self.found.push((Span { file, start }, kind));
        }
        convert_table(table.get_ref(), file)
    }

    /// The beginning of the file that was read last.
    pub(super) fn beginning(&self) -> Span {
        Span { file: self.files.len().saturating_sub(1), start: 0 }
    }

    pub(super) fn push(&mut self, span: Span, kind: FaultKind) {
        self.found.push((span, kind));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.found.len()
    }

    /// Forgets what was found after there were `len`.
    pub(super) fn truncate(&mut self, len: usize) {
        self.found.truncate(len);
    }

    /// Everything found, in the order of the files, each once; where a file is not TOML, that alone,
    /// once for each line, since all else may follow from it.
    pub(super) fn into_faults(mut self) -> MapFaults {
        self.found.sort_by_cached_key(|(span, kind)| (*span, kind.to_string()));
        self.found.dedup();
        let placed = self.found.into_iter().map(|(span, kind)| {
            let (file, text) = self.files.get(span.file).cloned().unwrap_or_default();
            let before = text.get(..span.start).unwrap_or(&text);
            let line = before.matches('\n').count() + 1;
            let column = before.rsplit('\n').next().map_or(0, |last| last.chars().count()) + 1;
            let narrow = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
            MapFault { file, line: narrow(line), column: narrow(column), kind }
        });
        let mut faults: Vec<MapFault> = placed.collect();
        let is_syntax = |fault: &MapFault| matches!(fault.kind, FaultKind::Syntax(_));
        if faults.iter().any(is_syntax) {
            faults.retain(is_syntax);
            faults.dedup_by_key(|fault| (fault.file.clone(), fault.line));
        }
        MapFaults(faults)
    }
}

fn convert_table(table: &DeTable<'_>, file: usize) -> Table {
    let entries = table.iter().map(|(key, value)| Entry {
        key: key.get_ref().to_string(),
        span: Span { file, start: key.span().start },
        item: convert(value, file),
    });
    Table { entries: entries.collect() }
}

// The parser bounds how deep values nest, and so this recursion.
fn convert(value: &Spanned<DeValue<'_>>, file: usize) -> Item {
    let converted = match value.get_ref() {
        DeValue::String(text) => Value::Text(text.to_string()),
        DeValue::Boolean(value) => Value::Bool(*value),
        DeValue::Array(items) => {
            Value::List(items.iter().map(|item| convert(item, file)).collect())
        }
        DeValue::Table(table) => Value::Table(convert_table(table, file)),
        DeValue::Integer(_) | DeValue::Float(_) | DeValue::Datetime(_) => Value::Other,
    };
    Item { span: Span { file, start: value.span().start }, value: converted }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Table, Faults) {
        let mut faults = Faults::default();
        let table = faults.read("a.toml", text);
        (table, faults)
    }

    #[test]
    fn tables_keep_their_order() {
        let (table, faults) = read("zebra = 'z'\napple = { b = true, a = 3 }\n");
        assert_eq!(table.keys().collect::<Vec<_>>(), ["zebra", "apple"]);
        assert_eq!(table.get("zebra").and_then(Item::text), Some("z"));
        assert!(faults.is_empty());
    }

    #[test]
    fn faults_come_in_the_order_of_the_file_with_line_and_column() {
        let (table, mut faults) = read("a = 1\n'bé' = { c = 2 }\n");
        let inner = table.get("bé").and_then(Item::table).unwrap().entries()[0].span;
        faults.push(inner, FaultKind::Missing("second"));
        faults.push(table.entries()[0].span, FaultKind::Missing("first"));
        let faults = faults.into_faults();
        assert_eq!(
            faults.to_string(),
            "a.toml:1:1: `first` is missing\na.toml:2:10: `second` is missing"
        );
    }

    #[test]
    fn what_is_not_toml_is_a_fault_with_its_place() {
        let (_, faults) = read("a = 'x'\nb = = 3\n");
        let faults = faults.into_faults();
        assert_eq!((faults.0[0].line, faults.0[0].file.as_str()), (2, "a.toml"));
        assert!(matches!(faults.0[0].kind, FaultKind::Syntax(_)));
    }

    #[test]
    fn what_is_not_toml_is_not_blamed_for_what_it_lacks() {
        let (_, mut faults) = read("<!DOCTYPE html>");
        faults.push(faults.beginning(), FaultKind::Missing("set"));
        let faults = faults.into_faults();
        assert!(!faults.0.is_empty());
        assert!(faults.0.iter().all(|fault| matches!(fault.kind, FaultKind::Syntax(_))));
    }

    #[test]
    fn a_table_laid_over_another_adds_replaces_and_removes() {
        let (mut base, mut faults) =
            read("a = 'A'\nb = 'B'\n[t]\nx = 'X'\ny = 'Y'\n[w]\nx = 'X'\n");
        let over = faults.read("b.toml", "a = 'new'\nb = false\n[t]\ny = 'Z'\n[w]\nat = 'W'\n");
        base.lay_over(&over, &["at"], &mut faults);
        assert_eq!(base.get("a").and_then(Item::text), Some("new"));
        assert!(base.get("b").is_none());
        let merged = base.get("t").and_then(Item::table).unwrap();
        assert_eq!(merged.get("x").and_then(Item::text), Some("X"));
        assert_eq!(merged.get("y").and_then(Item::text), Some("Z"));
        let whole = base.get("w").and_then(Item::table).unwrap();
        assert_eq!(whole.keys().collect::<Vec<_>>(), ["at"]);
        assert!(faults.is_empty());
    }

    #[test]
    fn removing_what_is_not_there_is_a_fault() {
        let (mut base, mut faults) = read("a = 'A'\n");
        let over = faults.read("b.toml", "\nz = false\n");
        base.lay_over(&over, &[], &mut faults);
        let faults = faults.into_faults();
        assert_eq!(faults.to_string(), "b.toml:2:1: the base map has no `z` to remove");
    }
}
