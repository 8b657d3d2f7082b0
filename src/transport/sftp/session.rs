//! One session of SFTP: requests in, replies out, against the mailbox of one partner.
//!
//! Knows no socket and no channel: bytes come, bytes go. Requests are answered in the order in which
//! they came.

use super::super::inbox::Inbox;
use super::access::Visitor;
use super::attributes::Attributes;
use super::handles::{Handles, MOST_OPEN, Open};
use super::inbound::Readable;
use super::mailbox::{Agreed, Mailbox};
use super::name::{Folder, Place};
use super::packet::{self, Handle, MOST_DATA, Request};
use super::receive::How;
use super::replies::Replies;
use super::trouble::Trouble;
use super::upload::long;
use std::os::unix::fs::FileExt as _;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use tokio::runtime::Handle as Runtime;

/// One session.
#[derive(Debug)]
pub(super) struct Session<I: Inbox> {
    mailbox: Arc<Mailbox<I>>,
    visitor: Visitor,
    agreed: Agreed,
    open: Handles,
    begun: bool,
    runtime: Runtime,
}

impl<I: Inbox> Session<I> {
    /// A session of this visitor's, unless too many are open already.
    pub(super) fn open(
        mailbox: Arc<Mailbox<I>>,
        visitor: Visitor,
        runtime: Runtime,
    ) -> Result<Self, Trouble> {
        let agreed = mailbox.agreed()?;
        if mailbox.sessions.fetch_add(1, Ordering::Relaxed) >= agreed.limits.sessions {
            mailbox.sessions.fetch_sub(1, Ordering::Relaxed);
            return Err(Trouble::Handles);
        }
        let open = Handles::default();
        Ok(Self { mailbox, visitor, agreed, open, begun: false, runtime })
    }

    /// Answers the requests that are complete in `input`, as far as there is room for replies; says
    /// how many bytes of it are done with. An error ends the session.
    pub(super) fn serve(&mut self, input: &[u8], replies: &mut Replies) -> Result<usize, Trouble> {
        self.refresh()?;
        let mut done = 0;
        while replies.length() < ENOUGH {
            let rest = input.get(done..).unwrap_or_default();
            let Some(length) = packet::length(rest)? else { break };
            let Some(bytes) = rest.get(4..4 + length) else { break };
            let packet = packet::read(bytes)?;
            if !self.begun && !matches!(packet.request, Request::Init(_)) {
                return Err(Trouble::Malformed);
            }
            if let Err(trouble) = self.answer(packet.id, packet.request, replies) {
                let partner = &self.mailbox.partner;
                if let Trouble::Disk(why) = &trouble {
                    tracing::error!(%partner, why, "a mailbox cannot be used");
                }
                if trouble == Trouble::Damaged {
                    tracing::error!(%partner, "a body is not given out; see `wharf spool verify`");
                }
                replies.status(packet.id, Err(&trouble));
            }
            done += 4 + length;
        }
        Ok(done)
    }

    /// The partners' files may have been read again.
    fn refresh(&mut self) -> Result<(), Trouble> {
        let partners = self.mailbox.inbox.partners();
        let partner = partners.partner(self.mailbox.partner.as_str()).ok_or(Trouble::Gone)?;
        let sftp = partner.wires.sftp.as_ref().ok_or(Trouble::Gone)?;
        if !self.visitor.is_welcome(sftp) {
            return Err(Trouble::Gone);
        }
        self.agreed = Agreed::of(partner, sftp);
        Ok(())
    }

