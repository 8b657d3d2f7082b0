//! Finishes the instances of a set that is written: what `unmapped` kept goes back to its place.

use super::error::{MapErrorKind, Trouble};
use super::instances::index;
use super::json::Next;
use super::sheet::{Cell, Entry, Line, Rest, Sheet, Slot, What, narrow};
use super::write::Composer;
use crate::grammar::SegmentId;

/// What an entry of `unmapped` says, in whatever order its names come.
#[derive(Default)]
struct Said {
    segment: Option<Named>,
    around: Option<Named>,
    index: u64,
    place: usize,
    partial: bool,
    stray: bool,
    elements: Option<(u32, u32)>,
    segments: Option<(u32, u32)>,
}

/// Where a name stands, and the id that it is; a stray segment may have any name.
type Named = (usize, Option<SegmentId>);

impl Composer<'_> {
    /// Reads what no rule took in an instance of `scope`.
    pub(super) fn unmapped(&mut self, scope: usize) -> Result<(), Trouble> {
        let mut more = self.json.open(false)?;
        while more {
            self.rest(scope)?;
            more = self.json.more(false)?;
        }
        Ok(())
    }

    fn rest(&mut self, scope: usize) -> Result<(), Trouble> {
        let mut said = Said::default();
        let at = self.json.at();
        let mut more = self.json.open(true)?;
        while more {
            let key = self.json.key()?;
            match self.json.raw(key) {
                "segment" => said.segment = Some(self.name()?),
                "loop" => said.around = Some(self.name()?),
                "index" => said.index = self.number()?,
                "place" => said.place = usize::try_from(self.number()?).unwrap_or(usize::MAX),
                "partial" => said.partial = self.json.bool()?,
                "stray" => said.stray = self.json.bool()?,
                "elements" => said.elements = Some(self.elements()?),
                "segments" => said.segments = Some(self.segments()?),
                _ => {
                    let kind = MapErrorKind::UnknownField { nearest: None };
                    return Err(Trouble::new(key.start, kind));
                }
            }
            more = self.json.more(true)?;
        }
        if said.stray { Ok(()) } else { self.keep(&said, scope, at) }
    }

    fn keep(&mut self, said: &Said, scope: usize, at: usize) -> Result<(), Trouble> {
        let shape = &self.plan.shape;
        let absent = |place: usize, id: SegmentId| {
            Trouble::new(place, MapErrorKind::NoSuchSegment(id.as_str().into()))
        };
        let wanted = MapErrorKind::Wanted("a segment with elements, or a loop with segments");
        let (node, what) = match *said {
            Said { segment: Some((at, Some(id))), elements: Some((first, width)), .. } => {
                let node = shape.spot(scope, id, said.place).ok_or_else(|| absent(at, id))?;
                let line = narrow(self.sheet.segments.len());
                self.sheet.segments.push(Line { id, first, width, used: width });
                (node, What::Segment(line))
            }
            Said { around: Some((at, Some(id))), segments: Some((first, count)), .. } => {
                let inner = shape.inner(scope, id, said.place).ok_or_else(|| absent(at, id))?;
                (shape.head(inner), What::Run(first, count))
            }
            Said { segment: Some((at, None)), .. } | Said { around: Some((at, None)), .. } => {
                return Err(no_id(at));
            }
            _ => return Err(Trouble::new(at, wanted)),
        };
        let (index, partial) = (said.index, said.partial);
        self.sheet.rests.push(Rest { node, index, what, partial, at });
        Ok(())
    }

    /// The name of a segment.
    fn name(&mut self) -> Result<Named, Trouble> {
        let before = self.json.at();
        let Some(scalar) = self.json.scalar(false)? else { return Ok((before, None)) };
        Ok((scalar.start, SegmentId::of(self.json.raw(scalar).as_bytes())))
    }

    fn number(&mut self) -> Result<u64, Trouble> {
        let wanted = MapErrorKind::Wanted("a whole number");
        if self.json.next() != Next::Number {
            return Err(self.json.unwanted("a whole number"));
        }
        let Some(scalar) = self.json.scalar(true)? else { return Ok(0) };
        self.json.raw(scalar).parse().map_err(|_| Trouble::new(scalar.start, wanted))
    }

    /// Segments as lists, each beginning with its id; the range of lines that they become.
    fn segments(&mut self) -> Result<(u32, u32), Trouble> {
        let first = narrow(self.sheet.segments.len());
        let mut more = self.json.open(false)?;
        while more {
            if !self.json.open(false)? {
                return Err(self.json.unwanted("the id of a segment"));
            }
            let (at, id) = self.name()?;
            let Some(id) = id else { return Err(no_id(at)) };
            let (from, width) = if self.json.more(false)? {
                self.slots()?
            } else {
                (narrow(self.sheet.slots.len()), 0)
            };
            self.sheet.segments.push(Line { id, first: from, width, used: width });
            more = self.json.more(false)?;
        }
        Ok((first, narrow(self.sheet.segments.len()) - first))
    }

    fn elements(&mut self) -> Result<(u32, u32), Trouble> {
        if self.json.open(false)? { self.slots() } else { Ok((0, 0)) }
    }

    /// The rest of a list of elements; the range of slots that they become.
    fn slots(&mut self) -> Result<(u32, u32), Trouble> {
        let first = narrow(self.sheet.slots.len());
        loop {
            let slot = match self.json.next() {
                Next::List => {
                    let (first, count) = self.parts()?;
                    Slot::Parts(first, count)
                }
                Next::Object => self.repeats()?,
                Next::Text | Next::Number | Next::Null | Next::Bool | Next::Other => {
                    let cell = self.plain()?;
                    if cell.is_empty() { Slot::Empty } else { Slot::Text(cell) }
                }
            };
            self.sheet.slots.push(slot);
            if !self.json.more(false)? {
                return Ok((first, narrow(self.sheet.slots.len()) - first));
            }
        }
    }

    /// A list of components.
    fn parts(&mut self) -> Result<(u32, u32), Trouble> {
        let first = narrow(self.sheet.parts.len());
        let mut more = self.json.open(false)?;
        while more {
            let cell = self.plain()?;
            self.sheet.parts.push(cell);
            more = self.json.more(false)?;
        }
        Ok((first, narrow(self.sheet.parts.len()) - first))
    }

    /// `{"repeat": […]}`.
    fn repeats(&mut self) -> Result<Slot, Trouble> {
        let wanted = "an object with `repeat`";
        let start = self.json.at();
        if !self.json.open(true)? {
            return Err(Trouble::new(start, MapErrorKind::Wanted(wanted)));
        }
        let key = self.json.key()?;
        if self.json.raw(key) != "repeat" {
            return Err(Trouble::new(key.start, MapErrorKind::Wanted(wanted)));
        }
        let first = narrow(self.sheet.repeats.len());
        let mut more = self.json.open(false)?;
        while more {
            let range = if self.json.next() == Next::List {
                self.parts()?
            } else {
                let cell = self.plain()?;
                self.sheet.parts.push(cell);
                (narrow(self.sheet.parts.len()) - 1, 1)
            };
            self.sheet.repeats.push(range);
            more = self.json.more(false)?;
        }
        if self.json.more(true)? {
            return Err(Trouble::new(self.json.at(), MapErrorKind::Wanted(wanted)));
        }
        Ok(Slot::Repeats(first, narrow(self.sheet.repeats.len()) - first))
    }

    fn plain(&mut self) -> Result<Cell, Trouble> {
        let Some(scalar) = self.json.scalar(false)? else { return Ok(Cell::EMPTY) };
        if scalar.escaped {
            let start = self.sheet.text.len();
            self.json.unescape(scalar, &mut self.sheet.text)?;
            return Ok(self.sheet.own(start, scalar.start));
        }
        Ok(Cell::there(scalar.start, scalar.end))
    }

    /// Puts what the innermost open instance has in order, with what no rule took.
    pub(super) fn finish(&mut self, open: usize, rests: usize) -> Result<(), Trouble> {
        let sheet = &mut *self.sheet;
        let Some(entries) = sheet.open.get_mut(open..) else { return Ok(()) };
        entries.sort_by_key(|entry| entry.key);
        if sheet.rests.len() == rests {
            sheet.order.extend_from_slice(entries);
            sheet.open.truncate(open);
            return Ok(());
        }
        let entries = sheet.open.split_off(open);
        let mut rests = sheet.rests.split_off(rests);
        rests.sort_by_key(|rest| (rest.node, rest.partial, rest.index));
        let mut entries = entries.as_slice();
        let mut rests = rests.as_slice();
        while let Some(node) = lowest(entries, rests) {
            let (here, later) = split(entries, |entry| entry.node() == node);
            let (kept, later_rests) = split(rests, |rest| rest.node == node);
            let (whole, partial) = split(kept, |rest| !rest.partial);
            let first = sheet.order.len();
            interleave(here, whole, &mut sheet.order);
            for rest in partial {
                sheet.lay_over(first, rest)?;
            }
            (entries, rests) = (later, later_rests);
        }
        Ok(())
    }
}

