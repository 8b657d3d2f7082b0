//! Which rule takes which segment and which instance, before anything is read.

use super::instances::{Instance, NONE, index};
use super::plan::{Claimant, Member, Plan};
use super::read::Walk;
use crate::x12::Set;
use std::ops::Range;

impl Walk<'_> {
    /// Gives each segment of an instance to the rule that has the foremost claim to it; tells which
    /// reads have something to read then.
    pub(super) fn claim_segments(&mut self, member: &Member, instance: Instance) -> u64 {
        let mut reads = 0;
        let scratch = &mut *self.scratch;
        fill(&mut scratch.picks, &member.picks, NONE);
        fill(&mut scratch.chains, &member.chains, (NONE, NONE));
        let mut at = instance.first;
        while at != NONE {
            let node = if at == 0 { 0 } else { self.placement.node(index(at)).unwrap_or(0) };
            let range = member.claims.get(node).cloned().unwrap_or_default();
            let claims = member.all_claims.get(range).unwrap_or_default();
            for (rank, claim) in (0_u16..).zip(claims) {
                if !self.plan.qualified(&claim.qualifiers, self.set, at) {
                    continue;
                }
                let content = scratch.instances.filled(at) & claim.elements != 0;
                match claim.by {
                    Claimant::Pick(local) => {
                        let Some(pick) = scratch.picks.get_mut(member.picks.start + local) else {
                            continue;
                        };
                        if *pick != NONE {
                            continue;
                        }
                        *pick = at;
                    }
                    Claimant::Chain(local) if content => {
                        let Some(ends) = scratch.chains.get_mut(member.chains.start + local) else {
                            continue;
                        };
                        follow(ends, &mut scratch.links, at);
                    }
                    Claimant::Chain(_) => {}
                }
                if content {
                    reads |= claim.reads;
                    if let Some(slot) = scratch.ranks.get_mut(index(at)) {
                        *slot = rank;
                    }
                    break;
                }
            }
            at = scratch.instances.next(at);
        }
        reads
    }

    /// Gives each inner instance to the list that has the foremost claim to it; tells which reads
    /// have something to read then.
    pub(super) fn claim_instances(&mut self, member: &Member, instance: Instance) -> u64 {
        let mut reads = 0;
        for claim in &member.all_loop_claims {
            if let Some(ends) = self.scratch.lists.get_mut(claim.list) {
                *ends = (NONE, NONE);
            }
        }
        let mut at = instance.child;
        while let Some(inner) = self.scratch.instances.get(at) {
            let range = member.loop_claims.get(inner.scope).cloned().unwrap_or_default();
            let claims = member.all_loop_claims.get(range).unwrap_or_default();
            let won = (0_u16..)
                .zip(claims)
                .find(|(_, claim)| self.plan.qualified(&claim.qualifiers, self.set, inner.first));
            if let Some((rank, claim)) = won {
                reads |= claim.reads;
                let levels =
                    self.plan.loops.get(claim.list).is_some_and(|list| list.contents.is_some());
                let parent = if levels { self.parent(at, inner.first) } else { NONE };
                let scratch = &mut *self.scratch;
                if let Some(claimed) = scratch.claimed.get_mut(index(at)) {
                    *claimed = rank;
                }
                let ends = match scratch.inner.get_mut(index(parent)) {
                    Some(ends) => Some(ends),
                    None => scratch.lists.get_mut(claim.list),
                };
                if let Some(ends) = ends {
                    follow(ends, &mut scratch.followers, at);
                }
            }
            at = inner.sibling;
        }
        reads
    }

    /// The level that HL02 names, among those before; HL01 is kept for those that follow.
    fn parent(&mut self, at: u32, head: u32) -> u32 {
        let Some(segment) = self.set.segment(index(head)) else { return NONE };
        let parent = segment.element(2).bytes();
        let found = self.scratch.numbers.get(parent).copied().unwrap_or(NONE);
        if let Some(taken) = self.scratch.taken.get_mut(index(head)) {
            *taken |= if found == NONE { 0b011 } else { 0b111 };
        }
        let number = segment.element(1).bytes();
        if !number.is_empty() {
            self.scratch.numbers.insert(number.into(), at);
        }
        found
    }

    /// HL04 is computed on writing; one that says otherwise is left over.
    pub(super) fn count_children(&mut self, at: u32, instance: Instance) {
        let inner = self.scratch.inner.get(index(at)).is_some_and(|(first, _)| *first != NONE);
        let expected: &[u8] = if inner { b"1" } else { b"0" };
        let said = self.set.segment(index(instance.first)).map(|head| head.element(4).bytes());
        if said == Some(expected)
            && let Some(taken) = self.scratch.taken.get_mut(index(instance.first))
        {
            *taken |= 1 << 4;
        }
    }
}

