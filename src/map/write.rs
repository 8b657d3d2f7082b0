//! A document becomes a set: its JSON text is read in one pass, and each value goes to its element.

use super::convert::Kind;
use super::error::{MapErrorKind, Trouble, nearest};
use super::instances::NONE;
use super::json::{Json, Next, Scalar};
use super::plan::{Claimant, Key, Member, Object, Pick, Plan, Target};
use super::read::MOST_LEVELS;
use super::sheet::{Cell, Finished, INNER_LEVELS, Sheet, Slot, Unit, What, narrow};

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
    picks: usize,
    /// Where they begin in the plan.
    of: usize,
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
        let (picks, open, rests) =
            (self.sheet.picks.len(), self.sheet.open.len(), self.sheet.rests.len());
        self.sheet.picks.resize(picks + member.picks.len(), NONE);
        let place = Place { picks, of: member.picks.start, scope: member.scope, depth };
        let Some(object) = self.plan.objects.get(member.object) else { return Ok(None) };
        self.object(object, place)?;
        if list.is_none() {
            self.count(place);
        }
        for (at, pick) in (picks..).zip(member.picks.clone()) {
            let line = self.sheet.pick(at);
            if let Some(pick) = self.plan.picks.get(pick).filter(|_| line != NONE) {
                self.preset(pick, line);
            }
        }
        self.sheet.picks.truncate(picks);
        let level = list
            .and_then(|list| self.plan.loops.get(list))
            .is_some_and(|list| list.contents.is_some());
        let first = self.sheet.order.len();
        self.finish(open, rests)?;
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
        let (wanted, given) = (self.plan.document.clone(), super::convert::cut(given));
        Err(Trouble::new(scalar.start, MapErrorKind::WrongDocument { wanted, given }))
    }

    fn field(&mut self, number: usize, given: bool, place: Place) -> Result<(), Trouble> {
        let Some(scalar) = self.json.scalar(false)? else { return Ok(()) };
        let Some(field) = self.plan.fields.get(number) else { return Ok(()) };
        let Some(cell) = self.cell(scalar, field.kind, field.codes)? else { return Ok(()) };
        if field.alias.is_some() {
            self.sheet.units.push(Unit { field: number, given, cell });
            return Ok(());
        }
        let line = self.line(place, field.pick);
        self.put(line, field.element, field.component, field.parts, cell)
    }

    /// The value of a scalar in X12's form; `None` if it is empty.
    fn cell(
        &mut self,
        scalar: Scalar,
        kind: Kind,
        codes: Option<usize>,
    ) -> Result<Option<Cell>, Trouble> {
        if scalar.start == scalar.end {
            return Ok(None);
        }
        if kind == Kind::Text && codes.is_none() && !scalar.escaped {
            return Ok(Some(Cell::there(scalar.start, scalar.end)));
        }
        let mut resolved = String::new();
        let mut text = self.json.raw(scalar);
        if scalar.escaped {
            self.json.unescape(scalar, &mut resolved)?;
            text = &resolved;
        }
        let table = codes.and_then(|table| self.plan.tables.get(table));
        if let Some(pair) = table.and_then(|table| table.of_word(text.as_bytes())) {
            return Ok(Some(self.sheet.keep(&pair.code, scalar.start)));
        }
        if kind == Kind::Text && !scalar.escaped {
            return Ok(Some(Cell::there(scalar.start, scalar.end)));
        }
        let start = self.sheet.text.len();
        kind.write(text, &mut self.sheet.text).map_err(|kind| Trouble::new(scalar.start, kind))?;
        Ok(Some(self.sheet.own(start, scalar.start)))
    }

    /// Units of an object: what was given is written where it still means the unit.
    fn units(&mut self, first: usize, place: Place) -> Result<(), Trouble> {
        let mut units = self.sheet.units.split_off(first);
        units.sort_by_key(|unit| (unit.field, unit.given));
        for of_field in units.chunk_by(|one, two| one.field == two.field) {
            let [first, rest @ ..] = of_field else { continue };
            let Some(field) = self.plan.fields.get(first.field) else { continue };
            let table = field.alias.as_ref().and_then(|(table, _)| self.plan.tables.get(*table));
            let text = |unit: &Unit| self.sheet.cell(self.json.text(), unit.cell);
            let pair = |unit: &Unit| table.and_then(|table| table.of_code(text(unit).as_bytes()));
            let means = |unit: &Unit| pair(unit).map(|pair| &*pair.word);
            let given = rest.first().filter(|given| means(given) == Some(text(first)));
            let chosen = given.unwrap_or(first);
            if let (Some(means), false, None) = (means(chosen), chosen.given, given)
                && means != text(chosen)
            {
                let (given, means) = (text(chosen).into(), means.into());
                let at = super::instances::index(chosen.cell.at);
                return Err(Trouble::new(at, MapErrorKind::MeansAnother { given, means }));
            }
            let cell = chosen.cell;
            let line = self.line(place, field.pick);
            self.put(line, field.element, field.component, field.parts, cell)?;
        }
        Ok(())
    }

    fn put(
        &mut self,
        line: u32,
        element: u8,
        component: u8,
        parts: u8,
        cell: Cell,
    ) -> Result<(), Trouble> {
        let free = if component == 0 {
            self.sheet.put(line, element, cell)
        } else {
            self.sheet.put_part(line, element, component, parts, cell)
        };
        // The map gives each element to one field, and a field given twice was refused before.
        let at = super::instances::index(cell.at);
        if free { Ok(()) } else { Err(Trouble::new(at, MapErrorKind::Twice)) }
    }

    /// The segment of a pick, made if there is none yet.
    fn line(&mut self, place: Place, pick: usize) -> u32 {
        let line = self.sheet.pick(place.picks + pick);
        if line != NONE {
            return line;
        }
        let line = match self.plan.picks.get(place.of + pick) {
            Some(pick) => self.new_line(pick),
            None => NONE,
        };
        if let Some(slot) = self.sheet.picks.get_mut(place.picks + pick) {
            *slot = line;
        }
        line
    }

    /// A new segment with the values that its rule wants.
    fn new_line(&mut self, pick: &Pick) -> u32 {
        let Some(spot) = self.plan.shape.spots.get(pick.node) else { return NONE };
        let line = self.sheet.line(spot.id, spot.width, pick.node, pick.rank);
        for one in self.plan.qualifiers.get(pick.qualifiers.clone()).unwrap_or_default() {
            let cell = self.sheet.keep(&one.value, 0);
            self.sheet.put(line, one.element, cell);
        }
        line
    }

    /// Fills in what the document does not say of a segment.
    fn preset(&mut self, pick: &Pick, line: u32) {
        for one in self.plan.defaults.get(pick.defaults.clone()).unwrap_or_default() {
            if self.sheet.slot(line, one.element) == Some(Slot::Empty) {
                let cell = self.sheet.keep(&one.value, 0);
                if one.component == 0 {
                    self.sheet.put(line, one.element, cell);
                } else {
                    self.sheet.put_part(line, one.element, one.component, one.component, cell);
                }
            }
        }
    }

    fn chain(&mut self, number: usize, place: Place) -> Result<(), Trouble> {
        let Some(chain) = self.plan.chains.get(number) else { return Ok(()) };
        let Some(object) = self.plan.objects.get(chain.object) else { return Ok(()) };
        let Some(pick) = self.plan.picks.get(chain.pick) else { return Ok(()) };
        let picks = self.sheet.picks.len();
        let inner = Place { picks, of: chain.pick, ..place };
        let mut more = self.json.open(false)?;
        while more {
            self.sheet.picks.push(NONE);
            self.object(object, inner)?;
            let line = self.sheet.pick(picks);
            if line != NONE {
                self.preset(pick, line);
            }
            self.sheet.picks.truncate(picks);
            more = self.json.more(false)?;
        }
        Ok(())
    }

    fn strings(&mut self, number: usize, place: Place) -> Result<(), Trouble> {
        let Some(strings) = self.plan.strings.get(number) else { return Ok(()) };
        let mut more = self.json.open(false)?;
        let mut kinds = (strings.from..).zip(&strings.kinds);
        let mut line = NONE;
        while more {
            let scalar = self.json.scalar(false)?;
            let value = match scalar {
                Some(scalar) => self.cell(scalar, Kind::Text, None)?.map(|cell| (scalar, cell)),
                None => None,
            };
            if let Some((scalar, mut cell)) = value {
                let next = match (kinds.next(), strings.source) {
                    (None, Claimant::Chain(_)) => {
                        line = NONE;
                        kinds = (strings.from..).zip(&strings.kinds);
                        kinds.next()
                    }
                    (next, _) => next,
                };
                let Some((element, kind)) = next else {
                    let most = strings.kinds.len();
                    return Err(Trouble::new(scalar.start, MapErrorKind::TooMany(most)));
                };
                if *kind != Kind::Text {
                    cell = self.cell(scalar, *kind, None)?.unwrap_or(cell);
                }
                if line == NONE {
                    line = match (strings.source, self.plan.picks.get(strings.pick)) {
                        (Claimant::Chain(_), Some(pick)) => self.new_line(pick),
                        (Claimant::Chain(_), None) => NONE,
                        (Claimant::Pick(pick), _) => self.line(place, pick),
                    };
                }
                self.put(line, element, 0, 0, cell)?;
            }
            more = self.json.more(false)?;
        }
        Ok(())
    }

    fn pairs(&mut self, number: usize, place: Place) -> Result<(), Trouble> {
        let Some(pairs) = self.plan.pairs.get(number) else { return Ok(()) };
        let mut more = self.json.open(false)?;
        let mut kinds = pairs.kinds.iter();
        let mut element = pairs.from;
        while more {
            let start = self.json.at();
            let found = self.pair(&pairs.names)?;
            if let [Some(one), Some(two)] = found {
                let Some([kind_one, kind_two]) = kinds.next() else {
                    let most = pairs.kinds.len();
                    return Err(Trouble::new(one.start, MapErrorKind::TooMany(most)));
                };
                let one = self.cell(one, *kind_one, pairs.codes)?;
                let two = self.cell(two, *kind_two, None)?;
                let line = self.line(place, pairs.pick);
                for (element, cell) in [(element, one), (element + 1, two)] {
                    if let Some(cell) = cell {
                        self.put(line, element, 0, 0, cell)?;
                    }
                }
                element += 2;
            } else if found != [None, None] {
                let wanted = MapErrorKind::Wanted("an object with both of its fields");
                return Err(Trouble::new(start, wanted));
            }
            more = self.json.more(false)?;
        }
        Ok(())
    }

    /// An object of two fields; one that is empty is as good as none.
    fn pair(&mut self, names: &[Key; 2]) -> Result<[Option<Scalar>; 2], Trouble> {
        let mut found = [None, None];
        let mut more = self.json.open(true)?;
        while more {
            let start = self.json.at();
            let [one, two] = names;
            let first = self.json.skip_key(&one.quoted);
            let second = !first && self.json.skip_key(&two.quoted);
            let key = if first || second { None } else { Some(self.json.key()?) };
            let name = key.map_or("", |key| self.json.raw(key));
            let [into_one, into_two] = &mut found;
            let slot = if first || name == &*one.name {
                into_one
            } else if second || name == &*two.name {
                into_two
            } else {
                let nearest = nearest(name, [&*one.name, &*two.name]).map(Into::into);
                let at = key.map_or(start, |key| key.start);
                return Err(Trouble::new(at, MapErrorKind::UnknownField { nearest }));
            };
            if slot.is_some() {
                return Err(Trouble::new(start, MapErrorKind::Twice));
            }
            *slot = self.json.scalar(false)?.filter(|scalar| scalar.start < scalar.end);
            more = self.json.more(true)?;
        }
        Ok(found)
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

    /// Fills in the numbers that are counted, where the document does not give them.
    fn count(&mut self, place: Place) {
        for count in &self.plan.counts {
            let Some(field) = self.plan.fields.get(count.field) else { continue };
            let line = self.line(place, field.pick);
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
}
