//! Files on a partner's server: several requests at a time, none of them held whole.

use super::super::super::pickup::{Catch, Entry, PlaceError, Stat};
use super::connect::Session;
use super::fault::told;
use crate::message::Content;
use russh_sftp::client::RawSftpSession;
use russh_sftp::client::error::Error as SftpError;
use russh_sftp::protocol::{FileAttributes, OpenFlags, StatusCode};
use std::collections::VecDeque;
use std::sync::Arc;
use tokio::task::{JoinHandle, spawn_blocking};

impl Session {
    /// Every plain file in a folder.
    pub(super) async fn list(&self, folder: &str) -> Result<Vec<Entry>, PlaceError> {
        let told = |error| told(&self.endpoint, error);
        let handle = self.sftp.opendir(folder).await.map_err(told)?.handle;
        let mut entries = Vec::new();
        let listed = loop {
            let page = match self.sftp.readdir(handle.as_str()).await {
                Ok(page) => page,
                Err(SftpError::Status(status)) if status.status_code == StatusCode::Eof => {
                    break Ok(());
                }
                Err(error) => break Err(error),
            };
            entries.extend(page.files.into_iter().filter_map(|file| {
                let stat = stat_of(&file.attrs)?;
                Some(Entry { name: file.filename, stat })
            }));
        };
        // The list is whole whether they close it or not.
        let _closed = self.sftp.close(handle).await;
        listed.map_err(told)?;
        Ok(entries)
    }

    /// What a plain file is like.
    pub(super) async fn stat(&self, path: &str) -> Result<Stat, PlaceError> {
        let attributes =
            self.sftp.lstat(path).await.map_err(|error| told(&self.endpoint, error))?;
        stat_of(&attributes.attrs).ok_or(PlaceError::Changed)
    }

    /// Reads a file that is as it was listed before its first byte and after its last.
    pub(super) async fn fetch(
        &self,
        path: &str,
        stat: Stat,
        into: &mut Catch,
    ) -> Result<(), PlaceError> {
        let told = |error| told(&self.endpoint, error);
        let open = self.sftp.open(path, OpenFlags::READ, FileAttributes::empty()).await;
        let handle = open.map_err(told)?.handle;
        let read = self.read(&handle, stat, into).await;
        let after = self.sftp.fstat(handle.as_str()).await;
        // What was read was read.
        let _closed = self.sftp.close(handle).await;
        read?;
        match stat_of(&after.map_err(told)?.attrs) {
            Some(after) if after == stat => Ok(()),
            Some(_) | None => Err(PlaceError::Changed),
        }
    }

    /// Reads so many bytes, several pieces at a time, in order.
    async fn read(&self, handle: &str, stat: Stat, into: &mut Catch) -> Result<(), PlaceError> {
        let (mut asked, mut coming) = (0, VecDeque::new());
        loop {
            while asked < stat.size && coming.len() < AT_ONCE {
                let length = u32::try_from(stat.size - asked).unwrap_or(u32::MAX);
                let length = length.min(self.sizes.read);
                let (sftp, handle) = (Arc::clone(&self.sftp), handle.to_owned());
                coming.push_back(Fetching(tokio::spawn(whole(sftp, handle, asked, length))));
                asked += u64::from(length);
            }
            let Some(mut next) = coming.pop_front() else { return Ok(()) };
            let piece =
                (&mut next.0).await.unwrap_or_else(|lost| Err(SftpError::IO(lost.to_string())));
            match piece {
                Ok(Some(bytes)) => into.add(bytes).await.map_err(PlaceError::House)?,
                Ok(None) => return Err(PlaceError::Changed),
                Err(error) => return Err(told(&self.endpoint, error)),
            }
        }
    }

    /// Writes a new file, or over one of ours; how many bytes they say that they have.
    pub(super) async fn put(
        &self,
        path: &str,
        content: &Content,
    ) -> Result<Option<u64>, SftpError> {
        let flags = OpenFlags::WRITE | OpenFlags::CREATE | OpenFlags::TRUNCATE;
        let handle = self.sftp.open(path, flags, FileAttributes::empty()).await?.handle;
        let written = self.write(&handle, content).await;
        let there = self.sftp.fstat(handle.as_str()).await;
        let closed = self.sftp.close(handle).await;
        written?;
        closed?;
        Ok(there.ok().and_then(|there| there.attrs.size))
    }

    async fn write(&self, handle: &str, content: &Content) -> Result<(), SftpError> {
        let (mut sent, mut going) = (0, VecDeque::new());
        let length = content.length();
        loop {
            while sent < length && going.len() < AT_ONCE {
                let size = usize::try_from(length - sent).unwrap_or(usize::MAX);
                let size = size.min(usize::try_from(self.sizes.write).unwrap_or(usize::MAX));
                let bytes = piece(content.clone(), sent, size).await?;
                let (sftp, handle) = (Arc::clone(&self.sftp), handle.to_owned());
                let at = sent;
                sent += u64::try_from(bytes.len()).unwrap_or(0);
                let task = async move { sftp.write(handle, at, bytes).await.map(|_| None) };
                going.push_back(Fetching(tokio::spawn(task)));
            }
            let Some(mut next) = going.pop_front() else { return Ok(()) };
            (&mut next.0).await.unwrap_or_else(|lost| Err(SftpError::IO(lost.to_string())))?;
        }
    }
}

/// A request on its way; nobody waits for it once it is dropped.
struct Fetching(JoinHandle<Result<Option<Vec<u8>>, SftpError>>);

impl Drop for Fetching {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// One whole piece of a file; nothing if it ends before.
async fn whole(
    sftp: Arc<RawSftpSession>,
    handle: String,
    at: u64,
    length: u32,
) -> Result<Option<Vec<u8>>, SftpError> {
    let mut bytes = Vec::new();
    loop {
        let got = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        if got >= length {
            return Ok(Some(bytes));
        }
        match sftp.read(handle.as_str(), at + u64::from(got), length - got).await {
            Ok(read) if read.data.is_empty() => return Ok(None),
            Ok(read) if bytes.is_empty() => bytes = read.data,
            Ok(read) => bytes.extend(read.data),
            Err(SftpError::Status(status)) if status.status_code == StatusCode::Eof => {
                return Ok(None);
            }
            Err(error) => return Err(error),
        }
    }
}

async fn piece(content: Content, at: u64, size: usize) -> Result<Vec<u8>, SftpError> {
    let read = move || {
        let mut bytes = vec![0; size];
        let read = content.read_at(at, &mut bytes)?;
        if read < size { Err(std::io::ErrorKind::UnexpectedEof.into()) } else { Ok(bytes) }
    };
    let read = spawn_blocking(read).await;
    read.unwrap_or_else(|lost| Err(std::io::Error::other(lost))).map_err(SftpError::from)
}

/// What a plain file is like; nothing for what is none, or does not say how large it is.
pub(super) fn stat_of(attributes: &FileAttributes) -> Option<Stat> {
    let known = attributes.permissions.is_some();
    if known && !attributes.is_regular() {
        return None;
    }
    let modified = attributes.mtime.map_or(0, i64::from);
    Some(Stat { size: attributes.size?, modified })
}

/// So many pieces of one file are on their way at a time.
const AT_ONCE: usize = 16;
