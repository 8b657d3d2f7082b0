//! `.VALREFS`, `.VALLISTS`, `.OBJVARS` and `.SEMREFS`: values that a guide allows, and rules that
//! depend on other values.
//!
//! # Why so little of `.SEMREFS`
//!
//! Its rules may call programs of the author's; those are never run, so a guide that needs one is
//! refused rather than half obeyed. Of the rest, usage that depends on values is what companion
//! guides need; other types are named in a warning.

use super::super::rules::{Usage, ValueList};
use super::at::{At, Broken};
use super::cursor::Cursor;
use super::fault::Faults;
use super::kind::SefFaultKind;
use super::location::place;
use super::model::{Comparison, Model, Place, RuleRecord, ValueReference};
use super::text::Line;
use regex::RegexBuilder;
use std::sync::Arc;

/// A line such as `850/2///3=PO-NUM`.
pub(super) fn value_reference<'t>(line: Line<'t>, model: &mut Model<'t>, faults: &mut Faults) {
    match located(line) {
        Ok((place, list)) => {
            let reference = ValueReference { place, at: list.at, list: list.text };
            model.value_references.push(reference);
        }
        Err(broken) => faults.broken(broken),
    }
}

/// A line such as `850/4///1=RefQual`.
pub(super) fn variable<'t>(line: Line<'t>, model: &mut Model<'t>, faults: &mut Faults) {
    match located(line) {
        Ok((place, name)) => {
            if model.variables.insert(name.text, place).is_some_and(|old| old.spot != place.spot) {
                faults.repeated(name.at, "the variable", name.text);
            }
        }
        Err(broken) => faults.broken(broken),
    }
}

/// A location and what stands behind its `=`.
fn located(line: Line<'_>) -> Result<(Place<'_>, Line<'_>), Broken> {
    let mut cursor = Cursor::new(line);
    let text = cursor.take_while(|byte| byte != b'=');
    let place = place(Line { at: line.at, text })?;
    cursor.expect(b'=', "`=`")?;
    if cursor.is_done() {
        return Err(cursor.unexpected("a name"));
    }
    Ok((place, Line { at: cursor.at(), text: cursor.rest() }))
}

/// The lines of `.VALLISTS`: `NAME="what it is"`, then a value or a pattern on each line.
pub(super) fn value_lists<'t>(lines: &[Line<'t>], model: &mut Model<'t>, faults: &mut Faults) {
    let mut lines = lines.iter().copied().peekable();
    let mut patterns = 0;
    while let Some(line) = lines.next() {
        let mut cursor = Cursor::new(line);
        let name = cursor.take_while(|byte| byte != b'=');
        if name.is_empty() || name.starts_with(['\'', '&', '*']) || !cursor.eat(b'=') {
            faults.refuse(line.at, SefFaultKind::StrayLine);
            continue;
        }
        let quoted = cursor.rest().trim_matches('"');
        let mut list = ValueList {
            name: name.to_owned(),
            description: quoted.to_owned(),
            literals: Vec::new(),
            patterns: Vec::new(),
        };
        while let Some(value) = lines.next_if(|line| line.text.starts_with(['\'', '&'])) {
            if let Some(literal) = value.text.strip_prefix('\'') {
                list.literals.push(literal.to_owned());
                continue;
            }
            patterns += 1;
            match pattern(value, patterns) {
                Ok(pattern) => list.patterns.push(pattern),
                Err(broken) => faults.broken(broken),
            }
        }
        if model.value_lists.insert(name, Arc::new(list)).is_some() {
            faults.repeated(line.at, "the value list", name);
        }
    }
}

fn pattern(line: Line<'_>, count: usize) -> Result<regex::Regex, Broken> {
    let at = line.at.plus(1);
    if count > MAX_PATTERNS {
        let kind = SefFaultKind::TooMany { what: "patterns", limit: MAX_PATTERNS };
        return Err(Broken::new(at, kind));
    }
    let text = line.text.strip_prefix('&').unwrap_or(line.text);
    RegexBuilder::new(text)
        .size_limit(MAX_PATTERN_BYTES)
        .dfa_size_limit(MAX_PATTERN_BYTES)
        .nest_limit(MAX_PATTERN_DEPTH)
        .build()
        .map_err(|error| {
            let words = error.to_string();
            let last = words.lines().last().unwrap_or_default().trim_start_matches("error: ");
            Broken::new(at, SefFaultKind::PatternInvalid(last.to_owned()))
        })
}

/// A line such as `850/4///2=[RefQual'EQ'DP:USAGE:2:]`.
pub(super) fn rule<'t>(line: Line<'t>, model: &mut Model<'t>, faults: &mut Faults) {
    let mut cursor = Cursor::new(line);
    let text = cursor.take_while(|byte| byte != b'=');
    let read = place(Line { at: line.at, text }).and_then(|place| {
        cursor.expect(b'=', "`=`")?;
        loop {
            bracket(place, &mut cursor, model, faults)?;
            if cursor.is_done() {
                return Ok(());
            }
        }
    });
    if let Err(broken) = read {
        faults.broken(broken);
    }
}

