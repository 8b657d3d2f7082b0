//! Paths and names as partners write them: what they come to, which are refused, and how a name is
//! written so that it can stand on our disk.

use super::trouble::Trouble;
use crate::message::MessageId;
use std::fmt::Write as _;

/// A folder of a mailbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Folder {
    /// What they put.
    Inbound,
    /// What they fetch: documents.
    Outbound,
    /// What they fetch: 997, 999 and TA1.
    Acknowledgments,
    /// What we could not read, with a text that says why.
    Rejected,
    /// What they fetched before.
    Archive,
}

impl Folder {
    /// Every folder.
    pub const ALL: [Self; 5] =
        [Self::Inbound, Self::Outbound, Self::Acknowledgments, Self::Rejected, Self::Archive];

    /// What it is called.
    pub fn name(self) -> &'static str {
        match self {
            Self::Inbound => "inbound",
            Self::Outbound => "outbound",
            Self::Acknowledgments => "acknowledgments",
            Self::Rejected => "rejected",
            Self::Archive => "archive",
        }
    }
}

/// What a path comes to. There are two floors: folders, and the files in them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// The mailbox itself.
    Root,
    /// One of its folders.
    Folder(Folder),
    /// A file in one.
    File(Folder, FileName),
}

impl Place {
    /// What a path comes to. It is never given to the system: `..` leads to the root at most.
    pub fn of(path: &[u8]) -> Result<Self, Trouble> {
        let mut steps: Vec<&[u8]> = Vec::new();
        for step in path.split(|byte| *byte == b'/') {
            match step {
                b"" | b"." => {}
                b".." => {
                    steps.pop();
                }
                step if steps.len() < 3 => steps.push(step),
                _ => return Err(Trouble::NoSuchFolder),
            }
        }
        let Some((first, rest)) = steps.split_first() else { return Ok(Self::Root) };
        let folder = Folder::ALL.into_iter().find(|folder| folder.name().as_bytes() == *first);
        match (folder, rest) {
            (Some(folder), []) => Ok(Self::Folder(folder)),
            (Some(folder), [name]) => Ok(Self::File(folder, FileName::new(name)?)),
            (None, []) => Err(Trouble::NoSuchFile),
            (_, _) => Err(Trouble::NoSuchFolder),
        }
    }

    /// The path from the root, in its plainest form.
    pub fn path(&self) -> Vec<u8> {
        match self {
            Self::Root => b"/".to_vec(),
            Self::Folder(folder) => format!("/{}", folder.name()).into_bytes(),
            Self::File(folder, name) => {
                [b"/", folder.name().as_bytes(), b"/", name.as_bytes()].concat()
            }
        }
    }
}

/// The name of a file: bytes, as the partner wrote them.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileName(Vec<u8>);

impl FileName {
    /// The name, if a file can have it.
    pub fn new(name: &[u8]) -> Result<Self, Trouble> {
        if matches!(name, b"" | b"." | b"..") {
            return Err(Trouble::Name("it must be a name"));
        }
        if name.contains(&b'/') {
            return Err(Trouble::Name("it must have no slash"));
        }
        let controls = |c: char| {
            c.is_control() || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
        };
        let bad = |byte: &u8| *byte < 0x20 || *byte == 0x7F;
        if name.iter().any(bad) || String::from_utf8_lossy(name).chars().any(controls) {
            return Err(Trouble::Name("it must have no control characters"));
        }
        if on_disk(name).len() > LONGEST {
            return Err(Trouble::Name("it is too long"));
        }
        Ok(Self(name.to_vec()))
    }

    /// A name of our own making, with what cannot stand in one replaced.
    pub(super) fn ours(name: &str) -> Self {
        let plain: String =
            name.chars().map(|c| if c.is_control() || c == '/' { '_' } else { c }).collect();
        Self::new(plain.as_bytes()).unwrap_or_else(|_| Self(b"file".to_vec()))
    }

    /// The same with `more` before the ending, such as `a-1.edi`.
    pub(super) fn with(&self, more: &str) -> Self {
        let at = self.0.iter().rposition(|byte| *byte == b'.').filter(|at| *at > 0);
        let (stem, ending) = self.0.split_at(at.unwrap_or(self.0.len()));
        Self([stem, b"-", more.as_bytes(), ending].concat())
    }

    /// The id that stands in it where [`Self::with`] puts it.
    pub(super) fn id(&self) -> Option<MessageId> {
        let at = self.0.iter().rposition(|byte| *byte == b'.').filter(|at| *at > 0);
        let stem = self.0.get(..at.unwrap_or(self.0.len()))?;
        let id = stem.get(stem.len().checked_sub(ID)?..)?;
        std::str::from_utf8(id).ok()?.parse().ok()
    }

