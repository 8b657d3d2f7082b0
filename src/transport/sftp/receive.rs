//! What partners put into `inbound/`: written, finished, taken once.
//!
//! # When a file is taken
//!
//! | what they do | what follows |
//! |---|---|
//! | close after writing, under a final name | it is taken; the close succeeds only when it is durable |
//! | close under a temporary name (`.part`, `.tmp`, `.filepart`, a leading dot …) | it waits |
//! | rename from a temporary name, or of an unfinished file | it is taken under the new name |
//! | the connection breaks | it waits, to be resumed; it is never taken like this |
//! | close after a write that failed | the close fails too; it waits, to be resumed |
//! | close again, rename what was taken | nothing is taken again |
//! | the same bytes again, under any name | success; it is known to be a repetition |
//! | other bytes under a name that was taken | a new document |
//! | an empty file | it waits: there is nothing to take |

use super::super::inbox::{Handed, Inbox, Ready};
use super::mailbox::{Agreed, Mailbox, TakenFile, lock};
use super::name::FileName;
use super::trouble::Trouble;
use super::upload::{Complete, Upload, long};
use crate::message::{Body, Channel, Digest, Proof};
use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::sync::{Arc, Mutex};
use tokio::runtime::Handle as Runtime;

/// How a file is opened to be written.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "they are the flags of SSH_FXP_OPEN")]
pub(super) struct How {
    /// Make it if it is not there.
    pub(super) create: bool,
    /// Begin anew.
    pub(super) truncate: bool,
    /// Only if it is not there.
    pub(super) exclusive: bool,
    /// Write at the end, wherever the client says.
    pub(super) append: bool,
}

/// A file open to be written.
#[derive(Debug)]
pub(super) struct Writing {
    pub(super) upload: Arc<Mutex<Upload>>,
    /// Who we are to it.
    writer: u64,
    append: bool,
}

/// A complete file under a name that no partner can ask for.
#[derive(Debug)]
pub(super) struct Claimed {
    /// The name.
    pub(super) at: String,
    /// What it was called, and is called again if it is not taken.
    pub(super) before: FileName,
    pub(super) file: File,
    pub(super) length: u64,
    pub(super) digest: Option<Digest>,
}

impl<I: Inbox> Mailbox<I> {
    /// Opens a file to be written. Whoever opens it last writes it: an earlier session may be one
    /// that does not know yet that its connection broke.
    pub(super) fn begin(
        &self,
        name: &FileName,
        how: How,
        agreed: &Agreed,
    ) -> Result<Writing, Trouble> {
        let now = self.now();
        let mut inside = self.inside();
        let writer = inside.writer();
        let found = inside.open.get(name).cloned();
        if let Some(upload) = found {
            let mut locked = lock(&upload);
            if how.exclusive {
                return Err(Trouble::Exists);
            }
            if !locked.taking {
                if how.truncate {
                    let before = locked.length();
                    locked.resize(0, &self.unfinished)?;
                    self.fewer_bytes(before);
                }
                locked.writer = Some(writer);
                locked.broken = None;
                drop(locked);
                return Ok(Writing { upload, writer, append: how.append });
            }
            if !how.truncate {
                return Err(Trouble::Open);
            }
        } else if let Ok(lying) = self.unfinished.look(name) {
            if how.exclusive {
                return Err(Trouble::Exists);
            }
            if !how.truncate {
                let file = self.unfinished.reopen(name)?;
                let upload = Upload::of(name.clone(), file, lying.length, writer, now);
                let upload = Arc::new(Mutex::new(upload));
                inside.open.insert(name.clone(), Arc::clone(&upload));
                return Ok(Writing { upload, writer, append: how.append });
            }
            self.unfinished.remove(name)?;
            self.one_less(lying.length);
        } else if inside.taken.find(name).is_some() {
            if how.exclusive {
                return Err(Trouble::Exists);
            }
            if !how.truncate {
                return Err(Trouble::Taken);
            }
        } else if !how.create {
            return Err(Trouble::NoSuchFile);
        }
        self.inbox.room(&self.partner)?;
        self.one_more(agreed)?;
        let upload = Arc::new(Mutex::new(Upload::new(name.clone(), writer, now)));
        inside.open.insert(name.clone(), Arc::clone(&upload));
        Ok(Writing { upload, writer, append: how.append })
    }

    /// Writes. Where something could not be written, nothing is until the file is opened again:
    /// requests are on their way by then that would leave a gap.
    pub(super) fn write(
        &self,
        writing: &Writing,
        offset: u64,
        data: &[u8],
        agreed: &Agreed,
    ) -> Result<(), Trouble> {
        let mut upload = writing.mine()?;
        if let Some(trouble) = &upload.broken {
            return Err(trouble.clone());
        }
        let offset = if writing.append { upload.length() } else { offset };
        let written = self.write_at(&mut upload, offset, data, agreed);
        upload.broken = written.as_ref().err().cloned();
        written
    }

    fn write_at(
        &self,
        upload: &mut Upload,
        offset: u64,
        data: &[u8],
        agreed: &Agreed,
    ) -> Result<(), Trouble> {
        let end = offset.saturating_add(long(data.len()));
        if end > agreed.largest {
            return Err(Trouble::TooLarge(agreed.largest));
        }
        let more = end.saturating_sub(upload.length());
        self.more_bytes(more, agreed)?;
        upload.changed = self.now();
        upload.write(offset, data, &self.unfinished).inspect_err(|_| self.fewer_bytes(more))
    }

    /// Makes durable what was written so far.
    pub(super) fn sync(&self, writing: &Writing) -> Result<(), Trouble> {
        writing.mine()?.sync(&self.unfinished)
    }