fn bracket<'t>(
    place: Place<'t>,
    cursor: &mut Cursor<'t>,
    model: &mut Model<'t>,
    faults: &mut Faults,
) -> Result<(), Broken> {
    cursor.expect(b'[', "`[`")?;
    let when = condition(cursor)?;
    cursor.expect(b':', "`&`, `|` or `:`")?;
    let at = cursor.at();
    let kind = cursor.take_while(|byte| byte != b':' && byte != b']');
    cursor.expect(b':', "`:`")?;
    let setting = Line { at: cursor.at(), text: cursor.take_while(|b| b != b':' && b != b']') };
    cursor.take_while(|byte| byte != b']');
    cursor.expect(b']', "`]`")?;
    match kind {
        "USAGE" => {
            let usage = usage(setting)?;
            model.rules.push(RuleRecord { place, when, usage });
        }
        "APPVALUE" if when.is_empty() => {
            let reference = ValueReference { place, at: setting.at, list: setting.text };
            model.value_references.push(reference);
        }
        exit if exit.contains("EXIT") => {
            return Err(Broken::new(at, SefFaultKind::ExitRefused(exit.to_owned())));
        }
        other => faults.warn(at, SefFaultKind::RuleUnsupported(other.to_owned())),
    }
    Ok(())
}

/// `A'EQ'x&B'NE'y|C'EQ'z`: "and" binds closer than "or"; nothing at all is always so.
fn condition<'t>(cursor: &mut Cursor<'t>) -> Result<Vec<Vec<Comparison<'t>>>, Broken> {
    let mut when = Vec::new();
    if cursor.peek() == Some(b':') {
        return Ok(when);
    }
    loop {
        let mut all = vec![comparison(cursor)?];
        while cursor.eat(b'&') {
            all.push(comparison(cursor)?);
        }
        when.push(all);
        if !cursor.eat(b'|') {
            return Ok(when);
        }
    }
}

fn comparison<'t>(cursor: &mut Cursor<'t>) -> Result<Comparison<'t>, Broken> {
    let at = cursor.at();
    let variable = cursor.take_while(|b| !matches!(b, b'\'' | b'&' | b'|' | b':' | b'[' | b']'));
    if variable.is_empty() {
        return Err(cursor.unexpected("a variable"));
    }
    cursor.expect(b'\'', "`'`")?;
    let equal_at: At = cursor.at();
    let operator = cursor.take_while(|byte| byte.is_ascii_alphabetic());
    let equal = match operator {
        "EQ" => true,
        "NE" => false,
        other => {
            let kind = SefFaultKind::ComparisonUnsupported(other.to_owned());
            return Err(Broken::new(equal_at, kind));
        }
    };
    cursor.expect(b'\'', "`'`")?;
    let value = cursor.take_while(|byte| !matches!(byte, b'&' | b'|' | b':' | b'[' | b']'));
    Ok(Comparison { at, variable, equal, value })
}

fn usage(setting: Line<'_>) -> Result<Usage, Broken> {
    match setting.text {
        "0" => Ok(Usage::AsStandard),
        "1" => Ok(Usage::NotUsed),
        "2" => Ok(Usage::Must),
        "3" => Ok(Usage::Recommended),
        "4" => Ok(Usage::NotRecommended),
        "5" => Ok(Usage::Dependent),
        other => Err(Broken::new(setting.at, SefFaultKind::SettingUnknown(other.to_owned()))),
    }
}

/// Compiled patterns take memory: that many at most, and that much each.
const MAX_PATTERNS: usize = 200;
const MAX_PATTERN_BYTES: usize = 1 << 18;
const MAX_PATTERN_DEPTH: u32 = 32;

#[cfg(test)]
mod tests {
    use super::super::model::Spot;
    use super::super::text::SourceText;
    use super::*;

    fn rules(text: &str) -> (Model<'_>, Vec<String>, Vec<String>) {
        let (mut model, mut faults) = (Model::default(), Faults::default());
        rule(Line { at: At(0), text }, &mut model, &mut faults);
        let (faults, warnings) = words(text, faults);
        (model, faults, warnings)
    }

    fn words(text: &str, faults: Faults) -> (Vec<String>, Vec<String>) {
        let source = SourceText::of(text.as_bytes()).unwrap();
        let (faults, warnings) = faults.place("x", &source);
        let words = |list: Vec<super::super::fault::SefFault>| -> Vec<String> {
            list.iter().map(|f| format!("{}:{}: {}", f.line, f.column, f.kind)).collect()
        };
        (words(faults), words(warnings))
    }

