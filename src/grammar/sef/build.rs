//! From records to rules: the whole standard, and each of its sets.

use super::super::rules::{Node, SetRules, Standard, Usage};
use super::dictionary::Dictionary;
use super::fault::Faults;
use super::kind::SefFaultKind;
use super::model::{Model, SetRecord, Spot};
use super::names::plain;
use super::narrow::{Tied, Ties};
use super::rules::conditions;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Looks up whatever the records refer to.
pub(super) fn standard(
    model: &Model<'_>,
    base: Option<&Standard>,
    faults: &mut Faults,
) -> Standard {
    let release = release(model, base, faults);
    let mut dictionary = Dictionary::elements(model, base, faults);
    let mut ties = Ties::of(model, &dictionary, faults);
    dictionary.fill(model, base, &ties.everywhere, faults);
    for tied in &ties.in_segments {
        let Spot::InSegment { segment, .. } = tied.place.spot else { continue };
        match dictionary.segment_mut(segment) {
            Some(segment) => tied.apply(segment, faults),
            None => {
                let text = tied.place.text.to_owned();
                faults.refuse(tied.place.at, SefFaultKind::LocationEmpty(text));
            }
        }
    }
    let mut sets = BTreeMap::new();
    for record in &model.sets {
        let ties = ties.in_sets.remove(record.id).unwrap_or_default();
        let rules = set(record, &ties, model, base, &mut dictionary, faults);
        if sets.insert(record.id.to_owned(), Arc::new(rules)).is_some() {
            let id = record.id.to_owned();
            faults.refuse(record.at, SefFaultKind::Repeated { what: "the set", id });
        }
    }
    for tied in ties.in_sets.values().flatten() {
        let text = tied.place.text.to_owned();
        faults.warn(tied.place.at, SefFaultKind::LocationElsewhere(text));
    }
    conditions_elsewhere(model, faults);
    let title = model.header.as_ref().map(|header| plain(header.title).into_owned());
    let (segments, elements) = dictionary.finish();
    Standard { release, title: title.unwrap_or_default(), sets, segments, elements }
}

fn release(model: &Model<'_>, base: Option<&Standard>, faults: &mut Faults) -> String {
    let Some(header) = &model.header else { return String::new() };
    let first = |release: &str| release.get(..6).unwrap_or(release).to_owned();
    if let Some(base) = base.filter(|base| first(&base.release) != first(&header.release)) {
        let (guide, base) = (header.release.clone(), base.release.clone());
        faults.warn(header.at, SefFaultKind::ReleaseDiffers { guide, base });
    }
    header.release.clone()
}

fn set<'m>(
    record: &SetRecord<'_>,
    ties: &[Tied<'_>],
    model: &'m Model<'m>,
    base: Option<&Standard>,
    dictionary: &mut Dictionary<'m>,
    faults: &mut Faults,
) -> SetRules {
    let mut rules = SetRules { loops: record.loops.clone(), ..SetRules::default() };
    title(&mut rules, record.id, model, base);
    rules.nodes.reserve(record.nodes.len());
    // How far the loop reaches that is not used.
    let mut unused_to = 0;
    let mut heads = record.loops.iter().peekable();
    for (index, node) in record.nodes.iter().enumerate() {
        while let Some(inner) = heads.next_if(|inner| inner.head <= index) {
            if node.usage == Usage::NotUsed {
                unused_to = unused_to.max(inner.end);
            }
        }
        let Some(segment) = dictionary.masked(node.id, node.mask, node.at, faults) else {
            continue;
        };
        rules.nodes.push(Node {
            id: node.id,
            segment,
            requirement: node.requirement,
            usage: if index < unused_to { Usage::NotUsed } else { node.usage },
            max: node.max,
            table: node.table,
            position: node.position,
            ordinal: node.ordinal,
            parent: node.parent,
        });
    }
    // Without every segment, ordinals lead astray; the file is refused anyway.
    if record.broken || rules.nodes.len() != record.nodes.len() {
        return rules;
    }
    let ordinals = ordinals(record, faults);
    for tied in ties {
        let Spot::InSet { ordinal, .. } = tied.place.spot else { continue };
        let index = ordinals.get(&ordinal).copied();
        match index.and_then(|index| rules.nodes.get_mut(index)) {
            Some(node) => {
                if dictionary.copy(node.segment.elements.len(), tied.place.at, faults) {
                    tied.apply(Arc::make_mut(&mut node.segment), faults);
                }
            }
            None => {
                let text = tied.place.text.to_owned();
                faults.refuse(tied.place.at, SefFaultKind::LocationEmpty(text));
            }
        }
    }
    for (ordinal, name) in model.names.places.get(record.id).into_iter().flatten() {
        let index = ordinals.get(ordinal).copied();
        if let Some(node) = index.and_then(|index| rules.nodes.get_mut(index)) {
            Arc::make_mut(&mut node.segment).name = plain(name).into_owned();
        }
    }
    rules.conditions = conditions(record.id, &rules.nodes, &ordinals, model, faults);
    rules
}

fn title(rules: &mut SetRules, id: &str, model: &Model<'_>, base: Option<&Standard>) {
    let old = base.and_then(|base| base.sets.get(id));
    let names = &model.names;
    let text = |text: Option<&&str>, old: Option<&String>| {
        text.map(|text| plain(text).into_owned()).or_else(|| old.cloned()).unwrap_or_default()
    };
    id.clone_into(&mut rules.id);
    rules.title = text(names.titles.get(id), old.map(|old| &old.title));
    rules.functional_id = text(names.groups.get(id), old.map(|old| &old.functional_id));
}

/// The nodes by ordinal.
fn ordinals(record: &SetRecord<'_>, faults: &mut Faults) -> HashMap<u32, usize> {
    let mut ordinals = HashMap::with_capacity(record.nodes.len());
    for (index, node) in record.nodes.iter().enumerate() {
        if ordinals.insert(node.ordinal, index).is_some() {
            let (what, id) = ("the ordinal", node.ordinal.to_string());
            faults.refuse(node.at, SefFaultKind::Repeated { what, id });
        }
    }
    ordinals
}

/// Rules for sets that the file does not have, or for no place of a set.
fn conditions_elsewhere(model: &Model<'_>, faults: &mut Faults) {
    for rule in &model.rules {
        let text = || rule.place.text.to_owned();
        match rule.place.spot {
            Spot::InSet { set, .. } => {
                if !model.sets.iter().any(|record| record.id == set) {
                    faults.warn(rule.place.at, SefFaultKind::LocationElsewhere(text()));
                }
            }
            Spot::InSegment { .. } | Spot::Element(_) => {
                faults.refuse(rule.place.at, SefFaultKind::LocationInvalid(text()));
            }
        }
    }
}
