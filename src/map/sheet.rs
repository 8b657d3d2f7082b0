//! A set in the making: segments in flat lists, each at its place, until all are known and can be
//! put in order.

use super::instances::{NONE, index};
use crate::grammar::SegmentId;

/// The segments and instances of a set that is being written.
#[derive(Debug, Default)]
pub(super) struct Sheet {
    /// Values that are not in the JSON text as X12 has them.
    pub(super) text: String,
    pub(super) segments: Vec<Line>,
    pub(super) slots: Vec<Slot>,
    /// Components, for slots that have several.
    pub(super) parts: Vec<Cell>,
    /// Repetitions, for slots that have several: each a range of `parts`.
    pub(super) repeats: Vec<(u32, u32)>,
    /// What the open instances have so far, those of the innermost last.
    pub(super) open: Vec<Entry>,
    /// What the finished instances have, in order.
    pub(super) order: Vec<Entry>,
    pub(super) instances: Vec<Finished>,
    /// The segment of each pick of the open objects, those of the innermost last.
    pub(super) picks: Vec<u32>,
    /// What `unmapped` says of the open instances, those of the innermost last.
    pub(super) rests: Vec<Rest>,
    /// Units and units as given of the open objects.
    pub(super) units: Vec<Unit>,
    /// The plan's picks and the segments of the open instances that defaults may fill up.
    pub(super) unsaid: Vec<(usize, u32)>,
    /// How many members each of the plan's lists of loops has.
    pub(super) counts: Vec<u32>,
    /// Which key followed each key the last time: the next document is likely to be like the last.
    pub(super) guesses: Vec<u16>,
}

/// A segment: its id, and its elements as a range of slots.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line {
    pub(super) id: SegmentId,
    pub(super) first: u32,
    pub(super) width: u32,
    /// How many elements there are up to the last that is not empty, or more.
    pub(super) used: u32,
}

/// An element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Slot {
    Empty,
    Text(Cell),
    /// A range of parts.
    Parts(u32, u32),
    /// A range of repeats.
    Repeats(u32, u32),
}

/// A value: a range of the JSON text or of the sheet's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cell {
    pub(super) own: bool,
    pub(super) start: u32,
    pub(super) end: u32,
    /// Where it stands in the JSON text.
    pub(super) at: u32,
}

/// A segment or inner instance of an instance, and its place there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    pub(super) key: u64,
    pub(super) what: What,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    Segment(u32),
    Instance(u32),
    /// A run of segments that stand as they are.
    Run(u32, u32),
}

/// An instance whose entries are in order: a range of the order.
#[derive(Clone, Copy, Debug)]
pub(super) struct Finished {
    pub(super) first: usize,
    pub(super) end: usize,
    /// Whether it is a level of a hierarchy.
    pub(super) level: bool,
}

/// Something that no rule took when the document was read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rest {
    /// The node of the segment or of the loop's head.
    pub(super) node: usize,
    pub(super) index: u64,
    pub(super) what: What,
    /// Whether it is laid over a segment that is there.
    pub(super) partial: bool,
    /// Where it stands in the JSON text.
    pub(super) at: usize,
}

/// A unit, or a unit as it was given, of a field with an alias.
#[derive(Clone, Copy, Debug)]
pub(super) struct Unit {
    pub(super) field: usize,
    pub(super) given: bool,
    pub(super) cell: Cell,
}

/// The place of levels inside a level: behind all its segments.
pub(super) const INNER_LEVELS: usize = 0xFFFF;

impl Cell {
    pub(super) const EMPTY: Self = Self { own: true, start: 0, end: 0, at: 0 };

    /// A cell of the JSON text.
    pub(super) fn there(start: usize, end: usize) -> Self {
        let (start, end) = (narrow(start), narrow(end));
        Self { own: false, start, end, at: start }
    }

    pub(super) fn is_empty(self) -> bool {
        self.start == self.end
    }
}

impl Sheet {
    /// Forgets the last document; the next has so many lists and guesses.
    pub(super) fn clear(&mut self, lists: usize, guesses: usize) {
        self.guesses.resize(guesses, 0);
        self.text.clear();
        self.segments.clear();
        self.slots.clear();
        self.parts.clear();
        self.repeats.clear();
        self.open.clear();
        self.order.clear();
        self.instances.clear();
        self.picks.clear();
        self.rests.clear();
        self.units.clear();
        self.unsaid.clear();
        self.counts.clear();
        self.counts.resize(lists, 0);
    }

