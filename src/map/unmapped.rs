//! What no rule took, kept in the document beside the fields of the instance it stood in.
//!
//! Entries count segments as writing will order them: those that rules wrote, by the rank of the
//! rule, with the segments that no rule took put in at their old places.

use super::instances::{Instance, NONE, ODD, index};
use super::read::{UNCLAIMED, Walk};
use super::shape::ROOT;
use super::text::push_escaped;
use crate::x12::{self, Element, Segment};

/// A segment of an instance and what became of it.
#[derive(Clone, Copy)]
struct Fate {
    node: usize,
    at: u32,
    /// The rank of the rule that took it, if one did.
    rank: Option<u16>,
}

impl Walk<'_> {
    /// Writes `"unmapped":[…],` if anything of the instance is left over.
    pub(super) fn unmapped(&mut self, at: u32, instance: Instance) {
        let strays = instance.scope == ROOT && !self.scratch.instances.strays.is_empty();
        if !strays && !self.has_leftovers(instance) {
            return;
        }
        self.out.extend_from_slice(b"\"unmapped\":[");
        let before = self.out.len();
        self.segments(instance);
        self.loops(instance);
        if strays {
            self.strays();
        }
        if self.out.len() == before {
            self.out.truncate(before - b"\"unmapped\":[".len());
        } else {
            self.out.pop();
            self.out.extend_from_slice(b"],");
        }
        debug_assert!(at != NONE, "an instance that is read has a number");
    }

    fn has_leftovers(&self, instance: Instance) -> bool {
        let mut at = instance.first;
        while at != NONE {
            if self.open(at) != 0 {
                return true;
            }
            at = self.scratch.instances.next(at);
        }
        let mut child = instance.child;
        while let Some(inner) = self.scratch.instances.get(child) {
            if self.claim(child).is_none() {
                return true;
            }
            child = inner.sibling;
        }
        false
    }

    /// The elements of segment `at` of which something is left: bit n for element n, bit 62 for all
    /// from the 62nd on.
    fn open(&self, at: u32) -> u64 {
        let filled = self.scratch.instances.filled(at);
        let taken = self.scratch.taken.get(index(at)).copied().unwrap_or(0);
        let mut open = filled & !(taken | ODD);
        let spot = self.plan.shape.spots.get(self.node(at));
        let mut split = spot.map_or(0, |spot| spot.split) & taken & filled;
        while split != 0 {
            let element = split.trailing_zeros();
            split &= split - 1;
            if self.has_open_part(at, element) {
                open |= 1 << element;
            }
        }
        open
    }

    fn has_open_part(&self, at: u32, element: u32) -> bool {
        let Some(taken) = self.parts(at, element) else { return false };
        let Some(segment) = self.set.segment(index(at)) else { return false };
        let mut numbered = (1_u32..).zip(segment.element(index(element)).components());
        numbered.any(|(number, part)| !part.is_empty() && !holds(taken, number))
    }

    /// The components that were taken of an element, if it was taken by components.
    fn parts(&self, at: u32, element: u32) -> Option<u64> {
        let key = (at, u8::try_from(element).ok()?);
        self.scratch.parts.get(&key).copied()
    }

    fn node(&self, at: u32) -> usize {
        if at == 0 { 0 } else { self.placement.node(index(at)).unwrap_or(0) }
    }

    /// The rank of the list that took instance `at`, if one did.
    fn claim(&self, at: u32) -> Option<u16> {
        self.scratch.claimed.get(index(at)).copied().filter(|rank| *rank != UNCLAIMED)
    }

    /// Segments that no rule took, and what rules left of others.
    fn segments(&mut self, instance: Instance) {
        let mut fates = vec![];
        let mut at = instance.first;
        while at != NONE {
            let taken = self.scratch.taken.get(index(at)).copied().unwrap_or(0);
            if self.scratch.instances.filled(at) & !ODD != 0 || taken != 0 {
                let rank = self.scratch.ranks.get(index(at)).copied().filter(|_| taken & 1 != 0);
                fates.push(Fate { node: self.node(at), at, rank });
            }
            at = self.scratch.instances.next(at);
        }
        fates.sort_by_key(|fate| fate.node);
        for group in fates.chunk_by(|one, two| one.node == two.node) {
            if group.iter().all(|fate| fate.rank.is_some() && self.open(fate.at) == 0) {
                continue;
            }
            for (place, fate) in written_order(group, |fate| fate.rank).into_iter().enumerate() {
                let open = self.open(fate.at);
                if fate.rank.is_none() || open != 0 {
                    self.segment(fate, place, open);
                }
            }
        }
    }

    fn segment(&mut self, fate: Fate, place: usize, open: u64) {
        let Some(segment) = self.set.segment(index(fate.at)) else { return };
        let nth = self.plan.shape.spots.get(fate.node).map_or(0, |spot| spot.nth);
        self.head("segment", &segment, place, nth);
        self.out.extend_from_slice(b",\"elements\":[");
        if fate.rank.is_some() {
            self.partial(fate.at, &segment, open);
        } else {
            self.elements(&segment);
        }
        self.trim(b"\"\",");
        self.out.extend_from_slice(b"]");
        if fate.rank.is_some() {
            self.out.extend_from_slice(b",\"partial\":true");
        }
        self.out.extend_from_slice(b"},");
    }

    /// `{"segment":"FOB","index":0`, and the place where the segment has several in its loop.
    fn head(&mut self, what: &str, segment: &Segment<'_>, at: usize, nth: usize) {
        self.out.extend_from_slice(b"{\"");
        self.out.extend_from_slice(what.as_bytes());
        self.out.extend_from_slice(b"\":\"");
        push_escaped(&segment.id_text(), self.out);
        self.out.extend_from_slice(format!("\",\"index\":{at}").as_bytes());
        if nth > 0 {
            self.out.extend_from_slice(format!(",\"place\":{nth}").as_bytes());
        }
    }

    /// What rules left of a segment; what they took stands as nothing.
    fn partial(&mut self, at: u32, segment: &Segment<'_>, open: u64) {
        for (number, element) in (1_u32..).zip(segment.elements()) {
            if !holds(open, number.min(62)) {
                self.out.extend_from_slice(b"\"\",");
                continue;
            }
            match self.parts(at, number) {
                None => self.element(element),
                Some(taken) => {
                    self.out.push(b'[');
                    for (number, part) in (1_u32..).zip(element.components()) {
                        let left = if holds(taken, number) { b"" } else { part.bytes() };
                        self.text(left);
                    }
                    self.trim(b"\"\",");
                    self.out.extend_from_slice(b"],");
                }
            }
        }
    }

    fn elements(&mut self, segment: &Segment<'_>) {
        for element in segment.elements() {
            self.element(element);
        }
    }

    /// An element: a string, a list of components, or an object with a list of repetitions.
    fn element(&mut self, element: Element<'_>) {
        let delimiters = self.set.delimiters();
        let repeats = element.bytes().iter().any(|byte| Some(*byte) == delimiters.repetition);
        if !repeats {
            self.repetition(element);
            return;
        }
        self.out.extend_from_slice(b"{\"repeat\":[");
        for repetition in element.repetitions() {
            self.repetition(repetition);
        }
        self.out.pop();
        self.out.extend_from_slice(b"]},");
    }

    fn repetition(&mut self, element: Element<'_>) {
        if !element.bytes().contains(&self.set.delimiters().component) {
            self.text(element.bytes());
            return;
        }
        self.out.push(b'[');
        for component in element.components() {
            self.text(component.bytes());
        }
        self.trim(b"\"\",");
        self.out.extend_from_slice(b"],");
    }

    fn text(&mut self, bytes: &[u8]) {
        self.out.push(b'"');
        push_escaped(&x12::text(bytes), self.out);
        self.out.extend_from_slice(b"\",");
    }

    /// Takes back empty members at the end of a list, and the comma behind the last that is not.
    fn trim(&mut self, empty: &[u8]) {
        while self.out.ends_with(empty) && !self.out.ends_with(b"\\\"\",") {
            self.out.truncate(self.out.len() - empty.len());
        }
        if self.out.ends_with(b",") {
            self.out.pop();
        }
    }

    /// Inner instances that no list took, with all that is in them.
    fn loops(&mut self, instance: Instance) {
        let mut fates = vec![];
        let mut child = instance.child;
        while let Some(inner) = self.scratch.instances.get(child) {
            fates.push((inner, child, self.claim(child)));
            child = inner.sibling;
        }
        fates.sort_by_key(|(inner, _, _)| inner.scope);
        for group in fates.chunk_by(|one, two| one.0.scope == two.0.scope) {
            if group.iter().all(|(_, _, rank)| rank.is_some()) {
                continue;
            }
            let ordered = written_order(group, |(_, _, rank)| *rank);
            for (place, (inner, at, rank)) in ordered.into_iter().enumerate() {
                let Some(head) = self.set.segment(index(inner.first)) else { continue };
                if rank.is_some() {
                    continue;
                }
                let nth = self.plan.shape.scopes.get(inner.scope).map_or(0, |scope| scope.nth);
                self.head("loop", &head, place, nth);
                self.out.extend_from_slice(b",\"segments\":[");
                for segment in self.scratch.instances.whole(at) {
                    let Some(segment) = self.set.segment(index(segment)) else { continue };
                    self.out.extend_from_slice(b"[");
                    self.text(segment.id());
                    self.elements(&segment);
                    self.trim(b"\"\",");
                    self.out.extend_from_slice(b"],");
                }
                self.out.pop();
                self.out.extend_from_slice(b"]},");
            }
        }
    }

    /// Segments that have no place in the set at all.
    fn strays(&mut self) {
        for number in 0..self.scratch.instances.strays.len() {
            let at = self.scratch.instances.strays.get(number).copied().unwrap_or(NONE);
            let Some(segment) = self.set.segment(index(at)) else { continue };
            self.head("segment", &segment, index(at), 0);
            self.out.extend_from_slice(b",\"stray\":true,\"elements\":[");
            self.elements(&segment);
            self.trim(b"\"\",");
            self.out.extend_from_slice(b"]},");
        }
    }
}

