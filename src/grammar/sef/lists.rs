//! `.SEGS` and `.COMS`: the elements of a segment, the components of a composite.

use super::super::rules::{Relational, RelationalKind, Requirement};
use super::at::{At, Broken};
use super::cursor::Cursor;
use super::fault::Faults;
use super::kind::SefFaultKind;
use super::marks::{attribute, mask_mark, maximum, requirement};
use super::model::{ListRecord, Mark, Mask, Member};
use super::text::Line;

/// Reads what stands behind `BEG=`.
pub(super) fn list<'t>(
    id: Line<'t>,
    mut cursor: Cursor<'t>,
    faults: &mut Faults,
) -> ListRecord<'t> {
    let mut record = ListRecord {
        at: id.at,
        id: id.text,
        members: Vec::with_capacity(cursor.rest().len() / 6),
        relationals: Vec::new(),
        masks: Vec::new(),
    };
    let read = members(&mut cursor, &mut record.members, faults).and_then(|()| {
        if cursor.eat(b'+') {
            relationals(&mut cursor, record.members.len(), &mut record.relationals)?;
        }
        Ok(())
    });
    if let Err(broken) = read {
        faults.broken(broken);
        return record;
    }
    while cursor.eat(b',') {
        let at = cursor.at();
        let mask = mask(&mut cursor, faults);
        if mask.marks.as_ref().is_some_and(|marks| marks.len() > record.members.len()) {
            faults.warn(at, SefFaultKind::MaskTooLong);
        }
        record.masks.push(mask);
        if record.masks.len() > MAX_MASKS {
            faults.refuse(at, SefFaultKind::TooMany { what: "masks", limit: MAX_MASKS });
            return record;
        }
    }
    if !cursor.is_done() {
        faults.broken(cursor.unexpected("`[`, `+` or `,`"));
    }
    record
}

/// The bracketed members, groups such as `{5[716]}` written out.
fn members<'t>(
    cursor: &mut Cursor<'t>,
    members: &mut Vec<Member<'t>>,
    faults: &mut Faults,
) -> Result<(), Broken> {
    // Where each open group begins, and how often it stands.
    let mut open: Vec<(At, usize, u32)> = Vec::new();
    loop {
        let at = cursor.at();
        let too_many = |what, limit| Broken::new(at, SefFaultKind::TooMany { what, limit });
        match cursor.peek() {
            Some(b'[') => match member(cursor) {
                Ok(member) => members.push(member),
                Err(broken) => {
                    faults.broken(broken);
                    cursor.skip_past(b']');
                }
            },
            Some(b'{') => {
                if open.len() >= MAX_DEPTH {
                    return Err(too_many("groups in each other", MAX_DEPTH));
                }
                cursor.skip(1);
                let times = cursor.number()?.filter(|times| *times > 0);
                let times = times.ok_or_else(|| cursor.unexpected("a number"))?;
                open.push((at, members.len(), times));
            }
            Some(b'}') => {
                let Some((_, start, times)) = open.pop() else {
                    return Err(cursor.unexpected("an element"));
                };
                cursor.skip(1);
                let group = members.get(start..).map(<[_]>::to_vec).unwrap_or_default();
                for _ in 1..times {
                    if group.is_empty() {
                        break;
                    }
                    members.extend_from_slice(&group);
                    if members.len() > MAX_MEMBERS {
                        break;
                    }
                }
            }
            Some(_) | None => break,
        }
        if members.len() > MAX_MEMBERS {
            return Err(too_many("elements in a list", MAX_MEMBERS));
        }
    }
    open.first().map_or(Ok(()), |(at, _, _)| Err(Broken::new(*at, SefFaultKind::Unclosed)))
}

fn member<'t>(cursor: &mut Cursor<'t>) -> Result<Member<'t>, Broken> {
    let at = cursor.at();
    cursor.skip(1);
    let usage = attribute(cursor);
    let id = cursor.word();
    if id.is_empty() {
        return Err(cursor.unexpected("an element's number"));
    }
    let requirement_default = Requirement::Optional;
    let mut member =
        Member { at, id, usage, requirement: requirement_default, min: None, max: None, repeat: 1 };
    if cursor.eat(b'@') {
        // An ordinal of its own, which nothing here points to.
        cursor.number()?;
    }
    if cursor.eat(b';') {
        member.min = cursor.number()?;
        if cursor.eat(b':') || cursor.eat(b';') {
            member.max = cursor.number()?;
        }
    }
    if cursor.eat(b',') {
        member.requirement = requirement(cursor)?;
        if cursor.eat(b',') {
            member.repeat = maximum(cursor)?.unwrap_or(1);
        }
    }
    cursor.expect(b']', "`]`")?;
    Ok(member)
}

