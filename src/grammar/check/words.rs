//! Every finding's words: what is wrong, and what to do about it. All of them, in one table, so that
//! they are of one tone.

use crate::grammar::finding::{Finding, Place};
use crate::grammar::kind::{FindingKind, Severity};
use crate::x12::text;

/// What the words of a finding speak of; what a kind does not need stays empty.
#[derive(Clone, Debug, Default)]
pub(crate) struct Facts {
    /// What is wrong, such as `BEG05 (Date)`.
    pub(crate) subject: String,
    /// What stands there.
    pub(crate) value: String,
    /// What should stand there.
    pub(crate) expected: String,
    /// What else has to do with it.
    pub(crate) other: String,
}

/// Where a finding is, and what stands there.
#[derive(Clone, Debug, Default)]
pub(crate) struct Spot {
    /// Where in the structure.
    pub(crate) place: Place,
    /// The bytes there; empty for none.
    pub(crate) value: Option<String>,
    /// Where in the input.
    pub(crate) offset: u64,
    /// How many bytes.
    pub(crate) length: usize,
    /// The line, where it is known already.
    pub(crate) line: u64,
}

impl Spot {
    /// The spot with `bytes` as what stands there.
    pub(crate) fn holding(mut self, bytes: &[u8]) -> Self {
        self.value = (!bytes.is_empty()).then(|| cut(&text(bytes), 80));
        self.length = bytes.len();
        self
    }
}

/// A finding in words.
pub(crate) fn finding(kind: FindingKind, severity: Severity, spot: Spot, facts: &Facts) -> Finding {
    let (message, hint) = template(kind);
    Finding {
        kind,
        severity,
        place: spot.place,
        value: spot.value,
        message: fill(message, facts),
        hint: fill(hint, facts),
        offset: spot.offset,
        length: u32::try_from(spot.length).unwrap_or(u32::MAX).max(1),
        line: spot.line,
    }
}

/// `BEG05 (Date)`, or `REF04-02 (…)` for a component.
pub(crate) fn element(segment: &str, element: u32, component: Option<u32>, name: &str) -> String {
    let part = component.map(|number| format!("-{number:02}")).unwrap_or_default();
    named(&format!("{segment}{element:02}{part}"), name)
}

/// `BEG (Beginning Segment for Purchase Order)`, or `BEG` where the name is unknown.
pub(crate) fn named(id: &str, name: &str) -> String {
    if name.is_empty() { id.to_owned() } else { format!("{id} ({name})") }
}

/// A value as it is shown in a sentence: short, and with nothing in it that a terminal obeys.
pub(crate) fn shown(bytes: &[u8]) -> String {
    let mut shown = String::new();
    for letter in cut(&text(bytes), 40).chars() {
        let obeyed = letter.is_control()
            || matches!(letter, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
        if obeyed {
            shown.extend(letter.escape_default());
        } else {
            shown.push(letter);
        }
    }
    if text(bytes).chars().nth(40).is_some() {
        shown.push('…');
    }
    shown
}

/// `3 characters`, `1 character`.
pub(crate) fn count(number: impl Into<u64>, noun: &str) -> String {
    let number = number.into();
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

/// `A, B or C`.
pub(crate) fn any_of(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [before @ .., last] => format!("{} or {last}", before.join(", ")),
    }
}

/// The first `limit` characters of `text`.
fn cut(text: &str, limit: usize) -> String {
    text.chars().take(limit).collect()
}

/// Puts the facts where `{subject}`, `{value}`, `{expected}` and `{other}` stand in `template`.
fn fill(template: &str, facts: &Facts) -> String {
    let mut filled = String::with_capacity(template.len() + 40);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, behind) = after.split_once('}').unwrap_or((after, ""));
        filled.push_str(before);
        filled.push_str(match name {
            "subject" => &facts.subject,
            "value" => &facts.value,
            "expected" => &facts.expected,
            _ => &facts.other,
        });
        rest = behind;
    }
    filled.push_str(rest);
    filled.truncate(filled.trim_end().len());
    filled
}

macro_rules! words {
    ($($kind:ident: $message:literal, $hint:literal;)*) => {
        /// What is wrong, and what to do.
        fn template(kind: FindingKind) -> (&'static str, &'static str) {
            match kind { $(FindingKind::$kind => ($message, $hint),)* }
        }
    };
}