    fn answer(&mut self, id: u32, request: Request<'_>, out: &mut Replies) -> Result<(), Trouble> {
        match request {
            Request::Init(_) => {
                self.begun = true;
                out.version();
                return Ok(());
            }
            Request::Open { path, flags } => {
                let open = self.open_file(path, flags)?;
                return self.handle(id, open, out);
            }
            Request::Opendir(path) => {
                let listing = self.mailbox.list(&self.place(path)?, &self.agreed)?;
                return self.handle(id, Open::Folder(listing), out);
            }
            Request::Read { handle, offset, length } => {
                return self.read(id, handle, offset, length, out);
            }
            Request::Readdir(handle) => return self.names(id, handle, out),
            Request::Lstat(path) | Request::Stat(path) => {
                let attributes = self.look(&Place::of(path)?)?;
                out.attributes(id, &attributes);
                return Ok(());
            }
            Request::Fstat(handle) => {
                let attributes = self.look_at(handle)?;
                out.attributes(id, &attributes);
                return Ok(());
            }
            Request::Realpath(path) => {
                let path = Place::of(path)?.path();
                let attributes = Attributes::default();
                out.names(id, [(path.as_slice(), path.clone(), attributes)].into_iter());
                return Ok(());
            }
            Request::Statvfs => {
                out.numbers(id, &self.room()?);
                return Ok(());
            }
            Request::Limits => {
                let most = u64::from(MOST_DATA);
                let handles = long(MOST_OPEN);
                out.numbers(id, &[u64::from(packet::LARGEST), most, most, handles]);
                return Ok(());
            }
            Request::Write { handle, offset, data } => {
                self.mailbox.write(self.open.writing(handle)?, offset, data, &self.agreed)?;
            }
            Request::Close(handle) => self.close(handle)?,
            Request::Fsync(handle) => self.mailbox.sync(self.open.writing(handle)?)?,
            Request::Setstat(path, attributes) => self.change(path, attributes)?,
            Request::Fsetstat(handle, attributes) => {
                if let (Some(size), Open::Writing(writing)) =
                    (attributes.size, self.open.find(handle)?)
                {
                    self.mailbox.resize(writing, size, &self.agreed)?;
                }
            }
            Request::Remove(path) => match self.place(path)? {
                Place::File(Folder::Inbound, name) => self.mailbox.remove_inbound(&name)?,
                Place::File(folder, name) => self.mailbox.remove(folder, &name, &self.agreed)?,
                Place::Root | Place::Folder(_) => return Err(Trouble::Folders),
            },
            Request::Rename { from, to, replace } => self.rename(from, to, replace)?,
            Request::Mkdir(_) | Request::Rmdir(_) => return Err(Trouble::Folders),
            Request::Readlink(_) | Request::Link => return Err(Trouble::Links),
            Request::Unknown => return Err(Trouble::Unsupported),
        }
        out.status(id, Ok(()));
        Ok(())
    }

    fn handle(&mut self, id: u32, open: Open, out: &mut Replies) -> Result<(), Trouble> {
        if self.open.is_full() {
            self.put_away(&open);
            return Err(Trouble::Handles);
        }
        out.handle(id, self.open.insert(open));
        Ok(())
    }

    /// What a path comes to, if it is in a folder that this partner sees.
    fn place(&self, path: &[u8]) -> Result<Place, Trouble> {
        let place = Place::of(path)?;
        match place {
            Place::Folder(folder) | Place::File(folder, _)
                if !self.agreed.folders().contains(&folder) =>
            {
                Err(Trouble::NoSuchFolder)
            }
            Place::Root | Place::Folder(_) | Place::File(..) => Ok(place),
        }
    }

    fn open_file(&self, path: &[u8], flags: u32) -> Result<Open, Trouble> {
        let changes = flags & (WRITE | APPEND | CREATE | TRUNCATE) != 0;
        let place = self.place(path);
        let (folder, name) = match place {
            Ok(Place::File(folder, name)) => (folder, name),
            Err(Trouble::NoSuchFile) if changes => return Err(Trouble::OnlyInbound),
            Err(trouble) => return Err(trouble),
            Ok(Place::Root | Place::Folder(_)) => return Err(Trouble::IsFolder),
        };
        if changes {
            if folder != Folder::Inbound {
                return Err(Trouble::OnlyInbound);
            }
            let how = How {
                create: flags & CREATE != 0,
                truncate: flags & TRUNCATE != 0,
                exclusive: flags & EXCLUSIVE != 0,
                append: flags & APPEND != 0,
            };
            return Ok(Open::Writing(self.mailbox.begin(&name, how, &self.agreed)?));
        }
        if folder != Folder::Inbound {
            return Ok(Open::Reading(self.mailbox.fetch(folder, &name, &self.agreed)?));
        }
        Ok(match self.mailbox.read_inbound(&name)? {
            Readable::Content(content) => Open::Content(content),
            Readable::File(file) => Open::File(file),
        })
    }

    fn names(&mut self, id: u32, handle: Handle, out: &mut Replies) -> Result<(), Trouble> {
        let Open::Folder(listing) = self.open.find_mut(handle)? else {
            return Err(Trouble::Handle);
        };
        let page = self.mailbox.page(listing, &self.agreed)?;
        if page.is_empty() {
            return Err(Trouble::End);
        }
        let (owner, now) = (self.mailbox.partner.as_str(), self.mailbox.now());
        let page = page.iter().map(|(name, attributes)| {
            (name.as_slice(), attributes.line(name, owner, now), *attributes)
        });
        out.names(id, page);
        Ok(())
    }

    fn read(
        &mut self,
        id: u32,
        handle: Handle,
        offset: u64,
        length: u32,
        out: &mut Replies,
    ) -> Result<(), Trouble> {
        let most = usize::try_from(length.min(MOST_DATA)).unwrap_or(0);
        match self.open.find_mut(handle)? {
            Open::Reading(reading) => {
                let filled =
                    out.data(id, most, |room| Ok(reading.content.read_at(offset, room)?))?;
                self.mailbox.sent(reading, offset, filled);
            }
            Open::Content(content) => {
                out.data(id, most, |room| Ok(content.read_at(offset, room)?))?;
            }
            Open::File(file) => {
                out.data(id, most, |room| Ok(file.read_at(room, offset)?))?;
            }
            Open::Writing(writing) => {
                out.data(id, most, |room| writing.mine()?.read(offset, room))?;
            }
            Open::Folder(_) => return Err(Trouble::IsFolder),
        }
        Ok(())
    }