fn no_id(at: usize) -> Trouble {
    Trouble::new(at, MapErrorKind::Wanted("the id of a segment"))
}

impl Entry {
    /// The node of its place.
    pub(super) fn node(&self) -> usize {
        usize::try_from(self.key >> 48).unwrap_or(usize::MAX)
    }

    fn at(node: usize, what: What) -> Self {
        Self { key: u64::try_from(node).unwrap_or(0) << 48, what }
    }
}

/// The first node of which there is anything.
fn lowest(entries: &[Entry], rests: &[Rest]) -> Option<usize> {
    let entry = entries.first().map(Entry::node);
    let rest = rests.first().map(|rest| rest.node);
    entry.into_iter().chain(rest).min()
}

/// The members at the front for which `of` holds, and the others.
fn split<T>(list: &[T], of: impl Fn(&T) -> bool) -> (&[T], &[T]) {
    list.split_at(list.iter().position(|one| !of(one)).unwrap_or(list.len()))
}

/// Entries of one place with those that no rule took put in where they stood.
fn interleave(entries: &[Entry], rests: &[Rest], order: &mut Vec<Entry>) {
    let (mut entries, mut rests) = (entries.iter(), rests.iter().peekable());
    let mut at = 0;
    loop {
        let next = match rests.next_if(|rest| rest.index <= at) {
            Some(rest) => Some(Entry::at(rest.node, rest.what)),
            None => entries
                .next()
                .copied()
                .or_else(|| rests.next().map(|rest| Entry::at(rest.node, rest.what))),
        };
        let Some(next) = next else { return };
        order.push(next);
        at += 1;
    }
}

