//! The packets of SFTP version 3 that come: requests.
//!
//! Pure: bytes in, values out. Names are bytes, because they are on the wire.

use super::attributes::Attributes;
use super::fields::Fields;
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

/// The largest packet that we take.
pub const LARGEST: u32 = 256 << 10;

/// The most bytes in one read or write.
pub(super) const MOST_DATA: u32 = LARGEST - 1_024;

const INIT: u8 = 1;
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
const EXTENDED: u8 = 200;

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
