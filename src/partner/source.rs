//! Where the files of the partners come from: a folder on disk, or a test's own.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// A folder of partners and what their files refer to.
pub trait Source {
    /// The files in the folder and in the folders directly in it, as `acme.toml` and
    /// `acme/partner.toml`; an empty folder as `acme/`.
    fn list(&self) -> io::Result<Vec<String>>;

    /// The bytes of one of them, up to `limit`; one byte more than that says that there are more.
    fn read(&self, path: &str, limit: u64) -> io::Result<Vec<u8>>;

    /// What a path in faults is called, such as `partners/acme.toml`.
    fn shown(&self, path: &str) -> String;

    /// A file kept outside of the folder, such as `certs/key.pem`: paths begin beside the folder.
    fn kept(&self, path: &str) -> io::Result<Kept>;

    /// Where a path that is no part of the folder begins: beside it, unless it is absolute.
    fn beside(&self, path: &Path) -> PathBuf;

    /// A variable of the environment.
    fn variable(&self, name: &str) -> Option<String>;
}

/// A key or a certificate.
#[derive(Clone, Debug, Default)]
pub struct Kept {
    /// What it holds.
    pub bytes: Vec<u8>,
    /// Its permission bits, where the system has such.
    pub mode: Option<u32>,
}

/// A folder on disk.
pub struct Disk<'d> {
    folder: PathBuf,
    variable: &'d dyn Fn(&str) -> Option<String>,
}

impl<'d> Disk<'d> {
    /// This folder, with a way to ask the environment.
    pub fn new(folder: &Path, variable: &'d dyn Fn(&str) -> Option<String>) -> Self {
        Self { folder: folder.to_owned(), variable }
    }
}

impl Source for Disk<'_> {
    fn list(&self) -> io::Result<Vec<String>> {
        let mut files = Vec::new();
        for name in names(&self.folder)? {
            let path = self.folder.join(&name);
            if !path.is_dir() {
                files.push(name);
                continue;
            }
            let inside = names(&path)?;
            if inside.is_empty() {
                files.push(format!("{name}/"));
            }
            files.extend(inside.into_iter().map(|file| format!("{name}/{file}")));
        }
        Ok(files)
    }

    fn read(&self, path: &str, limit: u64) -> io::Result<Vec<u8>> {
        read(&self.folder.join(path), limit)
    }

    fn shown(&self, path: &str) -> String {
        let whole = if path.is_empty() { self.folder.clone() } else { self.folder.join(path) };
        whole.display().to_string()
    }

    fn kept(&self, path: &str) -> io::Result<Kept> {
        let beside = self.beside(Path::new(path));
        let mode = mode(&fs::metadata(&beside)?);
        Ok(Kept { bytes: read(&beside, LARGEST_KEPT)?, mode })
    }

    fn beside(&self, path: &Path) -> PathBuf {
        self.folder.parent().unwrap_or(&self.folder).join(path)
    }

    fn variable(&self, name: &str) -> Option<String> {
        (self.variable)(name)
    }
}

/// The names in a folder in order, hidden ones left out.
fn names(folder: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if !name.starts_with('.') {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

fn read(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    // To open a pipe would keep us waiting for ever.
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::other("it is no plain file"));
    }
    let mut bytes = Vec::new();
    io::copy(&mut File::open(path)?.take(limit + 1), &mut bytes)?;
    Ok(bytes)
}

#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "not every system has permission bits")]
fn mode(metadata: &fs::Metadata) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt as _;
    Some(metadata.permissions().mode() & 0o7777)
}

#[cfg(not(unix))]
fn mode(_: &fs::Metadata) -> Option<u32> {
    None
}

/// Keys and certificates are a few kilobytes.
const LARGEST_KEPT: u64 = 1_000_000;
