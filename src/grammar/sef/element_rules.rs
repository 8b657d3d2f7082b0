//! Data elements: the file's own, over those of the base.

use super::super::code_list::Codes;
use super::super::rules::{ElementRules, Standard};
use super::fault::Faults;
use super::kind::SefFaultKind;
use super::model::Model;
use super::names::plain;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// All data elements, by number.
#[derive(Debug, Default)]
pub(super) struct Elements<'m> {
    rules: HashMap<&'m str, Arc<ElementRules>>,
    /// Those of which the file says other than the base.
    changed: HashSet<&'m str>,
}

impl<'m> Elements<'m> {
    /// Those of the file, over those of the base.
    pub(super) fn of(
        model: &'m Model<'m>,
        base: Option<&'m Standard>,
        faults: &mut Faults,
    ) -> Self {
        let mut elements = Self::default();
        let in_base = base.into_iter().flat_map(|base| &base.elements);
        elements.rules.reserve(model.elements.len());
        elements.rules.extend(in_base.map(|(id, rules)| (id.as_str(), Arc::clone(rules))));
        let lists = lists(model, faults);
        let mut defined = HashSet::with_capacity(model.elements.len());
        for record in &model.elements {
            if !defined.insert(record.id) {
                faults.repeated(record.at, "the element", record.id);
            }
            let old = elements.rules.get(record.id);
            let list = lists.get(record.id).map(|list| Arc::clone(list));
            let name = model.names.elements.get(record.id).map(|name| plain(name).into_owned());
            let rules = ElementRules {
                id: record.id.to_owned(),
                name: name.or_else(|| old.map(|old| old.name.clone())).unwrap_or_default(),
                kind: record.kind,
                min: record.min,
                max: record.max,
                codes: list.or_else(|| old.and_then(|old| old.codes.clone())),
            };
            elements.rules.insert(record.id, Arc::new(rules));
        }
        if base.is_some() {
            elements.of_base(model, &lists, &defined);
            elements.changed.extend(defined);
        }
        for record in &model.codes {
            if !elements.rules.contains_key(record.element) {
                let id = record.element.to_owned();
                faults.warn(record.at, SefFaultKind::Undefined { what: "the element", id });
            }
        }
        elements
    }

    /// What the file says of elements that only the base defines.
    fn of_base(
        &mut self,
        model: &'m Model<'m>,
        lists: &HashMap<&'m str, &'m Arc<Codes>>,
        defined: &HashSet<&'m str>,
    ) {
        let names = &model.names.elements;
        let touched: HashSet<_> = names.keys().chain(lists.keys()).copied().collect();
        for id in touched.into_iter().filter(|id| !defined.contains(id)) {
            let Some(rules) = self.rules.get_mut(id) else { continue };
            let rules = Arc::make_mut(rules);
            if let Some(name) = names.get(id) {
                rules.name = plain(name).into_owned();
            }
            if let Some(list) = lists.get(id) {
                rules.codes = Some(Arc::clone(list));
            }
            self.changed.insert(id);
        }
    }

    /// The rules of an element.
    pub(super) fn get(&self, id: &str) -> Option<&Arc<ElementRules>> {
        self.rules.get(id)
    }

    /// Whether the file says other than the base of this element.
    pub(super) fn changed(&self, id: &str) -> bool {
        self.changed.contains(id)
    }

    /// What goes into the finished standard.
    pub(super) fn finish(self) -> HashMap<String, Arc<ElementRules>> {
        self.rules.into_iter().map(|(id, rules)| (id.to_owned(), rules)).collect()
    }
}

/// The lists of codes by element.
fn lists<'m>(model: &'m Model<'m>, faults: &mut Faults) -> HashMap<&'m str, &'m Arc<Codes>> {
    let mut lists = HashMap::with_capacity(model.codes.len());
    let mut seen = HashSet::with_capacity(model.codes.len());
    for record in &model.codes {
        if !seen.insert(record.element) {
            faults.repeated(record.at, "the codes of element", record.element);
        }
        // Chosen codes may stand without the list that they are chosen from.
        if !record.codes.is_empty() {
            lists.insert(record.element, &record.codes);
        }
    }
    lists
}
