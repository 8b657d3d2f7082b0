//! The rules of a map, as its files say them: overlays laid, fragments put in.

use super::error::{FaultKind, nearest};
use super::file::{Entry, Faults, Item, Span, Table, Value};
use super::path::Path;

/// A field of a document and where it comes from.
#[derive(Clone, Debug)]
pub(super) struct FieldRule {
    pub(super) name: String,
    pub(super) span: Span,
    pub(super) rule: Rule,
    /// Whether it comes from a fragment, which may ask for more than each of its places has.
    pub(super) shared: bool,
}

/// Where a field comes from.
#[derive(Clone, Debug)]
pub(super) enum Rule {
    /// An element.
    Element(ElementRule),
    /// A list of strings.
    Strings { from: Path, to: u8 },
    /// A list of qualifier and value.
    Pairs { from: Path, to: Option<u8>, keys: [String; 2], codes: Option<Named> },
    /// A list of segments or loops.
    Each { path: Path, fields: Vec<FieldRule> },
    /// A hierarchy of loops.
    Hierarchy { path: Path, children: String, fields: Vec<FieldRule> },
    /// A nested object.
    Object(Vec<FieldRule>),
}

/// An element and how its value is read.
#[derive(Clone, Debug)]
pub(super) struct ElementRule {
    pub(super) path: Path,
    pub(super) codes: Option<Named>,
    pub(super) alias: Option<Named>,
    pub(super) default: Option<Named>,
    pub(super) count: Option<Named>,
}

/// A name or value in a rule and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Named {
    pub(super) text: String,
    pub(super) span: Span,
}

/// The keys of which one makes a table a rule, not a nested object.
pub(super) const MARKS: [&str; 5] = ["at", "values", "pairs", "each", "hierarchy"];

/// Reads the rules of a map whose overlays are laid.
pub(super) struct Rules<'f> {
    fragments: &'f Table,
    faults: &'f mut Faults,
    /// The fragments in hand, so that a circle is seen.
    open: Vec<String>,
}

impl<'f> Rules<'f> {
    pub(super) fn new(fragments: &'f Table, faults: &'f mut Faults) -> Self {
        Self { fragments, faults, open: vec![] }
    }

    /// The rules in a table of fields.
    pub(super) fn fields(&mut self, table: &Table, shared: bool) -> Vec<FieldRule> {
        let rules = table.entries().iter().filter_map(|entry| {
            let rule = self.rule(entry, shared)?;
            Some(FieldRule { name: entry.key.clone(), span: entry.span, rule, shared })
        });
        rules.collect()
    }

    fn rule(&mut self, entry: &Entry, shared: bool) -> Option<Rule> {
        let span = entry.item.span;
        match &entry.item.value {
            Value::Text(text) => {
                let path = self.element(text, span)?;
                let plain =
                    ElementRule { path, codes: None, alias: None, default: None, count: None };
                Some(Rule::Element(plain))
            }
            Value::Table(table) => match MARKS.iter().find(|mark| table.get(mark).is_some()) {
                Some(&"at") => self.value(table),
                Some(&"values") => self.strings(table),
                Some(&"pairs") => self.pairs(table),
                Some(&"each") => self.each(table, shared),
                Some(_) => self.hierarchy(table, span, shared),
                None => Some(Rule::Object(self.fields(table, shared))),
            },
            // `false` removes a rule of the base; where there is none, that was said already.
            Value::Bool(false) => None,
            Value::Bool(true) | Value::List(_) | Value::Other => {
                self.fault(span, FaultKind::Wanted("a path or a table"))
            }
        }
    }

    fn value(&mut self, table: &Table) -> Option<Rule> {
        self.only(table, &["at", "codes", "alias", "default", "count"]);
        let at = self.text(table, "at")?;
        let path = self.element(&at.text, at.span)?;
        let codes = self.text(table, "codes");
        let alias = self.text(table, "alias");
        if let (Some(_), Some(alias)) = (&codes, &alias) {
            self.faults.push(alias.span, FaultKind::Wanted("either codes or an alias"));
        }
        let default = self.text(table, "default");
        let count = self.text(table, "count");
        Some(Rule::Element(ElementRule { path, codes, alias, default, count }))
    }

    fn strings(&mut self, table: &Table) -> Option<Rule> {
        self.only(table, &["values"]);
        let (from, to) = self.range(table, "values")?;
        Some(Rule::Strings { to: to.or(from.element).unwrap_or_default(), from })
    }

    fn pairs(&mut self, table: &Table) -> Option<Rule> {
        self.only(table, &["pairs", "scheme", "keys"]);
        let (from, to) = self.range(table, "pairs")?;
        let codes = self.text(table, "scheme");
        let keys = match table.get("keys") {
            None => ["scheme".to_owned(), "value".to_owned()],
            Some(item) => self.two_names(item)?,
        };
        Some(Rule::Pairs { from, to, keys, codes })
    }

    fn two_names(&mut self, item: &Item) -> Option<[String; 2]> {
        if let Value::List(items) = &item.value
            && let [first, second] = items.as_slice()
            && let (Some(first), Some(second)) = (first.text(), second.text())
            && first != second
        {
            return Some([first.to_owned(), second.to_owned()]);
        }
        self.fault(item.span, FaultKind::Wanted("a list of two names"))
    }

