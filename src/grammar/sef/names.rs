//! `.TEXT`: of all its texts, the names.

use super::model::{Model, Names};
use super::text::{Line, SectionKind};
use std::borrow::Cow;
use std::collections::HashMap;

/// A line such as `353,2,Transaction Set Purpose Code`; texts that are no names are passed over.
pub(super) fn text<'t>(line: Line<'t>, section: SectionKind, model: &mut Model<'t>) {
    let mut fields = line.text.splitn(3, ',');
    let (Some(of), Some(what), Some(text)) = (fields.next(), fields.next(), fields.next()) else {
        return;
    };
    let names = &mut model.names;
    let list: &mut HashMap<&str, &str> = match (section, what) {
        (SectionKind::SetTexts, "0") if !of.contains('~') => &mut names.titles,
        (SectionKind::SetTexts, "1") if !of.contains('~') => &mut names.groups,
        (SectionKind::SetTexts, "3") => {
            place(of, text, names);
            return;
        }
        (SectionKind::SegmentTexts, "3") => &mut names.segments,
        (SectionKind::CompositeTexts, "2") => &mut names.composites,
        (SectionKind::ElementTexts, "2") if !of.contains('~') => &mut names.elements,
        _ => return,
    };
    list.insert(of, text);
}

/// `850~41,3,Name - Bill To`: the name of one segment of the set.
fn place<'t>(of: &'t str, text: &'t str, names: &mut Names<'t>) {
    let place = of.split_once('~').and_then(|(set, ordinal)| Some((set, ordinal.parse().ok()?)));
    if let Some((set, ordinal)) = place {
        names.places.entry(set).or_default().push((ordinal, text));
    }
}

/// A text without its escapes: `\r \n \t \\`, and `\233` for a byte in decimal.
pub(super) fn plain(text: &str) -> Cow<'_, str> {
    if !text.contains('\\') {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len());
    let mut parts = text.split('\\');
    plain.push_str(parts.next().unwrap_or_default());
    while let Some(part) = parts.next() {
        let digits = part.get(..3).filter(|digits| digits.bytes().all(|b| b.is_ascii_digit()));
        let byte = digits.and_then(|digits| digits.parse::<u8>().ok());
        let (escape, rest) = match (byte, part.as_bytes().first()) {
            (Some(byte), _) => (char::from(byte), part.get(3..)),
            (None, Some(b'r')) => ('\r', part.get(1..)),
            (None, Some(b'n')) => ('\n', part.get(1..)),
            (None, Some(b't')) => ('\t', part.get(1..)),
            (None, None) => ('\\', parts.next()),
            (None, Some(_)) => ('\\', Some(part)),
        };
        plain.push(escape);
        plain.push_str(rest.unwrap_or_default());
    }
    Cow::Owned(plain)
}

#[cfg(test)]
mod tests {
    use super::super::at::At;
    use super::*;

    #[test]
    fn names_are_kept_and_notes_passed_over() {
        let mut model = Model::default();
        let mut read = |section, text_of| {
            text(Line { at: At(0), text: text_of }, section, &mut model);
        };
        read(SectionKind::SetTexts, "850,0,Purchase Order, or so");
        read(SectionKind::SetTexts, "850,1,PO");
        read(SectionKind::SetTexts, "850,3,A note");
        read(SectionKind::SetTexts, "850~41,3,Bill To");
        read(SectionKind::SetTexts, "850~41,4,A note");
        read(SectionKind::SetTexts, "850~41~1,0,A note");
        read(SectionKind::SegmentTexts, "BEG,3,Beginning");
        read(SectionKind::SegmentTexts, "BEG,0,A note");
        read(SectionKind::CompositeTexts, "C040,2,Reference");
        read(SectionKind::ElementTexts, "353,2,Purpose");
        read(SectionKind::ElementTexts, "639~PC~1~1,0,Price Cap");
        read(SectionKind::ElementTexts, "no text");
        let names = model.names;
        assert_eq!(names.titles, HashMap::from([("850", "Purchase Order, or so")]));
        assert_eq!(names.groups, HashMap::from([("850", "PO")]));
        assert_eq!(names.places, HashMap::from([("850", vec![(41, "Bill To")])]));
        assert_eq!(names.segments, HashMap::from([("BEG", "Beginning")]));
        assert_eq!(names.composites, HashMap::from([("C040", "Reference")]));
        assert_eq!(names.elements, HashMap::from([("353", "Purpose")]));
    }

    #[test]
    fn escapes_become_what_they_stand_for() {
        assert_eq!(plain(r"Andr\233 Leblanc"), "André Leblanc");
        assert_eq!(plain(r"a\r\nb\tc\\d\x"), "a\r\nb\tc\\d\\x");
        assert_eq!(plain(r"\"), "\\");
        assert_eq!(plain(r"\\"), "\\");
        assert_eq!(plain(r"\999"), "\\999");
        assert_eq!(plain("é\\é"), "é\\é");
    }
}