    /// Makes an open file so long.
    pub(super) fn resize(
        &self,
        writing: &Writing,
        length: u64,
        agreed: &Agreed,
    ) -> Result<(), Trouble> {
        let mut upload = writing.mine()?;
        if length > agreed.largest {
            return Err(Trouble::TooLarge(agreed.largest));
        }
        let before = upload.length();
        self.more_bytes(length.saturating_sub(before), agreed)?;
        upload.resize(length, &self.unfinished)?;
        self.fewer_bytes(before.saturating_sub(length));
        Ok(())
    }

    /// Closes a file that was written: under a final name it is complete now, and taken.
    pub(super) fn close(
        &self,
        writing: &Writing,
        proof: &Proof,
        runtime: &Runtime,
    ) -> Result<(), Trouble> {
        let mut upload = writing.mine()?;
        if let Some(trouble) = upload.broken.clone() {
            drop(upload);
            self.let_go(writing);
            return Err(trouble);
        }
        let name = upload.name.clone();
        if name.is_temporary() || upload.length() == 0 {
            upload.spill(&self.unfinished)?;
            upload.writer = None;
            drop(upload);
            self.forget(&name, &writing.upload);
            return Ok(());
        }
        let length = upload.length();
        upload.taking = true;
        let on_disk = upload.is_on_disk();
        let complete = upload.complete();
        drop(upload);
        let taken = complete.and_then(|complete| self.take(&name, complete, proof, runtime));
        // What could not be taken out of memory is gone, and is told to be.
        let lies = taken.is_err() && on_disk && self.unfinished.look(&name).is_ok();
        if !lies {
            self.one_less(length);
        }
        self.forget(&name, &writing.upload);
        taken
    }

    /// The connection broke: what was written lies there, to be resumed.
    pub(super) fn let_go(&self, writing: &Writing) {
        let Ok(mut upload) = writing.mine() else { return };
        let name = upload.name.clone();
        let length = upload.length();
        let empty = length == 0 && !upload.is_on_disk() && upload.broken.is_none();
        upload.writer = None;
        let kept = if empty { Err(Trouble::End) } else { upload.spill(&self.unfinished) };
        drop(upload);
        if kept.is_err() {
            self.one_less(length);
        }
        self.forget(&name, &writing.upload);
    }

    pub(super) fn forget(&self, name: &FileName, upload: &Arc<Mutex<Upload>>) {
        let mut inside = self.inside();
        if inside.open.get(name).is_some_and(|open| Arc::ptr_eq(open, upload)) {
            inside.open.remove(name);
        }
    }

    /// Takes a complete file.
    fn take(
        &self,
        name: &FileName,
        complete: Complete,
        proof: &Proof,
        runtime: &Runtime,
    ) -> Result<(), Trouble> {
        match complete {
            Complete::Bytes(bytes) => {
                let length = long(bytes.len());
                self.hand_in(name, Body::Bytes(bytes), length, proof, runtime)
            }
            Complete::File { file, length, digest } => {
                let (at, before) = (self.unfinished.claim(name, self.now())?, name.clone());
                let claimed = Claimed { at, before, file, length, digest };
                self.take_claimed(name, claimed, proof, runtime)
            }
        }
    }

    /// Takes a complete file that nobody can open any more. What is not taken lies there again.
    pub(super) fn take_claimed(
        &self,
        name: &FileName,
        claimed: Claimed,
        proof: &Proof,
        runtime: &Runtime,
    ) -> Result<(), Trouble> {
        let Claimed { at, before, file, length, digest } = claimed;
        let body = if length <= AS_BYTES {
            bytes_of(&file, length)
        } else {
            let ready =
                Ready { folder: self.unfinished.folder(), name: at.clone(), file, length, digest };
            self.inbox.adopt(&self.partner, ready).map_err(Trouble::from)
        };
        let taken = body.and_then(|body| self.hand_in(name, body, length, proof, runtime));
        match &taken {
            // What was taken over is gone from here already.
            Ok(()) => drop(self.unfinished.forget(&at)),
            Err(_) => self.undo(&at, &before),
        }
        taken
    }

    /// Hands in a file. It is shown as taken only when it is durable.
    fn hand_in(
        &self,
        name: &FileName,
        body: Body,
        length: u64,
        proof: &Proof,
        runtime: &Runtime,
    ) -> Result<(), Trouble> {
        let handed = Handed {
            partner: self.partner.clone(),
            channel: Channel::Sftp,
            proof: proof.clone(),
            file_name: Some(name.text()),
            content_type: None,
            key: None,
            document: None,
            body,
            answer: None,
            kept: Vec::new(),
        };
        let taken = runtime.block_on(self.inbox.hand_in(handed))?;
        let file = TakenFile { id: taken.id(), length, at: self.now() };
        self.inside().taken.insert(name.clone(), file);
        Ok(())
    }

    /// What was not taken lies there again, so that it need not be sent again.
    fn undo(&self, claimed: &str, name: &FileName) {
        if self.unfinished.give_back(claimed, name).is_err() {
            let _gone = self.unfinished.forget(claimed);
        }
    }
}

impl Writing {
    /// The file, as long as nobody else opened it.
    pub(super) fn mine(&self) -> Result<std::sync::MutexGuard<'_, Upload>, Trouble> {
        let upload = lock(&self.upload);
        if upload.writer == Some(self.writer) { Ok(upload) } else { Err(Trouble::TakenOver) }
    }
}

fn bytes_of(file: &File, length: u64) -> Result<Body, Trouble> {
    let mut bytes = vec![0; usize::try_from(length).unwrap_or(0)];
    file.read_exact_at(&mut bytes, 0)?;
    Ok(Body::Bytes(bytes))
}

/// So many bytes travel with the message; a longer file is taken over as it is.
const AS_BYTES: u64 = 64 << 10;
