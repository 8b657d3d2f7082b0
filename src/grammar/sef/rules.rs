//! Rules of type USAGE tied to the places of a set.

use super::super::rules::{Condition, Location, Node, Part, Test};
use super::fault::Faults;
use super::kind::SefFaultKind;
use super::model::{Comparison, Model, Place, Spot};
use std::collections::HashMap;

/// The conditions of the set `id`.
pub(super) fn conditions(
    id: &str,
    nodes: &[Node],
    ordinals: &HashMap<u32, usize>,
    model: &Model<'_>,
    faults: &mut Faults,
) -> Vec<Condition> {
    let looking = Looking { id, nodes, ordinals, model };
    let of_set = |place: &Place<'_>| matches!(place.spot, Spot::InSet { set, .. } if set == id);
    let rules = model.rules.iter().filter(|rule| of_set(&rule.place));
    let mut conditions = Vec::new();
    for rule in rules {
        let Some(governs) = looking.location(&rule.place) else {
            let text = rule.place.text.to_owned();
            faults.refuse(rule.place.at, SefFaultKind::LocationEmpty(text));
            continue;
        };
        let mut when = Vec::with_capacity(rule.when.len());
        for all in &rule.when {
            when.push(all.iter().filter_map(|one| looking.test(one, faults)).collect());
        }
        conditions.push(Condition { governs, when, usage: rule.usage });
    }
    conditions
}

struct Looking<'l> {
    id: &'l str,
    nodes: &'l [Node],
    ordinals: &'l HashMap<u32, usize>,
    model: &'l Model<'l>,
}

impl Looking<'_> {
    /// The place in the set, if something stands there.
    fn location(&self, place: &Place<'_>) -> Option<Location> {
        let Spot::InSet { set, ordinal, element, component } = place.spot else { return None };
        let node = self.ordinals.get(&ordinal).and_then(|index| self.nodes.get(*index))?;
        if element > 0 {
            let found = node.segment.elements.get(usize::from(element).checked_sub(1)?)?;
            if component > 0 {
                let Part::Composite(composite) = &found.part else { return None };
                composite.components.get(usize::from(component).checked_sub(1)?)?;
            }
        }
        (set == self.id).then_some(Location { ordinal, element, component })
    }

    fn test(&self, comparison: &Comparison<'_>, faults: &mut Faults) -> Option<Test> {
        let name = comparison.variable;
        let Some(place) = self.model.variables.get(name) else {
            let (what, id) = ("the variable", name.to_owned());
            faults.refuse(comparison.at, SefFaultKind::Undefined { what, id });
            return None;
        };
        let Some(location) = self.location(place).filter(|location| location.element > 0) else {
            faults.refuse(comparison.at, SefFaultKind::VariableElsewhere(name.to_owned()));
            return None;
        };
        Some(Test { location, equal: comparison.equal, value: comparison.value.to_owned() })
    }
}
