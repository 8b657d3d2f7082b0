//! Why a map cannot be used, and why a document cannot be translated.

use std::fmt;
use thiserror::Error;

/// One thing wrong in a map file.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{file}:{line}:{column}: {kind}")]
pub struct MapFault {
    /// The file's name.
    pub file: String,
    /// The line, counted from 1.
    pub line: u32,
    /// The column, counted from 1 in characters.
    pub column: u32,
    /// What is wrong.
    pub kind: FaultKind,
}

/// Everything wrong in the files of a map, in the order of the files.
#[derive(Clone, Debug, Default, PartialEq, Eq, Error)]
pub struct MapFaults(pub Vec<MapFault>);

impl fmt::Display for MapFaults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, fault) in self.0.iter().enumerate() {
            if number > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{fault}")?;
        }
        Ok(())
    }
}

/// What is wrong in a map file.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum FaultKind {
    /// The file is not TOML.
    #[error("this is not TOML: {0}")]
    Syntax(String),
    /// A key that means nothing here.
    #[error("`{key}` means nothing here{}", suggestion(nearest.as_deref()))]
    UnknownKey {
        /// The key.
        key: String,
        /// The key that was probably meant.
        nearest: Option<String>,
    },
    /// Something that must be there is not.
    #[error("`{0}` is missing")]
    Missing(&'static str),
    /// A value of another sort than it must be.
    #[error("this must be {0}")]
    Wanted(&'static str),
    /// A path that cannot be read.
    #[error("`{0}` is no path; a path is like `BEG03`, `REF[01=DP]02` or, in a list, `02`")]
    Path(String),
    /// A segment that the loop does not have.
    #[error("{place} has no segment {segment}")]
    UnknownSegment {
        /// The segment's id.
        segment: String,
        /// The set or loop.
        place: String,
    },
    /// An element that the segment does not have.
    #[error("{segment} has {has} elements, and no {segment}{element:02}")]
    ElementBeyond {
        /// The segment's id.
        segment: String,
        /// The element asked for.
        element: u8,
        /// How many it has.
        has: usize,
    },
    /// A component of an element that has no such component.
    #[error("{segment}{element:02} has no component {component}")]
    NoComponent {
        /// The segment's id.
        segment: String,
        /// The element.
        element: u8,
        /// The component asked for.
        component: u8,
    },
    /// A composite without the component that is meant.
    #[error("{segment}{element:02} is a composite; name a component, as in `{element:02}-1`")]
    Composite {
        /// The segment's id.
        segment: String,
        /// The element.
        element: u8,
    },
    /// A path into a loop that repeats.
    #[error("{0} heads a loop that repeats; use `each`")]
    LoopRepeats(String),
    /// `each` on a segment that occurs once.
    #[error("{0} does not repeat here; name its elements as paths")]
    DoesNotRepeat(String),
    /// A fragment that no file has.
    #[error("there is no fragment `{name}`{}", suggestion(nearest.as_deref()))]
    UnknownFragment {
        /// Its name.
        name: String,
        /// The fragment that was probably meant.
        nearest: Option<String>,
    },
    /// Fragments that use each other.
    #[error("the fragment `{0}` uses itself")]
    FragmentCircle(String),
    /// A code table that no file has.
    #[error("there is no code table `{name}`{}", suggestion(nearest.as_deref()))]
    UnknownTable {
        /// Its name.
        name: String,
        /// The table that was probably meant.
        nearest: Option<String>,
    },
    /// A file that is not there.
    #[error("there is no map file `{0}`")]
    UnknownFile(String),
    /// A map for a set that has none.
    #[error("there is no map for the set {0}")]
    UnknownSet(String),
    /// A document that does not exist.
    #[error("there is no document `{name}`{}", suggestion(nearest.as_deref()))]
    UnknownDocument {
        /// Its name.
        name: String,
        /// The document that was probably meant.
        nearest: Option<String>,
    },
    /// Two codes that would read alike, so that writing could not tell them apart.
    #[error("`{first}` and `{second}` are both `{word}`; each code needs a word of its own")]
    TwoCodesOneWord {
        /// The word.
        word: String,
        /// The code that had it first.
        first: String,
        /// The code that has it again.
        second: String,
    },
    /// A word that could be taken for a code.
    #[error("the word `{0}` needs a small letter, so that it cannot be taken for a code")]
    WordLikeCode(String),
    /// Two rules for the same element.
    #[error("{0} is mapped twice")]
    MappedTwice(String),
    /// Two lists that take the same segments or loops.
    #[error("another list takes every {0} already")]
    TakenTwice(String),
    /// A field that the document does not have.
    #[error("the document has no field `{field}` here{}", suggestion(nearest.as_deref()))]
    NotInSchema {
        /// The field.
        field: String,
        /// The field that was probably meant.
        nearest: Option<String>,
    },
    /// A field that holds something else in the document.
    #[error("in the document `{field}` is {wanted}")]
    SchemaShape {
        /// The field.
        field: String,
        /// What it is.
        wanted: &'static str,
    },
    /// A partner's map removes or changes what its base does not have.
    #[error("the base map has no `{0}` to remove")]
    NothingToRemove(String),
}

/// Why a document cannot be translated.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{}: {kind}", if pointer.is_empty() { "the document" } else { pointer.as_str() })]
pub struct MapError {
    /// What of the document: a JSON pointer such as `/lines/3/quantity`; empty for the whole.
    pub pointer: String,
    /// What is wrong.
    pub kind: MapErrorKind,
}

/// Why a document cannot be translated.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum MapErrorKind {
    /// Not JSON.
    #[error("this is not JSON: {0}")]
    NotJson(&'static str),
    /// More than can be told apart.
    #[error("the document is larger than 1 GiB")]
    TooLarge,
    /// Another document than the map's.
    #[error("the map is for `{wanted}`, and this is `{given}`")]
    WrongDocument {
        /// The map's document.
        wanted: Box<str>,
        /// What was given.
        given: Box<str>,
    },
    /// Another set than the map's.
    #[error("the map is for the set {wanted}, and this is {given}")]
    WrongSet {
        /// The map's set.
        wanted: Box<str>,
        /// What was given.
        given: Box<str>,
    },
    /// A field that the document does not have.
    #[error("there is no such field{}", suggestion(nearest.as_deref()))]
    UnknownField {
        /// The field that was probably meant.
        nearest: Option<Box<str>>,
    },
    /// A field that stands there twice.
    #[error("the field is given twice")]
    Twice,
    /// A value of another shape.
    #[error("this must be {0}")]
    Wanted(&'static str),
    /// Not a date.
    #[error("this is no date: `{0}`")]
    NotADate(Box<str>),
    /// Not a time.
    #[error("this is no time: `{0}`")]
    NotATime(Box<str>),
    /// Not a number.
    #[error("this is no decimal number: `{0}`")]
    NotADecimal(Box<str>),
    /// More decimal places than the element has.
    #[error("more than {places} decimal places: `{value}`")]
    TooManyPlaces {
        /// The element's places.
        places: u8,
        /// The value.
        value: Box<str>,
    },
    /// A date that two digits of the year cannot tell.
    #[error("the release writes years with two digits, which cannot say `{0}`")]
    YearTooFar(Box<str>),
    /// Data that holds a separator; X12 has no escape.
    #[error("the value holds `{}`, which is a separator in this interchange", separator.escape_ascii())]
    DelimiterInData {
        /// The separator.
        separator: u8,
    },
    /// A field for which the release, or the partner's map, has no place.
    #[error("the set has no place for this field in this release")]
    NoPlace,
    /// More members than there are places.
    #[error("there is room for {0} members only")]
    TooMany(usize),
    /// A unit that the partner would understand as another.
    #[error("the partner takes `{given}` for `{means}`")]
    MeansAnother {
        /// The word given.
        given: Box<str>,
        /// What the partner takes it for.
        means: Box<str>,
    },
    /// Something in `unmapped` for which the set has no place.
    #[error("the set has no `{0}` here")]
    NoSuchSegment(Box<str>),
    /// An element in `unmapped` that a field gives too.
    #[error("{segment}{element:02} is given by a field already")]
    Occupied {
        /// The segment's id.
        segment: Box<str>,
        /// The element.
        element: usize,
    },
    /// Levels nested deeper than any real document.
    #[error("more than {0} levels in each other")]
    TooDeep(usize),
    /// The separators or the header of the set.
    #[error("the set's header cannot be written")]
    Header,
    /// The document does not have the shape of its sort.
    #[error("{0}")]
    Document(Box<str>),
}

impl MapErrorKind {
    /// A stable name, for events, interfaces and metrics.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotJson(_) => "not_json",
            Self::TooLarge => "document_too_large",
            Self::WrongDocument { .. } => "wrong_document",
            Self::WrongSet { .. } => "wrong_set",
            Self::UnknownField { .. } => "unknown_field",
            Self::Twice => "field_twice",
            Self::Wanted(_) => "wrong_shape",
            Self::NotADate(_) => "not_a_date",
            Self::NotATime(_) => "not_a_time",
            Self::NotADecimal(_) => "not_a_decimal",
            Self::TooManyPlaces { .. } => "too_many_places",
            Self::YearTooFar(_) => "year_too_far",
            Self::DelimiterInData { .. } => "delimiter_in_data",
            Self::NoPlace => "no_place",
            Self::TooMany(_) => "too_many",
            Self::MeansAnother { .. } => "means_another",
            Self::NoSuchSegment(_) => "no_such_segment",
            Self::Occupied { .. } => "occupied",
            Self::TooDeep(_) => "too_deep",
            Self::Header => "header_invalid",
            Self::Document(_) => "document_invalid",
        }
    }

    /// What can be done about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NotJson(_) => "the document must be one JSON object",
            Self::TooLarge => "send it in several documents",
            Self::WrongDocument { .. } | Self::WrongSet { .. } => "choose the map of this document",
            Self::UnknownField { .. } => "`wharf schema` lists the fields of each document",
            Self::Twice => "leave one of them out",
            Self::Wanted(_) | Self::Document(_) => "`wharf schema` shows the shape of each field",
            Self::NotADate(_) => "write dates as 2024-01-15",
            Self::NotATime(_) => "write times as 14:30 or 14:30:05",
            Self::NotADecimal(_) => "write numbers as 12 or 12.50, in quotes",
            Self::TooManyPlaces { .. } => {
                "round the value; the partner's format has no more places"
            }
            Self::YearTooFar(_) => "use a release from 004010 on, which writes years in full",
            Self::DelimiterInData { .. } => {
                "take the character out of the value, or agree on other separators with the partner"
            }
            Self::NoPlace => "leave the field out, or map it in the partner's map",
            Self::TooMany(_) => "leave some out, or split the line",
            Self::MeansAnother { .. } => {
                "change the alias in the partner's map, or use another unit"
            }
            Self::NoSuchSegment(_) => "take the entry out of `unmapped`",
            Self::Occupied { .. } => "take the element out of `unmapped`, or the field",
            Self::TooDeep(_) => "check which level lies in which",
            Self::Header => "the control number must be free of separators",
        }
    }
}

