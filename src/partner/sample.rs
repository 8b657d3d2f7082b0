//! What the tests of this room share: a folder in memory, and files that have no fault.

use super::partners::Partners;
use super::rules::Shelf;
use super::source::{Kept, Source};
use crate::grammar::Library;
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

/// A folder in memory.
#[derive(Clone, Default)]
pub(super) struct Folder {
    pub(super) files: BTreeMap<String, Vec<u8>>,
    pub(super) kept: BTreeMap<String, Kept>,
    pub(super) variables: BTreeMap<String, String>,
}

impl Folder {
    pub(super) fn of(files: &[(&str, &str)]) -> Self {
        let file = |(path, text): &(&str, &str)| ((*path).to_owned(), text.as_bytes().to_vec());
        Self { files: files.iter().map(file).collect(), ..Self::default() }
    }

    pub(super) fn keep(mut self, path: &str, bytes: &[u8], mode: u32) -> Self {
        self.kept.insert(path.to_owned(), Kept { bytes: bytes.to_vec(), mode: Some(mode) });
        self
    }

    pub(super) fn set(mut self, name: &str, value: &str) -> Self {
        self.variables.insert(name.to_owned(), value.to_owned());
        self
    }

    pub(super) fn load(&self) -> Result<Partners, Vec<String>> {
        self.load_on(&Shelf::new(&Library::shipped()))
    }

    pub(super) fn load_on(&self, rules: &Shelf<'_>) -> Result<Partners, Vec<String>> {
        Partners::load(self, rules)
            .map_err(|faults| faults.0.iter().map(ToString::to_string).collect())
    }

    pub(super) fn faults(&self) -> Vec<String> {
        self.load().err().unwrap_or_default()
    }
}

impl Source for Folder {
    fn list(&self) -> io::Result<Vec<String>> {
        Ok(self.files.keys().cloned().collect())
    }

    fn read(&self, path: &str, limit: u64) -> io::Result<Vec<u8>> {
        let bytes = self.files.get(path).ok_or(io::ErrorKind::NotFound)?;
        let most = usize::try_from(limit).unwrap().saturating_add(1);
        Ok(bytes.iter().take(most).copied().collect())
    }

    fn shown(&self, path: &str) -> String {
        format!("partners/{path}")
    }

    fn kept(&self, path: &str) -> io::Result<Kept> {
        Ok(self.kept.get(path).ok_or(io::ErrorKind::NotFound)?.clone())
    }

    fn beside(&self, path: &Path) -> PathBuf {
        path.to_owned()
    }

    fn variable(&self, name: &str) -> Option<String> {
        self.variables.get(name).cloned()
    }
}

/// Our own file.
pub(super) const US: &str = "\
title = 'Lakeside'
identities = [{ isa = 'ZZ:LAKESIDE', gs = ['LAKESIDE'] }]
";

/// A partner's file without fault, in which tests change a line.
pub(super) const ACME: &str = "\
title = 'Acme'
role = 'supplier'
mode = 'test'
owner = 'edi@lakeside.example'
identities = [{ isa = '01:006081492', gs = ['ACME'] }]
[https]
[[agreements]]
set = '850'
direction = 'out'
[[agreements]]
set = '855'
direction = 'in'
";

/// The faults of a folder with our file and this one of a partner.
pub(super) fn faults_of(acme: &str) -> Vec<String> {
    Folder::of(&[("us.toml", US), ("acme.toml", acme)]).faults()
}

/// The faults of a folder with this file of ours.
pub(super) fn faults_of_us(us: &str) -> Vec<String> {
    Folder::of(&[("us.toml", us)]).faults()
}
