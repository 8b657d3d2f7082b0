//! Where in a set something is, for findings.

use super::words::{self, Spot};
use crate::grammar::finding::Place;
use crate::grammar::rules::ElementUse;
use crate::x12::{Element, Segment};

/// A segment and the loop that it stands in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Site<'c> {
    pub(super) segment: Segment<'c>,
    pub(super) loop_id: Option<&'c str>,
}

impl<'c> Site<'c> {
    /// The segment as a spot: its id is what stands there.
    pub(super) fn spot(&self) -> Spot {
        let id = self.segment.id();
        Spot { place: self.place(), offset: self.segment.offset(), ..Spot::default() }.holding(id)
    }

    /// The place where something is missing before this segment: nothing stands there.
    pub(super) fn before(&self, id: &str) -> Spot {
        let segment = Some(id.to_owned());
        let length = self.segment.id().len();
        Spot {
            place: Place { segment, ..self.place() },
            offset: self.segment.offset(),
            length,
            ..Spot::default()
        }
    }

    /// Element `number` at this segment, under `rule`.
    pub(super) fn address<'a>(
        &'a self,
        number: u32,
        rule: Option<&'a ElementUse>,
    ) -> Address<'a, 'c> {
        Address { site: self, number, rule, component: None, repetition: None }
    }

    fn place(&self) -> Place {
        Place {
            loop_id: self.loop_id.map(str::to_owned),
            segment: Some(words::shown(self.segment.id())),
            position: Some(self.segment.position()),
            ..Place::default()
        }
    }
}

/// An element of a segment, or a repetition or component of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Address<'a, 'c> {
    pub(super) site: &'a Site<'c>,
    pub(super) number: u32,
    pub(super) rule: Option<&'a ElementUse>,
    pub(super) component: Option<u32>,
    pub(super) repetition: Option<u32>,
}

impl<'a> Address<'a, '_> {
    /// Component `number` of it, under `rule`.
    pub(super) fn component(self, number: u32, rule: Option<&'a ElementUse>) -> Self {
        Self { component: Some(number), rule, ..self }
    }

    /// The spot, and what stands there.
    pub(super) fn spot(&self, element: Element<'_>) -> Spot {
        let place = Place {
            element: Some(self.number),
            component: self.component,
            repetition: self.repetition,
            data_element: self.rule.map(|rule| rule.part.id().to_owned()),
            ..self.site.place()
        };
        Spot { place, offset: element.offset(), ..Spot::default() }.holding(element.bytes())
    }

    /// What a person calls it, such as `BEG05 (Date)`.
    pub(super) fn name(&self) -> String {
        let name = self.rule.map_or("", |rule| rule.part.name());
        words::element(&self.site.segment.id_text(), self.number, self.component, name)
    }

    /// What a person calls it, without its name.
    pub(super) fn number(&self) -> String {
        words::element(&self.site.segment.id_text(), self.number, self.component, "")
    }
}

/// The rule of place `number`, from 1.
pub(super) fn rule_at(rules: &[ElementUse], number: u32) -> Option<&ElementUse> {
    usize::try_from(number).ok()?.checked_sub(1).and_then(|index| rules.get(index))
}

/// Element `number` of a segment, from 1.
pub(super) fn nth<'c>(site: &Site<'c>, number: u32) -> Element<'c> {
    site.segment.element(usize::try_from(number).unwrap_or(0))
}
