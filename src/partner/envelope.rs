//! How the interchanges that we write to a partner look from the outside.

use super::fault::{FaultKind, shown};
use super::written::{Item, Table, Value};
use serde::{Serialize, Serializer};
use std::fmt;

/// A version, release and industry code as in GS08, such as `004010` or `004010VICS`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Release(String);

impl Release {
    /// The whole code, as GS08 has it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The six digits that name the grammar.
    pub fn base(&self) -> &str {
        first_six(&self.0)
    }

    /// The version of the interchange that such groups travel in (ISA12).
    fn isa_version(&self) -> IsaVersion {
        IsaVersion(self.0.chars().take(5).collect())
    }
}

pub(super) fn first_six(release: &str) -> &str {
    release.get(..6).unwrap_or(release)
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl Value for Release {
    fn of(item: &Item<'_>) -> Result<Self, FaultKind> {
        let text = item.text()?;
        let (head, tail) = text.split_at_checked(6).unwrap_or((text, ""));
        let plain = |c: u8| c.is_ascii_uppercase() || c.is_ascii_digit();
        let digits = head.len() == 6 && head.bytes().all(|c| c.is_ascii_digit());
        if digits && tail.len() <= 6 && tail.bytes().all(plain) {
            return Ok(Self(text.to_owned()));
        }
        Err(FaultKind::Malformed {
            value: shown(text),
            what: "release",
            how: "it as in GS08, such as \"004010\" or \"005010\"",
        })
    }
}

/// The version of an interchange as in ISA12, such as `00401`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct IsaVersion(String);

impl IsaVersion {
    /// The five digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Value for IsaVersion {
    fn of(item: &Item<'_>) -> Result<Self, FaultKind> {
        let text = item.text()?;
        if text.len() == 5 && text.bytes().all(|c| c.is_ascii_digit()) {
            return Ok(Self(text.to_owned()));
        }
        Err(FaultKind::Malformed {
            value: shown(text),
            what: "version of an interchange",
            how: "the five digits of ISA12, such as \"00401\"",
        })
    }
}

/// The characters that part segments and elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Separators {
    /// Behind each element.
    pub element: u8,
    /// Within a composite.
    pub component: u8,
    /// Between repetitions, from 00402 on.
    pub repetition: u8,
    /// Behind each segment.
    pub segment: u8,
}

impl Separators {
    /// Those that most of the trade uses.
    pub(super) const USUAL: Self =
        Self { element: b'*', component: b'>', repetition: b'^', segment: b'~' };

    fn read(mut table: Table<'_>, base: Self) -> Self {
        let mut take = |key, usual: u8| table.or(key, Separator(usual)).0;
        let separators = Self {
            element: take("element", base.element),
            component: take("component", base.component),
            repetition: take("repetition", base.repetition),
            segment: take("segment", base.segment),
        };
        let mut all = separators.all();
        all.sort_unstable();
        if all.windows(2).any(|pair| pair.first() == pair.last()) {
            let value = all.map(char::from).iter().collect();
            let (what, how) = ("set of separators", "four different characters");
            table.fault(table.place(), FaultKind::Malformed { value, what, how });
        }
        table.finish();
        separators
    }

    fn all(self) -> [u8; 4] {
        [self.element, self.component, self.repetition, self.segment]
    }
}

impl Serialize for Separators {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = self.all().map(char::from).iter().collect::<String>();
        serializer.serialize_str(&text)
    }
}

struct Separator(u8);

impl Value for Separator {
    fn of(item: &Item<'_>) -> Result<Self, FaultKind> {
        let text = item.text()?;
        match text.as_bytes() {
            [byte] if byte.is_ascii_punctuation() || byte.is_ascii_control() && *byte != 0 => {
                Ok(Self(*byte))
            }
            _ => Err(FaultKind::Malformed {
                value: shown(text),
                what: "separator",
                how: "one character that is no letter, digit or space",
            }),
        }
    }
}

/// How our interchanges look.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Envelope {
    /// What groups are written in unless an agreement says otherwise (GS08).
    pub release: Release,
    /// ISA12.
    pub isa_version: IsaVersion,
    /// The separators that we write.
    pub separators: Separators,
    /// Whether a line feed follows each segment.
    pub newlines: bool,
    /// Whether we ask for a TA1 (ISA14).
    pub ask_ta1: bool,
}

impl Envelope {
    /// What holds when nobody says otherwise.
    pub(super) fn usual() -> Self {
        let release = Release("004010".to_owned());
        let isa_version = release.isa_version();
        let separators = Separators::USUAL;
        Self { release, isa_version, separators, newlines: false, ask_ta1: false }
    }

    /// What `table` says, and `base` where it says nothing.
    pub(super) fn read(table: Option<Table<'_>>, base: &Self) -> Self {
        let Some(mut table) = table else { return base.clone() };
        let release = table.get::<Release>("release");
        let implied =
            release.as_ref().map_or_else(|| base.isa_version.clone(), Release::isa_version);
        let isa_version = table.or("isa_version", implied);
        let separators = table.table("separators");
        let separators =
            separators.map_or(base.separators, |table| Separators::read(table, base.separators));
        let (newlines, ask_ta1) =
            (table.or("newlines", base.newlines), table.or("ask_ta1", base.ask_ta1));
        table.finish();
        let release = release.unwrap_or_else(|| base.release.clone());
        Self { release, isa_version, separators, newlines, ask_ta1 }
    }
}