impl Plan {
    /// Whether segment `at` has the values that a rule wants.
    #[inline]
    fn qualified(&self, qualifiers: &Range<usize>, set: &Set<'_>, at: u32) -> bool {
        qualifiers.is_empty() || self.has_qualifiers(qualifiers, set, at)
    }

    fn has_qualifiers(&self, qualifiers: &Range<usize>, set: &Set<'_>, at: u32) -> bool {
        let Some(segment) = set.segment(index(at)) else { return false };
        let wanted = self.qualifiers.get(qualifiers.clone()).unwrap_or_default();
        wanted.iter().all(|one| segment.element(one.element.into()).bytes() == one.value.as_bytes())
    }
}

/// Appends `at` to the list with these ends.
fn follow(ends: &mut (u32, u32), links: &mut [u32], at: u32) {
    match links.get_mut(index(ends.1)) {
        Some(link) => *link = at,
        None => ends.0 = at,
    }
    ends.1 = at;
}

fn fill<T: Copy>(list: &mut [T], range: &Range<usize>, value: T) {
    if let Some(part) = list.get_mut(range.clone()) {
        part.fill(value);
    }
}

#[cfg(test)]
mod tests {
    use crate::map::Scratch;
    use crate::map::specimen::{lines, map, read, rules, there_and_back, with_set, write};
    use serde_json::{Value, json};

    const NOTICE: &str = "
        ST ID3 AN9
        BSN ID2 AN30
        loop HL*
          HL AN12 AN12 ID2 ID1
          LIN AN20 ID2 AN48
          REF* ID3 AN30
          loop N1*
            N1 ID3 AN60
          end
        end
        CTT N06
        SE N010 AN9";

    const LEVELS: &str = r#"
        set = "856"
        document = "ship-notice"
        [fields]
        number = "BSN02"
        levels = { hierarchy = "HL", level = { at = "03", codes = "level" }, children = "contents", fields = { line_number = "LIN01", parties = { each = "N1", fields = { role = "N101" } } } }
        line_count = { at = "CTT01", count = "levels" }
        [codes.level]
        S = "shipment"
        O = "order"
        T = "tare"
        P = "pack"
        I = "item"
    "#;

    fn notice(body: &str) -> Value {
        let rules = rules("856", NOTICE);
        read(&map(&rules, LEVELS), &rules, body)
    }

    /// The levels as words, what lies in a level in brackets behind it.
    fn nesting(levels: &Value) -> String {
        let words = levels.as_array().into_iter().flatten().map(|level| {
            let first = level["level"].as_str().and_then(|word| word.chars().next());
            format!("{}({})", first.unwrap_or('?'), nesting(&level["contents"]))
        });
        words.collect::<Vec<_>>().join(" ").replace("()", "")
    }

    #[test]
    fn levels_nest_as_their_parents_say() {
        for (body, nested) in [
            ("HL*1**S\nHL*2*1*O\nHL*3*2*I\nHL*4*2*I", "s(o(i i))"),
            ("HL*1**S\nHL*2*1*O\nHL*3*2*P\nHL*4*3*I\nHL*5*2*P\nHL*6*5*I", "s(o(p(i) p(i)))"),
            ("HL*1**S\nHL*2*1*O\nHL*3*2*T\nHL*4*3*P\nHL*5*4*I", "s(o(t(p(i))))"),
            ("HL*1**S\nHL*2*1*P\nHL*3*2*O\nHL*4*3*I\nHL*5*1*P", "s(p(o(i)) p)"),
            ("HL*1**S\nHL*2**S", "s s"),
        ] {
            let levels = notice(&format!("BSN*00*1\n{body}"))["levels"].take();
            assert_eq!(nesting(&levels), nested);
        }
    }

    #[test]
    fn numbers_of_levels_are_computed() {
        let rules = rules("856", NOTICE);
        let map = map(&rules, LEVELS);
        let body = "
            BSN*00*1
            HL*1**S*1
            N1*ST
            HL*2*1*O*1
            HL*3*2*I*0
            LIN*1
            HL*4*1*O*0
            CTT*4";
        let written = there_and_back(&map, &rules, body);
        assert_eq!(written, lines(body));
        let renumbered = lines(body).replace("HL*1**", "HL*7**").replace("*1*O", "*7*O");
        assert_eq!(there_and_back(&map, &rules, &renumbered), lines(body));
    }