words! {
    InterchangeControlMismatch: "IEA02 is `{value}`, but ISA13 is `{expected}`",
        "write the same control number in ISA13 and IEA02; if the file was joined from others, a part of it may be lost";
    InterchangeVersionUnsupported: "ISA12 `{value}` is a version that cannot be read",
        "use 00401 or 00501, or another version of X12 from 00200 on";
    SenderQualifierInvalid: "ISA05 `{value}` is no qualifier for a sender's id",
        "use the qualifier agreed for the id, such as 01 (D-U-N-S), 12 (telephone) or ZZ (mutually defined)";
    SenderInvalid: "ISA06 is empty: the interchange does not say who sends it",
        "write the sender's id in ISA06";
    ReceiverQualifierInvalid: "ISA07 `{value}` is no qualifier for a receiver's id",
        "use the qualifier agreed for the id, such as 01 (D-U-N-S), 12 (telephone) or ZZ (mutually defined)";
    ReceiverInvalid: "ISA08 is empty: the interchange does not say whom it is for",
        "write the receiver's id in ISA08";
    ReceiverUnknown: "ISA08 `{value}` is none of our ids",
        "find out whom the interchange was meant for; the sender may have mixed up two partners";
    AuthorizationQualifierInvalid: "ISA01 `{value}` is no qualifier for authorization information",
        "write 00 in ISA01 unless something else was agreed";
    SecurityQualifierInvalid: "ISA03 `{value}` is no qualifier for security information",
        "write 00 in ISA03 unless a password was agreed (01)";
    InterchangeDateInvalid: "ISA09 `{value}` is not a date",
        "write the date as YYMMDD";
    InterchangeTimeInvalid: "ISA10 `{value}` is not a time",
        "write the time as HHMM, from 0000 to 2359";
    InterchangeStandardInvalid: "ISA11 `{value}` is neither `U` nor a repetition separator",
        "write U up to version 00401; from 00402 on write the repetition separator, such as ^";
    InterchangeVersionInvalid: "ISA12 `{value}` is not a version number",
        "write the five digits of the version, such as 00401";
    InterchangeControlInvalid: "ISA13 `{value}` is not a number of nine digits",
        "write the control number with nine digits, zeros in front";
    AcknowledgmentRequestInvalid: "ISA14 `{value}` is neither 0 nor 1",
        "write 1 to ask for a TA1, else 0";
    UsageIndicatorInvalid: "ISA15 `{value}` is none of P, T and I",
        "write P for production or T for test";
    GroupCountWrong: "IEA01 says {value}, but the interchange holds {expected}",
        "count the GS segments; if the count was right, a group was lost on the way";
    HeaderMisaligned: "{subject} is not {expected} characters wide, so the ISA is not the 106 characters that it must be",
        "pad each ISA element with spaces to its fixed width (ISA06 and ISA08 have 15), and send the file as it was written";
    ControlStructureInvalid: "{subject} does not belong here: {other}",
        "{expected}";
    InterchangeTrailerMissing: "the interchange {value} has no IEA segment",
        "the file may have been cut off: ask the sender for it again, or close the interchange with IEA*{expected}";
    InterchangeContentInvalid: "the input cannot be read on from here: {other}",
        "{expected}";
    InterchangeDuplicate: "an interchange with the control number `{value}` from the same sender was read before",
        "give each interchange a control number of its own; if the file was sent twice, drop one of them";
    GroupUnsupported: "GS01 `{value}` is not the id of any functional group",
        "write the id of the group that the sets inside belong to, such as PO for 850 or IN for 810";
    GroupVersionUnsupported: "there is no grammar for the version `{value}` of this group",
        "ask the sender for one of the versions {expected}, or load a grammar for this one";
    GroupTrailerMissing: "the group {value} has no GE segment",
        "close the group with GE*{expected}; if it was there, part of the file is lost";
    GroupControlMismatch: "GE02 is `{value}`, but GS06 is `{expected}`",
        "write the same control number in GS06 and GE02";
    SetCountWrong: "GE01 says {value}, but the group holds {expected}",
        "count the ST segments; if the count was right, a transaction set was lost on the way";
    GroupControlInvalid: "GS06 `{value}` is not a number of one to nine digits",
        "number the groups 1, 2, 3 and so on, in digits only";
    GroupControlRepeated: "the group control number `{value}` occurs twice in this interchange",
        "give each group of an interchange a number of its own";
    GroupHeaderInvalid: "{subject} `{value}` {other}",
        "{expected}";
    SetUnsupported: "there is no grammar for the transaction set {value} in release {other}",
        "check ST01; if the set is wanted, load a grammar that has it (there are {expected})";
    SetTrailerMissing: "the transaction set {value} has no SE segment",
        "close the set with SE*{expected}; if it was there, part of the set is lost";
    SetControlMismatch: "SE02 is `{value}`, but ST02 is `{expected}`",
        "write the same control number in ST02 and SE02, character by character";
    SegmentCountWrong: "SE01 says {value}, but the set has {expected}",
        "count the segments from ST to SE, both included; if the count was right, segments were lost on the way";
    SetIdInvalid: "{subject} {other}",
        "{expected}";
    SetControlInvalid: "ST02 `{value}` is not a control number of 4 to 9 characters",
        "number the sets of a group 0001, 0002 and so on";
    SetControlRepeated: "the control number `{value}` occurs twice in this group",
        "give each set of a group a number of its own in ST02 and SE02";
    GuideUnsupported: "ST03 names the guide `{value}`, but GS08 says `{expected}`",
        "write the same guide in ST03 as in GS08, or leave ST03 out";
    FindingsCutOff: "there are {value} more findings in this set than are listed",
        "mend those that are listed, then check again";
    SegmentUnknown: "`{value}` is no segment of release {expected}",
        "check the spelling of the segment's id (capital letters and digits), or that the segment before it ends where it should";
    SegmentUnexpected: "{subject} cannot stand here: {other}",
        "{expected}";
    SegmentMissing: "{subject} is missing{other}",
        "add the segment before {expected}; the standard demands it";
    LoopTooOften: "the loop {subject} repeats more than {expected}",
        "leave out what is too much, or spread it over several transaction sets";
    SegmentTooOften: "{subject} repeats more than {expected} here",
        "leave out what is too much";
    SegmentNotInSet: "{subject} is no segment of the transaction set {expected}",
        "leave the segment out, or send what it says in a segment that the set has";
    SegmentOutOfOrder: "{subject} comes too late: it belongs before {expected}",
        "write the segments in the order of the standard";
    SegmentNotUsed: "{subject} is not used by the guide here",
        "leave the segment out; the partner's guide has no use for it";
    SegmentMissingByGuide: "{subject} is missing{other}: the guide demands it",
        "add the segment before {expected}, as the partner's guide asks";
    SegmentMissingByCondition: "{subject} is missing: the guide demands it {other}",
        "add the segment, as the partner's guide asks";
    SegmentNotUsedByCondition: "{subject} must not stand here {other}",
        "leave the segment out, as the partner's guide asks";
    TooOftenByGuide: "{subject} repeats more than {expected}, the guide's limit",
        "leave out what is too much for the partner";
    HierarchyIdInvalid: "HL01 `{value}` is not a number",
        "number the HL segments 1, 2, 3 and so on";
    HierarchyIdRepeated: "HL01 `{value}` occurs twice in this set",
        "number the HL segments 1, 2, 3 and so on";
    HierarchyIdOutOfOrder: "HL01 is `{value}` where {expected} is due",
        "number the HL segments 1, 2, 3 and so on, without gaps";
    HierarchyParentUnknown: "HL02 `{value}` is not the number of an HL before this one",
        "write the HL01 of the level above in HL02, and send the level above first";
    HierarchyCycle: "HL02 `{value}` makes this level stand below itself",
        "write the HL01 of the level above in HL02; the levels must form a tree";
    HierarchyTooDeep: "this HL stands {value} levels deep; {expected} are the most",
        "check HL02: each level probably names the one before it instead of the one above it";
    HierarchyLevelMisplaced: "a level {value} cannot stand {expected}",
        "the order is shipment (S), order (O), tare (T) or pack (P), item (I)";
    HierarchyChildrenWrong: "HL04 is {value}, but this level has {expected}",
        "write 1 in HL04 if levels below follow, else 0";
    SegmentEmpty: "there is an empty segment: two terminators in a row",
        "leave one terminator out";
    TrailingSeparators: "{subject} ends with separators that have nothing behind them",
        "leave out separators after the last value";
    ElementMissing: "{subject} is missing",
        "fill in the value; the standard demands it";
    ElementMissingByCondition: "{subject} is missing: {expected}",
        "fill in the value, or leave out what asks for it";
    TooManyElements: "{subject} has more elements than the {expected} that it can have",
        "leave out what stands from `{value}` on; a separator may have got into a value";
    ElementTooShort: "{subject} `{value}` has {other}; {expected}",
        "write the value in full; codes and numbers may need zeros in front";
    ElementTooLong: "{subject} `{value}` has {other}; {expected}",
        "shorten the value, or agree with the partner where the rest can go";
    CharacterInvalid: "{subject} `{value}` {other}",
        "{expected}";
    CodeInvalid: "{subject} `{value}` is not a code of this element",
        "use a code of the standard's list, such as {expected}; if the partner agreed on this one, set this finding to warn";
    DateInvalid: "{subject} `{value}` is not a date",
        "write the date as {expected}";
    TimeInvalid: "{subject} `{value}` is not a time",
        "write the time as HHMM or HHMMSS, from 0000 to 235959";
    ElementsExclusive: "{subject} must not be there: {expected}",
        "leave all but one of them out";
    TooManyRepetitions: "{subject} repeats more than {expected}",
        "leave out what is too much; if `{other}` was meant as text, the interchange needs another repetition separator";
    TooManyComponents: "{subject} has more components than the {expected} that it can have",
        "leave out what is too much; if `{other}` was meant as text, the interchange needs another component separator";
    CodeNotUsed: "{subject} `{value}` is not a code that the guide uses here",
        "use {expected}, as the partner's guide asks";
    ValueNotAllowed: "{subject} `{value}` is not a value that the guide allows here",
        "use a value of the guide's list: {expected}";
    ElementMissingByGuide: "{subject} is missing: the guide demands it",
        "fill in the value, as the partner's guide asks";
    ElementRequiredByGuideCondition: "{subject} is missing: the guide demands it {other}",
        "fill in the value, as the partner's guide asks";
    ElementNotUsed: "{subject} is not used by the guide here",
        "leave the value out; the partner's guide has no use for it";
    ElementNotUsedByCondition: "{subject} must be left out {other}",
        "leave the value out, as the partner's guide asks";
    NumberPadded: "{subject} `{value}` has zeros, or a point, that say nothing",
        "write the number without them";
    TextPadded: "{subject} `{value}` ends with spaces",
        "write the value without spaces behind it";
    LineCountWrong: "CTT01 says {value}, but the set has {expected}",
        "count the lines again; if the count was right, a line was lost on the way";
    HashTotalWrong: "CTT02 is `{value}`, but the quantities add up to {expected}",
        "add up the quantities of the lines again; if the total was right, a line was lost or changed on the way";
    InvoiceTotalWrong: "TDS01 is {value}, but lines, charges and taxes add up to {expected}",
        "compare the total with quantity times price of each IT1, plus SAC and TXI; TDS01 has two implied decimals";
    ChargeInconsistent: "{subject} does not add up: {other}",
        "check the amount, the rate and the quantity of the charge or allowance; SAC05 has two implied decimals";
    TaxInconsistent: "{subject} does not add up: {other}",
        "check the amount, the percentage and the amount that is taxed";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_words_that_are_sentences_of_one_tone() {
        for kind in FindingKind::ALL {
            let (message, hint) = template(*kind);
            for words in [message, hint] {
                assert!(!words.ends_with('.'), "{kind:?}: {words}");
                assert_eq!(words.matches('{').count(), words.matches('}').count(), "{kind:?}");
                let known = ["subject", "value", "expected", "other"];
                for name in words.split('{').skip(1).filter_map(|part| part.split('}').next()) {
                    assert!(known.contains(&name), "{kind:?} speaks of {name}");
                }
            }
            assert!(hint.starts_with(|first: char| first.is_lowercase() || first == '{'), "{hint}");
        }
    }

    #[test]
    fn a_value_is_shown_short_and_harmless() {
        assert_eq!(shown(b"4501"), "4501");
        assert_eq!(shown(b"a\x1B[2J\n"), "a\\u{1b}[2J\\n");
        assert_eq!(shown("\u{202E}abc".as_bytes()), "\\u{202e}abc");
        assert_eq!(shown(&[b'x'; 41]), format!("{}…", "x".repeat(40)));
        let long = Spot::default().holding(&[b'y'; 200]);
        assert_eq!(long.value.map(|value| value.len()), Some(80));
        assert_eq!(long.length, 200);
    }

    #[test]
    fn facts_fill_their_places_and_braces_in_values_stay() {
        let facts = Facts { subject: "{value}".into(), value: "{x}".into(), ..Facts::default() };
        assert_eq!(fill("{subject} is `{value}`", &facts), "{value} is `{x}`");
    }

    #[test]
    fn things_are_named_as_the_trade_does() {
        assert_eq!(element("BEG", 5, None, "Date"), "BEG05 (Date)");
        assert_eq!(element("REF", 4, Some(2), ""), "REF04-02");
        assert_eq!(count(1_u64, "character"), "1 character");
        assert_eq!(count(3_u64, "segment"), "3 segments");
        let codes = ["A".to_owned(), "B".to_owned(), "C".to_owned()];
        assert_eq!(any_of(&codes), "A, B or C");
    }
}
