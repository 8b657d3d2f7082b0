//! The values of a document on their way to their elements: converted, put, filled in.

use super::convert::Kind;
use super::error::{MapErrorKind, Trouble, nearest};
use super::instances::{NONE, index};
use super::json::Scalar;
use super::plan::{Claimant, Key, Pick};
use super::sheet::{Cell, Slot, Unit};
use super::write::{Composer, Place};

impl Composer<'_> {
    pub(super) fn field(
        &mut self,
        number: usize,
        given: bool,
        place: Place,
    ) -> Result<(), Trouble> {
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
    #[inline]
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
        self.converted(scalar, kind, codes).map(Some)
    }

    /// The value of a scalar that does not stand as it is.
    #[inline(never)]
    fn converted(
        &mut self,
        scalar: Scalar,
        kind: Kind,
        codes: Option<usize>,
    ) -> Result<Cell, Trouble> {
        let mut resolved = String::new();
        let mut text = self.json.raw(scalar);
        if scalar.escaped {
            self.json.unescape(scalar, &mut resolved)?;
            text = &resolved;
        }
        let table = codes.and_then(|table| self.plan.tables.get(table));
        if let Some(pair) = table.and_then(|table| table.of_word(text.as_bytes())) {
            return Ok(self.sheet.keep(&pair.code, scalar.start));
        }
        if !scalar.escaped && kind.stands(text) {
            return Ok(Cell::there(scalar.start, scalar.end));
        }
        let start = self.sheet.text.len();
        kind.write(text, &mut self.sheet.text).map_err(|kind| Trouble::new(scalar.start, kind))?;
        Ok(self.sheet.own(start, scalar.start))
    }

    /// Units of an object: what was given is written where it still means the unit.
    pub(super) fn units(&mut self, first: usize, place: Place) -> Result<(), Trouble> {
        let mut units = self.sheet.units.split_off(first);
        units.sort_by_key(|unit| (unit.field, unit.given));
        for of_field in units.chunk_by(|one, two| one.field == two.field) {
            let [first, rest @ ..] = of_field else { continue };
            let Some(field) = self.plan.fields.get(first.field) else { continue };
            let table = field.alias.as_ref().and_then(|alias| self.plan.tables.get(alias.0));
            let text = |unit: &Unit| self.sheet.cell(self.json.text(), unit.cell);
            let pair = |unit: &Unit| table.and_then(|table| table.of_code(text(unit).as_bytes()));
            let means = |unit: &Unit| pair(unit).map(|pair| &*pair.word);
            let given = rest.first().filter(|given| means(given) == Some(text(first)));
            let chosen = given.unwrap_or(first);
            if let (Some(means), false, None) = (means(chosen), chosen.given, given)
                && means != text(chosen)
            {
                let (given, means) = (text(chosen).into(), means.into());
                let at = index(chosen.cell.at);
                return Err(Trouble::new(at, MapErrorKind::MeansAnother { given, means }));
            }
            let cell = chosen.cell;
            let line = self.line(place, field.pick);
            self.put(line, field.element, field.component, field.parts, cell)?;
        }
        Ok(())
    }

    #[inline]
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
        let at = index(cell.at);
        if free { Ok(()) } else { Err(Trouble::new(at, MapErrorKind::Twice)) }
    }

    /// The segment of a pick, made if there is none yet.
    pub(super) fn line(&mut self, place: Place, pick: usize) -> u32 {
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
    pub(super) fn preset(&mut self, pick: usize, line: u32) {
        let Some(pick) = self.plan.picks.get(pick) else { return };
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

    pub(super) fn strings(&mut self, number: usize, place: Place) -> Result<(), Trouble> {
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

    pub(super) fn pairs(&mut self, number: usize, place: Place) -> Result<(), Trouble> {
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
}

#[cfg(test)]
mod tests {
    use crate::map::MapErrorKind;
    use crate::map::specimen::{ORDER, ORDER_MAP, lines, map, read, rules, write};

    /// What is wrong with an order of these members, and where.
    fn trouble(members: &str) -> (String, MapErrorKind) {
        let map = map(&rules("850", ORDER), ORDER_MAP);
        let error = write(&map, &format!("{{{members}}}")).unwrap_err();
        (error.pointer, error.kind)
    }

    #[test]
    fn what_cannot_be_written_is_named_by_its_place() {
        let at = |members: &str| trouble(members).0;
        assert_eq!(at(r#""ordered_on": "2024-02-30""#), "/ordered_on");
        assert_eq!(at(r#""lines": [{}, {"quantity": "many"}]"#), "/lines/1/quantity");
        assert_eq!(at(r#""lines": [{"line_number": "1*2"}]"#), "/lines/0/line_number");
        assert_eq!(
            at(r#""parties": [{"address": {"lines": ["a", "b~"]}}]"#),
            "/parties/0/address/lines/1"
        );
        assert_eq!(
            at(r#""lines": [{"item_ids": [{"scheme": "UP", "value": "1:2"}]}]"#),
            "/lines/0/item_ids/0/value"
        );
        assert_eq!(at(r#""lines": [{"item_ids": [{"scheme": "UP"}]}]"#), "/lines/0/item_ids/0");
    }

    #[test]
    fn what_cannot_be_said_is_told_as_what_it_is() {
        let kind = |members: &str| trouble(members).1;
        let date = MapErrorKind::NotADate("yesterday".into());
        assert_eq!(kind(r#""ordered_on": "yesterday""#), date);
        let decimal = MapErrorKind::NotADecimal("1,5".into());
        assert_eq!(kind(r#""lines": [{"quantity": "1,5"}]"#), decimal);
        let places = MapErrorKind::TooManyPlaces { places: 0, value: "1.5".into() };
        assert_eq!(kind(r#""line_count": "1.5""#), places);
        let separator = MapErrorKind::DelimiterInData { separator: b'*' };
        assert_eq!(kind(r#""number": "a*b""#), separator);
        let many = r#"{"scheme": "UP", "value": "1"},"#.repeat(3);
        let many = format!(r#""lines": [{{"item_ids": [{}]}}]"#, many.trim_end_matches(','));
        assert_eq!(kind(&many), MapErrorKind::TooMany(2));
    }

    #[test]
    fn an_escaped_value_is_written_as_what_it_says() {
        let map = map(&rules("850", ORDER), ORDER_MAP);
        let json = r#"{"number": "a\"b\u0041\/", "ordered_on": "2024\u002d01-15", "purpose": "origin\u0061l"}"#;
        assert_eq!(write(&map, json).unwrap(), "BEG*00**a\"bA/**20240115\nCTT*0");
        let broken = write(&map, r#"{"number": "\ud800"}"#).unwrap_err();
        assert!(matches!(broken.kind, MapErrorKind::NotJson(_)));
    }

    #[test]
    fn a_word_becomes_its_code_and_a_code_stands_as_it_is() {
        let map = map(&rules("850", ORDER), ORDER_MAP);
        assert_eq!(write(&map, r#"{"purpose": "original"}"#).unwrap(), "BEG*00\nCTT*0");
        assert_eq!(write(&map, r#"{"purpose": "07"}"#).unwrap(), "BEG*07\nCTT*0");
    }

    #[test]
    fn a_code_that_looks_like_a_word_is_not_taken_for_one() {
        let rules = rules("850", ORDER);
        let order = read(&map(&rules, ORDER_MAP), &rules, "BEG*original**1");
        assert_eq!(order.get("purpose"), None);
        assert_eq!(order["unmapped"][0]["elements"][0], "original");
    }

    #[test]
    fn a_unit_is_written_as_given_where_that_still_means_it() {
        let map = map(&rules("850", ORDER), ORDER_MAP);
        let line = |members: &str| write(&map, &format!(r#"{{"lines": [{{{members}}}]}}"#));
        let written = |members: &str| line(members).unwrap().lines().next().unwrap().to_owned();
        assert_eq!(written(r#""unit": "CA", "unit_given": "CS""#), "PO1***CS");
        assert_eq!(written(r#""unit_given": "CS", "unit": "CA""#), "PO1***CS");
        assert_eq!(written(r#""unit": "CA""#), "PO1***CA");
        assert_eq!(written(r#""unit": "EA", "unit_given": "CS""#), "PO1***EA");
        assert_eq!(written(r#""unit_given": "CS""#), "PO1***CS");
        let means = MapErrorKind::MeansAnother { given: "CS".into(), means: "CA".into() };
        assert_eq!(line(r#""unit": "CS""#).unwrap_err().kind, means);
    }

    #[test]
    fn strings_fill_segment_after_segment() {
        let map = map(&rules("850", ORDER), ORDER_MAP);
        let json = r#"{"parties": [{"names": ["a", "b", "", "c"]}]}"#;
        assert_eq!(write(&map, json).unwrap(), lines("N1\nN2*a*b\nN2*c\nCTT*0"));
    }
}