/// Whether the bit of number `n` is set.
fn holds(bits: u64, n: u32) -> bool {
    bits.checked_shr(n).unwrap_or(0) & 1 != 0
}

/// Members in the order in which writing puts them: those that were taken by rank, the others at
/// their old places.
fn written_order<T: Copy>(group: &[T], rank: impl Fn(&T) -> Option<u16>) -> Vec<T> {
    let mut taken: Vec<T> = group.iter().copied().filter(|one| rank(one).is_some()).collect();
    taken.sort_by_key(|one| rank(one));
    let mut taken = taken.into_iter();
    // As many are taken before each place as before, so the next one taken always exists.
    group
        .iter()
        .filter_map(|one| if rank(one).is_some() { taken.next() } else { Some(*one) })
        .collect()
}

#[cfg(test)]
mod tests {
    use crate::map::specimen::{ORDER, lines, map, read, rules, there_and_back};
    use serde_json::{Value, json};

    const MAP: &str = r#"
        set = "850"
        document = "purchase-order"
        [fields]
        number = "BEG03"
        references = { each = "REF", fields = { scheme = "01", value = "02" } }
        parties = { each = "N1", fields = { role = "N101" } }
        lines = { each = "PO1", fields = { line_number = "PO101", unit = "PO103", descriptions = { each = "PID", fields = { text = "05" } } } }
    "#;

