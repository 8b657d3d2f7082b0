//! A folder of this machine as a place that files are taken from.

use super::super::error::TransportError;
use super::super::pickup::{Catch, Entry, Place, PlaceError, Stat};
use super::beneath::{Beneath, stat_of};
use rustix::io::Errno;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::PathBuf;
use std::sync::Arc;
use tokio::task::spawn_blocking;

/// A folder of this machine.
#[derive(Debug)]
pub(super) struct Local {
    path: PathBuf,
    folder: Arc<Beneath>,
}

impl Local {
    /// Opens it.
    pub(super) async fn open(path: PathBuf) -> Result<Self, TransportError> {
        let opened = {
            let path = path.clone();
            spawn_blocking(move || Beneath::open(&path)).await
        };
        match opened {
            Ok(Ok(folder)) => Ok(Self { path, folder: Arc::new(folder) }),
            Ok(Err(error)) => Err(unopened(&path.display().to_string(), error)),
            Err(error) => Err(lost(&path.display().to_string(), &error)),
        }
    }

    async fn with<T: Send + 'static>(
        &self,
        does: impl FnOnce(&Beneath) -> Result<T, Errno> + Send + 'static,
    ) -> Result<T, PlaceError> {
        let folder = Arc::clone(&self.folder);
        match spawn_blocking(move || does(&folder)).await {
            Ok(done) => done.map_err(|error| self.told(error)),
            Err(error) => Err(PlaceError::Lost(lost(&self.path.display().to_string(), &error))),
        }
    }

    fn told(&self, error: Errno) -> PlaceError {
        match error {
            Errno::NOENT => PlaceError::Gone,
            Errno::IO | Errno::STALE | Errno::TIMEDOUT | Errno::HOSTDOWN | Errno::NOTCONN => {
                let endpoint = self.path.display().to_string();
                PlaceError::Lost(TransportError::Broken { endpoint, why: error.to_string() })
            }
            error => PlaceError::Refused(words(error)),
        }
    }
}

impl Place for Local {
    async fn list(&self) -> Result<Vec<Entry>, PlaceError> {
        self.with(Beneath::list).await
    }

    async fn stat(&self, name: &str) -> Result<Stat, PlaceError> {
        let name = name.to_owned();
        self.with(move |folder| folder.stat(&name)).await?.ok_or(PlaceError::Changed)
    }

    async fn rename(&self, from: &str, to: &str) -> Result<(), PlaceError> {
        let (from, to) = (from.to_owned(), to.to_owned());
        self.with(move |folder| folder.rename(&from, &to)).await
    }

    async fn remove(&self, name: &str) -> Result<(), PlaceError> {
        let name = name.to_owned();
        self.with(move |folder| folder.remove(&name)).await
    }

    async fn read(&self, name: &str, stat: Stat, into: &mut Catch) -> Result<(), PlaceError> {
        let called = name.to_owned();
        let mut file = self.with(move |folder| folder.read(&called)).await?;
        let mut read = 0;
        loop {
            let piece = spawn_blocking(move || piece(file).map_err(|error| error.raw_os_error()));
            let (back, bytes) = match piece.await {
                Ok(Ok(read)) => read,
                Ok(Err(code)) => {
                    return Err(self.told(code.map_or(Errno::IO, Errno::from_raw_os_error)));
                }
                Err(error) => {
                    return Err(PlaceError::Lost(lost(&self.path.display().to_string(), &error)));
                }
            };
            file = back;
            if bytes.is_empty() {
                break;
            }
            read += u64::try_from(bytes.len()).unwrap_or(u64::MAX);
            if read > stat.size {
                return Err(PlaceError::Changed);
            }
            into.add(bytes).await.map_err(PlaceError::House)?;
        }
        let now = spawn_blocking(move || stat_of(&file)).await;
        let same = matches!(now, Ok(Ok(now)) if now == stat);
        if same && read == stat.size { Ok(()) } else { Err(PlaceError::Changed) }
    }
}

/// The next piece of a file, and the file.
fn piece(file: File) -> io::Result<(File, Vec<u8>)> {
    let mut bytes = Vec::new();
    let mut some = (&file).take(PIECE);
    io::copy(&mut some, &mut bytes)?;
    Ok((file, bytes))
}

/// Why a folder cannot be opened, and whose move is next.
pub(super) fn unopened(path: &str, error: Errno) -> TransportError {
    let endpoint = path.to_owned();
    match error {
        Errno::NOENT => TransportError::Unreachable {
            endpoint,
            why: "there is no such folder; make it, or mount it".to_owned(),
        },
        Errno::ACCESS | Errno::PERM | Errno::NOTDIR | Errno::LOOP => {
            TransportError::NotSetUp { endpoint, why: words(error) }
        }
        error => TransportError::Unreachable { endpoint, why: words(error) },
    }
}

/// What the system says, in our words where it is common.
pub(super) fn words(error: Errno) -> String {
    match error {
        Errno::ACCESS | Errno::PERM => {
            "there is no permission for this; give it to the user that wharf runs as".to_owned()
        }
        Errno::NOTDIR => "it is no folder".to_owned(),
        Errno::EXIST => "there is another file of this name".to_owned(),
        Errno::ROFS => "it is mounted for reading only".to_owned(),
        Errno::NOSPC | Errno::DQUOT => "there is no room left".to_owned(),
        error => error.to_string(),
    }
}

fn lost(path: &str, error: &tokio::task::JoinError) -> TransportError {
    TransportError::Broken { endpoint: path.to_owned(), why: error.to_string() }
}

/// So much is read at a time.
const PIECE: u64 = 256 << 10;
