//! The certificate for trying things out: made once, kept in a folder.

use super::error::HttpError;
use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

/// A certificate and its key, both in PEM.
pub(super) struct Pair {
    pub(super) chain: Vec<u8>,
    pub(super) key: Vec<u8>,
}

/// The certificate in `folder`, which is made now if it is not there.
pub(super) fn development(folder: &Path) -> Result<Pair, HttpError> {
    let (chain, key) = (folder.join("development.pem"), folder.join("development.key"));
    if !(chain.exists() && key.exists()) {
        make(&chain, &key)?;
    }
    closed(&key)?;
    Ok(Pair { chain: read(&chain)?, key: read(&key)? })
}

fn make(chain: &Path, key: &Path) -> Result<(), HttpError> {
    let unmade = |error: rcgen::Error| unusable(chain, &error.to_string());
    let names = NAMES.map(str::to_owned).to_vec();
    let mut params = CertificateParams::new(names).map_err(unmade)?;
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, "Wharf, for trying things out");
    let pair = KeyPair::generate().map_err(unmade)?;
    let certificate = params.self_signed(&pair).map_err(unmade)?;
    if let Some(folder) = chain.parent() {
        fs::create_dir_all(folder).map_err(|error| unusable(chain, &error.to_string()))?;
    }
    // The key first: a certificate without its key is made anew at the next start.
    put(key, pair.serialize_pem().as_bytes(), 0o600)?;
    put(chain, certificate.pem().as_bytes(), 0o644)
}

/// Writes a whole file or none; nobody else can read it at any moment if `mode` says so.
fn put(path: &Path, bytes: &[u8], mode: u32) -> Result<(), HttpError> {
    let half = PathBuf::from(format!("{}.{}", path.display(), std::process::id()));
    let write = || -> io::Result<()> {
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        with_mode(&mut options, mode);
        let mut file = options.open(&half)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&half, path)
    };
    write().map_err(|error| unusable(path, &error.to_string()))
}

fn read(path: &Path) -> Result<Vec<u8>, HttpError> {
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| io::copy(&mut file.take(LARGEST), &mut bytes))
        .map_err(|error| unusable(path, &error.to_string()))?;
    Ok(bytes)
}

#[cfg(unix)]
fn with_mode(options: &mut OpenOptions, mode: u32) {
    use std::os::unix::fs::OpenOptionsExt as _;
    options.mode(mode);
}

#[cfg(not(unix))]
fn with_mode(_: &mut OpenOptions, _: u32) {}

/// Whether only we can read a key.
#[cfg(unix)]
fn closed(key: &Path) -> Result<(), HttpError> {
    use std::os::unix::fs::PermissionsExt as _;
    let metadata = fs::metadata(key).map_err(|error| unusable(key, &error.to_string()))?;
    let mode = metadata.permissions().mode() & 0o7777;
    if mode & OTHERS == 0 {
        Ok(())
    } else {
        Err(HttpError::KeyOpen { file: key.display().to_string(), mode })
    }
}

#[cfg(not(unix))]
fn closed(_: &Path) -> Result<(), HttpError> {
    Ok(())
}

fn unusable(path: &Path, why: &str) -> HttpError {
    HttpError::Certificate { file: path.display().to_string(), why: why.to_owned() }
}

/// What it is good for.
const NAMES: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

/// The permissions of the group and of everyone.
#[cfg(unix)]
const OTHERS: u32 = 0o077;

const LARGEST: u64 = 1_000_000;

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn it_is_made_once_and_its_key_is_ours_alone() {
        let folder = tempfile::tempdir().unwrap();
        let certs = folder.path().join("certs");
        let first = development(&certs).unwrap();
        let again = development(&certs).unwrap();
        assert_eq!((&first.chain, &first.key), (&again.chain, &again.key));
        let mode = fs::metadata(certs.join("development.key")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(fs::read_dir(&certs).unwrap().count(), 2, "no half files are left");
    }

    #[test]
    fn one_without_its_key_is_made_anew() {
        let folder = tempfile::tempdir().unwrap();
        let first = development(folder.path()).unwrap();
        fs::remove_file(folder.path().join("development.key")).unwrap();
        let second = development(folder.path()).unwrap();
        assert_ne!(first.chain, second.chain);
    }

    #[test]
    fn a_key_that_others_can_read_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        development(folder.path()).unwrap();
        let key = folder.path().join("development.key");
        fs::set_permissions(&key, fs::Permissions::from_mode(0o640)).unwrap();
        let refused = development(folder.path()).err().unwrap().to_string();
        let key = key.display();
        assert_eq!(
            refused,
            format!("{key} can be read by others (mode 0640); run `chmod 600 {key}`")
        );
    }
}