/// What is wrong at a place of the JSON text; the place becomes a pointer at the door.
///
/// Behind a pointer, since results are handed on far more often than they are troubles.
#[derive(Debug)]
pub(super) struct Trouble(Box<(usize, MapErrorKind)>);

impl Trouble {
    /// Something wrong with what has the byte `at` of the text in it.
    pub(super) fn new(at: usize, kind: MapErrorKind) -> Self {
        Self(Box::new((at, kind)))
    }

    /// A byte of the text that belongs to what is wrong.
    pub(super) fn at(&self) -> usize {
        self.0.0
    }

    /// What is wrong.
    pub(super) fn into_kind(self) -> MapErrorKind {
        self.0.1
    }
}

/// `; did you mean …` for what a misspelt word was probably meant to be.
fn suggestion(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |nearest| format!("; did you mean `{nearest}`?"))
}

/// The candidate that a misspelt `word` was probably meant to be.
pub(super) fn nearest<'c>(
    word: &str,
    candidates: impl IntoIterator<Item = &'c str>,
) -> Option<&'c str> {
    let word = word.get(..word.len().min(64)).unwrap_or_default();
    let most = (word.len() / 3).max(1);
    candidates
        .into_iter()
        .map(|candidate| (distance(word.as_bytes(), candidate.as_bytes()), candidate))
        .filter(|(distance, _)| *distance <= most)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// How many letters must be changed, added or left out to make one word of the other.
