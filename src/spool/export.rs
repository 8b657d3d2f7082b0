//! Everything that is kept of a message, as files that a person can send to somebody.

use super::entry::BodyRef;
use super::error::SpoolError;
use super::files::make_file;
use super::search::Dossier;
use super::store::Spool;
use crate::message::MessageId;
use serde_json::{Value, json};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

impl Spool {
    /// Writes a message into a new folder named by its id, within `folder`: `message.json`, and each
    /// body in a file. No name that a partner chose becomes the name of a file.
    pub fn export(&self, id: MessageId, folder: &Path) -> Result<PathBuf, SpoolError> {
        let dossier = self.dossier(id)?;
        let target = folder.join(id.to_string());
        fs::create_dir(&target).map_err(SpoolError::io("create", &target))?;
        let mut bodies = vec![("body".to_owned(), dossier.body)];
        let numbered = |kind: &'static str, n: usize| format!("{kind}-{n}");
        let kept = dossier.kept.iter().zip(1..).map(|((_, body), n)| (numbered("kept", n), *body));
        bodies.extend(kept);
        let notices =
            dossier.notices.iter().zip(1..).map(|((_, data), n)| (numbered("notice", n), *data));
        bodies.extend(notices);
        for (name, body) in &bodies {
            let path = target.join(name);
            let mut file = make_file(&path).map_err(SpoolError::io("create", &path))?;
            let mut reader = self.read_body(body)?;
            io::copy(&mut reader, &mut file).map_err(SpoolError::io("write", &path))?;
        }
        let path = target.join("message.json");
        let file = make_file(&path).map_err(SpoolError::io("create", &path))?;
        serde_json::to_writer_pretty(file, &description(&dossier))
            .map_err(|error| SpoolError::io("write", &path)(error.into()))?;
        Ok(target)
    }
}

/// A message in words, with the names of the files that hold its bytes.
fn description(dossier: &Dossier) -> Value {
    let Dossier { summary, head, body, events, references, identities, kept, notices } = dossier;
    let bytes = |file: String, body: &BodyRef| json!({ "file": file, "sha256": body.digest, "length": body.length });
    let kept = kept.iter().zip(1..).map(
        |((label, body), n)| json!({ "label": label, "bytes": bytes(format!("kept-{n}"), body) }),
    );
    let notices = notices.iter().zip(1..).map(|((notice, data), n)| {
        json!({ "notice": notice, "data": bytes(format!("notice-{n}"), data) })
    });
    json!({
        "message": summary,
        "head": head,
        "bytes": bytes("body".into(), body),
        "events": events,
        "references": references,
        "identities": identities,
        "kept": kept.collect::<Vec<_>>(),
        "notices": notices.collect::<Vec<_>>(),
    })
}
