//! Rules of type USAGE, tied to the places of a set.

use super::super::rules::{Condition, Location, Node, Part, Test};
use super::fault::Faults;
use super::kind::SefFaultKind;
use super::model::{Comparison, Place, RuleRecord, Spot};
use std::collections::HashMap;

/// The places of one set.
pub(super) struct Places<'p> {
    pub(super) id: &'p str,
    pub(super) nodes: &'p [Node],
    /// Nodes by ordinal.
    pub(super) ordinals: &'p HashMap<u32, usize>,
}

impl Places<'_> {
    /// The conditions that the set's rules are.
    pub(super) fn conditions(
        &self,
        rules: &[&RuleRecord<'_>],
        variables: &HashMap<&str, Place<'_>>,
        faults: &mut Faults,
    ) -> Vec<Condition> {
        let mut conditions = Vec::with_capacity(rules.len());
        for rule in rules {
            let Some(governs) = self.location(&rule.place) else {
                let text = rule.place.text.to_owned();
                faults.refuse(rule.place.at, SefFaultKind::LocationEmpty(text));
                continue;
            };
            let mut when = Vec::with_capacity(rule.when.len());
            for all in &rule.when {
                let tests = all.iter().filter_map(|one| self.test(one, variables, faults));
                when.push(tests.collect());
            }
            conditions.push(Condition { governs, when, usage: rule.usage });
        }
        conditions
    }

    /// The place in this set, if something stands there.
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

    fn test(
        &self,
        comparison: &Comparison<'_>,
        variables: &HashMap<&str, Place<'_>>,
        faults: &mut Faults,
    ) -> Option<Test> {
        let name = comparison.variable;
        let Some(place) = variables.get(name) else {
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
