//! A certificate in the folder, with its key if it is ours.

use super::super::terms::CommandError;
use super::files::{Cabinet, read};
use crate::pki::{Certificate, Holding, HoldingError, PrivateKey};
use std::path::{Path, PathBuf};

/// A certificate and those above it, as a file holds them.
pub(super) struct Held {
    pub(super) path: PathBuf,
    pub(super) certificate: Certificate,
    /// Those that stand above it.
    pub(super) above: Vec<Certificate>,
}

impl Held {
    /// The one that a person means by `name`: a name in the folder, or a path.
    pub(super) fn named(cabinet: &Cabinet, name: &str) -> Result<Self, CommandError> {
        let is_path = name.contains('/') || Path::new(name).exists();
        let path = if is_path { PathBuf::from(name) } else { cabinet.place(name, "pem")? };
        if !path.exists() {
            let (folder, there) = (cabinet.certs.display(), names(cabinet)?.join(", "));
            let there = if there.is_empty() { "nothing yet".to_owned() } else { there };
            let text = format!("there is no certificate `{name}` in {folder}; there is: {there}");
            return Err(CommandError::Wrong(text));
        }
        let holding = holding(&path)?;
        let Some(certificate) = holding.leaf().cloned() else {
            let text = format!("{}: there is no certificate in it, only a key", path.display());
            return Err(CommandError::Wrong(text));
        };
        let mut above = holding.certificates;
        above.retain(|other| *other != certificate);
        Ok(Self { path, certificate, above })
    }

    /// The name by which it is called in the folder.
    pub(super) fn name(&self) -> String {
        self.path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
    }

    /// The file of its key: the one beside it that is called the same.
    pub(super) fn key_path(&self) -> PathBuf {
        self.path.with_extension("key")
    }
}

/// What a file of the folder holds; one under a password tells nothing.
pub(super) fn holding(path: &Path) -> Result<Holding, CommandError> {
    let bytes = read(path)?;
    Holding::read(&bytes, &mut || None).map_err(|error| wrong(path, &error))
}

/// The key file in the folder whose key belongs to a certificate.
pub(super) fn key_of(
    cabinet: &Cabinet,
    certificate: &Certificate,
) -> Result<Option<PathBuf>, CommandError> {
    let fits = |path: &PathBuf| {
        let key = read(path).ok().and_then(|bytes| private_key(&bytes));
        key.is_some_and(|key| key.belongs_to(certificate))
    };
    Ok(cabinet.files()?.into_iter().filter(|path| has_kind(path, &["key"])).find(fits))
}

/// The certificates of the folder, each with its file.
pub(super) fn certificates(cabinet: &Cabinet) -> Result<Vec<(PathBuf, Certificate)>, CommandError> {
    let mut found = Vec::new();
    for path in cabinet.files()?.into_iter().filter(|path| has_kind(path, &KINDS)) {
        let holding = read(&path).ok().and_then(|b| Holding::read(&b, &mut || None).ok());
        let all = holding.map(|holding| holding.certificates).unwrap_or_default();
        found.extend(all.into_iter().map(|certificate| (path.clone(), certificate)));
    }
    Ok(found)
}

/// Whether a file's name ends as one of `kinds` does.
pub(super) fn has_kind(path: &Path, kinds: &[&str]) -> bool {
    path.extension().is_some_and(|kind| kinds.iter().any(|of| kind.eq_ignore_ascii_case(of)))
}

/// How files with certificates are called.
pub(super) const KINDS: [&str; 4] = ["pem", "crt", "cer", "der"];

pub(super) fn wrong(path: &Path, error: &HoldingError) -> CommandError {
    CommandError::Wrong(format!("{}: {error}", path.display()))
}

fn private_key(bytes: &[u8]) -> Option<PrivateKey> {
    Holding::read(bytes, &mut || None).ok()?.private_key()
}

fn names(cabinet: &Cabinet) -> Result<Vec<String>, CommandError> {
    let files = cabinet.files()?.into_iter().filter(|path| has_kind(path, &["pem"]));
    Ok(files.filter_map(|path| Some(path.file_stem()?.to_string_lossy().into_owned())).collect())
}