    #[test]
    fn usage_rules_have_conditions_of_and_and_or() {
        let (model, faults, warnings) =
            rules("850/4///2=[A'EQ'DP&B'NE'x y|C'EQ':USAGE:2:][:USAGE:1:]");
        assert_eq!((faults, warnings), (vec![], vec![]));
        let [first, second] = &model.rules[..] else { panic!("two rules") };
        let comparison =
            |at, variable, equal, value| Comparison { at: At(at), variable, equal, value };
        assert_eq!(
            first.when,
            [
                vec![comparison(11, "A", true, "DP"), comparison(19, "B", false, "x y")],
                vec![comparison(28, "C", true, "")]
            ]
        );
        assert_eq!((first.usage, second.usage), (Usage::Must, Usage::NotUsed));
        assert!(second.when.is_empty());
        let spot = Spot::InSet { set: "850", ordinal: 4, element: 2, component: 0 };
        assert_eq!(second.place.spot, spot);
    }

    #[test]
    fn exits_are_refused_and_other_types_named() {
        let (_, faults, _) = rules("850/1///=[:COMEXIT:CheckCTT.SetCheckCTTCount:]");
        assert_eq!(faults, ["1:12: `COMEXIT` calls a program of the author's, which is never run"]);
        let (_, faults, warnings) = rules("850/1///2=[A'EQ'1:LOCALCODE:X:]");
        assert!(faults.is_empty());
        assert_eq!(warnings, ["1:19: a rule of type `LOCALCODE` is not read; it has no effect"]);
        let (model, _, warnings) = rules("850/1///2=[:APPVALUE:DUNS:][A'EQ'9:APPVALUE:DUNS:]");
        assert_eq!(model.value_references[0].list, "DUNS");
        assert_eq!((model.value_references.len(), warnings.len()), (1, 1));
    }

    #[test]
    fn rules_that_cannot_be_read_are_refused_at_their_places() {
        let fault = |text| rules(text).1.remove(0);
        assert_eq!(
            fault("850/1///2=[A'GT'1:USAGE:2:]"),
            "1:14: `GT` is no comparison that is read: only EQ and NE are"
        );
        assert!(fault("850/1///2=[A'EQ'1:USAGE:9:]").starts_with("1:25: `9` is no setting"));
        assert_eq!(
            fault("850/1///2=[(A'EQ'1):USAGE:2:x"),
            "1:30: the end of the line stands where `]` belongs"
        );
        assert_eq!(fault("850/1///2=[&:USAGE:2:]"), "1:12: `&` stands where a variable belongs");
        assert_eq!(fault("850/1///2"), "1:10: the end of the line stands where `=` belongs");
        assert_eq!(fault("850=[:USAGE:2:]"), "1:1: `850` is no location");
    }

    #[test]
    fn value_lists_hold_literals_and_patterns() {
        let text = "DUNS=\"Our numbers\"\n'78-250-12250001\n'x\nPO=\"Orders\"\n&^P98-[0-9][0-9]$\n&[\n'late";
        let (mut model, mut faults) = (Model::default(), Faults::default());
        let lines: Vec<_> = text
            .split_inclusive('\n')
            .scan(At(0), |at, whole| {
                let line = Line { at: *at, text: whole.trim_end() };
                *at = at.plus(whole.len());
                Some(line)
            })
            .collect();
        value_lists(&lines, &mut model, &mut faults);
        let duns = &model.value_lists["DUNS"];
        assert_eq!((duns.name.as_str(), duns.description.as_str()), ("DUNS", "Our numbers"));
        assert_eq!(duns.literals, ["78-250-12250001", "x"]);
        let orders = &model.value_lists["PO"];
        assert!(orders.patterns[0].is_match("P98-12") && !orders.patterns[0].is_match("P98-123"));
        assert_eq!(orders.literals, ["late"]);
        assert_eq!(
            words(text, faults).0,
            ["6:2: the pattern cannot be used: unclosed character class"]
        );
    }

    #[test]
    fn patterns_that_swell_are_refused() {
        let text = "A=\"\"\n&(((a{100}){100}){100})";
        let (mut model, mut faults) = (Model::default(), Faults::default());
        let (name, pattern) = text.split_once('\n').unwrap();
        let lines = [Line { at: At(0), text: name }, Line { at: At(5), text: pattern }];
        value_lists(&lines, &mut model, &mut faults);
        assert_eq!(words(text, faults).0.len(), 1);
    }

    #[test]
    fn references_and_variables_have_a_place_and_a_name() {
        let (mut model, mut faults) = (Model::default(), Faults::default());
        value_reference(Line { at: At(0), text: "//ISA//6=DUNS" }, &mut model, &mut faults);
        variable(Line { at: At(0), text: "850/4///1=Q" }, &mut model, &mut faults);
        variable(Line { at: At(0), text: "850/4///1=R" }, &mut model, &mut faults);
        assert!(!faults.refused());
        assert_eq!(model.value_references[0].list, "DUNS");
        assert_eq!(model.variables["Q"].spot, model.variables["R"].spot);
        variable(Line { at: At(0), text: "850/5///1=R" }, &mut model, &mut faults);
        value_reference(Line { at: At(0), text: "//ISA//6=" }, &mut model, &mut faults);
        assert_eq!(words("850/4///1=R", faults).0.len(), 2);
    }
}