fn distance(left: &[u8], right: &[u8]) -> usize {
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (number, a) in (1..).zip(left) {
        let mut diagonal = std::mem::replace(row.first_mut().unwrap_or(&mut 0), number);
        let mut before = number;
        for (cell, b) in row.iter_mut().skip(1).zip(right) {
            let changed = diagonal + usize::from(a != b);
            diagonal = *cell;
            *cell = changed.min(diagonal + 1).min(before + 1);
            before = *cell;
        }
    }
    row.last().copied().unwrap_or(left.len())
}

/// A value for an error, cut where it is long.
pub(super) fn cut(text: &str) -> Box<str> {
    match text.char_indices().nth(80) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()).into(),
        None => text.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_word_finds_the_one_that_was_meant() {
        let fields = ["quantity", "unit", "price"];
        assert_eq!(nearest("quantiy", fields), Some("quantity"));
        assert_eq!(nearest("Unit", fields), Some("unit"));
        assert_eq!(nearest("colour", fields), None);
        assert_eq!(nearest("", fields), None);
    }

    #[test]
    fn distances_count_single_letters() {
        assert_eq!(distance(b"kitten", b"sitting"), 3);
        assert_eq!(distance(b"", b"abc"), 3);
        assert_eq!(distance(b"abc", b""), 3);
    }

    #[test]
    fn a_fault_names_its_file_line_and_column() {
        let kind = FaultKind::UnknownKey { key: "ech".into(), nearest: Some("each".into()) };
        let fault = MapFault { file: "850.toml".into(), line: 3, column: 12, kind };
        assert_eq!(
            fault.to_string(),
            "850.toml:3:12: `ech` means nothing here; did you mean `each`?"
        );
    }

    #[test]
    fn an_error_names_the_place_in_the_document() {
        let kind = MapErrorKind::NotADate("2024-02-30".into());
        let error = MapError { pointer: "/lines/3/date".into(), kind };
        assert_eq!(error.to_string(), "/lines/3/date: this is no date: `2024-02-30`");
        assert!(error.kind.hint().contains("2024-01-15"));
    }
}
