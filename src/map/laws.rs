//! The laws that translating is held to, over the shipped maps and the shipped 004010.
//!
//! A set that was read and is written says the same; a document that was written and is read is the
//! same; and anything at all is read or refused, never more.

use super::convert::Kind;
use super::plan::{Plan, Target};
use super::source::MapSources;
use super::translate::{Map, Scratch};
use crate::grammar::{ElementType, ElementUse, Library, Part, SetRules, Severities, Standard};
use crate::grammar::{Rules, check};
use crate::x12::{Delimiters, Item, Reader, Set, Writer};
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Map as Members, Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The sets that are translated, with their maps.
struct World {
    standard: Arc<Standard>,
    maps: Vec<(Arc<SetRules>, Map)>,
}

impl World {
    fn new() -> Self {
        let standard = Library::shipped().standard("004010").unwrap().unwrap();
        let sources = MapSources::shipped();
        let maps = sources.sets().into_iter().map(|(id, _)| {
            let rules = standard.sets[&id].clone();
            let map = Map::compile(&sources, &rules).unwrap();
            (rules, map)
        });
        let maps = maps.collect();
        Self { standard, maps }
    }

    /// Reads a set that was checked.
    fn read(&self, at: usize, set: &[u8]) -> Value {
        let (rules, map) = &self.maps[at];
        let severities = Severities::default();
        let (standard, guide) = (&*self.standard, None);
        let against = Rules { standard, set: rules, guide, severities: &severities };
        let mut json = vec![];
        for_set(set, |set| {
            let checked = check(set, &against);
            let mut scratch = Scratch::default();
            map.read_json(set, &checked.placement, &mut scratch, &mut json).unwrap();
        });
        let text = String::from_utf8(json).unwrap();
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
    }

    fn write(&self, at: usize, document: &Value) -> Vec<u8> {
        let mut writer = Writer::new(Delimiters::default()).unwrap();
        let json = document.to_string();
        let written = self.maps[at].1.write_json(
            json.as_bytes(),
            &mut Scratch::default(),
            &mut writer,
            "0001",
        );
        if let Err(error) = written {
            panic!("{error}: {json}");
        }
        writer.into_bytes()
    }
}