impl Sheet {
    /// Lays what was left of a segment over the one of its number behind `first`, or puts it in as
    /// it is if there is none.
    fn lay_over(&mut self, first: usize, rest: &Rest) -> Result<(), Trouble> {
        let place = usize::try_from(rest.index).ok().and_then(|index| first.checked_add(index));
        let found = place.and_then(|place| self.order.get(place)).map(|entry| entry.what);
        let (Some(What::Segment(under)), What::Segment(over)) = (found, rest.what) else {
            self.order.push(Entry::at(rest.node, rest.what));
            return Ok(());
        };
        let Some(line) = self.segments.get(index(over)).copied() else { return Ok(()) };
        self.widen(under, line.width);
        if let Some(base) = self.segments.get_mut(index(under)) {
            base.used = base.used.max(line.width);
        }
        let Some(base) = self.segments.get(index(under)).copied() else { return Ok(()) };
        for number in 0..index(line.width) {
            let (from, to) = (index(line.first) + number, index(base.first) + number);
            let (Some(new), Some(old)) =
                (self.slots.get(from).copied(), self.slots.get(to).copied())
            else {
                continue;
            };
            let Some(both) = self.joined(old, new) else {
                let (segment, element) = (base.id.as_str().into(), number + 1);
                return Err(Trouble::new(rest.at, MapErrorKind::Occupied { segment, element }));
            };
            if let Some(slot) = self.slots.get_mut(to) {
                *slot = both;
            }
        }
        Ok(())
    }

    /// Two halves of one element; `None` if both say the same part.
    fn joined(&mut self, old: Slot, new: Slot) -> Option<Slot> {
        let (first, count) = match (old, new) {
            (_, Slot::Empty) => return Some(old),
            (Slot::Empty, _) => return Some(new),
            (Slot::Parts(first, count), Slot::Parts(over, more)) => {
                let parts = first..first + count.max(more);
                let joined = narrow(self.parts.len());
                for (number, at) in (0..).zip(parts) {
                    let part = |first: u32, count: u32| {
                        let inside = number < count;
                        self.parts.get(index(first + number)).copied().filter(|_| inside)
                    };
                    let (one, two) = (part(first, count), part(over, more));
                    let (one, two) = (one.unwrap_or(Cell::EMPTY), two.unwrap_or(Cell::EMPTY));
                    if !one.is_empty() && !two.is_empty() {
                        return None;
                    }
                    debug_assert!(at >= first, "parts are counted from the first");
                    self.parts.push(if one.is_empty() { two } else { one });
                }
                (joined, count.max(more))
            }
            (Slot::Text(cell), Slot::Parts(over, more)) => {
                let joined = narrow(self.parts.len());
                self.parts.push(cell);
                for number in 0..more {
                    let part = self.parts.get(index(over + number)).copied();
                    let part = part.unwrap_or(Cell::EMPTY);
                    match (number, part.is_empty()) {
                        (0, false) => return None,
                        (0, true) => {}
                        _ => self.parts.push(part),
                    }
                }
                (joined, more.max(1))
            }
            (Slot::Text(_) | Slot::Parts(..) | Slot::Repeats(..), _) => return None,
        };
        Some(Slot::Parts(first, count))
    }
}

#[cfg(test)]
mod tests {
    use crate::map::MapErrorKind;
    use crate::map::specimen::{ORDER, ORDER_MAP, lines, map, rules, write};

    fn written(members: &str) -> Result<String, (String, MapErrorKind)> {
        let map = map(&rules("850", ORDER), ORDER_MAP);
        write(&map, &format!("{{{members}}}")).map_err(|error| (error.pointer, error.kind))
    }

