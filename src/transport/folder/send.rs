//! What we put into a folder for a partner: one attempt, and what came of it.
//!
//! A file is written under a hidden name, made durable, and given its own name in one step. The same
//! message has the same name at every attempt: if the attempt before ended between its last step and
//! our note of it, the file that lies there is found to be the same, and nothing is written twice.

use super::super::error::TransportError;
use super::super::outgoing::Outgoing;
use super::super::pickup::names_for;
use super::beneath::{Beneath, stat_of};
use super::place::{unopened, words};
use crate::message::{Content, Digest};
use rustix::io::Errno;
use sha2::Digest as _;
use std::fs::File;
use std::io::{self, Read as _, Write};
use std::path::Path;

/// Puts it into the folder once; what is so, in words, once it lies there.
pub async fn send(path: &Path, outgoing: &Outgoing) -> Result<String, TransportError> {
    let (path, outgoing) = (path.to_owned(), outgoing.clone());
    let endpoint = path.display().to_string();
    let put = tokio::task::spawn_blocking(move || put(&path, &outgoing)).await;
    put.unwrap_or_else(|error| Err(TransportError::Broken { endpoint, why: error.to_string() }))
}

fn put(path: &Path, outgoing: &Outgoing) -> Result<String, TransportError> {
    let endpoint = path.display().to_string();
    let folder = Beneath::open(path).map_err(|error| unopened(&endpoint, error))?;
    let fault = |error| fault(&endpoint, error);
    for name in names_for(outgoing.file_name.as_deref(), outgoing.id) {
        match lies_there(&folder, &name, &outgoing.content).map_err(fault)? {
            There::Nothing => {}
            There::Same => return Ok(format!("it lay in {endpoint} as {name} already")),
            There::Other => continue,
        }
        let hidden = format!(".wharf-{}.part", outgoing.id);
        match write(&folder, &hidden, &outgoing.content)
            .and_then(|()| folder.rename(&hidden, &name))
        {
            Ok(()) => {
                folder.sync().map_err(fault)?;
                return Ok(format!("it lies in {endpoint} as {name}"));
            }
            // Somebody used the name in this moment.
            Err(Errno::EXIST) => {}
            Err(error) => {
                // The next attempt begins with it anew.
                let _left = folder.remove(&hidden);
                return Err(fault(error));
            }
        }
    }
    let why = "other files have both names that it could have; take them away".to_owned();
    Err(TransportError::NotSetUp { endpoint, why })
}

enum There {
    Nothing,
    /// These very bytes.
    Same,
    Other,
}

fn lies_there(folder: &Beneath, name: &str, content: &Content) -> Result<There, Errno> {
    let file = match folder.read(name) {
        Ok(file) => file,
        Err(Errno::NOENT) => return Ok(There::Nothing),
        // A folder, a link or what may not be read: another's.
        Err(Errno::LOOP | Errno::INVAL | Errno::ACCESS | Errno::ISDIR) => return Ok(There::Other),
        Err(error) => return Err(error),
    };
    if stat_of(&file)?.size != content.length() {
        return Ok(There::Other);
    }
    let same = digest(&file).map_err(|error| errno(&error))? == content.digest();
    Ok(if same { There::Same } else { There::Other })
}

fn digest(mut file: &File) -> io::Result<Digest> {
    let (mut sha, mut buffer) = (sha2::Sha256::new(), vec![0; PIECE]);
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            return Ok(Digest::from_bytes(sha.finalize().into()));
        }
        sha.update(buffer.get(..read).unwrap_or_default());
    }
}

fn write(folder: &Beneath, name: &str, content: &Content) -> Result<(), Errno> {
    let mut file = match folder.create(name) {
        Err(Errno::EXIST) => {
            // What an attempt left that did not come to its end.
            folder.remove(name)?;
            folder.create(name)?
        }
        file => file?,
    };
    let written = io::copy(&mut content.reader(), &mut file)
        .and_then(|_| file.flush())
        .and_then(|()| file.sync_all());
    written.map_err(|error| errno(&error))?;
    if stat_of(&file)?.size == content.length() { Ok(()) } else { Err(Errno::IO) }
}

fn errno(error: &io::Error) -> Errno {
    Errno::from_io_error(error).unwrap_or(Errno::IO)
}

fn fault(endpoint: &str, error: Errno) -> TransportError {
    let (endpoint, why) = (endpoint.to_owned(), words(error));
    match error {
        Errno::ACCESS | Errno::PERM | Errno::ROFS => TransportError::NotSetUp { endpoint, why },
        _ => TransportError::Unreachable { endpoint, why },
    }
}

const PIECE: usize = 256 << 10;