fn for_set(set: &[u8], look: impl FnOnce(&Set<'_>)) {
    let mut bytes = b"ISA*00*          *00*          *ZZ*US             *ZZ*THEM           *240115*1430*^*00501*000000001*0*P*:~GS*PO*US*THEM*20240115*1430*1*X*004010~".to_vec();
    bytes.extend_from_slice(set);
    let mut reader = Reader::new(bytes.as_slice());
    while let Some(item) = reader.next().unwrap() {
        if let Item::Set(set) = item {
            return look(&set);
        }
    }
    panic!("no set");
}

/// Random numbers from a seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % end
    }

    fn one_in(&mut self, many: usize) -> bool {
        self.below(many) == 0
    }

    fn pick<'p, T>(&mut self, from: &'p [T]) -> &'p T {
        &from[self.below(from.len())]
    }

    fn text(&mut self) -> String {
        let letters = ["A", "b", "7", " x", "\"", "\\", "é", "-", "/", "ZZ", "'", "名"];
        (0..=self.below(6)).map(|_| *self.pick(&letters)).collect()
    }

    fn digits(&mut self, many: usize) -> String {
        (0..many).map(|_| char::from(b'1' + u8::try_from(self.below(9)).unwrap())).collect()
    }

    /// A value of an element's type as X12 has it, now and then one that is none.
    fn raw(&mut self, element: &ElementUse) -> String {
        let Part::Simple(rules) = &element.part else { unreachable!() };
        if self.one_in(40) {
            return "??".to_owned();
        }
        match rules.kind {
            ElementType::Date => format!("2024{:02}{:02}", 1 + self.below(12), 1 + self.below(28)),
            ElementType::Time => format!("{:02}{:02}", self.below(24), self.below(60)),
            ElementType::Decimal => format!("{}.{}", self.digits(2), self.digits(2)),
            ElementType::Number(_) => self.digits(4),
            ElementType::Code => match &rules.codes {
                Some(codes) => {
                    let at = self.below(codes.len());
                    codes.iter().nth(at).unwrap()
                }
                None => self.digits(2),
            },
            ElementType::Text | ElementType::Binary => self.text(),
        }
    }

    fn element(&mut self, element: &ElementUse) -> String {
        let Part::Composite(composite) = &element.part else { return self.raw(element) };
        let parts: Vec<String> = (composite.components.iter())
            .map(|part| if self.one_in(3) { self.raw(part) } else { String::new() })
            .collect();
        parts.join(":").trim_end_matches(':').to_owned()
    }

    /// A set whose segments stand in the order of the rules.
    fn set(&mut self, rules: &SetRules) -> Vec<String> {
        let mut lines = vec![];
        self.segments(rules, None, &mut lines);
        lines
    }

    fn segments(&mut self, rules: &SetRules, around: Option<usize>, lines: &mut Vec<String>) {
        let (start, end) = around.map_or((1, rules.nodes.len() - 1), |around| {
            (rules.loops[around].head, rules.loops[around].end)
        });
        let mut at = start;
        while at < end {
            let inner = (0..rules.loops.len())
                .find(|one| rules.loops[*one].parent == around && rules.loops[*one].head == at);
            if let Some(inner) = inner {
                let most = rules.loops[inner].max.min(3);
                for _ in 0..self.below(usize::try_from(most).unwrap() + 1) {
                    if self.one_in(2) {
                        self.segments(rules, Some(inner), lines);
                    }
                }
                at = rules.loops[inner].end;
                continue;
            }
            let node = &rules.nodes[at];
            let many = match node.max {
                _ if Some(at) == around.map(|around| rules.loops[around].head) => 1,
                _ if !self.one_in(6) => 0,
                1 => 1,
                _ => 1 + self.below(3),
            };
            for _ in 0..many {
                lines.push(self.segment(node.id.as_str(), &node.segment.elements));
            }
            at += 1;
        }
    }

    fn segment(&mut self, id: &str, elements: &[ElementUse]) -> String {
        let mut segment = id.to_owned();
        for (at, element) in elements.iter().enumerate() {
            segment.push('*');
            if at == 0 || self.one_in(2) {
                segment.push_str(&self.element(element));
            }
        }
        segment.trim_end_matches('*').to_owned()
    }

    /// A document that the plan can write.
    fn document(&mut self, plan: &Plan, object: usize, depth: usize) -> Value {
        let object = &plan.objects[object];
        let mut members = Members::new();
        for key in &object.keys {
            if key.target == Target::Document {
                members.insert(key.name.to_string(), json!(&*plan.document));
            } else if first(plan, key.target) || self.one_in(if depth > 3 { 12 } else { 3 }) {
                let value = self.value(plan, key.target, depth);
                let empty = match &value {
                    Value::Null => true,
                    Value::Array(items) => items.is_empty(),
                    Value::Object(members) => members.is_empty(),
                    Value::String(_) | Value::Bool(_) | Value::Number(_) => false,
                };
                if !empty {
                    members.insert(key.name.to_string(), value);
                }
            }
        }
        Value::Object(members)
    }

    fn value(&mut self, plan: &Plan, target: Target, depth: usize) -> Value {
        match target {
            Target::Field(number) => {
                let field = &plan.fields[number];
                match field.codes {
                    Some(table) if field.element == 1 || !self.one_in(4) => {
                        let table = &plan.tables[table];
                        json!(&*self.pick(table.pairs()).word)
                    }
                    Some(_) => json!(format!("Q{}", self.digits(2))),
                    None => json!(self.canonical(field.kind)),
                }
            }
            Target::Object(object) => self.document(plan, object, depth),
            Target::Chain(chain) => {
                self.members(|dice| dice.document(plan, plan.chains[chain].object, depth + 1))
            }
            Target::Strings(number) => {
                let strings = &plan.strings[number];
                let most = if depth > 3 { 1 } else { strings.kinds.len() };
                Value::Array((0..most).map(|_| json!(self.canonical(strings.kinds[0]))).collect())
            }
            Target::Pairs(number) => {
                let pairs = &plan.pairs[number];
                let some = 1 + self.below(pairs.kinds.len());
                let one = |dice: &mut Self, [one, two]: &[Kind; 2]| {
                    let first = match pairs.codes {
                        Some(table) => dice.pick(plan.tables[table].pairs()).word.to_string(),
                        None => dice.canonical(*one),
                    };
                    let [name_one, name_two] = &pairs.names;
                    json!({ &*name_one.name: first, &*name_two.name: dice.canonical(*two) })
                };
                Value::Array(pairs.kinds.iter().take(some).map(|kinds| one(self, kinds)).collect())
            }
            Target::Loop(list) => self.members(|dice| {
                let member = &plan.members[plan.loops[list].member];
                dice.document(plan, member.object, depth + 1)
            }),
            Target::Contents(list) if depth < 5 => self.members(|dice| {
                let member = &plan.members[plan.loops[list].member];
                let mut level = dice.document(plan, member.object, depth + 1);
                level["level"] = json!("item");
                level
            }),
            Target::Contents(_)
            | Target::Document
            | Target::Given(_)
            | Target::Unmapped
            | Target::Absent => Value::Null,
        }
    }

    fn members(&mut self, mut one: impl FnMut(&mut Self) -> Value) -> Value {
        let members = (0..=self.below(2)).map(|_| one(self));
        Value::Array(members.filter(|one| *one != json!({})).collect())
    }

    /// A value as a document has it.
    fn canonical(&mut self, kind: Kind) -> String {
        match kind {
            Kind::Text => self.text(),
            Kind::Date | Kind::ShortDate => {
                format!("2024-{:02}-{:02}", 1 + self.below(12), 1 + self.below(28))
            }
            Kind::Time => format!("{:02}:{:02}:07", self.below(24), self.below(60)),
            Kind::Decimal { min, max } => {
                let whole = usize::try_from(min.max(max.min(3))).unwrap();
                self.digits(whole)
            }
            Kind::Number { places: 0, min } => self.digits(usize::try_from(min.max(2)).unwrap()),
            Kind::Number { places, .. } => {
                format!("{}.{}", self.digits(3), self.digits(places.into()))
            }
        }
    }
}