    #[test]
    fn segments_go_back_to_their_places() {
        let json = r#"
            "unmapped": [
                {"segment": "REF", "index": 1, "elements": ["", "", "x"]},
                {"index": 0, "elements": ["a"], "segment": "MSG"},
                {"segment": "REF", "index": 9, "elements": ["", "", "last"]}
            ],
            "references": [{"scheme": "A"}, {"scheme": "B"}]"#;
        let expected = "REF*A\nREF***x\nREF*B\nREF***last\nMSG*a\nCTT*0";
        assert_eq!(written(json).unwrap(), lines(expected));
    }

    #[test]
    fn what_was_left_of_a_segment_is_laid_over_it() {
        let json = r#"
            "references": [{"scheme": "A", "value": "1"}],
            "unmapped": [{"segment": "REF", "index": 0, "partial": true, "elements": ["", "", "x", ["y", "z"]]}]"#;
        assert_eq!(written(json).unwrap(), "REF*A*1*x*y:z\nCTT*0");
        let alone =
            r#""unmapped": [{"segment": "REF", "partial": true, "elements": ["", "", "x"]}]"#;
        assert_eq!(written(alone).unwrap(), "REF***x\nCTT*0");
    }

    #[test]
    fn an_element_that_a_field_gives_too_is_refused() {
        let json = r#"
            "references": [{"scheme": "A"}],
            "unmapped": [{"segment": "REF", "index": 0, "partial": true, "elements": ["B"]}]"#;
        let occupied = MapErrorKind::Occupied { segment: "REF".into(), element: 1 };
        assert_eq!(written(json).unwrap_err(), ("/unmapped/0".into(), occupied));
    }

    #[test]
    fn a_loop_goes_back_whole() {
        let json = r#"
            "lines": [{"line_number": "1", "unmapped": [{"loop": "PID", "index": 0, "segments": [["PID", "F"], ["MEA", "PD"]]}]}]"#;
        assert_eq!(written(json).unwrap(), lines("PO1*1\nPID*F\nMEA*PD\nCTT*1"));
    }

    #[test]
    fn what_the_set_has_no_place_for_is_refused_by_name() {
        let one = |entry: &str| written(&format!(r#""unmapped": [{entry}]"#)).unwrap_err();
        let none = |id: &str| MapErrorKind::NoSuchSegment(id.into());
        let (at, kind) = one(r#"{"segment": "FOB", "elements": ["a"]}"#);
        assert_eq!((at.as_str(), kind), ("/unmapped/0/segment", none("FOB")));
        assert_eq!(one(r#"{"segment": "REF", "place": 3, "elements": ["a"]}"#).1, none("REF"));
        assert_eq!(one(r#"{"loop": "REF", "segments": []}"#).1, none("REF"));
        assert_eq!(one(r#"{"loop": "PID", "segments": []}"#).1, none("PID"));
    }

    #[test]
    fn entries_of_another_shape_are_refused() {
        for entry in [
            "{}",
            "[]",
            "null",
            r#"{"segment": "REF"}"#,
            r#"{"segment": "ref", "elements": []}"#,
            r#"{"segment": 5, "elements": []}"#,
            r#"{"segment": "REF", "index": -1, "elements": []}"#,
            r#"{"segment": "REF", "index": 1.5, "elements": []}"#,
            r#"{"segment": "REF", "index": "0", "elements": []}"#,
            r#"{"segment": "REF", "elements": [5]}"#,
            r#"{"segment": "REF", "elements": [[["a"]]]}"#,
            r#"{"segment": "REF", "elements": [{}]}"#,
            r#"{"segment": "REF", "elements": [{"repeat": "a"}]}"#,
            r#"{"segment": "REF", "elements": [{"repeat": [], "x": 1}]}"#,
            r#"{"loop": "N1", "segments": [[]]}"#,
            r#"{"loop": "N1", "segments": ["N1"]}"#,
            r#"{"loop": "N1", "segments": [["N1"]], "elements": 7}"#,
            r#"{"sgment": "REF"}"#,
        ] {
            assert!(written(&format!(r#""unmapped": [{entry}]"#)).is_err(), "{entry}");
        }
    }

    #[test]
    fn repetitions_are_written_as_such() {
        let json =
            r#""unmapped": [{"segment": "REF", "elements": [{"repeat": ["a", ["b", "c"], ""]}]}]"#;
        assert_eq!(written(json).unwrap(), "REF*a^b:c\nCTT*0");
    }

    #[test]
    fn a_separator_in_what_is_kept_is_refused_too() {
        let json = r#""unmapped": [{"segment": "REF", "elements": [["a", "b~"]]}]"#;
        let (at, kind) = written(json).unwrap_err();
        assert_eq!(kind, MapErrorKind::DelimiterInData { separator: b'~' });
        assert!(at.starts_with("/unmapped/0/elements/0"), "{at}");
    }
}
