//! Which field of a document an element of its set is: for whoever hears of a fault in the set and
//! knows the document only.

use super::path::Path;
use super::rule::{FieldRule, Rule};
use crate::grammar::SegmentId;
use crate::x12::Set;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// The fields of a document by the elements that they are written to.
#[derive(Debug, Default)]
pub(super) struct Places {
    /// By segment and element.
    fields: BTreeMap<([u8; 3], u8), Field>,
    /// By segment: the list whose members each begin with one.
    lists: BTreeMap<[u8; 3], String>,
}

/// A field.
#[derive(Debug)]
struct Field {
    name: String,
    /// Whether it is a member's of the list that its segment heads.
    of_member: bool,
}

impl Places {
    /// The places of a document's own fields, and of those of the lists whose members are headed by
    /// a segment that stands nowhere else.
    pub(super) fn of(rules: &[FieldRule]) -> Self {
        let mut places = Self::default();
        let mut heads: BTreeMap<[u8; 3], u32> = BTreeMap::new();
        count(rules, &mut heads);
        for field in rules {
            match &field.rule {
                Rule::Element(element) => places.take(&element.path, None, &field.name),
                Rule::Each { path, fields } => {
                    let Some(head) = key(path).filter(|head| heads.get(head) == Some(&1)) else {
                        continue;
                    };
                    places.lists.insert(head, field.name.clone());
                    for inner in fields {
                        match &inner.rule {
                            Rule::Element(element) => {
                                places.take(&element.path, Some(head), &inner.name);
                            }
                            Rule::Pairs { from, to, .. } => {
                                let first = from.element.unwrap_or(0);
                                for element in first..=to.unwrap_or(first.saturating_add(1)) {
                                    let path = Path { element: Some(element), ..from.clone() };
                                    places.take(&path, Some(head), &inner.name);
                                }
                            }
                            Rule::Strings { .. }
                            | Rule::Each { .. }
                            | Rule::Hierarchy { .. }
                            | Rule::Object(_) => {}
                        }
                    }
                }
                Rule::Strings { .. }
                | Rule::Pairs { .. }
                | Rule::Hierarchy { .. }
                | Rule::Object(_) => {}
            }
        }
        places
    }

    fn take(&mut self, path: &Path, head: Option<[u8; 3]>, name: &str) {
        let of_member = head.is_some();
        // In a list, only what stands in the segment that heads its members.
        let segment = match (path.segment, head) {
            (None, head) => head,
            (Some(_), None) => key(path),
            (Some(_), Some(head)) => key(path).filter(|own| *own == head),
        };
        if let (Some(segment), Some(element), true) =
            (segment, path.element, path.through.is_empty())
        {
            let field = Field { name: name.to_owned(), of_member };
            self.fields.entry((segment, element)).or_insert(field);
        }
    }

    /// The field that an element of `set` is written from, as a JSON pointer; where the element is
    /// none, the list or the document that the segment belongs to.
    pub(super) fn pointer(
        &self,
        set: &Set<'_>,
        segment: &str,
        position: u32,
        element: Option<u32>,
    ) -> Option<String> {
        let key = bytes(SegmentId::of(segment.as_bytes())?);
        let field = element.and_then(|element| u8::try_from(element).ok());
        let field = field.and_then(|element| self.fields.get(&(key, element)));
        let mut pointer = String::new();
        if let Some(list) = self.lists.get(&key) {
            let before = set.segments().take_while(|before| before.position() < position);
            let index = before.filter(|before| before.id() == segment.as_bytes()).count();
            // Writing to a string does not fail.
            let _written = write!(pointer, "/{list}/{index}");
        }
        match field {
            Some(field) if field.of_member || pointer.is_empty() => {
                pointer.push('/');
                pointer.push_str(&field.name);
            }
            Some(_) | None => {}
        }
        (!pointer.is_empty()).then_some(pointer)
    }
}

/// How often each segment is named anywhere.
fn count(rules: &[FieldRule], heads: &mut BTreeMap<[u8; 3], u32>) {
    for field in rules {
        match &field.rule {
            Rule::Each { path, fields } | Rule::Hierarchy { path, fields, .. } => {
                if let Some(head) = key(path) {
                    *heads.entry(head).or_default() += 1;
                }
                count(fields, heads);
            }
            Rule::Object(fields) => count(fields, heads),
            Rule::Element(_) | Rule::Strings { .. } | Rule::Pairs { .. } => {}
        }
    }
}

fn key(path: &Path) -> Option<[u8; 3]> {
    path.segment.map(bytes)
}

fn bytes(id: SegmentId) -> [u8; 3] {
    let mut bytes = *b"   ";
    for (to, from) in bytes.iter_mut().zip(id.as_str().bytes()) {
        *to = from;
    }
    bytes
}