    fn each(&mut self, table: &Table, shared: bool) -> Option<Rule> {
        self.only(table, &["each", "use", "fields"]);
        let each = self.text(table, "each")?;
        let path = self.segment(&each)?;
        let fields = self.members(table, shared);
        Some(Rule::Each { path, fields })
    }

    fn hierarchy(&mut self, table: &Table, span: Span, shared: bool) -> Option<Rule> {
        self.only(table, &["hierarchy", "level", "children", "use", "fields"]);
        let head = self.text(table, "hierarchy")?;
        let path = self.segment(&head)?;
        let Some(children) = self.text(table, "children") else {
            return self.fault(span, FaultKind::Missing("children"));
        };
        let mut fields = self.members(table, shared);
        if let Some(entry) = table.entries().iter().find(|entry| entry.key == "level") {
            let rule = self.rule(entry, shared)?;
            let level = FieldRule { name: "level".to_owned(), span: entry.span, rule, shared };
            fields.insert(0, level);
        }
        Some(Rule::Hierarchy { path, children: children.text, fields })
    }

    /// The fields of a list's members: those of the fragment used, those beside it laid over.
    fn members(&mut self, table: &Table, shared: bool) -> Vec<FieldRule> {
        let before = self.open.len();
        let mut fields = self.used(table);
        self.open.truncate(before);
        if let Some(item) = table.get("fields") {
            match item.table() {
                Some(own) => {
                    let own = self.fields(own, shared);
                    lay_over(&mut fields, own);
                }
                None => self.faults.push(item.span, FaultKind::Wanted("a table of fields")),
            }
        }
        fields
    }

    /// The fields of the fragment that a table names with `use`.
    fn used(&mut self, table: &Table) -> Vec<FieldRule> {
        let Some(name) = self.text(table, "use") else { return vec![] };
        let Some(fragment) = self.fragments.get(&name.text) else {
            let nearest = nearest(&name.text, self.fragments.keys()).map(str::to_owned);
            let kind = FaultKind::UnknownFragment { name: name.text, nearest };
            self.faults.push(name.span, kind);
            return vec![];
        };
        if self.open.contains(&name.text) {
            self.faults.push(name.span, FaultKind::FragmentCircle(name.text));
            return vec![];
        }
        self.open.push(name.text);
        match fragment.table() {
            Some(fragment) => {
                self.only(fragment, &["use", "fields"]);
                let mut fields = self.used(fragment);
                if let Some(own) = fragment.get("fields").and_then(Item::table) {
                    let own = self.fields(own, true);
                    lay_over(&mut fields, own);
                }
                fields
            }
            None => vec![],
        }
    }

    /// A path with an optional end, as in `PO106..25`.
    fn range(&mut self, table: &Table, key: &str) -> Option<(Path, Option<u8>)> {
        let named = self.text(table, key)?;
        let (start, end) = match named.text.split_once("..") {
            Some((start, end)) => (start, Some(end)),
            None => (named.text.as_str(), None),
        };
        let path = self.element(start, named.span)?;
        let Some(end) = end else { return Some((path, None)) };
        let to = end.parse::<u8>().ok().filter(|to| end.len() == 2 && Some(*to) >= path.element);
        if to.is_none() || path.component > 0 {
            return self.fault(named.span, FaultKind::Path(named.text));
        }
        Some((path, to))
    }

    fn element(&mut self, text: &str, span: Span) -> Option<Path> {
        let path = Path::element(text);
        if path.is_none() {
            self.faults.push(span, FaultKind::Path(text.to_owned()));
        }
        path
    }

    fn segment(&mut self, named: &Named) -> Option<Path> {
        let path = Path::segment(&named.text);
        if path.is_none() {
            self.faults.push(named.span, FaultKind::Path(named.text.clone()));
        }
        path
    }

    /// The text at `key`, if it is there.
    fn text(&mut self, table: &Table, key: &str) -> Option<Named> {
        let item = table.get(key)?;
        match item.text() {
            Some(text) => Some(Named { text: text.to_owned(), span: item.span }),
            None => self.fault(item.span, FaultKind::Wanted("text in quotes")),
        }
    }

    /// Faults every key that is not in `known`.
    fn only(&mut self, table: &Table, known: &[&str]) {
        only(table, known, self.faults);
    }

    fn fault<T>(&mut self, span: Span, kind: FaultKind) -> Option<T> {
        self.faults.push(span, kind);
        None
    }
}

/// Faults every key of `table` that is not in `known`.
pub(super) fn only(table: &Table, known: &[&str], faults: &mut Faults) {
    for entry in table.entries().iter().filter(|entry| !known.contains(&entry.key.as_str())) {
        let nearest = nearest(&entry.key, known.iter().copied()).map(str::to_owned);
        faults.push(entry.span, FaultKind::UnknownKey { key: entry.key.clone(), nearest });
    }
}

/// Lays rules over others: a field that is there is replaced, nested objects are merged.
fn lay_over(base: &mut Vec<FieldRule>, over: Vec<FieldRule>) {
    for field in over {
        match base.iter_mut().find(|old| old.name == field.name) {
            None => base.push(field),
            Some(old) => match (&mut old.rule, field) {
                (Rule::Object(old), FieldRule { rule: Rule::Object(new), .. }) => {
                    lay_over(old, new);
                }
                (_, field) => *old = field,
            },
        }
    }
}