    /// What is unmapped in each of the objects at these pointers, when a set is read.
    fn unmapped(body: &str, pointer: &str) -> Value {
        let rules = rules("850", ORDER);
        let map = map(&rules, MAP);
        assert_eq!(there_and_back(&map, &rules, body), lines(body));
        let order = read(&map, &rules, body);
        order.pointer(&format!("{pointer}/unmapped")).unwrap_or_else(|| panic!("{order}")).clone()
    }

    #[test]
    fn segments_of_the_header_keep_their_places_among_their_like() {
        let left = unmapped("BEG*00*SA*1\nCUR*BY*USD\nPER*BD\nPER*OC**TE*5", "");
        let expected = json!([
            { "segment": "BEG", "index": 0, "elements": ["00", "SA"], "partial": true },
            { "segment": "CUR", "index": 0, "elements": ["BY", "USD"] },
            { "segment": "PER", "index": 0, "elements": ["BD"] },
            { "segment": "PER", "index": 1, "elements": ["OC", "", "TE", "5"] },
        ]);
        assert_eq!(left, expected);
    }

    #[test]
    fn what_a_list_does_not_take_stands_where_it_stood() {
        let left = unmapped("REF*DP*1\nREF***words\nREF*IA*2*more", "");
        let expected = json!([
            { "segment": "REF", "index": 1, "elements": ["", "", "words"] },
            { "segment": "REF", "index": 2, "elements": ["", "", "more"], "partial": true },
        ]);
        assert_eq!(left, expected);
    }

