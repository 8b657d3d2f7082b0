//! Compiles the fields of an object: one function for each sort of rule.

use super::compile::{Compiler, Draft, DraftChain, DraftPick, Place};
use super::convert::Kind;
use super::error::FaultKind;
use super::path::Path;
use super::plan::{
    Chain, Claimant, Count, Default as Preset, Field, Key, LoopClaim, LoopList, Object, Pairs,
    Pick, Read, Strings, Target,
};
use super::resolve::{MOST, Spot};
use super::rule::{ElementRule, FieldRule, Named, Rule};
use super::schema::Schema;
use super::shape::Found;
use super::text::Stamp;

impl Compiler<'_> {
    /// Compiles an object with these keys beside its fields; returns its number.
    pub(super) fn object(
        &mut self,
        draft: &mut Draft,
        fields: &[FieldRule],
        schema: Schema<'_>,
        [first, last]: [Option<Key>; 2],
    ) -> usize {
        let mut object = Object::default();
        object.keys.extend(first);
        for field in fields {
            let schema = match schema.field(&field.name) {
                Ok(schema) => schema,
                Err(kind) => {
                    self.faults.push(field.span, kind);
                    continue;
                }
            };
            let target = self.field(&mut object, draft, field, schema);
            let target = target.unwrap_or(Target::Absent);
            object.keys.push(Key::new(&field.name, target));
            if let Rule::Element(ElementRule { alias: Some(_), .. }) = field.rule {
                let name = format!("{}_given", field.name);
                let given = if let Target::Field(number) = target {
                    Target::Given(number)
                } else {
                    Target::Absent
                };
                object.keys.push(Key::new(&name, given));
            }
        }
        object.keys.extend(last);
        self.add_object(object)
    }

    fn field(
        &mut self,
        object: &mut Object,
        draft: &mut Draft,
        field: &FieldRule,
        schema: Schema<'_>,
    ) -> Option<Target> {
        match &field.rule {
            Rule::Element(rule) => self.value(object, draft, field, rule, schema),
            Rule::Strings { from, to } => self.strings(object, draft, field, from, *to, schema),
            Rule::Pairs { from, to, keys, codes } => {
                let pairs = PairsRule { from, to: *to, keys, codes: codes.as_ref() };
                self.pairs(object, draft, field, &pairs, schema)
            }
            Rule::Each { path, fields } => {
                let schema = self.shaped(field, schema, Schema::items)?;
                match self.found(draft.place, path, field.span, field.shared)? {
                    Found::Segment(node) => {
                        self.chain(object, draft, field, path, node, fields, schema)
                    }
                    Found::Loop(at) => {
                        let list = self.list(draft, field, path, at, fields, schema)?;
                        object.reads.push(Read::Loop(list));
                        Some(Target::Loop(list))
                    }
                }
            }
            Rule::Hierarchy { path, children, fields } => {
                let schema = self.shaped(field, schema, Schema::items)?;
                let found = self.found(draft.place, path, field.span, field.shared)?;
                let Found::Loop(at) = found else {
                    return self.missing(field.span, FaultKind::Wanted("a loop"));
                };
                let list = self.list(draft, field, path, at, fields, schema)?;
                self.contents(field, list, children, schema);
                object.reads.push(Read::Loop(list));
                Some(Target::Loop(list))
            }
            Rule::Object(fields) => {
                let schema = self.shaped(field, schema, Schema::object)?;
                let number = self.object(draft, fields, schema, [None, None]);
                let key = opened(&field.name, "{");
                object.reads.push(Read::Object { object: number, key });
                Some(Target::Object(number))
            }
        }
    }

    fn value(
        &mut self,
        object: &mut Object,
        draft: &mut Draft,
        field: &FieldRule,
        rule: &ElementRule,
        schema: Schema<'_>,
    ) -> Option<Target> {
        let spot = self.spot(draft, &rule.path, field.span, field.shared)?;
        let codes = rule.codes.as_ref().and_then(|named| self.table(named, false));
        let alias = rule.alias.as_ref().and_then(|named| self.table(named, true));
        let kind =
            if codes.is_some() || alias.is_some() { Kind::Text } else { schema.kind(spot.kind) };
        self.shaped(field, schema, |schema, name| schema.value(name, kind).map(|()| schema))?;
        self.take(draft, field, &spot);
        let number = self.plan.fields.len();
        if let Some(default) = &rule.default {
            self.preset(draft, &spot, kind, codes, default);
        }
        if let Some(count) = &rule.count {
            self.counts.push((number, count.clone()));
        }
        let Spot { pick, element, component, .. } = spot;
        let bit = 1_u64 << element;
        let alias =
            alias.map(|table| Box::new((table, opened(&format!("{}_given", field.name), "\""))));
        let key = opened(&field.name, "\"");
        let parts = self.parts(spot.node, element);
        self.plan.fields.push(Field { key, pick, element, component, parts, kind, codes, alias });
        match object.reads.last_mut() {
            Some(Read::Fields { pick: last, fields, elements })
                if *last == pick && fields.end == number =>
            {
                fields.end += 1;
                *elements =
                    elements.take().filter(|(before, _)| *before < bit).map(|(before, of)| {
                        let mut of = of.into_vec();
                        of.resize(usize::from(element), 0);
                        of.push(u8::try_from(fields.len() - 1).unwrap_or(u8::MAX));
                        (before | bit, of.into())
                    });
            }
            _ => {
                let of = vec![0; usize::from(element) + 1].into();
                let (fields, elements) = (number..number + 1, Some((bit, of)));
                object.reads.push(Read::Fields { pick, fields, elements });
            }
        }
        Some(Target::Field(number))
    }

    /// Marks an element as mapped.
    fn take(&mut self, draft: &mut Draft, field: &FieldRule, spot: &Spot) {
        let bit = 1_u64 << spot.element;
        let fresh = draft.mapped.insert((spot.pick, spot.element, spot.component));
        let Some(one) = draft.picks.get_mut(spot.pick) else { return };
        one.elements |= bit;
        if !fresh || one.pick.qualified & bit != 0 {
            let id = self.plan.shape.id(spot.node).map(|id| id.to_string()).unwrap_or_default();
            let path = format!("{id}{:02}", spot.element);
            self.faults.push(field.span, FaultKind::MappedTwice(path));
        }
        if spot.component > 0
            && let Some(place) = self.plan.shape.spots.get_mut(spot.node)
        {
            place.split |= bit;
        }
    }

    /// Keeps what an element says when the document does not.
    fn preset(
        &mut self,
        draft: &mut Draft,
        spot: &Spot,
        kind: Kind,
        codes: Option<usize>,
        default: &Named,
    ) {
        let table = codes.and_then(|table| self.plan.tables.get(table));
        let code = table.and_then(|table| table.of_word(default.text.as_bytes()));
        let mut value = String::new();
        if kind.write(code.map_or(&default.text, |pair| &pair.code), &mut value).is_err() {
            self.faults.push(default.span, FaultKind::Wanted("a value that the element can hold"));
            return;
        }
        if let Some(one) = draft.picks.get_mut(spot.pick) {
            let (element, component) = (spot.element, spot.component);
            one.presets.push(Preset { element, component, value: value.into() });
        }
    }

    fn strings(
        &mut self,
        object: &mut Object,
        draft: &mut Draft,
        field: &FieldRule,
        from: &Path,
        to: u8,
        schema: Schema<'_>,
    ) -> Option<Target> {
        let first = from.element?;
        let found = self.found(draft.place, from, field.span, field.shared)?;
        let repeats = |node: usize| self.rules.nodes.get(node).is_some_and(|node| node.max > 1);
        let (source, pick) = match found {
            Found::Segment(node)
                if from.segment.is_some()
                    && draft.place != Place::Segment(node)
                    && repeats(node) =>
            {
                let (qualifiers, qualified) = self.qualifiers(from, node, field.span)?;
                let pick = Pick { node, qualifiers, qualified, rank: 0, defaults: 0..0 };
                self.link(draft, field, pick)?
            }
            Found::Segment(_) | Found::Loop(_) => {
                let (pick, _) = self.pick(draft, from, field.span, field.shared)?;
                (Claimant::Pick(pick), pick)
            }
        };
        let node = match source {
            Claimant::Pick(pick) => draft.picks.get(pick)?.pick.node,
            Claimant::Chain(chain) => draft.chains.get(chain)?.node,
        };
        let mut kinds = vec![];
        for element in first..=to {
            let Some((component, kind)) = self.element(node, element, 0, field.span) else { break };
            self.shaped(field, schema, |schema, name| {
                schema.items(name)?.value(name, kind).map(|()| schema)
            })?;
            match source {
                Claimant::Pick(pick) => {
                    self.take(draft, field, &Spot { pick, node, element, component, kind });
                }
                Claimant::Chain(chain) => {
                    if let Some(chain) = draft.chains.get_mut(chain) {
                        chain.elements |= 1 << element;
                    }
                }
            }
            kinds.push(kind);
        }
        let number = self.plan.strings.len();
        let key = opened(&field.name, "[");
        self.plan.strings.push(Strings { key, source, pick, from: first, kinds });
        object.reads.push(Read::Strings(number));
        Some(Target::Strings(number))
    }

    fn pairs(
        &mut self,
        object: &mut Object,
        draft: &mut Draft,
        field: &FieldRule,
        rule: &PairsRule<'_>,
        schema: Schema<'_>,
    ) -> Option<Target> {
        let PairsRule { from, to, keys, codes } = rule;
        let codes = codes.and_then(|named| self.table(named, false));
        let first = from.element?;
        let (pick, node) = self.pick(draft, from, field.span, field.shared)?;
        let has = self.rules.nodes.get(node).map_or(0, |node| node.segment.elements.len());
        let has = u8::try_from(has).unwrap_or(MOST).min(MOST);
        let mut kinds = vec![];
        let mut element = first;
        while element < to.unwrap_or(has) {
            let one = self.element(node, element, 0, field.span);
            let two = self.element(node, element + 1, 0, field.span);
            let (Some((_, one)), Some((_, two))) = (one, two) else { break };
            let one = if codes.is_some() { Kind::Text } else { one };
            let [first, second] = keys;
            self.shaped(field, schema, |schema, name| {
                let items = schema.items(name)?;
                items.field(first)?.value(first, one)?;
                items.field(second)?.value(second, two).map(|()| schema)
            })?;
            for (element, kind) in [(element, one), (element + 1, two)] {
                self.take(draft, field, &Spot { pick, node, element, component: 0, kind });
            }
            kinds.push([one, two]);
            element += 2;
        }
        let number = self.plan.pairs.len();
        let [one, two] = keys;
        self.plan.pairs.push(Pairs {
            key: opened(&field.name, "["),
            keys: [after("{", one, "\""), after("\",", two, "\"")],
            names: [Key::new(one, Target::Absent), Key::new(two, Target::Absent)],
            pick,
            from: first,
            kinds,
            codes,
        });
        object.reads.push(Read::Pairs(number));
        Some(Target::Pairs(number))
    }

    /// A list with a member for each segment.
    #[expect(clippy::too_many_arguments, reason = "all of it is what the rule says")]
    fn chain(
        &mut self,
        object: &mut Object,
        draft: &mut Draft,
        field: &FieldRule,
        path: &Path,
        node: usize,
        fields: &[FieldRule],
        schema: Schema<'_>,
    ) -> Option<Target> {
        let (qualifiers, qualified) = self.qualifiers(path, node, field.span)?;
        let pick = Pick { node, qualifiers, qualified, rank: 0, defaults: 0..0 };
        let mut inner = Draft::new(Place::Segment(node));
        inner.picks.push(DraftPick { pick: pick.clone(), elements: 0, presets: vec![] });
        let written = self.object(&mut inner, fields, schema, [None, None]);
        let (Claimant::Chain(local), number) = self.link(draft, field, pick)? else { return None };
        if let (Some(chain), Some(one)) = (draft.chains.get_mut(local), inner.picks.pop()) {
            chain.elements = one.elements;
            let first = self.plan.defaults.len();
            self.plan.defaults.extend(one.presets);
            if let Some(pick) = self.plan.picks.get_mut(number) {
                pick.defaults = first..self.plan.defaults.len();
            }
        }
        let key = opened(&field.name, "[");
        self.plan.chains.push(Chain { key, local, pick: number, object: written });
        let number = self.plan.chains.len() - 1;
        object.reads.push(Read::Chain(number));
        Some(Target::Chain(number))
    }

    /// Makes a chain in the member and a pick in the plan for its members.
    fn link(
        &mut self,
        draft: &mut Draft,
        field: &FieldRule,
        pick: Pick,
    ) -> Option<(Claimant, usize)> {
        let (node, qualifiers) = (pick.node, pick.qualifiers.clone());
        let wanted = self.plan.qualifiers.get(qualifiers.clone())?;
        let same = |one: &&DraftChain| {
            one.node == node && self.plan.qualifiers.get(one.qualifiers.clone()) == Some(wanted)
        };
        if draft.chains.iter().any(|one| same(&one)) {
            let id = self.plan.shape.id(node).map(|id| id.to_string()).unwrap_or_default();
            self.faults.push(field.span, FaultKind::TakenTwice(id));
            return None;
        }
        let presets = vec![];
        let number = self.add_pick(DraftPick { pick, elements: 0, presets });
        draft.chains.push(DraftChain { node, qualifiers, pick: number, elements: 0 });
        Some((Claimant::Chain(draft.chains.len() - 1), number))
    }

    /// A list with a member for each instance of a loop; returns its number.
    fn list(
        &mut self,
        draft: &mut Draft,
        field: &FieldRule,
        path: &Path,
        at: usize,
        fields: &[FieldRule],
        schema: Schema<'_>,
    ) -> Option<usize> {
        let rules = self.rules.loops.get(at)?;
        if rules.max == 1 {
            self.kept.insert(at);
        }
        let (qualifiers, _) = self.qualifiers(path, rules.head, field.span)?;
        let wanted = self.plan.qualifiers.get(qualifiers.clone());
        let taken = draft.loops.iter().any(|(scope, claim)| {
            *scope == at + 1 && self.plan.qualifiers.get(claim.qualifiers.clone()) == wanted
        });
        if taken {
            self.faults.push(field.span, FaultKind::TakenTwice(format!("loop {}", rules.id)));
            return None;
        }
        let member = self.member(Some(at), fields, schema);
        let list = self.plan.loops.len();
        let key = opened(&field.name, "[");
        let claim = LoopClaim { qualifiers: qualifiers.clone(), list, reads: 0 };
        self.plan.loops.push(LoopList { key, member, rank: 0, qualifiers, contents: None });
        draft.loops.push((at + 1, claim));
        Some(list)
    }

    /// Makes a list of loops a hierarchy, the levels inside a level standing under `children`.
    fn contents(&mut self, field: &FieldRule, list: usize, children: &str, schema: Schema<'_>) {
        let found = self.shaped(field, schema, |schema, _| {
            schema.field(children)?.items(children).map(|_| schema)
        });
        if found.is_none() {
            return;
        }
        let Some(one) = self.plan.loops.get_mut(list) else { return };
        one.contents = Some(opened(children, "["));
        let member = self.plan.members.get(one.member).map(|member| member.object);
        let Some(object) = member.and_then(|object| self.plan.objects.get_mut(object)) else {
            return;
        };
        object.keys.push(Key::new(children, Target::Contents(list)));
        object.number();
    }

    /// Resolves what is counted, once all lists are known.
    pub(super) fn count(&mut self) {
        let root = self.plan.members.first().and_then(|root| self.plan.objects.get(root.object));
        for (field, named) in std::mem::take(&mut self.counts) {
            let key = root.and_then(|root| root.keys.iter().find(|key| *key.name == *named.text));
            match key.map(|key| key.target) {
                Some(Target::Loop(list)) => self.plan.counts.push(Count { field, list }),
                Some(Target::Absent) => {}
                _ => self.faults.push(named.span, FaultKind::Wanted("the name of a list of loops")),
            }
        }
    }

    /// Goes into a part of the schema; another shape is a fault where rules must have their place.
    fn shaped<'s>(
        &mut self,
        field: &FieldRule,
        schema: Schema<'s>,
        into: impl FnOnce(Schema<'s>, &str) -> Result<Schema<'s>, FaultKind>,
    ) -> Option<Schema<'s>> {
        match into(schema, &field.name) {
            Ok(schema) => Some(schema),
            Err(kind) => self.missing(field.span, kind),
        }
    }
}

/// A rule for qualifier and value.
struct PairsRule<'r> {
    from: &'r Path,
    to: Option<u8>,
    keys: &'r [String; 2],
    codes: Option<&'r Named>,
}

/// `"name":` and what opens its value.
fn opened(name: &str, opening: &str) -> Stamp {
    after("", name, opening)
}

/// The same behind what comes before it.
fn after(before: &str, name: &str, opening: &str) -> Stamp {
    let quoted = serde_json::Value::from(name).to_string();
    Stamp::new(format!("{before}{quoted}:{opening}").as_bytes())
}
