//! The packets of SFTP version 3: requests as they come, replies as they go.
//!
//! Pure: bytes in, values out, and the other way. Names are bytes, because they are on the wire.

use super::attributes::Attributes;
use super::fields::{Fields, number, text};
use super::trouble::Trouble;

/// One request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Request<'p> {
    /// The client begins, with the version that it speaks.
    Init(u32),
    /// A file is opened.
    Open {
        /// Its path.
        path: &'p [u8],
        /// How, as bits.
        flags: u32,
    },
    /// A handle is closed.
    Close(Handle),
    /// Bytes are wanted.
    Read {
        /// Of what.
        handle: Handle,
        /// From where on.
        offset: u64,
        /// At most so many.
        length: u32,
    },
    /// Bytes come.
    Write {
        /// For what.
        handle: Handle,
        /// Where they belong.
        offset: u64,
        /// The bytes.
        data: &'p [u8],
    },
    /// What is at this path, a link not followed; here there are none.
    Lstat(&'p [u8]),
    /// What an open handle stands for.
    Fstat(Handle),
    /// What is at this path is to have other attributes.
    Setstat(&'p [u8], Attributes),
    /// The same by a handle.
    Fsetstat(Handle, Attributes),
    /// A folder is opened.
    Opendir(&'p [u8]),
    /// More of its names are wanted.
    Readdir(Handle),
    /// A file is to go.
    Remove(&'p [u8]),
    /// A folder is to be.
    Mkdir(&'p [u8]),
    /// A folder is to go.
    Rmdir(&'p [u8]),
    /// What a path comes to.
    Realpath(&'p [u8]),
    /// What is at this path.
    Stat(&'p [u8]),
    /// Something is to be called otherwise.
    Rename {
        /// What it is called.
        from: &'p [u8],
        /// What it is to be called.
        to: &'p [u8],
        /// Whether what is called so now may go.
        replace: bool,
    },
    /// Where a link leads.
    Readlink(&'p [u8]),
    /// A link is to be, of either kind.
    Link,
    /// How much room there is.
    Statvfs,
    /// The bytes of a handle are to be durable.
    Fsync(Handle),
    /// How large packets may be.
    Limits,
    /// Something that we do not know.
    Unknown,
}

/// What we call an open file or folder; nothing else is one.
pub type Handle = Option<u32>;

/// A request with its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packet<'p> {
    /// The number, which the reply carries; 0 for the first packet.
    pub id: u32,
    /// What is wanted.
    pub request: Request<'p>,
}

/// The length of the next packet, if enough of it is there to know.
pub fn length(buffer: &[u8]) -> Result<Option<usize>, Trouble> {
    let Some(length) = buffer.first_chunk::<4>() else { return Ok(None) };
    let length = u32::from_be_bytes(*length);
    if (1..=LARGEST).contains(&length) {
        Ok(usize::try_from(length).ok())
    } else {
        Err(Trouble::Malformed)
    }
}

/// Reads a packet, without the four bytes of its length.
pub fn read(packet: &[u8]) -> Result<Packet<'_>, Trouble> {
    let mut fields = Fields::of(packet);
    packet_of(&mut fields).ok_or(Trouble::Malformed)
}

fn packet_of<'p>(fields: &mut Fields<'p>) -> Option<Packet<'p>> {
    let kind = fields.byte()?;
    let id = fields.number()?;
    let request = match kind {
        // What a client says of its own extensions changes nothing for us.
        INIT => return Some(Packet { id: 0, request: Request::Init(id) }),
        OPEN => {
            let (path, flags) = (fields.text()?, fields.number()?);
            Attributes::read(fields)?;
            Request::Open { path, flags }
        }
        CLOSE => Request::Close(fields.handle()?),
        READ => Request::Read {
            handle: fields.handle()?,
            offset: fields.long()?,
            length: fields.number()?,
        },
        WRITE => {
            let (handle, offset) = (fields.handle()?, fields.long()?);
            Request::Write { handle, offset, data: fields.text()? }
        }
        LSTAT => Request::Lstat(fields.text()?),
        FSTAT => Request::Fstat(fields.handle()?),
        SETSTAT => Request::Setstat(fields.text()?, Attributes::read(fields)?),
        FSETSTAT => Request::Fsetstat(fields.handle()?, Attributes::read(fields)?),
        OPENDIR => Request::Opendir(fields.text()?),
        READDIR => Request::Readdir(fields.handle()?),
        REMOVE => Request::Remove(fields.text()?),
        MKDIR => Request::Mkdir(fields.text()?),
        RMDIR => Request::Rmdir(fields.text()?),
        REALPATH => Request::Realpath(fields.text()?),
        STAT => Request::Stat(fields.text()?),
        RENAME => Request::Rename { from: fields.text()?, to: fields.text()?, replace: false },
        READLINK => Request::Readlink(fields.text()?),
        SYMLINK => Request::Link,
        EXTENDED => extended(fields)?,
        _ => Request::Unknown,
    };
    Some(Packet { id, request })
}

fn extended<'p>(fields: &mut Fields<'p>) -> Option<Request<'p>> {
    Some(match fields.text()? {
        b"posix-rename@openssh.com" => {
            Request::Rename { from: fields.text()?, to: fields.text()?, replace: true }
        }
        b"statvfs@openssh.com" | b"fstatvfs@openssh.com" => Request::Statvfs,
        b"fsync@openssh.com" => Request::Fsync(fields.handle()?),
        b"lsetstat@openssh.com" => Request::Setstat(fields.text()?, Attributes::read(fields)?),
        b"limits@openssh.com" => Request::Limits,
        b"hardlink@openssh.com" => Request::Link,
        _ => Request::Unknown,
    })
}

/// Replies on their way out, one after the other.
#[derive(Debug, Default)]
pub struct Replies(Vec<u8>);

impl Replies {
    /// All of them, to be sent.
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    /// How many bytes they are so far.
    pub fn length(&self) -> usize {
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

/// The largest packet that we take.
pub const LARGEST: u32 = 256 << 10;

/// The most bytes in one read or write.
pub(super) const MOST_DATA: u32 = LARGEST - 1_024;

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

const INIT: u8 = 1;
const VERSION: u8 = 2;
const OPEN: u8 = 3;
const CLOSE: u8 = 4;
const READ: u8 = 5;
const WRITE: u8 = 6;
const LSTAT: u8 = 7;
const FSTAT: u8 = 8;
const SETSTAT: u8 = 9;
const FSETSTAT: u8 = 10;
const OPENDIR: u8 = 11;
const READDIR: u8 = 12;
const REMOVE: u8 = 13;
const MKDIR: u8 = 14;
const RMDIR: u8 = 15;
const REALPATH: u8 = 16;
const STAT: u8 = 17;
const RENAME: u8 = 18;
const READLINK: u8 = 19;
const SYMLINK: u8 = 20;
const STATUS: u8 = 101;
const HANDLE: u8 = 102;
const DATA: u8 = 103;
const NAME: u8 = 104;
const ATTRS: u8 = 105;
const EXTENDED: u8 = 200;
const EXTENDED_REPLY: u8 = 201;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use russh_sftp::protocol as theirs;

    fn bytes_of(packet: theirs::Packet) -> Vec<u8> {
        let bytes = bytes::Bytes::try_from(packet).unwrap();
        assert_eq!(length(&bytes).unwrap(), Some(bytes.len() - 4));
        bytes[4..].to_vec()
    }

    #[test]
    fn what_another_implementation_writes_is_read() {
        let handle = String::from_utf8(7_u32.to_be_bytes().to_vec()).unwrap();
        let bytes = bytes_of(
            theirs::Write { id: 9, handle: handle.clone(), offset: 1 << 40, data: vec![1, 2, 3] }
                .into(),
        );
        let write = Request::Write { handle: Some(7), offset: 1 << 40, data: &[1, 2, 3] };
        assert_eq!(read(&bytes).unwrap(), Packet { id: 9, request: write });
        let attrs = theirs::FileAttributes { size: Some(5), ..Default::default() };
        let bytes = bytes_of(theirs::SetStat { id: 1, path: "/a".into(), attrs }.into());
        let Request::Setstat(b"/a", attributes) = read(&bytes).unwrap().request else { panic!() };
        assert_eq!(attributes.size, Some(5));
        let bytes =
            bytes_of(theirs::Rename { id: 2, oldpath: "/a".into(), newpath: "/b".into() }.into());
        let rename = Request::Rename { from: b"/a", to: b"/b", replace: false };
        assert_eq!(read(&bytes).unwrap(), Packet { id: 2, request: rename });
    }

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

    #[test]
    fn a_packet_larger_than_agreed_or_empty_is_refused_by_its_length() {
        for wrong in [0, LARGEST + 1, u32::MAX] {
            assert!(matches!(length(&wrong.to_be_bytes()), Err(Trouble::Malformed)), "{wrong}");
        }
        assert!(matches!(length(&[0, 0, 1]), Ok(None)));
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_packet_or_are_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _read = read(&bytes);
            let _length = length(&bytes);
        }

        #[test]
        fn every_cut_of_a_packet_is_refused(cut in 0_usize..30) {
            let handle = String::from_utf8(7_u32.to_be_bytes().to_vec()).unwrap();
            let write = theirs::Write { id: 9, handle, offset: 1, data: vec![1, 2, 3, 4, 5] };
            let bytes = bytes_of(write.into());
            prop_assume!(cut < bytes.len());
            prop_assert!(read(&bytes[..cut]).is_err());
        }
    }
}