    /// The same with `more` behind it, such as `a.edi.txt`.
    pub(super) fn followed_by(&self, more: &str) -> Self {
        Self([self.0.as_slice(), more.as_bytes()].concat())
    }

    /// As it was written.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// As text for people; what is no UTF-8 is replaced.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.0).into_owned()
    }

    /// Whether it says that the file is not complete yet, as the programs that upload under such
    /// names and rename at the end mean it.
    pub fn is_temporary(&self) -> bool {
        let lower = self.0.to_ascii_lowercase();
        lower.starts_with(b".")
            || lower.ends_with(b"~")
            || TEMPORARY.iter().any(|ending| lower.ends_with(ending.as_bytes()))
    }

    /// The name that it has on our disk: letters, digits, and all else as `%XX`.
    pub(super) fn on_disk(&self) -> String {
        on_disk(&self.0)
    }

    /// The name that has this name on our disk.
    pub(super) fn from_disk(name: &[u8]) -> Option<Self> {
        let mut bytes = Vec::with_capacity(name.len());
        let mut rest = name;
        while let Some((first, after)) = rest.split_first() {
            rest = after;
            if *first != b'%' {
                bytes.push(*first);
                continue;
            }
            let (digits, after) = rest.split_at_checked(2)?;
            bytes.push(u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?);
            rest = after;
        }
        Self::new(&bytes).ok().filter(|found| found.on_disk().as_bytes() == name)
    }
}

fn on_disk(name: &[u8]) -> String {
    let mut written = String::with_capacity(name.len());
    for (index, byte) in name.iter().enumerate() {
        let plain = byte.is_ascii_alphanumeric()
            || matches!(byte, b'-' | b'_')
            || (*byte == b'.' && index > 0);
        if plain {
            written.push(char::from(*byte));
        } else {
            // To write into a string cannot fail.
            let _written = write!(written, "%{byte:02X}");
        }
    }
    written
}

/// How long an id is.
const ID: usize = 36;

/// What a file system takes in one name.
const LONGEST: usize = 250;

/// How names end that are given up for another once the file is complete.
const TEMPORARY: [&str; 7] =
    [".part", ".partial", ".tmp", ".temp", ".filepart", ".crdownload", ".uploading"];

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn file(folder: Folder, name: &[u8]) -> Place {
        Place::File(folder, FileName::new(name).unwrap())
    }

    #[test]
    fn a_path_comes_to_a_folder_or_to_a_file_in_one() {
        for (path, place) in [
            (&b""[..], Place::Root),
            (b".", Place::Root),
            (b"/", Place::Root),
            (b"/..", Place::Root),
            (b"../../..", Place::Root),
            (b"inbound", Place::Folder(Folder::Inbound)),
            (b"/outbound/.", Place::Folder(Folder::Outbound)),
            (b"/outbound/../inbound//a.edi", file(Folder::Inbound, b"a.edi")),
            (b"inbound/../../../inbound/a", file(Folder::Inbound, b"a")),
            (b"/inbound/\xFF\xFE", file(Folder::Inbound, b"\xFF\xFE")),
        ] {
            let found = Place::of(path).unwrap();
            assert_eq!(found, place, "{path:?}");
            assert_eq!(Place::of(&found.path()).unwrap(), place);
        }
    }

    #[test]
    fn what_cannot_be_a_name_is_refused() {
        for path in [
            &b"/etc/passwd"[..],
            b"/inbound/a/b",
            b"/inboundx",
            b"/Inbound/a",
            b"/inbound/a\0b",
            b"/inbound/a\nb",
            b"/inbound/a\x7Fb",
            "/inbound/a\u{202E}ide.exe".as_bytes(),
            &[b"/inbound/".as_slice(), &[b'a'; 251]].concat(),
            &[b"/inbound/".as_slice(), &[0xFF; 90]].concat(),
        ] {
            assert!(Place::of(path).is_err(), "{}", String::from_utf8_lossy(path));
        }
    }

    #[test]
    fn temporary_names_are_known() {
        for name in ["a.part", "a.TMP", "a.edi.filepart", ".a.edi", "a~", ".in.a"] {
            assert!(FileName::new(name.as_bytes()).unwrap().is_temporary(), "{name}");
        }
        for name in ["a", "a.edi", "part", "tmp.edi", "a.parts"] {
            assert!(!FileName::new(name.as_bytes()).unwrap().is_temporary(), "{name}");
        }
    }

    proptest! {
        #[test]
        fn a_name_stands_on_the_disk_and_is_known_again(bytes in proptest::collection::vec(any::<u8>(), 1..60)) {
            if let Ok(name) = FileName::new(&bytes) {
                let written = name.on_disk();
                prop_assert!(written.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.%".contains(&b)));
                prop_assert!(!written.starts_with('.'));
                prop_assert_eq!(FileName::from_disk(written.as_bytes()), Some(name));
            }
        }
    }
}
