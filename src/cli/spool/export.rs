//! A message as files that a person can send to somebody.

use super::super::terms::CommandError;
use super::evidence;
use super::reach::Counter;
use crate::message::MessageId;
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// Writes a message into a new folder named by its id: `message.json`, and each of its parts under
/// the name that we gave it. Whoever asks writes the files, so that a server never writes where it
/// is told to.
pub(super) fn export(
    counter: &Counter,
    id: MessageId,
    folder: &Path,
) -> Result<PathBuf, CommandError> {
    let card = counter.show(id)?;
    let target = folder.join(id.to_string());
    let named = |path: &Path| CommandError::io(path.display().to_string());
    DirBuilder::new().mode(0o700).create(&target).map_err(named(&target))?;
    for part in &card.parts {
        // The names are ours, but they may have come from another process.
        let plain = part.name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        if part.name.is_empty() || !plain {
            return Err(CommandError::Wrong(format!("`{}` is no name of a part", part.name)));
        }
        let path = target.join(&part.name);
        let mut file = make(&path).map_err(named(&path))?;
        counter.part(id, &part.name, &mut file)?;
    }
    let labels = card.parts.iter().map(|part| (part.label.clone(), part.name.clone()));
    let labels: Vec<(String, String)> = labels.collect();
    for (name, bytes) in evidence::sheets(&target, &labels)? {
        let path = target.join(name);
        let mut file = make(&path).map_err(named(&path))?;
        file.write_all(&bytes).map_err(named(&path))?;
    }
    let path = target.join("message.json");
    let file = make(&path).map_err(named(&path))?;
    serde_json::to_writer_pretty(file, &card).map_err(|error| named(&path)(error.into()))?;
    Ok(target)
}

fn make(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}
