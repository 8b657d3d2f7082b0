//! Names of files: theirs are shown, ours are made of harmless characters.

use crate::message::MessageId;

/// A name as it is kept and shown: without what would deceive a reader of logs, and not too long.
pub(super) fn shown(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(LONGEST).collect()
}

/// The names that a file of ours may have at a partner's, the second for when the first is taken by
/// another; always the same for the same message.
pub(in crate::transport) fn names_for(wanted: Option<&str>, id: MessageId) -> [String; 2] {
    let wanted = wanted.map(tame).filter(|name| !name.is_empty());
    let first = wanted.unwrap_or_else(|| format!("{id}.edi"));
    let second = match first.rsplit_once('.') {
        Some((stem, ending)) => format!("{stem}-{id}.{ending}"),
        None => format!("{first}-{id}"),
    };
    [first, second]
}

fn tame(name: &str) -> String {
    let tame = |c: char| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '_' };
    let name = name.trim_start_matches(['.', '-']).chars().map(tame);
    name.take(LONGEST_OF_OURS).collect()
}

/// The longest name that is kept, in characters.
const LONGEST: usize = 200;

/// Some servers have no room for more once we add to it.
const LONGEST_OF_OURS: usize = 120;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_of_ours_leads_nowhere() {
        let id: MessageId = "0190d2b0-0000-7000-8000-000000000001".parse().unwrap();
        let first = |name: &str| names_for(Some(name), id)[0].clone();
        assert_eq!(first("850-000000012.edi"), "850-000000012.edi");
        assert_eq!(first("../../etc/passwd"), "_.._etc_passwd");
        assert_eq!(first("-rf é\0.edi"), "rf____.edi");
        assert_eq!(first("..."), format!("{id}.edi"));
        assert_eq!(first(&"x".repeat(500)).len(), LONGEST_OF_OURS);
        assert_eq!(names_for(None, id)[0], format!("{id}.edi"));
        assert_eq!(names_for(Some("850-1.edi"), id)[1], format!("850-1-{id}.edi"));
        assert_eq!(names_for(Some("850"), id)[1], format!("850-{id}"));
    }
}
