//! The packets of SFTP version 3 that go: replies.

use super::attributes::Attributes;
use super::fields::{number, text};
use super::trouble::Trouble;

/// Replies on their way out, one after the other.
#[derive(Debug, Default)]
pub(super) struct Replies(Vec<u8>);

impl Replies {
    /// All of them, to be sent.
    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    /// How many bytes they are so far.
    pub(super) fn length(&self) -> usize {
        self.0.len()
    }

    /// The version that we speak, and what we can do beyond it.
    pub(super) fn version(&mut self) {
        self.packet(VERSION, None, |out| {
            number(out, 3);
            for (name, version) in EXTENSIONS {
                text(out, name.as_bytes());
                text(out, version.as_bytes());
            }
        });
    }

    /// That it is done, or why not.
    pub(super) fn status(&mut self, id: u32, done: Result<(), &Trouble>) {
        let (code, words) = match done {
            Ok(()) => (0, "done".to_owned()),
            Err(trouble) => (trouble.code(), trouble.to_string()),
        };
        self.packet(STATUS, Some(id), |out| {
            number(out, code);
            text(out, words.as_bytes());
            text(out, b"en");
        });
    }

    pub(super) fn handle(&mut self, id: u32, handle: u32) {
        self.packet(HANDLE, Some(id), |out| text(out, &handle.to_be_bytes()));
    }

    /// The bytes that `fill` puts into the room for `length` of them; it says how many those are.
    pub(super) fn data(
        &mut self,
        id: u32,
        length: usize,
        fill: impl FnOnce(&mut [u8]) -> Result<usize, Trouble>,
    ) -> Result<usize, Trouble> {
        let start = self.0.len();
        self.0.resize(start + DATA_HEAD + length, 0);
        let room = self.0.get_mut(start + DATA_HEAD..).unwrap_or_default();
        let filled = match fill(room) {
            Ok(0) => Err(Trouble::End),
            other => other,
        };
        let kept = filled.as_ref().map_or(0, |filled| DATA_HEAD + filled);
        self.0.truncate(start + kept);
        let filled = filled?;
        let whole = u32::try_from(DATA_HEAD - 4 + filled).unwrap_or(u32::MAX);
        let count = u32::try_from(filled).unwrap_or(u32::MAX);
        let mut head = Vec::with_capacity(DATA_HEAD);
        number(&mut head, whole);
        head.push(DATA);
        number(&mut head, id);
        number(&mut head, count);
        if let Some(place) = self.0.get_mut(start..start + DATA_HEAD) {
            place.copy_from_slice(&head);
        }
        Ok(filled)
    }

    /// Names, each with a line for people and attributes.
    pub(super) fn names<'n>(
        &mut self,
        id: u32,
        names: impl ExactSizeIterator<Item = (&'n [u8], Vec<u8>, Attributes)>,
    ) {
        self.packet(NAME, Some(id), |out| {
            number(out, u32::try_from(names.len()).unwrap_or(u32::MAX));
            for (name, line, attributes) in names {
                text(out, name);
                text(out, &line);
                attributes.write(out);
            }
        });
    }

    pub(super) fn attributes(&mut self, id: u32, attributes: &Attributes) {
        self.packet(ATTRS, Some(id), |out| attributes.write(out));
    }

    /// Numbers that an extension asked for.
    pub(super) fn numbers(&mut self, id: u32, numbers: &[u64]) {
        self.packet(EXTENDED_REPLY, Some(id), |out| {
            for long in numbers {
                out.extend_from_slice(&long.to_be_bytes());
            }
        });
    }

    fn packet(&mut self, kind: u8, id: Option<u32>, write: impl FnOnce(&mut Vec<u8>)) {
        let start = self.0.len();
        number(&mut self.0, 0);
        self.0.push(kind);
        if let Some(id) = id {
            number(&mut self.0, id);
        }
        write(&mut self.0);
        let length = u32::try_from(self.0.len() - start - 4).unwrap_or(u32::MAX);
        if let Some(place) = self.0.get_mut(start..start + 4) {
            place.copy_from_slice(&length.to_be_bytes());
        }
    }
}

/// Length, kind, number and count of bytes.
const DATA_HEAD: usize = 13;

/// What we can do beyond version 3.
const EXTENSIONS: [(&str, &str); 6] = [
    ("posix-rename@openssh.com", "1"),
    ("statvfs@openssh.com", "2"),
    ("fstatvfs@openssh.com", "2"),
    ("fsync@openssh.com", "1"),
    ("lsetstat@openssh.com", "1"),
    ("limits@openssh.com", "1"),
];

const VERSION: u8 = 2;
const STATUS: u8 = 101;
const HANDLE: u8 = 102;
const DATA: u8 = 103;
const NAME: u8 = 104;
const ATTRS: u8 = 105;
const EXTENDED_REPLY: u8 = 201;

#[cfg(test)]
mod tests {
    use super::*;
    use russh_sftp::protocol as theirs;

    #[test]
    fn what_we_write_is_read_by_another_implementation() {
        let mut replies = Replies::default();
        replies.status(4, Err(&Trouble::NoSuchFile));
        let bytes = replies.into_bytes();
        let mut rest = bytes::Bytes::from(bytes).slice(4..);
        let theirs::Packet::Status(status) = theirs::Packet::try_from(&mut rest).unwrap() else {
            panic!()
        };
        assert_eq!((status.id, status.status_code), (4, theirs::StatusCode::NoSuchFile));
        assert_eq!(status.error_message, Trouble::NoSuchFile.to_string());
        let mut replies = Replies::default();
        let filled = replies.data(5, 100, |room| {
            room[..3].copy_from_slice(b"abc");
            Ok(3)
        });
        assert_eq!(filled.unwrap(), 3);
        assert!(matches!(replies.data(6, 100, |_| Ok(0)), Err(Trouble::End)));
        let mut rest = bytes::Bytes::from(replies.into_bytes()).slice(4..);
        let theirs::Packet::Data(data) = theirs::Packet::try_from(&mut rest).unwrap() else {
            panic!()
        };
        assert_eq!((data.id, data.data), (5, b"abc".to_vec()));
    }
}