    fn close(&mut self, handle: Handle) -> Result<(), Trouble> {
        match self.open.remove(handle)? {
            Open::Writing(writing) => {
                self.mailbox.close(&writing, &self.visitor.proof, &self.runtime)
            }
            Open::Reading(reading) => {
                self.mailbox.read_to_the_end(&reading, &self.agreed, &self.runtime)
            }
            Open::Content(_) | Open::File(_) | Open::Folder(_) => Ok(()),
        }
    }

    fn look(&self, place: &Place) -> Result<Attributes, Trouble> {
        let folders = self.agreed.folders();
        match place {
            Place::Folder(folder) | Place::File(folder, _) if !folders.contains(folder) => {
                Err(Trouble::NoSuchFile)
            }
            Place::Root | Place::Folder(_) => Ok(Attributes::folder(0o755, self.mailbox.now())),
            Place::File(Folder::Inbound, name) => self.mailbox.look_inbound(name),
            Place::File(folder, name) => {
                self.mailbox.look(*folder, name, &self.agreed).map(|item| item.attributes())
            }
        }
    }

    fn look_at(&self, handle: Handle) -> Result<Attributes, Trouble> {
        let now = self.mailbox.now();
        Ok(match self.open.find(handle)? {
            Open::Writing(writing) => {
                let upload = writing.mine()?;
                Attributes::file(upload.length(), 0o644, upload.changed)
            }
            Open::Reading(reading) => reading.item.attributes(),
            Open::Content(content) => Attributes::file(content.length(), 0o444, now),
            Open::File(file) => Attributes::file(file.metadata()?.len(), 0o644, now),
            Open::Folder(_) => Attributes::folder(0o755, now),
        })
    }

    /// Attributes that mean something here are the length; times and rights are ours, and to set
    /// them is no fault, because programs do it after every upload.
    fn change(&self, path: &[u8], attributes: Attributes) -> Result<(), Trouble> {
        match (self.place(path)?, attributes.size) {
            (Place::File(Folder::Inbound, name), Some(size)) => {
                self.mailbox.resize_named(&name, size, &self.agreed)
            }
            (place @ Place::File(Folder::Inbound, _), None) => self.look(&place).map(drop),
            (_, _) => Err(Trouble::OnlyInbound),
        }
    }

    fn rename(&self, from: &[u8], to: &[u8], replace: bool) -> Result<(), Trouble> {
        match (self.place(from)?, self.place(to)) {
            (Place::File(Folder::Inbound, from), Ok(Place::File(Folder::Inbound, to))) => {
                let (proof, runtime) = (&self.visitor.proof, &self.runtime);
                self.mailbox.rename(&from, &to, replace, proof, runtime)
            }
            (Place::Root | Place::Folder(_), _) => Err(Trouble::Folders),
            (_, Err(trouble @ Trouble::Name(_))) => Err(trouble),
            (_, _) => Err(Trouble::OnlyInbound),
        }
    }

    /// How much room there is, as `statvfs` tells it: no more than was agreed.
    fn room(&self) -> Result<[u64; 11], Trouble> {
        let (block, blocks, free) = self.mailbox.unfinished.room()?;
        let agreed = self.agreed.limits.partial_bytes.bytes() / block.max(1);
        let free = free.min(agreed);
        let files = u64::from(self.agreed.limits.partial_files);
        Ok([block, block, blocks.min(agreed), free, free, files, files, files, 0, 0, LONGEST_NAME])
    }

    /// A handle that nobody was told of.
    fn put_away(&self, open: &Open) {
        if let Open::Writing(writing) = open {
            self.mailbox.let_go(writing);
        }
    }
}

/// However a session ends, what was written and not closed lies there to be resumed.
impl<I: Inbox> Drop for Session<I> {
    fn drop(&mut self) {
        for open in self.open.all() {
            self.put_away(open);
        }
        if self.mailbox.sessions.fetch_sub(1, Ordering::Relaxed) == 1 {
            self.mailbox.put_away();
        }
    }
}

const WRITE: u32 = 2;
const APPEND: u32 = 4;
const CREATE: u32 = 8;
const TRUNCATE: u32 = 16;
const EXCLUSIVE: u32 = 32;

/// With so many bytes of replies waiting, requests wait too.
const ENOUGH: usize = 2 << 20;

const LONGEST_NAME: u64 = 250;