/// Conditions such as `P0203C0405`; their places are those of the list written out.
fn relationals(
    cursor: &mut Cursor<'_>,
    members: usize,
    found: &mut Vec<Relational>,
) -> Result<(), Broken> {
    loop {
        let at = cursor.at();
        let whole = cursor.rest();
        let kind = match cursor.peek() {
            Some(b'P') => RelationalKind::Paired,
            Some(b'R') => RelationalKind::Required,
            Some(b'E') => RelationalKind::Exclusive,
            Some(b'C') => RelationalKind::Conditional,
            Some(b'L') => RelationalKind::ListConditional,
            Some(b',') | None => return Ok(()),
            Some(_) => return Err(cursor.unexpected("a condition such as P0304")),
        };
        cursor.skip(1);
        let digits = cursor.take_while(|byte| byte.is_ascii_digit());
        let relational = relational(kind, digits, members).ok_or_else(|| {
            let text = whole.get(..=digits.len()).unwrap_or(whole).to_owned();
            Broken::new(at, SefFaultKind::RelationalInvalid(text))
        })?;
        found.push(relational);
        if found.len() > MAX_MEMBERS {
            let kind = SefFaultKind::TooMany { what: "conditions", limit: MAX_MEMBERS };
            return Err(Broken::new(at, kind));
        }
    }
}

fn relational(kind: RelationalKind, digits: &str, members: usize) -> Option<Relational> {
    let (pairs, []) = digits.as_bytes().as_chunks::<2>() else { return None };
    let (mut first, mut places) = (0, 0_u64);
    for [tens, ones] in pairs {
        let place = (tens - b'0') * 10 + (ones - b'0');
        if place == 0 || usize::from(place) > members {
            return None;
        }
        first = if first == 0 { place } else { first };
        places |= 1_u64.checked_shl(u32::from(place) - 1)?;
    }
    (places.count_ones() > 1).then_some(Relational { kind, first, places })
}

fn mask(cursor: &mut Cursor<'_>, faults: &mut Faults) -> Mask {
    let at = cursor.at();
    let mut rest = *cursor;
    let text = cursor.take_while(|byte| byte != b',');
    let mut marks = Vec::new();
    while let Some(usage) = rest.peek().and_then(mask_mark) {
        rest.skip(1);
        let mask = if rest.eat(b'*') { rest.number().ok().flatten() } else { Some(0) };
        let Some(mask) = mask else { break };
        marks.push(Mark { usage, mask });
    }
    let whole = matches!(rest.peek(), None | Some(b',')) && !marks.is_empty();
    if !whole {
        faults.warn(at, SefFaultKind::MaskInvalid(text.chars().take(40).collect()));
    }
    Mask { marks: whole.then_some(marks) }
}

/// Places of conditions have two digits.
const MAX_MEMBERS: usize = 99;

const MAX_DEPTH: usize = 16;

/// A mask for each place that the segment has in large sets would be a hundred.
const MAX_MASKS: usize = 1_000;

#[cfg(test)]
mod tests {
    use super::super::super::rules::{UNLIMITED, Usage};
    use super::super::text::SourceText;
    use super::*;

    fn read(text: &str) -> (ListRecord<'_>, Vec<String>, Vec<String>) {
        let mut faults = Faults::default();
        let cursor = Cursor::new(Line { at: At(0), text });
        let record = list(Line { at: At(0), text: "XYZ" }, cursor, &mut faults);
        let source = SourceText::of(text.as_bytes()).unwrap();
        let (faults, warnings) = faults.place("x", &source);
        let words = |list: Vec<super::super::fault::SefFault>| -> Vec<String> {
            list.iter().map(|fault| format!("{}: {}", fault.column, fault.kind)).collect()
        };
        (record, words(faults), words(warnings))
    }

