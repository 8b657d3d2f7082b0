//! The server's own keys: made at the first start, and read from then on.

use crate::partner::PublicKey;
use russh::keys::ssh_key::LineEnding;
use russh::keys::ssh_key::private::{Ed25519Keypair, KeypairData};
use russh::keys::{Algorithm, PrivateKey};
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use thiserror::Error;

/// The server's own keys.
#[derive(Clone, Debug)]
pub struct HostKeys(Vec<PrivateKey>);

/// Why there are none.
#[derive(Debug, Error)]
pub enum HostKeyError {
    /// A file that cannot be read or written.
    #[error("the key {path} cannot be used: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file that others can read.
    #[error("{path} can be read by others (mode {mode:04o}); run `chmod 600 {path}`")]
    Open {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// A file that is no key of a sort that we use.
    #[error(
        "{path} is no Ed25519 or ECDSA key without a passphrase, as `ssh-keygen -t ed25519 -N ''` \
         makes it"
    )]
    NotAKey {
        /// The file.
        path: PathBuf,
    },
    /// The system gives no random bits.
    #[error("a key cannot be made: the system gives no random bits")]
    NoRandom,
}

impl HostKeys {
    /// The keys in a folder, `ssh_host_…_key`; the first is made if there is none.
    pub fn open(folder: &Path) -> Result<Self, HostKeyError> {
        let io = |path: &Path| {
            let path = path.to_owned();
            move |source| HostKeyError::Io { path, source }
        };
        let mut paths = Vec::new();
        match fs::read_dir(folder) {
            Ok(entries) => {
                for entry in entries {
                    let name = entry.map_err(io(folder))?.file_name();
                    let text = name.to_string_lossy();
                    if text.starts_with("ssh_host_") && text.ends_with("_key") {
                        paths.push(folder.join(name));
                    }
                }
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                fs::create_dir_all(folder).map_err(io(folder))?;
            }
            Err(error) => return Err(io(folder)(error)),
        }
        // Ed25519 comes before all others, so that it is what is shown first.
        paths.sort_by_key(|path| (!path.ends_with(FIRST), path.clone()));
        if paths.is_empty() {
            let path = folder.join(FIRST);
            return Ok(Self(vec![make(&path)?]));
        }
        paths.iter().map(|path| read(path)).collect::<Result<_, _>>().map(Self)
    }

    /// What people know them by, such as `SHA256:…`, with their sort and the line for
    /// `known_hosts`.
    pub fn shown(&self) -> Vec<PublicKey> {
        let line = |key: &PrivateKey| PublicKey::parse(&key.public_key().to_openssh().ok()?);
        self.0.iter().filter_map(line).collect()
    }

    pub(super) fn keys(&self) -> Vec<PrivateKey> {
        self.0.clone()
    }
}

fn make(path: &Path) -> Result<PrivateKey, HostKeyError> {
    let io = |source| HostKeyError::Io { path: path.to_owned(), source };
    let mut seed = zeroize::Zeroizing::new([0; 32]);
    getrandom::fill(seed.as_mut_slice()).map_err(|_| HostKeyError::NoRandom)?;
    let pair = KeypairData::from(Ed25519Keypair::from_seed(&seed));
    let not = |_| HostKeyError::NotAKey { path: path.to_owned() };
    let key = PrivateKey::new(pair, "wharf").map_err(not)?;
    let text = key.to_openssh(LineEnding::LF).map_err(not)?;
    // Under another name first: a power cut leaves the whole key or none.
    let unfinished = path.with_extension("unfinished");
    let _old = fs::remove_file(&unfinished);
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&unfinished)
        .map_err(io)?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(io)?;
    fs::rename(&unfinished, path).map_err(io)?;
    let folder = path.parent().unwrap_or(path);
    fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(io)?;
    Ok(key)
}

fn read(path: &Path) -> Result<PrivateKey, HostKeyError> {
    let io = |source| HostKeyError::Io { path: path.to_owned(), source };
    let not = || HostKeyError::NotAKey { path: path.to_owned() };
    let data = fs::metadata(path).map_err(io)?;
    let mode = data.permissions().mode() & 0o7777;
    if mode & OTHERS != 0 {
        return Err(HostKeyError::Open { path: path.to_owned(), mode });
    }
    if data.len() > LARGEST {
        return Err(not());
    }
    let text = zeroize::Zeroizing::new(fs::read_to_string(path).map_err(io)?);
    let key = PrivateKey::from_openssh(text.as_str()).map_err(|_| not())?;
    let sound = !key.is_encrypted()
        && matches!(key.algorithm(), Algorithm::Ed25519 | Algorithm::Ecdsa { .. });
    if sound { Ok(key) } else { Err(not()) }
}

/// The key that is made, and shown first.
const FIRST: &str = "ssh_host_ed25519_key";

const OTHERS: u32 = 0o077;

const LARGEST: u64 = 100_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_once_for_our_eyes_only() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("certs");
        let first = HostKeys::open(&folder).unwrap().shown();
        assert_eq!(first.len(), 1);
        assert_eq!(HostKeys::open(&folder).unwrap().shown(), first);
        let path = folder.join(FIRST);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(HostKeys::open(&folder), Err(HostKeyError::Open { mode: 0o640, .. })));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        fs::write(&path, "no key").unwrap();
        assert!(matches!(HostKeys::open(&folder), Err(HostKeyError::NotAKey { .. })));
    }
}
