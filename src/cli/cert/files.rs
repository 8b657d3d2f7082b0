//! The folder of keys and certificates, and how its files are named in those of the partners.

use super::super::terms::CommandError;
use crate::message::PartnerId;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Where keys and certificates are kept.
#[derive(Debug)]
pub(super) struct Cabinet {
    pub(super) partners: PathBuf,
    pub(super) certs: PathBuf,
}

/// A file that is to be written.
pub(super) struct Sheet<'s> {
    pub(super) path: PathBuf,
    pub(super) mode: u32,
    pub(super) bytes: &'s [u8],
}

impl Cabinet {
    pub(super) fn new(partners: &Path, certs: Option<&Path>) -> Self {
        let beside = || partners.parent().unwrap_or(Path::new("")).join("certs");
        let certs = certs.map_or_else(beside, Path::to_owned);
        Self { partners: partners.to_owned(), certs }
    }

    /// The file of this name and kind.
    pub(super) fn place(&self, name: &str, kind: &str) -> Result<PathBuf, CommandError> {
        PartnerId::new(name)
            .map_err(|_| CommandError::Wrong(format!("`{name}` cannot name a file; {PLAIN}")))?;
        Ok(self.certs.join(format!("{name}.{kind}")))
    }

    /// How the partners' files name a file: by its place beside their folder.
    pub(super) fn named(&self, path: &Path) -> String {
        let beside = self.partners.parent().unwrap_or(Path::new(""));
        path.strip_prefix(beside).unwrap_or(path).display().to_string()
    }

    /// Writes new files, all or none, over no other.
    pub(super) fn write(&self, sheets: &[Sheet<'_>]) -> Result<(), CommandError> {
        let named = |path: &Path| CommandError::io(path.display().to_string());
        if let Some(there) = sheets.iter().find(|sheet| sheet.path.exists()) {
            let path = there.path.display();
            let text = format!("{path} is there already and is not overwritten; take another name");
            return Err(CommandError::Wrong(text));
        }
        fs::create_dir_all(&self.certs).map_err(named(&self.certs))?;
        for (place, sheet) in sheets.iter().enumerate() {
            if let Err(error) = write(sheet) {
                // Half a pair is worth nothing; these files are our own.
                for written in sheets.iter().take(place + 1) {
                    let _gone = fs::remove_file(&written.path);
                }
                return Err(named(&sheet.path)(error));
            }
        }
        Ok(())
    }

    /// The files of the folder, by name.
    pub(super) fn files(&self) -> Result<Vec<PathBuf>, CommandError> {
        let named = || CommandError::io(self.certs.display().to_string());
        let mut files = Vec::new();
        let entries = match fs::read_dir(&self.certs) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(files),
            Err(error) => return Err(named()(error)),
        };
        for entry in entries {
            let path = entry.map_err(named())?.path();
            if path.is_file() {
                files.push(path);
            }
        }
        files.sort();
        Ok(files)
    }
}

/// Reads a file that may hold a key.
pub(super) fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>, CommandError> {
    let mut bytes = Zeroizing::new(Vec::new());
    File::open(path)
        .and_then(|file| io::copy(&mut file.take(LARGEST), &mut *bytes))
        .map_err(CommandError::io(path.display().to_string()))?;
    Ok(bytes)
}

/// Whether others than its owner may read a file, and with which permissions.
pub(super) fn open_to_others(path: &Path) -> Option<u32> {
    let mode = fs::metadata(path).ok()?.permissions().mode() & 0o7777;
    (mode & OTHERS != 0).then_some(mode)
}

fn write(sheet: &Sheet<'_>) -> io::Result<()> {
    let mut options = OpenOptions::new();
    let mut file = options.write(true).create_new(true).mode(sheet.mode).open(&sheet.path)?;
    file.write_all(sheet.bytes)?;
    file.sync_all()
}

/// For keys.
pub(super) const OURS_ALONE: u32 = 0o600;
/// For certificates.
pub(super) const FOR_ALL: u32 = 0o644;

/// The permissions of the group and of everyone.
const OTHERS: u32 = 0o077;

const PLAIN: &str = "a name is letters, digits, `.`, `_` and `-`";

/// Keys and certificates are a few kilobytes.
const LARGEST: u64 = 1_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_written_all_or_none_and_never_over_others() {
        let folder = tempfile::tempdir().unwrap();
        let cabinet = Cabinet::new(&folder.path().join("partners"), None);
        let sheet = |name: &str, mode| Sheet {
            path: cabinet.place(name, "pem").unwrap(),
            mode,
            bytes: b"new",
        };
        cabinet.write(&[sheet("a", OURS_ALONE), sheet("b", FOR_ALL)]).unwrap();
        let error = cabinet.write(&[sheet("c", OURS_ALONE), sheet("b", FOR_ALL)]).unwrap_err();
        assert!(error.to_string().contains("is not overwritten"), "{error}");
        let names: Vec<_> = cabinet.files().unwrap().iter().map(|p| cabinet.named(p)).collect();
        assert_eq!(names, ["certs/a.pem", "certs/b.pem"]);
        assert_eq!(open_to_others(&cabinet.certs.join("a.pem")), None);
        assert_eq!(open_to_others(&cabinet.certs.join("b.pem")), Some(0o644));
    }

    #[test]
    fn a_name_cannot_lead_out_of_the_folder() {
        let cabinet = Cabinet::new(Path::new("partners"), None);
        for name in ["", "../x", "a/b", ".hidden", "a b"] {
            assert!(cabinet.place(name, "key").is_err(), "{name}");
        }
        assert_eq!(cabinet.place("a.b-c", "key").unwrap(), Path::new("certs/a.b-c.key"));
    }
}