    /// The text of a cell; `json` is the text of the document.
    #[inline]
    pub(super) fn cell<'s>(&'s self, json: &'s str, cell: Cell) -> &'s str {
        let text = if cell.own { &self.text } else { json };
        text.get(index(cell.start)..index(cell.end)).unwrap_or_default()
    }

    /// A cell of the sheet's own text from `start` on.
    pub(super) fn own(&self, start: usize, at: usize) -> Cell {
        let (start, end, at) = (narrow(start), narrow(self.text.len()), narrow(at));
        Cell { own: true, start, end, at }
    }

    /// A cell of this text, which is kept.
    pub(super) fn keep(&mut self, text: &str, at: usize) -> Cell {
        let start = self.text.len();
        self.text.push_str(text);
        self.own(start, at)
    }

    /// A new segment of the open instance.
    pub(super) fn line(&mut self, id: SegmentId, width: usize, node: usize, rank: u16) -> u32 {
        let line = narrow(self.segments.len());
        let first = narrow(self.slots.len());
        self.segments.push(Line { id, first, width: narrow(width), used: 0 });
        self.slots.resize(self.slots.len() + width, Slot::Empty);
        self.enter(node, rank, What::Segment(line));
        line
    }

    /// Gives the open instance a segment or inner instance.
    #[inline]
    pub(super) fn enter(&mut self, node: usize, rank: u16, what: What) {
        let node = u64::try_from(node).unwrap_or(0);
        let count = u64::try_from(self.open.len()).unwrap_or(0) & 0xFFFF_FFFF;
        self.open.push(Entry { key: node << 48 | u64::from(rank) << 32 | count, what });
    }

    #[inline]
    pub(super) fn slot(&self, line: u32, element: u8) -> Option<Slot> {
        self.slots.get(self.place(line, element)?).copied()
    }

    /// Puts a value into an element; tells whether it was empty.
    #[inline]
    pub(super) fn put(&mut self, line: u32, element: u8, cell: Cell) -> bool {
        let slot = self.used(line, element).and_then(|at| self.slots.get_mut(at));
        match slot {
            Some(slot @ Slot::Empty) => {
                *slot = Slot::Text(cell);
                true
            }
            Some(Slot::Text(_) | Slot::Parts(..) | Slot::Repeats(..)) | None => false,
        }
    }

    /// Puts a value into one of the `of` components of an element; tells whether it was empty.
    pub(super) fn put_part(
        &mut self,
        line: u32,
        element: u8,
        part: u8,
        of: u8,
        cell: Cell,
    ) -> bool {
        let Some(at) = self.used(line, element) else { return false };
        let Some(slot) = self.slots.get_mut(at) else { return false };
        if *slot == Slot::Empty {
            *slot = Slot::Parts(narrow(self.parts.len()), of.into());
            self.parts.resize(self.parts.len() + usize::from(of), Cell::EMPTY);
        }
        let Slot::Parts(first, count) = *slot else { return false };
        let inside = part > 0 && u32::from(part) <= count;
        let place = index(first) + usize::from(part) - usize::from(inside);
        match self.parts.get_mut(place).filter(|cell| inside && cell.is_empty()) {
            Some(empty) => {
                *empty = cell;
                true
            }
            None => false,
        }
    }

    /// Where element `element` of a line is among the slots.
    #[inline]
    fn place(&self, line: u32, element: u8) -> Option<usize> {
        let line = self.segments.get(index(line))?;
        let before = u32::from(element).checked_sub(1).filter(|before| *before < line.width)?;
        Some(index(line.first) + index(before))
    }

    /// The same for an element that is about to be used.
    #[inline]
    fn used(&mut self, line: u32, element: u8) -> Option<usize> {
        let place = self.place(line, element);
        if let Some(line) = self.segments.get_mut(index(line)) {
            line.used = line.used.max(element.into());
        }
        place
    }

    /// Gives a line at least `width` elements.
    pub(super) fn widen(&mut self, number: u32, width: u32) {
        let Some(line) = self.segments.get_mut(index(number)).filter(|line| line.width < width)
        else {
            return;
        };
        let old = index(line.first)..index(line.first) + index(line.width);
        line.first = narrow(self.slots.len());
        line.width = width;
        line.used = width;
        self.slots.extend_from_within(old.clone());
        self.slots.resize(self.slots.len() + index(width) - old.len(), Slot::Empty);
    }

    #[inline]
    pub(super) fn pick(&self, at: usize) -> u32 {
        self.picks.get(at).copied().unwrap_or(NONE)
    }
}

/// A length or index in 32 bits; texts are bounded so that all fit.
pub(super) fn narrow(wide: usize) -> u32 {
    u32::try_from(wide).unwrap_or(u32::MAX)
}