    #[test]
    fn what_is_left_in_a_loop_stays_with_its_member() {
        let body = "N1*ST*Hospital\nN3*Street\nN1*BY\nPO1*1*2*EA\nPID*F****Gloves\nMEA*PD\nCTT*1";
        let party = json!([
            { "segment": "N1", "index": 0, "elements": ["", "Hospital"], "partial": true },
            { "segment": "N3", "index": 0, "elements": ["Street"] },
        ]);
        assert_eq!(unmapped(body, "/parties/0"), party);
        let line =
            json!([{ "segment": "PO1", "index": 0, "elements": ["", "2"], "partial": true }]);
        assert_eq!(unmapped(body, "/lines/0"), line);
        let inner = json!([
            { "segment": "PID", "index": 0, "elements": ["F"], "partial": true },
            { "segment": "MEA", "index": 0, "elements": ["PD"] },
        ]);
        assert_eq!(unmapped(body, "/lines/0/descriptions/0"), inner);
        assert_eq!(
            unmapped(body, ""),
            json!([{ "segment": "CTT", "index": 0, "elements": ["1"] }])
        );
    }

    #[test]
    fn a_loop_that_no_list_takes_is_kept_whole() {
        let rules = rules("850", ORDER);
        let text = MAP.replace("parties = { each = \"N1\"", "parties = { each = \"N1[01=ST]\"");
        let map = map(&rules, &text.replace("role = \"N101\"", "name = \"N102\""));
        let body = "N1*BY*A\nN3*Street\nREF*IA*9\nN1*ST*B\nN1*SE*C";
        let order = read(&map, &rules, body);
        let expected = json!([
            { "loop": "N1", "index": 0, "segments": [["N1", "BY", "A"], ["N3", "Street"], ["REF", "IA", "9"]] },
            { "loop": "N1", "index": 2, "segments": [["N1", "SE", "C"]] },
        ]);
        assert_eq!(order["unmapped"], expected);
        assert_eq!(order["parties"], json!([{ "name": "B" }]));
        assert_eq!(there_and_back(&map, &rules, body), body);
    }

    #[test]
    fn composites_and_repetitions_keep_their_parts() {
        let left = unmapped("REF*DP*1**CR:5\nREF*IA*2*a^b:c", "");
        let expected = json!([
            { "segment": "REF", "index": 0, "elements": ["", "", "", ["CR", "5"]], "partial": true },
            { "segment": "REF", "index": 1, "elements": ["", "", { "repeat": ["a", ["b", "c"]] }], "partial": true },
        ]);
        assert_eq!(left, expected);
    }