/// Whether a field is the first element of its segment: what says which segment it is.
fn first(plan: &Plan, target: Target) -> bool {
    matches!(target, Target::Field(number) if plan.fields[number].element == 1)
}

/// How often each value stands in which segments, but for numbers that are computed.
fn said(set: &[u8]) -> BTreeMap<(String, String), i64> {
    let mut said = BTreeMap::new();
    for_set(set, |set| {
        for segment in set.segments() {
            let id = segment.id_text().into_owned();
            let computed: &[usize] = match id.as_str() {
                "HL" => &[1, 2, 4],
                "CTT" => &[1],
                "SE" => &[1, 2],
                _ => &[],
            };
            for (number, element) in (1..).zip(segment.elements()) {
                let kept = !element.is_empty() && !computed.contains(&number);
                for part in element.components().filter(|part| kept && !part.is_empty()) {
                    let value = part.text().into_owned();
                    *said.entry((id.clone(), value)).or_default() += 1;
                }
            }
        }
    });
    said
}

fn joined(id: &str, lines: &[String]) -> Vec<u8> {
    let count = lines.len() + 2;
    let body: String = lines.iter().flat_map(|line| [line.as_str(), "~"]).collect();
    format!("ST*{id}*0001~{body}SE*{count}*0001~").into_bytes()
}

/// Fails with the first lines that differ.
fn assert_same(what: &str, left: &str, right: &str, set: &[u8]) {
    let differs = left.lines().zip(right.lines()).position(|(left, right)| left != right);
    if left != right {
        let at = differs.unwrap_or(left.lines().count().min(right.lines().count()));
        let some = |text: &str| {
            text.lines().skip(at.saturating_sub(3)).take(8).collect::<Vec<_>>().join("\n")
        };
        let set = String::from_utf8_lossy(set).replace('~', "\n");
        panic!("{what}\nis\n{}\nnot\n{}\n{set}", some(left), some(right));
    }
}

fn lines(set: &[u8]) -> String {
    String::from_utf8_lossy(set).replace('~', "\n")
}

/// Holds a law to sets or documents from many seeds.
fn for_seeds(law: impl Fn(&World, usize, u64)) {
    let world = World::new();
    let config =
        Config { cases: 32, max_shrink_iters: 0, failure_persistence: None, ..Config::default() };
    let seeds = TestRunner::new(config).run(&(1_u64..), |seed| {
        (0..world.maps.len()).for_each(|at| law(&world, at, seed));
        Ok(())
    });
    seeds.unwrap();
}

#[test]
fn a_set_that_was_read_and_is_written_says_the_same() {
    for_seeds(|world, at, seed| {
        let rules = &world.maps[at].0;
        let set = joined(&rules.id, &Dice(seed).set(rules));
        let written = world.write(at, &world.read(at, &set));
        let after = said(&written);
        for (what, count) in &said(&set) {
            let now = after.get(what).copied().unwrap_or(0);
            assert!(now >= *count, "{seed} {what:?}\n{}\n{}", lines(&set), lines(&written));
        }
        let again = world.write(at, &world.read(at, &written));
        assert_same(&format!("{} {seed}", rules.id), &lines(&again), &lines(&written), &set);
    });
}

#[test]
fn a_document_that_was_written_and_is_read_is_the_same() {
    for_seeds(|world, at, seed| {
        let (rules, map) = &world.maps[at];
        let root = &map.plan.members[0];
        let mut document = Dice(seed).document(&map.plan, root.object, 0);
        let written = world.write(at, &document);
        let read = world.read(at, &written);
        for count in &map.plan.counts {
            let keys = &map.plan.objects[root.object].keys;
            let key = keys.iter().find(|key| key.target == Target::Field(count.field));
            let name = &*key.unwrap().name;
            document[name] = read[name].clone();
        }
        fill_in(&mut document, &read);
        let shown = |document| serde_json::to_string_pretty(document).unwrap();
        let what = format!("{} {seed}", rules.id);
        assert_same(&what, &shown(&read), &shown(&document), &written);
    });
}

/// Takes over what `read` says and `document` does not, where the map has a default for it; and the
/// order of its fields.
fn fill_in(document: &mut Value, read: &Value) {
    const DEFAULTS: [&str; 4] = ["purpose", "kind", "currency_party", "relationship"];
    match (document, read) {
        (Value::Object(members), Value::Object(read)) => {
            for (name, value) in read {
                if DEFAULTS.contains(&name.as_str()) && !members.contains_key(name) {
                    members.insert(name.clone(), value.clone());
                }
            }
            let mut before = std::mem::take(members);
            for name in read.keys() {
                members.extend(before.shift_remove_entry(name));
            }
            members.extend(before);
            for (name, member) in members.iter_mut() {
                if let Some(read) = read.get(name) {
                    fill_in(member, read);
                }
            }
        }
        (Value::Array(items), Value::Array(read)) => {
            for (item, read) in items.iter_mut().zip(read) {
                fill_in(item, read);
            }
        }
        _ => {}
    }
}
