//! Compiles the rules of a map against the grammar of a set and the schema of its document.

use super::error::MapFaults;
use super::file::{Faults, Span, Table};
use super::places::Places;
use super::plan::{
    Claim, Claimant, Default as Preset, Key, LoopClaim, Member, Object, Pick, Plan, Read, Target,
};
use super::rule::{FieldRule, Named, Rules};
use super::schema::Schema;
use super::shape::{ROOT, Shape};
use super::source::Merged;
use crate::document;
use crate::grammar::SetRules;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::Range;

/// Compiles a map for the set of `rules`.
///
/// With `all`, every rule must have its place; without, only those of the partner's own file: the
/// maps that are shipped serve all releases, and a release may lack what others have.
pub(super) fn compile(merged: Merged, rules: &SetRules, all: bool) -> Result<Plan, MapFaults> {
    let Merged { document, fields, fragments, codes, mut faults, partner } = merged;
    let fields = Rules::new(&fragments, &mut faults).fields(&fields, false);
    let Some(document) = document else { return Err(faults.into_faults()) };
    let schema = document::schema(document);
    let before = faults.len();
    let mut kept = BTreeSet::new();
    loop {
        faults.truncate(before);
        let shape = Shape::of(rules, &kept);
        let plan = Plan { shape, set: rules.id.as_str().into(), ..Plan::default() };
        let mut compiler = Compiler {
            rules,
            codes: &codes,
            faults: &mut faults,
            strict: if all { Strict::All } else { partner.map_or(Strict::No, Strict::File) },
            kept: kept.clone(),
            plan,
            tables: HashMap::new(),
            counts: vec![],
        };
        compiler.member(None, &fields, Schema::new(&schema));
        compiler.count();
        if compiler.kept != kept {
            kept = compiler.kept;
            continue;
        }
        let mut plan = compiler.plan;
        for object in &mut plan.objects {
            object.guesses = plan.guesses;
            plan.guesses += object.keys.len() + 1;
        }
        plan.places = Places::of(&fields);
        plan.document = document.name().into();
        plan.opening = format!("{{\"document\":\"{document}\",").into_bytes().into();
        return if faults.is_empty() { Ok(plan) } else { Err(faults.into_faults()) };
    }
}

/// Whose rules must have a place in the grammar.
#[derive(Clone, Copy)]
enum Strict {
    No,
    File(Span),
    All,
}

/// A map in the making.
pub(super) struct Compiler<'c> {
    pub(super) rules: &'c SetRules,
    /// The code tables of the files.
    pub(super) codes: &'c Table,
    pub(super) faults: &'c mut Faults,
    strict: Strict,
    /// The loops that are lists although they may occur only once.
    pub(super) kept: BTreeSet<usize>,
    pub(super) plan: Plan,
    /// The tables compiled so far, by name and whether they are aliases.
    pub(super) tables: HashMap<(String, bool), Option<usize>>,
    /// Fields that are counted, and the lists whose members count.
    pub(super) counts: Vec<(usize, Named)>,
}

/// A member in the making.
pub(super) struct Draft {
    pub(super) place: Place,
    pub(super) picks: Vec<DraftPick>,
    pub(super) chains: Vec<DraftChain>,
    pub(super) loops: Vec<(usize, LoopClaim)>,
    /// The elements mapped so far: pick, element, component.
    pub(super) mapped: HashSet<(usize, u8, u8)>,
}

/// Where the paths of a member begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// The set, or a loop by its index in the grammar.
    Loop(Option<usize>),
    /// One segment.
    Segment(usize),
}

/// A pick and the elements that are read of it.
pub(super) struct DraftPick {
    pub(super) pick: Pick,
    pub(super) elements: u64,
    pub(super) presets: Vec<Preset>,
}