    #[test]
    fn a_composite_of_which_a_part_was_taken_keeps_the_others() {
        let rules = rules("850", ORDER);
        let text = MAP.replace("value = \"02\"", "value = \"04-2\"");
        let map = map(&rules, &text);
        let order = read(&map, &rules, "REF*DP***CR:5");
        assert_eq!(order["references"], json!([{ "scheme": "DP", "value": "5" }]));
        let left = json!([
            { "segment": "REF", "index": 0, "elements": ["", "", "", ["CR"]], "partial": true },
        ]);
        assert_eq!(order["unmapped"], left);
        for body in ["REF*DP***CR:5", "REF*DP***:5", "REF*DP***CR", "REF*DP***a:b:c:d"] {
            assert_eq!(there_and_back(&map, &rules, body), body);
        }
    }

    #[test]
    fn a_value_that_does_not_have_its_form_is_kept_as_it_is() {
        let rules = rules("850", ORDER);
        let text = MAP.replace("[fields]", "[fields]\n ordered_on = \"BEG05\"");
        let map = map(&rules, &text);
        let order = read(&map, &rules, "BEG***1**20240230");
        assert_eq!(order.get("ordered_on"), None);
        let left = json!([
            { "segment": "BEG", "index": 0, "elements": ["", "", "", "", "20240230"], "partial": true },
        ]);
        assert_eq!(order["unmapped"], left);
        assert_eq!(there_and_back(&map, &rules, "BEG***1**20240230"), "BEG***1**20240230");
    }

    #[test]
    fn a_segment_without_a_place_is_shown_and_not_written() {
        let rules = rules("850", ORDER);
        let map = map(&rules, MAP);
        let order = read(&map, &rules, "BEG***1\nZZZ*a*b");
        let stray =
            json!([{ "segment": "ZZZ", "index": 2, "elements": ["a", "b"], "stray": true }]);
        assert_eq!(order["unmapped"], stray);
        let written = crate::map::specimen::write(&map, &order.to_string()).unwrap();
        assert_eq!(written, "BEG***1");
        for odd in ["BEG***1\nbeg*x", "BEG***1\n*x", "BEG***1\nLONGER*x\nX"] {
            let order = read(&map, &rules, odd);
            assert!(order["unmapped"][0]["stray"].as_bool().unwrap());
            assert!(crate::map::specimen::write(&map, &order.to_string()).is_ok());
        }
    }

    #[test]
    fn elements_beyond_all_that_can_be_mapped_are_kept() {
        let many = format!("REF*DP*1{}*x*y", "*".repeat(70));
        assert_eq!(unmapped(&many, "")[0]["elements"].as_array().unwrap().len(), 74);
    }

    #[test]
    fn the_header_keeps_the_guide_that_it_names() {
        let rules = rules("850", &ORDER.replace("ST ID3 AN9", "ST ID3 AN9 AN35"));
        let map = map(&rules, MAP);
        let mut json = vec![];
        let set = b"ISA*00*          *00*          *ZZ*US             *ZZ*THEM           *240115*1430*^*00501*000000001*0*P*:~GS*PO*A*B*20240115*1430*1*X*005010~ST*850*0001*GUIDE~BEG***1~SE*3*0001~";
        let mut reader = crate::x12::Reader::new(&set[..]);
        while let Some(item) = reader.next().unwrap() {
            if let crate::x12::Item::Set(set) = item {
                let placement = crate::map::specimen::place(&set, &rules);
                map.read_json(&set, &placement, &mut crate::map::Scratch::default(), &mut json)
                    .unwrap();
            }
        }
        let mut writer = crate::x12::Writer::new(crate::x12::Delimiters::default()).unwrap();
        map.write_json(&json, &mut crate::map::Scratch::default(), &mut writer, "7777").unwrap();
        let written = String::from_utf8(writer.into_bytes()).unwrap();
        assert!(written.starts_with("ST*850*7777*GUIDE~"), "{written}");
    }
}
