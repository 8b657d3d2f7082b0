//! A document becomes a set: its JSON text is read in one pass, and each value goes to its element.

use super::error::{MapErrorKind, Trouble, nearest};
use super::instances::NONE;
use super::json::{Json, Next};
use super::plan::{Member, Object, Plan, Target};
use super::read::MOST_LEVELS;
use super::sheet::{Finished, INNER_LEVELS, Sheet, Slot, What, narrow};

/// A walk through a document's text.
pub(super) struct Composer<'c> {
    pub(super) plan: &'c Plan,
    pub(super) json: Json<'c>,
    pub(super) sheet: &'c mut Sheet,
}

/// Where the fields of an object go.
#[derive(Clone, Copy)]
pub(super) struct Place {
    /// Where the picks of the member or list begin in the sheet.
    pub(super) picks: usize,
    /// Where they begin in the plan.
    pub(super) of: usize,
    /// The scope of the instance.
    scope: usize,
    /// How many levels are open.
    depth: usize,
}

impl Composer<'_> {
    /// Reads the whole document into the sheet; the last instance finished is the set.
    pub(super) fn document(&mut self) -> Result<(), Trouble> {
        self.sheet.clear(self.plan.loops.len(), self.plan.guesses);
        let Some(root) = self.plan.members.first() else { return Ok(()) };
        self.instance(root, None, 0)?;
        self.json.end()
    }

    /// Reads the object of one instance; `None` if there is nothing in it.
    fn instance(
        &mut self,
        member: &Member,
        list: Option<usize>,
        depth: usize,
    ) -> Result<Option<u32>, Trouble> {
        let (picks, open) = (self.sheet.picks.len(), self.sheet.open.len());
        let (rests, unsaid) = (self.sheet.rests.len(), self.sheet.unsaid.len());
        self.sheet.picks.resize(picks + member.picks.len(), NONE);
        let place = Place { picks, of: member.picks.start, scope: member.scope, depth };
        let Some(object) = self.plan.objects.get(member.object) else { return Ok(None) };
        self.object(object, place)?;
        let level = list
            .and_then(|list| self.plan.loops.get(list))
            .is_some_and(|list| list.contents.is_some());
        let first = self.sheet.order.len();
        self.finish(open, rests)?;
        if list.is_none() {
            self.count(place, first);
        }
        for (at, pick) in (picks..).zip(member.picks.clone()) {
            let line = self.sheet.pick(at);
            if line != NONE {
                self.sheet.unsaid.push((pick, line));
            }
        }
        for (pick, line) in self.sheet.unsaid.split_off(unsaid) {
            self.preset(pick, line);
        }
        self.sheet.picks.truncate(picks);
        if let Some(list) = list {
            self.head(list, member.scope, first, level);
        }
        let end = self.sheet.order.len();
        if first == end && list.is_some() {
            return Ok(None);
        }
        self.sheet.instances.push(Finished { first, end, level });
        Ok(Some(narrow(self.sheet.instances.len() - 1)))
    }

    /// An instance begins with the head of its loop, which has the values that its list wants.
    fn head(&mut self, list: usize, scope: usize, first: usize, level: bool) {
        let Some(list) = self.plan.loops.get(list) else { return };
        let node = self.plan.shape.head(scope);
        let entry = self.sheet.order.get(first).copied();
        let line = match entry {
            Some(entry) if entry.node() == node => match entry.what {
                What::Segment(line) => line,
                What::Run(..) | What::Instance(_) => return,
            },
            None if !level => return,
            _ => {
                let Some(spot) = self.plan.shape.spots.get(node) else { return };
                let line = self.sheet.line(spot.id, spot.width, node, 0);
                if let Some(entry) = self.sheet.open.pop() {
                    self.sheet.order.insert(first, entry);
                }
                line
            }
        };
        for one in self.plan.qualifiers.get(list.qualifiers.clone()).unwrap_or_default() {
            let cell = self.sheet.keep(&one.value, 0);
            self.sheet.put(line, one.element, cell);
        }
    }

    fn object(&mut self, object: &Object, place: Place) -> Result<(), Trouble> {
        let units = self.sheet.units.len();
        let mut more = self.json.open(true)?;
        let mut guess = object.guesses;
        let mut seen = [0_u64; 4];
        while more {
            let (number, start) = self.key(object, guess)?;
            guess = object.guesses + number + 1;
            if let Some(seen) = seen.get_mut(number / 64) {
                if *seen >> (number % 64) & 1 != 0 {
                    return Err(Trouble::new(start, MapErrorKind::Twice));
                }
                *seen |= 1 << (number % 64);
            }
            if let Some(key) = object.keys.get(number) {
                self.member(key.target, start, place)?;
            }
            more = self.json.more(true)?;
        }
        if self.sheet.units.len() > units { self.units(units, place) } else { Ok(()) }
    }

    /// Which of an object's keys comes next, and where it begins; the guess is tried first.
    fn key(&mut self, object: &Object, guess: usize) -> Result<(usize, usize), Trouble> {
        let guessed = self.sheet.guesses.get(guess).copied().map_or(0, usize::from);
        if let Some(key) = object.keys.get(guessed)
            && self.json.skip_key(&key.quoted)
        {
            return Ok((guessed, (self.json.at() + 1).saturating_sub(key.quoted.len())));
        }
        let key = self.json.key()?;
        let raw = self.json.raw(key);
        let mut resolved = String::new();
        let name = if key.escaped {
            self.json.unescape(key, &mut resolved)?;
            resolved.as_str()
        } else {
            raw
        };
        let Some(number) = object.index.find(name.as_bytes()) else {
            let nearest = nearest(name, object.keys.iter().map(|key| &*key.name)).map(Into::into);
            return Err(Trouble::new(key.start, MapErrorKind::UnknownField { nearest }));
        };
        if let (Some(guess), Ok(number)) = (self.sheet.guesses.get_mut(guess), number.try_into()) {
            *guess = number;
        }
        Ok((number, key.start))
    }

    fn member(&mut self, target: Target, start: usize, place: Place) -> Result<(), Trouble> {
        if self.json.next() == Next::Null {
            return self.json.null();
        }
        match target {
            Target::Document => self.kind(),
            Target::Field(number) => self.field(number, false, place),
            Target::Given(number) => self.field(number, true, place),
            Target::Object(number) => match self.plan.objects.get(number) {
                Some(object) => self.object(object, place),
                None => Ok(()),
            },
            Target::Chain(number) => self.chain(number, place),
            Target::Strings(number) => self.strings(number, place),
            Target::Pairs(number) => self.pairs(number, place),
            Target::Loop(number) => self.list(number, place.depth, false),
            Target::Contents(number) => self.list(number, place.depth + 1, true),
            Target::Unmapped => self.unmapped(place.scope),
            Target::Absent => Err(Trouble::new(start, MapErrorKind::NoPlace)),
        }
    }

    /// `"document"` must be the map's.
    fn kind(&mut self) -> Result<(), Trouble> {
        let Some(scalar) = self.json.scalar(false)? else { return Ok(()) };
        let given = self.json.raw(scalar);
        if given == &*self.plan.document {
            return Ok(());
        }
        let (wanted, given) = (self.plan.document.clone(), super::error::cut(given));
        Err(Trouble::new(scalar.start, MapErrorKind::WrongDocument { wanted, given }))
    }

    fn chain(&mut self, number: usize, place: Place) -> Result<(), Trouble> {
        let Some(chain) = self.plan.chains.get(number) else { return Ok(()) };
        let Some(object) = self.plan.objects.get(chain.object) else { return Ok(()) };
        let picks = self.sheet.picks.len();
        let inner = Place { picks, of: chain.pick, ..place };
        let mut more = self.json.open(false)?;
        while more {
            self.sheet.picks.push(NONE);
            self.object(object, inner)?;
            let line = self.sheet.pick(picks);
            if line != NONE {
                self.sheet.unsaid.push((chain.pick, line));
            }
            self.sheet.picks.truncate(picks);
            more = self.json.more(false)?;
        }
        Ok(())
    }

    /// A list of loops, or of the levels in a level.
    fn list(&mut self, number: usize, depth: usize, inner: bool) -> Result<(), Trouble> {
        let Some(list) = self.plan.loops.get(number) else { return Ok(()) };
        let Some(member) = self.plan.members.get(list.member) else { return Ok(()) };
        if depth > MOST_LEVELS {
            return Err(Trouble::new(self.json.at(), MapErrorKind::TooDeep(MOST_LEVELS)));
        }
        let node = if inner { INNER_LEVELS } else { self.plan.shape.head(member.scope) };
        let mut more = self.json.open(false)?;
        while more {
            if let Some(instance) = self.instance(member, Some(number), depth)? {
                self.sheet.enter(node, list.rank, What::Instance(instance));
                if let Some(count) = self.sheet.counts.get_mut(number) {
                    *count += 1;
                }
            }
            more = self.json.more(false)?;
        }
        Ok(())
    }

    /// Fills in the numbers that are counted, where the document does not give them; `first` is
    /// where the set's own entries begin in the order.
    fn count(&mut self, place: Place, first: usize) {
        for count in &self.plan.counts {
            let Some(field) = self.plan.fields.get(count.field) else { continue };
            let Some(pick) = self.plan.picks.get(place.of + field.pick) else { continue };
            if self.sheet.pick(place.picks + field.pick) == NONE {
                let order = self.sheet.order.get(first..).unwrap_or_default();
                let before = order.partition_point(|entry| entry.node() < pick.node);
                // Where `unmapped` has the segment, it says what it says.
                if order.get(before).is_some_and(|entry| entry.node() == pick.node) {
                    continue;
                }
                self.line(place, field.pick);
                if let Some(entry) = self.sheet.open.pop() {
                    self.sheet.order.insert(first + before, entry);
                }
            }
            let line = self.sheet.pick(place.picks + field.pick);
            if self.sheet.slot(line, field.element) == Some(Slot::Empty) {
                let members = self.sheet.counts.get(count.list).copied().unwrap_or(0);
                let cell = self.sheet.keep(&members.to_string(), 0);
                self.sheet.put(line, field.element, cell);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::map::specimen::{ORDER, ORDER_MAP, lines, map, rules, there_and_back, write};

    #[test]
    fn what_was_read_is_written_again() {
        let rules = rules("850", ORDER);
        let map = map(&rules, ORDER_MAP);
        let body = "
            BEG*00*SA*4501**20240115
            CUR*BY*USD
            REF*DP*123
            N1*ST*Hospital
            N2*East*Wing
            N3*1 Main St*Dock 2
            REF*IA*99
            PO1*1*10*CS*9.50**VN*A-1*UP*123
            PID*F****Gloves
            PO1*2*0.5*EA
            CTT*2
            AMT*TT*95";
        assert_eq!(there_and_back(&map, &rules, body), lines(body));
    }

    #[test]
    fn a_document_is_written_whatever_the_order_of_its_fields() {
        let rules = rules("850", ORDER);
        let map = map(&rules, ORDER_MAP);
        let json = r#"{
            "lines": [{ "item_ids": [{ "value": "A-1", "scheme": "vendor_item" }], "unit": "EA", "quantity": "5" }],
            "number": "4501", "document": "purchase-order",
            "parties": [{ "address": { "lines": ["1 Main St", "Dock 2", "Gate"] }, "role": "ST" }]
        }"#;
        let written = write(&map, json).unwrap();
        assert_eq!(
            written,
            lines(
                "BEG*00**4501
                 N1*ST
                 N3*1 Main St*Dock 2
                 N3*Gate
                 PO1**5*EA***VN*A-1
                 CTT*1"
            )
        );
    }

    #[test]
    fn a_field_that_no_document_has_is_refused_with_the_one_that_was_meant() {
        let map = map(&rules("850", ORDER), ORDER_MAP);
        let error = write(&map, r#"{"lines": [{"quantiy": "5"}]}"#).unwrap_err();
        let message = "/lines/0/quantiy: there is no such field; did you mean `quantity`?";
        assert_eq!(error.to_string(), message);
        let twice = write(&map, r#"{"number": "1", "number": "2"}"#).unwrap_err();
        assert_eq!(twice.to_string(), "/number: the field is given twice");
        let other = write(&map, r#"{"document": "invoice"}"#).unwrap_err();
        assert_eq!(other.kind.code(), "wrong_document");
    }

    #[test]
    fn values_of_other_shapes_are_refused() {
        let map = map(&rules("850", ORDER), ORDER_MAP);
        for wrong in [
            r#"{"number": 5}"#,
            r#"{"number": true}"#,
            r#"{"number": ["5"]}"#,
            r#"{"lines": {}}"#,
            r#"{"lines": ["5"]}"#,
            r#"{"lines": [[{}]]}"#,
            r#"{"parties": [{"address": []}]}"#,
            r#"{"parties": [{"address": {"lines": "street"}}]}"#,
            r#"{"unmapped": {}}"#,
            r#"{"contacts": [{"numbers": ["5"]}]}"#,
            "[]",
            "5",
            "\"text\"",
        ] {
            let error = write(&map, wrong).unwrap_err();
            assert_eq!(error.kind.code(), "wrong_shape", "{wrong}");
        }
    }

    #[test]
    fn nothing_is_said_by_null_or_by_what_is_empty() {
        let map = map(&rules("850", ORDER), ORDER_MAP);
        let json = r#"{"number": null, "lines": null, "references": [{}, {"scheme": ""}],
            "parties": [{}, {"address": {}}], "contacts": [], "unmapped": null}"#;
        assert_eq!(write(&map, json).unwrap(), "CTT*0");
    }

    #[test]
    fn every_cut_of_a_document_is_refused_and_nothing_is_written() {
        let map = map(&rules("850", ORDER), ORDER_MAP);
        let json = r#"{"document": "purchase-order", "number": "a\u0041", "lines": [{"item_ids":
            [{"scheme": "UP", "value": "1"}]}], "unmapped": [{"segment": "MSG", "elements": ["x"]}]}"#;
        assert!(write(&map, json).is_ok());
        let mut writer = crate::x12::Writer::new(crate::x12::Delimiters::default()).unwrap();
        let mut scratch = crate::map::Scratch::default();
        for end in 0..json.len() {
            let cut = &json.as_bytes()[..end];
            assert!(map.write_json(cut, &mut scratch, &mut writer, "1").is_err(), "{end}");
        }
        for other in [&b"\xFF"[..], b"{} x", b"{\"number\":\"\x01\"}", b"\xEF\xBB\xBF{}"] {
            assert!(map.write_json(other, &mut scratch, &mut writer, "1").is_err());
        }
        assert!(writer.bytes().is_empty());
    }

    #[test]
    fn deep_and_large_documents_take_no_more_than_they_should() {
        let map = map(&rules("850", ORDER), ORDER_MAP);
        assert!(write(&map, &"[".repeat(200_000)).is_err());
        assert!(write(&map, &r#"{"lines":["#.repeat(100_000)).is_err());
        let nested =
            format!(r#"{{"unmapped": [{{"segment": "MSG", "elements": {}"#, "[".repeat(99_999));
        assert!(write(&map, &nested).is_err());
        let many = r#"{"line_number":"1"},"#.repeat(50_000);
        let json = format!(r#"{{"lines":[{}]}}"#, many.trim_end_matches(','));
        assert!(write(&map, &json).unwrap().ends_with("CTT*50000"));
        let rests = r#"{"segment":"MSG","index":0,"elements":["a"]},"#.repeat(50_000);
        let json = format!(r#"{{"unmapped":[{}]}}"#, rests.trim_end_matches(','));
        assert_eq!(write(&map, &json).unwrap().lines().count(), 50_001);
    }
}