/// A chain, the plan's pick that it writes, and the elements that are read of it.
pub(super) struct DraftChain {
    pub(super) node: usize,
    pub(super) qualifiers: Range<usize>,
    pub(super) pick: usize,
    pub(super) elements: u64,
}

impl Draft {
    pub(super) fn new(place: Place) -> Self {
        let (picks, chains, loops) = (vec![], vec![], vec![]);
        Self { place, picks, chains, loops, mapped: HashSet::new() }
    }
}

impl Compiler<'_> {
    /// Compiles what a document says of the set or of a loop; returns the member's number.
    pub(super) fn member(
        &mut self,
        around: Option<usize>,
        fields: &[FieldRule],
        schema: Schema<'_>,
    ) -> usize {
        let number = self.plan.members.len();
        let scope = around.map_or(ROOT, |around| around + 1);
        self.plan.members.push(Member {
            scope,
            object: 0,
            picks: 0..0,
            chains: 0..0,
            claims: vec![],
            all_claims: vec![],
            loop_claims: vec![],
            all_loop_claims: vec![],
        });
        let mut draft = Draft::new(Place::Loop(around));
        let document = Key::new("document", Target::Document);
        let unmapped = Key::new("unmapped", Target::Unmapped);
        let beside = [around.is_none().then_some(document), Some(unmapped)];
        let object = self.object(&mut draft, fields, schema, beside);
        let first = self.plan.picks.len();
        let chain = self.plan.linked;
        self.plan.linked += draft.chains.len();
        let (claims, mut all_claims) = self.claims(&mut draft);
        let chains = chain..self.plan.linked;
        for pick in draft.picks {
            self.add_pick(pick);
        }
        let (loop_claims, mut all_loop_claims) = self.loop_claims(&draft.loops);
        self.served(object, &mut all_claims, &mut all_loop_claims);
        if let Some(member) = self.plan.members.get_mut(number) {
            *member = Member {
                scope,
                object,
                picks: first..self.plan.picks.len(),
                chains,
                claims,
                all_claims,
                loop_claims,
                all_loop_claims,
            };
        }
        number
    }

    /// Adds a finished pick to the plan and returns its number.
    pub(super) fn add_pick(&mut self, draft: DraftPick) -> usize {
        let mut pick = draft.pick;
        let first = self.plan.defaults.len();
        self.plan.defaults.extend(draft.presets);
        pick.defaults = first..self.plan.defaults.len();
        self.plan.picks.push(pick);
        self.plan.picks.len() - 1
    }

    /// Adds an object to the plan and returns its number.
    pub(super) fn add_object(&mut self, mut object: Object) -> usize {
        object.number();
        self.plan.objects.push(object);
        self.plan.objects.len() - 1
    }

    /// Orders the claims on each place: those with qualifiers first, paths before lists.
    fn claims(&mut self, draft: &mut Draft) -> (Vec<Range<usize>>, Vec<Claim>) {
        let (mut ranges, mut all) = (vec![], vec![]);
        for node in 0..self.plan.shape.spots.len() {
            let first = all.len();
            for (qualified, chains) in [(true, false), (true, true), (false, false), (false, true)]
            {
                let rank = |all: &Vec<Claim>| u16::try_from(all.len() - first).unwrap_or(u16::MAX);
                for (local, one) in draft.picks.iter_mut().enumerate().filter(|_| !chains) {
                    let pick = &mut one.pick;
                    if pick.node == node && pick.qualifiers.is_empty() != qualified {
                        pick.rank = rank(&all);
                        let qualifiers = pick.qualifiers.clone();
                        let (by, elements) = (Claimant::Pick(local), one.elements);
                        all.push(Claim { qualifiers, by, elements, reads: 0 });
                    }
                }
                for (local, one) in draft.chains.iter().enumerate().filter(|_| chains) {
                    if one.node == node && one.qualifiers.is_empty() != qualified {
                        if let Some(pick) = self.plan.picks.get_mut(one.pick) {
                            pick.rank = rank(&all);
                        }
                        let (qualifiers, elements) = (one.qualifiers.clone(), one.elements);
                        let by = Claimant::Chain(local);
                        all.push(Claim { qualifiers, by, elements, reads: 0 });
                    }
                }
            }
            ranges.push(first..all.len());
        }
        (ranges, all)
    }

    fn loop_claims(&mut self, loops: &[(usize, LoopClaim)]) -> (Vec<Range<usize>>, Vec<LoopClaim>) {
        let (mut ranges, mut all) = (vec![], vec![]);
        for scope in 0..self.plan.shape.scopes.len() {
            let first = all.len();
            for qualified in [true, false] {
                for (_, claim) in loops
                    .iter()
                    .filter(|(of, claim)| *of == scope && claim.qualifiers.is_empty() != qualified)
                {
                    let rank = u16::try_from(all.len() - first).unwrap_or(u16::MAX);
                    if let Some(list) = self.plan.loops.get_mut(claim.list) {
                        list.rank = rank;
                    }
                    all.push(claim.clone());
                }
            }
            ranges.push(first..all.len());
        }
        (ranges, all)
    }

    /// Notes with each claim which reads of the object it serves.
    fn served(&self, object: usize, claims: &mut [Claim], loop_claims: &mut [LoopClaim]) {
        let reads = self.plan.objects.get(object).map_or(&[][..], |object| &object.reads);
        for (number, read) in reads.iter().enumerate() {
            let (mut claimants, mut lists) = (vec![], vec![]);
            self.needs(read, &mut claimants, &mut lists);
            for claim in claims.iter_mut().filter(|claim| claimants.contains(&claim.by)) {
                claim.reads |= Read::bit(number);
            }
            for claim in loop_claims.iter_mut().filter(|claim| lists.contains(&claim.list)) {
                claim.reads |= Read::bit(number);
            }
        }
    }

    /// Which picks, chains and lists a read reads.
    fn needs(&self, read: &Read, claimants: &mut Vec<Claimant>, lists: &mut Vec<usize>) {
        match read {
            Read::Fields { pick, .. } => claimants.push(Claimant::Pick(*pick)),
            Read::Object { object, .. } => {
                let reads = self.plan.objects.get(*object).map_or(&[][..], |object| &object.reads);
                for read in reads {
                    self.needs(read, claimants, lists);
                }
            }
            Read::Chain(chain) => claimants
                .extend(self.plan.chains.get(*chain).map(|chain| Claimant::Chain(chain.local))),
            Read::Strings(strings) => {
                claimants.extend(self.plan.strings.get(*strings).map(|strings| strings.source));
            }
            Read::Pairs(pairs) => claimants
                .extend(self.plan.pairs.get(*pairs).map(|pairs| Claimant::Pick(pairs.pick))),
            Read::Loop(list) => lists.push(*list),
        }
    }

    /// Whether a rule at `span` must have its place.
    pub(super) fn strict(&self, span: Span) -> bool {
        match self.strict {
            Strict::No => false,
            Strict::File(own) => span.same_file(own),
            Strict::All => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::map::specimen::{ORDER, rules};
    use crate::map::{Map, MapSources};

    /// What is wrong with a map of these fields, and of whatever stands behind them.
    fn faults(fields: &str) -> Vec<String> {
        let text = format!("set = \"850\"\ndocument = \"purchase-order\"\n[fields]\n{fields}\n");
        let sources = MapSources::default().with_partner("m", text);
        match Map::compile(&sources, &rules("850", ORDER)) {
            Ok(_) => vec![],
            Err(faults) => faults.0.iter().map(ToString::to_string).collect(),
        }
    }

    #[test]
    fn a_map_in_which_all_is_well_has_no_faults() {
        assert_eq!(faults("number = \"BEG03\""), [""; 0]);
    }

    #[test]
    fn paths_must_lead_somewhere() {
        for (fields, fault) in [
            (
                "number = \"BEG\"",
                "m:4:10: `BEG` is no path; a path is like `BEG03`, `REF[01=DP]02` or, in a list, `02`",
            ),
            ("number = \"BEG09\"", "m:4:1: BEG has 5 elements, and no BEG09"),
            ("number = \"FOB01\"", "m:4:1: the set 850 has no segment FOB"),
            ("number = \"REF04\"", "m:4:1: REF04 is a composite; name a component, as in `04-1`"),
            ("number = \"REF04-3\"", "m:4:1: REF04 has no component 3"),
            ("number = \"REF02-2\"", "m:4:1: REF02 has no component 2"),
            ("number = \"N102\"", "m:4:1: N1 heads a loop that repeats; use `each`"),
            ("number = \"02\"", "m:4:1: this must be a path with a segment"),
            ("number = \"REF[09=X]02\"", "m:4:1: REF has 4 elements, and no REF09"),
            ("number = \"PO1/PID05\"", "m:4:1: PO1 heads a loop that repeats; use `each`"),
            ("number = \"BEG/CUR01\"", "m:4:1: the set 850 has no segment BEG"),
            (
                "lines = { each = \"PO1\", fields = { line_number = \"REF01\" } }",
                "m:4:36: the loop PO1 has no segment REF",
            ),
            (
                "contacts = { each = \"PER\", fields = { role = \"N101\" } }",
                "m:4:39: PER has no segment N1",
            ),
        ] {
            assert_eq!(faults(fields), [fault], "{fields}");
        }
    }

    #[test]
    fn rules_must_be_of_a_known_form() {
        for (fields, fault) in [
            ("number = 5", "m:4:10: this must be a path or a table"),
            ("number = true", "m:4:10: this must be a path or a table"),
            ("number = { at = 5 }", "m:4:17: this must be text in quotes"),
            (
                "number = { at = \"BEG03\", code = \"x\" }",
                "m:4:26: `code` means nothing here; did you mean `codes`?",
            ),
            ("contacts = { each = \"PER\", fields = 5 }", "m:4:37: this must be a table of fields"),
            (
                "contacts = { each = \"PER\", fields = { numbers = { pairs = \"03\", keys = [\"a\"] } } }",
                "m:4:72: this must be a list of two names",
            ),
            (
                "contacts = { each = \"PER\", fields = { numbers = { pairs = \"03..1\" } } }",
                "m:4:59: `03..1` is no path; a path is like `BEG03`, `REF[01=DP]02` or, in a list, `02`",
            ),
            (
                "purpose = { at = \"BEG01\", codes = \"x\", alias = \"y\" }\n[codes.x]\n[codes.y]",
                "m:4:48: this must be either codes or an alias",
            ),
            ("lines = { hierarchy = \"PO1\" }", "m:4:9: `children` is missing"),
            (
                "line_count = { at = \"CTT01\", count = \"number\" }\nnumber = \"BEG03\"",
                "m:4:38: this must be the name of a list of loops",
            ),
            (
                "ordered_on = { at = \"BEG05\", default = \"now\" }",
                "m:4:40: this must be a value that the element can hold",
            ),
        ] {
            assert_eq!(faults(fields), [fault], "{fields}");
        }
    }

    #[test]
    fn nothing_may_be_mapped_twice() {
        for (fields, fault) in [
            ("number = \"BEG03\"\nrelease = \"BEG03\"", "m:5:1: BEG03 is mapped twice"),
            ("number = \"REF[01=PO]01\"", "m:4:1: REF01 is mapped twice"),
            (
                "references = { each = \"REF\", fields = { scheme = \"01\" } }\n\
                 contacts = { each = \"REF\", fields = { role = \"01\" } }",
                "m:5:1: another list takes every REF already",
            ),
            (
                "parties = { each = \"N1\", fields = { role = \"N101\" } }\n\
                 contacts = { each = \"N1\", fields = { role = \"N101\" } }",
                "m:5:1: another list takes every loop N1 already",
            ),
            (
                "contacts = { each = \"PER\", fields = { role = \"03\", numbers = { pairs = \"03..06\" } } }",
                "m:4:52: PER03 is mapped twice",
            ),
        ] {
            assert_eq!(faults(fields), [fault], "{fields}");
        }
    }

    #[test]
    fn the_document_must_have_the_field_and_its_shape() {
        for (fields, fault) in [
            (
                "numbre = \"BEG03\"",
                "m:4:1: the document has no field `numbre` here; did you mean `number`?",
            ),
            ("lines = \"BEG03\"", "m:4:1: in the document `lines` is a list"),
            ("number = { each = \"REF\" }", "m:4:1: in the document `number` is text"),
            ("number.of = \"BEG03\"", "m:4:1: in the document `number` is text"),
            ("ordered_on = \"BEG03\"", "m:4:1: in the document `ordered_on` is a date"),
            ("exchange_rate = \"BEG03\"", "m:4:1: in the document `exchange_rate` is a number"),
            ("number = { values = \"BEG03\" }", "m:4:1: in the document `number` is text"),
            ("number = { pairs = \"BEG03\" }", "m:4:1: in the document `number` is text"),
            (
                "contacts = { each = \"PER\", fields = { numbers = { pairs = \"03..06\", keys = [\"a\", \"b\"] } } }",
                "m:4:39: the document has no field `a` here",
            ),
        ] {
            assert_eq!(faults(fields), [fault], "{fields}");
        }
    }

    #[test]
    fn tables_of_codes_go_both_ways() {
        let table = "purpose = { at = \"BEG01\", codes = \"x\" }\n[codes.x]\n";
        assert_eq!(
            faults(&format!("{table}A = \"one\"\nB = \"one\"")),
            ["m:7:5: `A` and `B` are both `one`; each code needs a word of its own"]
        );
        assert_eq!(
            faults(&format!("{table}A = \"ONE\"")),
            ["m:6:5: the word `ONE` needs a small letter, so that it cannot be taken for a code"]
        );
        assert_eq!(faults(&format!("{table}A = 1")), ["m:6:5: this must be text in quotes"]);
        let alias = "lines = { each = \"PO1\", fields = { unit = { at = \"PO103\", alias = \"x\" } } }\n[codes.x]\n";
        assert_eq!(faults(&format!("{alias}CS = \"CA\"\nCX = \"CA\"")), [""; 0]);
    }

    #[test]
    fn fragments_must_be_there_and_not_use_themselves() {
        assert_eq!(
            faults("parties = { each = \"N1\", use = \"prty\" }\n[fragments.party.fields]"),
            ["m:4:32: there is no fragment `prty`; did you mean `party`?"]
        );
        let circle = "parties = { each = \"N1\", use = \"a\" }\n[fragments.a]\nuse = \"b\"\n[fragments.b]\nuse = \"a\"";
        assert_eq!(faults(circle), ["m:8:7: the fragment `a` uses itself"]);
        let inner = "parties = { each = \"N1\", use = \"a\" }\n[fragments.a.fields]\n\
                     references = { each = \"REF\", use = \"a\" }";
        assert_eq!(faults(inner), ["m:6:36: the fragment `a` uses itself"]);
    }

    #[test]
    fn a_fragment_may_ask_for_segments_that_some_of_its_places_lack() {
        let fields = "parties = { each = \"N1\", use = \"party\" }\n[fragments.party.fields]\n\
                      role = \"N101\"\ncontacts = { each = \"PER\", fields = { role = \"01\" } }";
        assert_eq!(faults(fields), [""; 0]);
        let beyond = format!("{fields}\nname = \"N109\"");
        assert_eq!(faults(&beyond), ["m:8:1: N1 has 4 elements, and no N109"]);
    }
}
