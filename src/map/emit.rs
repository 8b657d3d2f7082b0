//! The finished sheet as segments, in the order of the grammar, through the writer.

use super::error::{MapErrorKind, Trouble};
use super::instances::index;
use super::plan::Plan;
use super::sheet::{Cell, Entry, Finished, INNER_LEVELS, Sheet, Slot, What};
use crate::x12::{WriteError, Writer};

/// Writes the set that a sheet holds.
pub(super) struct Emitter<'e> {
    plan: &'e Plan,
    sheet: &'e Sheet,
    json: &'e str,
    writer: &'e mut Writer,
    /// How many levels were written.
    levels: u32,
}

impl<'e> Emitter<'e> {
    pub(super) fn new(
        plan: &'e Plan,
        sheet: &'e Sheet,
        json: &'e str,
        writer: &'e mut Writer,
    ) -> Self {
        Self { plan, sheet, json, writer, levels: 0 }
    }

    /// Writes the set from ST to SE; on an error nothing of it stays.
    pub(super) fn set(mut self, control: &str) -> Result<(), Trouble> {
        let Some(root) = self.sheet.instances.last().copied() else { return Ok(()) };
        let entries = self.sheet.order.get(root.first..root.end).unwrap_or_default();
        let written = self.begin(entries, control).and_then(|()| self.instance(root, 0));
        match written {
            Ok(()) => self.writer.end_set(),
            Err(_) => self.writer.abandon_set(),
        }
        written
    }

    /// The header; the document may say which guide the set follows.
    fn begin(&mut self, entries: &[Entry], control: &str) -> Result<(), Trouble> {
        let header = entries.iter().find(|entry| entry.node() == 0).map(|entry| entry.what);
        let slot = match header {
            Some(What::Segment(line)) => self.sheet.slot(line, 3),
            Some(What::Run(..) | What::Instance(_)) | None => None,
        };
        let (guide, at) = match slot {
            Some(Slot::Text(cell)) => (self.sheet.cell(self.json, cell), index(cell.at)),
            Some(Slot::Empty | Slot::Parts(..) | Slot::Repeats(..)) | None => ("", 0),
        };
        let begun = self.writer.begin_set(&self.plan.set, control, guide);
        begun.map_err(|_| Trouble::new(at, MapErrorKind::Header))
    }

    // Instances nest as deep as loops and levels do, both of which are bounded.
    fn instance(&mut self, instance: Finished, parent: u32) -> Result<(), Trouble> {
        let entries = self.sheet.order.get(instance.first..instance.end).unwrap_or_default();
        let mut number = parent;
        let mut entries = entries.iter();
        if instance.level {
            self.levels += 1;
            number = self.levels;
            let parents = entries.as_slice().last().is_some_and(|last| last.node() == INNER_LEVELS);
            if let Some(What::Segment(line)) = entries.next().map(|entry| entry.what) {
                self.level(line, parent, parents)?;
            }
        }
        for entry in entries.filter(|entry| entry.node() != 0) {
            match entry.what {
                What::Segment(line) => self.segment(line)?,
                What::Run(first, count) => {
                    for line in first..first + count {
                        self.segment(line)?;
                    }
                }
                What::Instance(inner) => {
                    if let Some(inner) = self.sheet.instances.get(index(inner)).copied() {
                        self.instance(inner, number)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn segment(&mut self, line: u32) -> Result<(), Trouble> {
        let Some(line) = self.sheet.segments.get(index(line)).copied() else { return Ok(()) };
        self.writer.open(line.id.as_str()).map_err(|error| separator(&error, 0))?;
        let slots = index(line.first)..index(line.first) + index(line.used);
        for slot in self.sheet.slots.get(slots).unwrap_or_default() {
            self.slot(*slot)?;
        }
        self.writer.end();
        Ok(())
    }

    /// The head of a level: its number, that of its parent, and whether it has levels inside.
    fn level(&mut self, line: u32, parent: u32, parents: bool) -> Result<(), Trouble> {
        let Some(line) = self.sheet.segments.get(index(line)).copied() else { return Ok(()) };
        self.writer.open(line.id.as_str()).map_err(|error| separator(&error, 0))?;
        let slots = index(line.first)..index(line.first) + index(line.width);
        let slots = self.sheet.slots.get(slots).unwrap_or_default();
        for (element, slot) in (1..).zip(slots) {
            let computed = match element {
                1 => Some(self.levels.to_string()),
                2 if *slot == Slot::Empty && parent > 0 => Some(parent.to_string()),
                4 if *slot == Slot::Empty => Some(u8::from(parents).to_string()),
                _ => None,
            };
            if let Some(number) = computed {
                self.writer.element(&number).map_err(|error| separator(&error, 0))?;
            } else {
                self.slot(*slot)?;
            }
        }
        self.writer.end();
        Ok(())
    }

    fn slot(&mut self, slot: Slot) -> Result<(), Trouble> {
        let (sheet, json) = (self.sheet, self.json);
        let text = |cell: &Cell| sheet.cell(json, *cell);
        let parts = |first: u32, count: u32| {
            sheet.parts.get(index(first)..index(first) + index(count)).unwrap_or_default()
        };
        match slot {
            Slot::Empty => {
                self.writer.skip();
                Ok(())
            }
            Slot::Text(cell) => {
                let whole = if cell.own { &sheet.text } else { json };
                let written = self.writer.piece(whole, index(cell.start)..index(cell.end));
                written.map_err(|error| separator(&error, index(cell.at)))
            }
            Slot::Parts(first, count) => {
                let parts = parts(first, count);
                let written = self.writer.composite(parts.iter().map(text));
                written.map_err(|error| separator(&error, at(parts)))
            }
            Slot::Repeats(first, count) => {
                let range = index(first)..index(first) + index(count);
                let repeats = sheet.repeats.get(range).unwrap_or_default();
                let each = repeats.iter().map(|(first, count)| parts(*first, *count));
                let written = self.writer.repetitions(each.clone().map(|all| all.iter().map(text)));
                let first = each.flatten().find(|cell| !cell.is_empty());
                written.map_err(|error| separator(&error, first.map_or(0, |cell| index(cell.at))))
            }
        }
    }
}

/// Where the first of some components stands in the JSON text.
fn at(parts: &[Cell]) -> usize {
    parts.iter().find(|cell| !cell.is_empty()).map_or(0, |cell| index(cell.at))
}

/// A value holds a separator: all else that the writer refuses cannot come from here.
fn separator(error: &WriteError, at: usize) -> Trouble {
    let kind = match error {
        WriteError::DelimiterInData { separator, .. } => {
            MapErrorKind::DelimiterInData { separator: *separator }
        }
        WriteError::TooWide { .. } | WriteError::Delimiter(_) => MapErrorKind::Header,
    };
    Trouble::new(at, kind)
}