    #[test]
    fn members_have_a_mark_lengths_a_requirement_and_a_repeat() {
        let (list, faults, _) = read("[128,M][!127@2;1:30,M,>1][.352;;80][C040,,5]");
        assert!(faults.is_empty(), "{faults:?}");
        let ids: Vec<_> = list.members.iter().map(|member| member.id).collect();
        assert_eq!(ids, ["128", "127", "352", "C040"]);
        let second = list.members[1];
        assert_eq!((second.usage, second.requirement), (Usage::Must, Requirement::Mandatory));
        assert_eq!((second.min, second.max, second.repeat), (Some(1), Some(30), UNLIMITED));
        let third = list.members[2];
        assert_eq!((third.usage, third.min, third.max), (Usage::NotUsed, None, Some(80)));
        assert_eq!((list.members[3].repeat, list.members[0].repeat), (5, 1));
    }

    #[test]
    fn groups_are_written_out_and_shift_the_places_of_conditions() {
        let (list, faults, _) = read("[1]{2[2]{2[3]}}[4]+P0207C080102");
        assert!(faults.is_empty(), "{faults:?}");
        let ids: Vec<_> = list.members.iter().map(|member| member.id).collect();
        assert_eq!(ids, ["1", "2", "3", "3", "2", "3", "3", "4"]);
        assert_eq!(
            list.relationals,
            [
                Relational { kind: RelationalKind::Paired, first: 2, places: 0b100_0010 },
                Relational { kind: RelationalKind::Conditional, first: 8, places: 0b1000_0011 },
            ]
        );
    }

    #[test]
    fn masks_hold_a_mark_a_place_and_masks_of_composites() {
        let (list, faults, warnings) = read("[1][2][3]+R0102,..,.#!*12,&$-");
        assert_eq!((faults, warnings), (vec![], vec![]));
        let mark = |usage, mask| Mark { usage, mask };
        let marks: Vec<_> = list.masks.into_iter().map(|mask| mask.marks.unwrap()).collect();
        assert_eq!(
            marks,
            [
                vec![mark(Usage::AsStandard, 0), mark(Usage::AsStandard, 0)],
                vec![mark(Usage::AsStandard, 0), mark(Usage::NotUsed, 0), mark(Usage::Must, 12)],
                vec![
                    mark(Usage::Dependent, 0),
                    mark(Usage::Recommended, 0),
                    mark(Usage::NotRecommended, 0)
                ],
            ]
        );
    }

    #[test]
    fn a_mask_that_cannot_be_read_is_kept_as_such() {
        let (list, faults, warnings) = read("[1][2],..C,...");
        assert!(faults.is_empty());
        assert_eq!(
            warnings,
            [
                "8: this mask holds `..C`, which is no usage mark",
                "12: this mask is longer than the list that it covers"
            ]
        );
        assert_eq!(list.masks[0].marks, None);
        assert_eq!(list.masks[1].marks.as_ref().unwrap().len(), 3);
    }

    #[test]
    fn faults_have_their_places() {
        let fault = |text| read(text).1;
        assert_eq!(
            fault("[1][][2,Z][3"),
            [
                "5: `]` stands where an element's number belongs",
                "9: `Z` is no requirement: it is M, or O, or left out",
                "13: the end of the line stands where `]` belongs"
            ]
        );
        assert_eq!(fault("[1][2]+P01"), ["8: `P01` is no condition between elements of this list"]);
        assert_eq!(fault("[1][2]+P0103").len(), 1);
        assert_eq!(
            fault("[1][2]+P0102X"),
            ["13: `X` stands where a condition such as P0304 belongs"]
        );
        assert_eq!(fault("{2[1]"), ["1: a `{` is not closed"]);
        assert_eq!(fault("[1]}"), ["4: `}` stands where an element belongs"]);
        assert_eq!(fault("[1] [2]"), ["4: ` ` stands where `[`, `+` or `,` belongs"]);
    }

    #[test]
    fn masks_without_end_are_refused() {
        let text = format!("[1]{}", ",.".repeat(100_000));
        let (list, faults, _) = read(&text);
        assert_eq!(list.masks.len(), MAX_MASKS + 1);
        assert_eq!(faults, ["2005: there are more than 1000 masks"]);
    }

    #[test]
    fn lists_that_swell_are_refused() {
        for text in ["{99{99{99[1]}}}", "{1000000000[1]}", &"{9".repeat(99), &"[1]".repeat(9999)] {
            let (list, faults, _) = read(text);
            assert!(list.members.len() <= 2 * MAX_MEMBERS, "{text}");
            assert!(faults[0].contains("there are more than"), "{faults:?}");
        }
    }
}
