//! What the name of a file says about it.

use crate::message::Digest;

/// Who claims a file: the same gateway after a restart, and no other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner(String);

impl Owner {
    /// The gateway that `text` says, such as a host's name and where its spool lies.
    pub fn of(text: &str) -> Self {
        Self(Digest::of(text.as_bytes()).to_string().chars().take(OWNER).collect())
    }

    /// What a file is called while it is ours.
    pub(super) fn claim(&self, name: &str) -> String {
        format!("{CLAIM}{}-{name}", self.0)
    }
}

/// What a file is, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sort<'n> {
    /// One to be taken.
    Plain,
    /// One that we claimed, and what it was called before.
    Ours(&'n str),
    /// One that another gateway claimed, and what it was called before.
    Theirs(&'n str),
    /// One that is hidden, or being written.
    Unfinished,
    /// One that we could not ask for by this name.
    Unnameable,
}

/// What a file is, by its name.
pub(super) fn sort<'n>(name: &'n str, owner: &Owner) -> Sort<'n> {
    if let Some((by, before)) = name.strip_prefix(CLAIM).and_then(|rest| rest.split_once('-'))
        && by.len() == OWNER
        && !before.is_empty()
    {
        return if by == owner.0 { Sort::Ours(before) } else { Sort::Theirs(before) };
    }
    if name.starts_with('.') {
        return Sort::Unfinished;
    }
    // The mark that stands for bytes that are no UTF-8.
    if name.is_empty() || name.contains(['/', '\0', '\u{FFFD}']) {
        return Sort::Unnameable;
    }
    let lower = name.to_ascii_lowercase();
    let unfinished = UNFINISHED.iter().any(|ending| lower.ends_with(ending));
    if unfinished { Sort::Unfinished } else { Sort::Plain }
}

/// Hidden from whoever lists the folder, and known as ours.
const CLAIM: &str = ".wharf-";

const OWNER: usize = 12;

/// What programs call files that they are still writing.
const UNFINISHED: [&str; 9] = [
    ".part",
    ".partial",
    ".filepart",
    ".tmp",
    ".temp",
    ".upload",
    ".uploading",
    ".writing",
    ".crdownload",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_what_a_file_is() {
        let [owner, other] = ["a", "b"].map(Owner::of);
        assert_eq!(sort("in.edi", &owner), Sort::Plain);
        assert_eq!(sort(&owner.claim("in-1.edi"), &owner), Sort::Ours("in-1.edi"));
        assert_eq!(sort(&other.claim("in-1.edi"), &owner), Sort::Theirs("in-1.edi"));
        for name in
            ["a.part", "a.edi.PART", "a.filepart", ".hidden", ".wharf-", ".wharf-x-y", "b.Tmp"]
        {
            assert_eq!(sort(name, &owner), Sort::Unfinished, "{name}");
        }
        for name in ["", "a/b", "a\0", "a\u{FFFD}"] {
            assert_eq!(sort(name, &owner), Sort::Unnameable, "{name}");
        }
        assert_eq!(sort("partial.edi", &owner), Sort::Plain);
    }
}