    #[test]
    fn levels_given_level_by_level_are_written_each_with_what_is_in_it() {
        let rules = rules("856", NOTICE);
        let body = "BSN*00*1\nHL*1**S\nHL*2*1*O\nHL*3*1*O\nHL*4*2*I\nHL*5*3*I\nCTT*5";
        let written = there_and_back(&map(&rules, LEVELS), &rules, body);
        let expected = "
            BSN*00*1
            HL*1**S*1
            HL*2*1*O*1
            HL*3*2*I*0
            HL*4*1*O*1
            HL*5*4*I*0
            CTT*5";
        assert_eq!(written, lines(expected));
    }

    #[test]
    fn a_level_whose_parent_is_unknown_stands_for_itself_and_keeps_what_it_said() {
        let levels = notice("BSN*00*1\nHL*1*9*S\nHL*2*2*O")["levels"].take();
        assert_eq!(nesting(&levels), "s o");
        let kept = json!([{ "segment": "HL", "index": 0, "elements": ["", "9"], "partial": true }]);
        assert_eq!(levels[0]["unmapped"], kept);
    }

    #[test]
    fn levels_deeper_than_any_real_one_are_refused_both_ways() {
        let rules = rules("856", NOTICE);
        let map = map(&rules, LEVELS);
        let levels: Vec<String> = (1..=100_000).map(|n| format!("HL*{}*{n}*P", n + 1)).collect();
        let mut out = b"before".to_vec();
        let error =
            with_set(&rules, &format!("BSN*00*1\n{}", levels.join("\n")), |set, placement| {
                map.read_json(set, placement, &mut Scratch::default(), &mut out).unwrap_err()
            });
        assert_eq!((error.kind.code(), out.as_slice()), ("too_deep", &b"before"[..]));
        let deep = format!("{{\"levels\":[{}", "{\"contents\":[".repeat(100_000));
        assert_eq!(write(&map, &deep).unwrap_err().kind.code(), "too_deep");
    }

    #[test]
    fn a_level_that_says_nothing_is_still_a_level() {
        let notice = notice("BSN*00*1\nHL*1\nHL*2*1*I");
        assert_eq!(notice["levels"], json!([{ "contents": [{ "level": "item" }] }]));
    }

    const LISTS: &str = r#"
        set = "850"
        document = "purchase-order"
        [fields]
        contract = "REF[01=CT]02"
        references = { each = "REF", fields = { scheme = "01", value = "02" } }
        notes = { each = "N1[01=ST]", fields = { value = "N102" } }
        parties = { each = "N1", fields = { role = "N101", name = "N102" } }
        sales_requirements = { each = "PER[01=XX]", fields = { account = "02" } }
        contacts = { each = "PER", fields = { role = "01", name = "02" } }
    "#;

    const ORDER: &str = "
        ST ID3 AN9
        REF* ID3 AN30 AN80
        PER* ID2 AN60
        loop N1*
          N1 ID3 AN60
        end
        SE N010 AN9";

    #[test]
    fn qualified_rules_take_their_segments_before_lists_do() {
        let rules = rules("850", ORDER);
        let map = map(&rules, LISTS);
        let body = "REF*DP*1\nREF*CT*2\nREF*CT*3\nPER*BD*A\nPER*XX*7\nN1*BY*B\nN1*ST*C";
        let order = read(&map, &rules, body);
        assert_eq!(order["contract"], "2");
        let references =
            json!([{ "scheme": "DP", "value": "1" }, { "scheme": "CT", "value": "3" }]);
        assert_eq!(order["references"], references);
        assert_eq!(order["notes"], json!([{ "value": "C" }]));
        assert_eq!(order["parties"], json!([{ "role": "BY", "name": "B" }]));
        assert_eq!(order["sales_requirements"], json!([{ "account": "7" }]));
        assert_eq!(order["contacts"], json!([{ "role": "BD", "name": "A" }]));
        assert_eq!(order.get("unmapped"), None);
        let written = there_and_back(&map, &rules, body);
        let expected = "REF*CT*2\nREF*DP*1\nREF*CT*3\nPER*XX*7\nPER*BD*A\nN1*ST*C\nN1*BY*B";
        assert_eq!(written, expected);
    }

    #[test]
    fn a_segment_of_which_a_rule_reads_nothing_is_left_to_others() {
        let rules = rules("850", ORDER);
        let map = map(&rules, LISTS);
        let order = read(&map, &rules, "REF*CT**about\nREF*IA*9");
        assert_eq!(order.get("contract"), None);
        let references = json!([{ "scheme": "CT" }, { "scheme": "IA", "value": "9" }]);
        assert_eq!(order["references"], references);
        assert_eq!(
            there_and_back(&map, &rules, "REF*CT**about\nREF*IA*9"),
            "REF*CT**about\nREF*IA*9"
        );
    }
}
