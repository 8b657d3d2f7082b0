//! Faults of a SEF file: gathered while it is read, and given out all at once with their places.

use super::at::{At, Broken};
use super::kind::SefFaultKind;
use super::text::SourceText;
use std::fmt;

/// One fault of a SEF file, or one warning about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SefFault {
    /// The file's name as it was given.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// The character in that line, from 1.
    pub column: u32,
    /// What is wrong.
    pub kind: SefFaultKind,
}

impl fmt::Display for SefFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {}", self.file, self.line, self.column, self.kind)
    }
}

impl std::error::Error for SefFault {}

/// Every fault of a SEF file that was refused, in the order of the file; never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SefFaults(pub Vec<SefFault>);

impl fmt::Display for SefFaults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, fault) in self.0.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            write!(f, "{fault}")?;
        }
        Ok(())
    }
}

impl std::error::Error for SefFaults {}

/// Where faults and warnings gather.
#[derive(Debug, Default)]
pub(super) struct Faults {
    faults: Gathered,
    warnings: Gathered,
}

#[derive(Debug, Default)]
struct Gathered {
    listed: Vec<Broken>,
    more: usize,
}

impl Faults {
    /// The file will be refused for this.
    pub(super) fn refuse(&mut self, at: At, kind: SefFaultKind) {
        self.faults.add(Broken { at, kind });
    }

    /// The same for what a parser gave back.
    pub(super) fn broken(&mut self, broken: Broken) {
        self.faults.add(broken);
    }

    /// The file will be refused because it defines something twice.
    pub(super) fn repeated(&mut self, at: At, what: &'static str, id: &str) {
        self.refuse(at, SefFaultKind::Repeated { what, id: id.to_owned() });
    }

    /// The file is taken, but someone should know this.
    pub(super) fn warn(&mut self, at: At, kind: SefFaultKind) {
        self.warnings.add(Broken { at, kind });
    }

    /// Whether the file is refused.
    pub(super) fn refused(&self) -> bool {
        !self.faults.listed.is_empty()
    }

    /// The faults, then the warnings, with lines and columns.
    pub(super) fn place(self, file: &str, text: &SourceText<'_>) -> (Vec<SefFault>, Vec<SefFault>) {
        (self.faults.place(file, text), self.warnings.place(file, text))
    }
}

impl Gathered {
    fn add(&mut self, broken: Broken) {
        if self.listed.len() < MAX_LISTED {
            self.listed.push(broken);
        } else {
            self.more += 1;
        }
    }

    fn place(mut self, file: &str, text: &SourceText<'_>) -> Vec<SefFault> {
        self.listed.sort_by_key(|broken| broken.at);
        if self.more > 0 {
            let at = self.listed.last().map(|broken| broken.at).unwrap_or_default();
            self.listed.push(Broken::new(at, SefFaultKind::More(self.more)));
        }
        let places = text.places(self.listed.iter().map(|broken| broken.at));
        let fault = |(broken, (line, column)): (Broken, (u32, u32))| SefFault {
            file: file.to_owned(),
            line,
            column,
            kind: broken.kind,
        };
        self.listed.into_iter().zip(places).map(fault).collect()
    }
}

/// How many faults, and how many warnings, are listed.
const MAX_LISTED: usize = 100;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_come_in_the_order_of_the_file_and_are_cut_off() {
        let text = SourceText::of(b"ab\ncd\nef").unwrap();
        let mut faults = Faults::default();
        faults.refuse(At(7), SefFaultKind::Unclosed);
        for _ in 0..200 {
            faults.refuse(At(3), SefFaultKind::Empty);
        }
        faults.warn(At(1), SefFaultKind::Comment);
        let (faults, warnings) = faults.place("x.sef", &text);
        assert_eq!(faults.len(), MAX_LISTED + 1);
        assert_eq!((faults[0].line, faults[0].column), (2, 1));
        assert_eq!(faults[99].to_string(), "x.sef:3:2: a `{` is not closed");
        assert_eq!(faults[100].kind, SefFaultKind::More(101));
        assert_eq!(
            warnings[0].to_string(),
            "x.sef:1:2: this line looks like a comment and is not read"
        );
    }
}
