//! Compiles the rules of a map against the grammar of a set and the schema of its document.

use super::error::MapFaults;
use super::file::{Faults, Span, Table};
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
