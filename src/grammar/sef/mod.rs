//! SEF, the Standard Exchange Format: a text file of grammar read into rules.
//!
//! In two stages: the text becomes records that know their places ([`model`]), then what they
//! refer to is looked up, in the file and in the base that it is laid over ([`dictionary`],
//! [`narrow`], [`build`]). Knows nothing of interchanges.
//!
//! Invariants: every fault is found in one reading and has its line and column; nothing that the
//! file demands is left out without a fault or a warning; reading takes time and memory in
//! proportion to the file, whatever it holds.

mod build;
mod codes;
mod cursor;
mod dictionary;
mod elements;
mod fault;
mod file;
mod kind;
mod lists;
mod location;
mod marks;
mod model;
mod names;
mod narrow;
mod range;
mod rules;
mod semantics;
mod sets;
mod text;

pub use fault::{SefFault, SefFaults};
pub use kind::SefFaultKind;

use super::rules::Standard;
use fault::Faults;
use text::SourceText;

/// A SEF file that was taken.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// Its rules.
    pub standard: Standard,
    /// What someone should look at, in the order of the file.
    pub warnings: Vec<SefFault>,
}

impl Standard {
    /// Reads a SEF file, called `file_name` in faults: a whole dictionary, or a guide laid over
    /// `base`, which then gives what the guide leaves out: segments, composites, elements, codes
    /// and names.
    pub fn parse_sef(
        file_name: &str,
        text: &[u8],
        base: Option<&Self>,
    ) -> Result<Loaded, SefFaults> {
        read(file_name, text, base)
    }
}

/// The same as [`Standard::parse_sef`].
pub(super) fn read(
    file_name: &str,
    text: &[u8],
    base: Option<&Standard>,
) -> Result<Loaded, SefFaults> {
    let source = SourceText::of(text).map_err(|kind| {
        SefFaults(vec![SefFault { file: file_name.to_owned(), line: 1, column: 1, kind }])
    })?;
    let mut faults = Faults::default();
    if let Some(at) = source.first_join() {
        faults.warn(at, SefFaultKind::Wrapped);
    }
    let model = file::model(source.text(), &mut faults);
    let standard = build::standard(&model, base, &mut faults);
    let refused = faults.refused();
    let (faults, warnings) = faults.place(file_name, &source);
    if refused { Err(SefFaults(faults)) } else { Ok(Loaded { standard, warnings }) }
}
