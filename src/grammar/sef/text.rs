//! The bytes of a SEF file as text, divided into sections and lines.

use super::at::At;
use super::kind::SefFaultKind;
use std::borrow::Cow;

/// The text of a file, with the way back from what is read to lines and columns.
#[derive(Debug)]
pub(super) struct SourceText<'f> {
    source: Cow<'f, str>,
    unwrapped: Option<Unwrapped>,
}

/// The text again with broken records joined.
#[derive(Debug)]
struct Unwrapped {
    text: String,
    /// For each piece, where it begins in `text` and where in the source.
    pieces: Vec<(u32, u32)>,
}

/// A line without its end, and where it begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Line<'t> {
    pub(super) at: At,
    pub(super) text: &'t str,
}

/// A section: what stands behind its name, and its lines.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Section<'t> {
    pub(super) kind: SectionKind,
    pub(super) name: Line<'t>,
    pub(super) argument: Line<'t>,
    pub(super) lines: Vec<Line<'t>>,
}

/// The sections of SEF.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SectionKind {
    /// What stands before any section.
    Preamble,
    Version,
    Ini,
    Private,
    Public,
    Std,
    Sets,
    Segments,
    Composites,
    Elements,
    Codes,
    ValueReferences,
    ValueLists,
    Variables,
    Rules,
    SetTexts,
    SegmentTexts,
    CompositeTexts,
    ElementTexts,
    Unknown,
}

impl<'f> SourceText<'f> {
    /// The text of `bytes`: UTF-8 if it is that, else Latin-1.
    pub(super) fn of(bytes: &'f [u8]) -> Result<Self, SefFaultKind> {
        if bytes.len() > MAX_BYTES {
            return Err(SefFaultKind::TooLarge(bytes.len()));
        }
        let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
        let bytes = bytes.strip_suffix(b"\x1A").unwrap_or(bytes);
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return Err(SefFaultKind::Empty);
        }
        if bytes.starts_with(b"EDIDE") {
            return Err(SefFaultKind::Encrypted);
        }
        if memchr::memchr(0, bytes).is_some() {
            return Err(SefFaultKind::NotSef("binary data or UTF-16"));
        }
        if bytes.starts_with(b"ISA") {
            return Err(SefFaultKind::NotSef("an X12 interchange"));
        }
        let source = match std::str::from_utf8(bytes) {
            Ok(text) => Cow::Borrowed(text),
            Err(_) => Cow::Owned(bytes.iter().copied().map(char::from).collect()),
        };
        let unwrapped = unwrap(&source);
        Ok(Self { source, unwrapped })
    }

    /// The text to read.
    pub(super) fn text(&self) -> &str {
        self.unwrapped.as_ref().map_or(&*self.source, |unwrapped| &unwrapped.text)
    }

    /// Where the first record is that had to be joined.
    pub(super) fn first_join(&self) -> Option<At> {
        self.unwrapped.as_ref().and_then(|u| u.pieces.get(1)).map(|(at, _)| At(*at))
    }

    /// The lines and columns of places in ascending order.
    pub(super) fn places(&self, places: impl Iterator<Item = At>) -> Vec<(u32, u32)> {
        let mut chars = self.source.char_indices().peekable();
        let (mut line, mut column) = (1, 1);
        let place = |at| {
            let offset = self.offset(at);
            while let Some((_, c)) = chars.next_if(|(index, _)| *index < offset) {
                (line, column) = if c == '\n' { (line + 1, 1) } else { (line, column + 1) };
            }
            (line, column)
        };
        places.map(place).collect()
    }

    fn offset(&self, at: At) -> usize {
        let offset = self.unwrapped.as_ref().map_or(at.0, |unwrapped| {
            let index = unwrapped.pieces.partition_point(|(new, _)| *new <= at.0);
            let piece = index.checked_sub(1).and_then(|index| unwrapped.pieces.get(index));
            piece.map_or(at.0, |(new, old)| old + (at.0 - new))
        });
        usize::try_from(offset).unwrap_or(usize::MAX)
    }
}

/// Divides text into its sections; what the author keeps private is left out.
pub(super) fn sections(text: &str) -> Vec<Section<'_>> {
    let start = Line { at: At(0), text: "" };
    let mut sections =
        vec![Section { kind: SectionKind::Preamble, name: start, argument: start, lines: vec![] }];
    for line in lines(text) {
        let Some(section) = sections.last_mut() else { break };
        if let Some(next) = opens(section.kind, line) {
            sections.push(next);
        } else if section.kind != SectionKind::Private && !line.text.is_empty() {
            section.lines.push(line);
        }
    }
    sections
}

fn lines(text: &str) -> impl Iterator<Item = Line<'_>> {
    let mut at = At(0);
    text.split_inclusive('\n').map(move |whole| {
        let line = Line { at, text: whole.trim_end_matches(['\n', '\r', ' ', '\t']) };
        at = at.plus(whole.len());
        line
    })
}

/// The section that `line` opens, if it opens one while in a section of the kind `current`.
fn opens(current: SectionKind, line: Line<'_>) -> Option<Section<'_>> {
    let rest = line.text.strip_prefix('.')?;
    let end = rest.find(|c: char| !c.is_ascii_uppercase()).unwrap_or(rest.len());
    let (word, tail) = rest.split_at_checked(end)?;
    let kind = kind(word, tail)?;
    if current == SectionKind::Private && kind != SectionKind::Public {
        return None;
    }
    let blanks = tail.len() - tail.trim_start().len();
    let argument = Line { at: line.at.plus(1 + end + blanks), text: tail.trim_start() };
    let name = Line { at: line.at, text: line.text.get(..=end).unwrap_or(line.text) };
    let name = if tail.starts_with(',') { line } else { name };
    Some(Section { kind, name, argument, lines: vec![] })
}

fn kind(word: &str, tail: &str) -> Option<SectionKind> {
    if word == "TEXT" {
        return Some(match tail {
            ",SETS" => SectionKind::SetTexts,
            ",SEGS" => SectionKind::SegmentTexts,
            ",COMS" => SectionKind::CompositeTexts,
            ",ELMS" => SectionKind::ElementTexts,
            _ => SectionKind::Unknown,
        });
    }
    // A broken record may go on with `.PER,,3]`, which is no section.
    if word.is_empty() || !(tail.is_empty() || tail.starts_with([' ', '\t'])) {
        return None;
    }
    Some(match word {
        "VER" => SectionKind::Version,
        "INI" => SectionKind::Ini,
        "PRIVATE" => SectionKind::Private,
        "PUBLIC" => SectionKind::Public,
        "STD" => SectionKind::Std,
        "SETS" => SectionKind::Sets,
        "SEGS" => SectionKind::Segments,
        "COMS" => SectionKind::Composites,
        "ELMS" => SectionKind::Elements,
        "CODES" => SectionKind::Codes,
        "VALREFS" => SectionKind::ValueReferences,
        "VALLISTS" => SectionKind::ValueLists,
        "OBJVARS" => SectionKind::Variables,
        "SEMREFS" => SectionKind::Rules,
        _ => SectionKind::Unknown,
    })
}

impl SectionKind {
    /// Whether `line` can only be the rest of the line before it.
    fn goes_on(self, line: &str) -> bool {
        match self {
            Self::Sets | Self::Segments | Self::Composites | Self::Elements | Self::Codes => {
                !line.starts_with('*') && !has_key(line)
            }
            Self::Ini => true,
            Self::SetTexts | Self::SegmentTexts | Self::CompositeTexts | Self::ElementTexts => {
                let mut fields = line.splitn(3, ',');
                let (_, what, text) = (fields.next(), fields.next(), fields.next());
                text.is_none() || !what.is_some_and(|what| what.bytes().all(|b| b.is_ascii_digit()))
            }
            Self::Preamble
            | Self::Version
            | Self::Private
            | Self::Public
            | Self::Std
            | Self::ValueReferences
            | Self::ValueLists
            | Self::Variables
            | Self::Rules
            | Self::Unknown => false,
        }
    }
}

fn has_key(line: &str) -> bool {
    let key = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    let length = line.bytes().take_while(key).count();
    length > 0 && line.as_bytes().get(length) == Some(&b'=')
}

/// Joins broken records to their beginnings; `None` if there are none, as in every real file.
fn unwrap(source: &str) -> Option<Unwrapped> {
    let mut kind = SectionKind::Preamble;
    // Whether the section has a record that a line could go on.
    let mut open = false;
    let mut joins = Vec::new();
    for line in lines(source) {
        if let Some(section) = opens(kind, line) {
            kind = section.kind;
            open = false;
        } else if !line.text.is_empty() {
            if open && kind.goes_on(line.text) {
                joins.push(usize::try_from(line.at.0).ok()?);
            }
            open = true;
        }
    }
    if joins.is_empty() {
        return None;
    }
    let mut unwrapped = Unwrapped { text: String::with_capacity(source.len()), pieces: vec![] };
    let ends = joins.iter().copied().chain([source.len()]);
    for (begin, end) in [0].into_iter().chain(joins.iter().copied()).zip(ends) {
        let ended = unwrapped.text.trim_end_matches(['\n', '\r']).len();
        unwrapped.text.truncate(ended);
        unwrapped.pieces.push((u32::try_from(ended).ok()?, u32::try_from(begin).ok()?));
        unwrapped.text.push_str(source.get(begin..end)?);
    }
    Some(unwrapped)
}

/// Real files have under 200 kB, whole dictionaries under 500.
const MAX_BYTES: usize = 8 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_lines_that_look_like_sections_are_left_out() {
        let text = ".VER 1.6\r\n.INI\r\nA,,004 010\r\n.PRIVATE ACME\r\n.SETS\r\n850=\r\n.PUBLIC\r\n\r\n.STD ,RE\r\n.TEXT,SETS\r\n850,0,x\r\n";
        let sections = sections(text);
        let kinds: Vec<_> = sections.iter().map(|section| section.kind).collect();
        assert_eq!(
            kinds,
            [
                SectionKind::Preamble,
                SectionKind::Version,
                SectionKind::Ini,
                SectionKind::Private,
                SectionKind::Public,
                SectionKind::Std,
                SectionKind::SetTexts
            ]
        );
        assert_eq!(sections[1].argument, Line { at: At(5), text: "1.6" });
        assert_eq!(sections[2].lines, [Line { at: At(16), text: "A,,004 010" }]);
        assert!(sections[3].lines.is_empty());
        assert_eq!(sections[5].argument.text, ",RE");
        assert_eq!(sections[6].name.text, ".TEXT,SETS");
    }

    #[test]
    fn broken_records_are_joined_and_keep_their_places() {
        let bytes = b".SETS\n850=^[ST,M][\n.PER,,3]{:5\n[N1]}\n855=\n.SEGS\nST=[143";
        let text = SourceText::of(bytes).unwrap();
        let sections = sections(text.text());
        assert_eq!(sections[1].lines[0].text, "850=^[ST,M][.PER,,3]{:5[N1]}");
        assert_eq!(sections[1].lines[1].text, "855=");
        let at = sections[1].lines[0].at;
        let places =
            text.places([at, at.plus(12), at.plus(24), sections[2].lines[0].at].into_iter());
        assert_eq!(places, [(2, 1), (3, 1), (4, 2), (7, 1)]);
    }

    #[test]
    fn columns_count_characters_whatever_the_encoding() {
        for bytes in [&b".INI\r\nAndr\xE9,x"[..], ".INI\r\nAndré,x".as_bytes()] {
            let text = SourceText::of(bytes).unwrap();
            let comma = text.text().find(',').unwrap();
            assert_eq!(text.places([At(0).plus(comma)].into_iter()), [(2, 6)]);
        }
    }

    #[test]
    fn what_is_no_sef_text_is_said_in_words() {
        let refused = |bytes: &[u8]| SourceText::of(bytes).unwrap_err();
        assert_eq!(refused(b" \r\n"), SefFaultKind::Empty);
        assert_eq!(refused(b"EDIDE1001..."), SefFaultKind::Encrypted);
        assert_eq!(refused(b".\0V\0E\0R\0"), SefFaultKind::NotSef("binary data or UTF-16"));
        assert_eq!(refused(&vec![b' '; MAX_BYTES + 1]), SefFaultKind::TooLarge(MAX_BYTES + 1));
    }
}
