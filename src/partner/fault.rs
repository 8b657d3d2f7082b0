//! What is wrong in the files of the partners: every fault with its place and what to do.

use crate::grammar::SefFaultKind;
use crate::map::FaultKind as MapFaultKind;
use std::fmt;
use thiserror::Error;

/// One fault.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{file}:{line}:{column}: {kind}")]
pub struct Fault {
    /// The file, as it was named to us.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// The character in that line, from 1.
    pub column: u32,
    /// What is wrong, and what to do.
    pub kind: FaultKind,
}

/// Every fault found, in the order of the files; never empty.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub struct Faults(pub Vec<Fault>);

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, fault) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{fault}")?;
        }
        Ok(())
    }
}

/// What can be wrong, each with what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum FaultKind {
    /// A file or folder that the system does not give us.
    #[error("this cannot be read: {0}")]
    Unreadable(String),
    /// The folder has no file that says who we are.
    #[error("there is no such file; it says who we are: our name, identities and listeners")]
    NoUs,
    /// More bytes than any such file has.
    #[error("this is larger than {0}, which is more than such a file ever needs")]
    TooLarge(String),
    /// Bytes that are no UTF-8.
    #[error("this is not UTF-8 text; save it as UTF-8")]
    NotText,
    /// Not TOML.
    #[error("this is not TOML: {0}")]
    Syntax(String),
    /// A partner's file or folder with a name that cannot be part of a path or URL.
    #[error(
        "`{0}` cannot name a partner; a name has lower-case letters, digits and dashes, \
         begins with a letter, has at most 40 characters and is not `us`"
    )]
    Name(String),
    /// A folder for a partner that no file describes.
    #[error("there is no partner.toml in the folder of `{0}`, and no {0}.toml beside it")]
    NoPartnerFile(String),
    /// A partner described twice.
    #[error("`{0}` has a file {0}.toml and a file {0}/partner.toml; keep one of them")]
    TwoFiles(String),
    /// A key that means nothing where it stands.
    #[error("`{key}` means nothing here; {}", nearest_or(nearest.as_deref(), "known here", known))]
    UnknownKey {
        /// The key.
        key: String,
        /// What was probably meant.
        nearest: Option<String>,
        /// What could stand here.
        known: Vec<String>,
    },
    /// A key that must be there.
    #[error("`{0}` is missing here")]
    Missing(&'static str),
    /// A value of another sort.
    #[error("this is {found}, and must be {wanted}")]
    Wanted {
        /// What it should be.
        wanted: &'static str,
        /// What it is.
        found: &'static str,
    },
    /// A word that is none of those that can stand here.
    #[error("`{value}` is not known here; {}", nearest_or(nearest.as_deref(), "write one of", known))]
    NotOneOf {
        /// The word.
        value: String,
        /// What was probably meant.
        nearest: Option<String>,
        /// What could stand here.
        known: Vec<String>,
    },
    /// A text or number that is not written as it must be.
    #[error("`{value}` is no {what}; write {how}")]
    Malformed {
        /// What stands there.
        value: String,
        /// What it should be.
        what: &'static str,
        /// How that is written.
        how: &'static str,
    },
    /// Nothing where something must be.
    #[error("this is empty; {0}")]
    Empty(&'static str),
    /// A certificate or key that cannot be used.
    #[error("{path} cannot be used: {why}")]
    CertificateUnusable {
        /// The file, or where the key stands.
        path: String,
        /// Why.
        why: String,
    },
    /// A weak algorithm that is not among the exceptions.
    #[error("`{0}` is too weak; use another, or name it in [[as2.legacy]] with its last day")]
    Weak(&'static str),
    /// A partner with AS2, and we have no id there.
    #[error("nothing says who we are to them; write `we_are` here, or `id` in [as2] of us.toml")]
    NoOwnAs2Id,
    /// Receipts that come by themselves, and nowhere to come to.
    #[error(
        "nothing says where such receipts come to; write `url` here, or `mdn_url` in [as2] of \
         us.toml: our public address of /as2/mdn"
    )]
    NoReceiptUrl,
    /// A part without which what is asked cannot be done.
    #[error("there is no {0}")]
    As2Lacks(&'static str),
    /// Two partners with one AS2 id.
    #[error("the AS2 id `{id}` is taken by {other}; a sender must be one partner")]
    As2Twice {
        /// The id.
        id: String,
        /// Where it stands first.
        other: String,
    },
    /// Too many faults in one file to list.
    #[error("there are {0} more faults in this file")]
    More(usize),

    /// Two partners with one ISA id.
    #[error("the ISA id `{id}` is taken by {other}; a sender must be one partner")]
    IsaTwice {
        /// The id, as `qualifier:id`.
        id: String,
        /// Where it stands first.
        other: String,
    },
    /// Two partners with one GS id.
    #[error("the GS id `{id}` is taken by {other}; a sender must be one partner")]
    GsTwice {
        /// The id.
        id: String,
        /// Where it stands first.
        other: String,
    },
    /// A partner speaks as one of our identities that we do not have.
    #[error("we are not `{id}`; {}", nearest_or(None, "us.toml knows", known))]
    NotOurs {
        /// The id, as `qualifier:id`.
        id: String,
        /// Ours.
        known: Vec<String>,
    },
    /// One credential for two.
    #[error("this {what} is also that of {other}; each credential opens one door")]
    CredentialTwice {
        /// A token or a certificate.
        what: &'static str,
        /// Where it stands first.
        other: String,
    },

    /// Two agreements about the same thing.
    #[error("{what} is agreed at line {line} already; keep one of them")]
    AgreedTwice {
        /// Such as `850 out`.
        what: String,
        /// The line of the first.
        line: u32,
    },
    /// A set that goes the other way for such a partner.
    #[error(
        "a {role} does not {verb} a {set}; say direction = \"{direction}\", or change their role"
    )]
    WrongWay {
        /// Their role.
        role: &'static str,
        /// `send us` or `receive`.
        verb: &'static str,
        /// The set.
        set: String,
        /// The other direction.
        direction: &'static str,
    },
    /// A release without a grammar.
    #[error(
        "there is no grammar for release `{release}`; {}",
        nearest_or(None, "there are", known)
    )]
    UnknownRelease {
        /// The release.
        release: String,
        /// Those that there are.
        known: Vec<String>,
    },
    /// A set that the release does not have.
    #[error("release {release} has no set `{set}`; {}", nearest_or(None, "it has", known))]
    UnknownSet {
        /// The set.
        set: String,
        /// The release.
        release: String,
        /// Those that it has.
        known: Vec<String>,
    },
    /// An acknowledgment among the agreements.
    #[error("{0} is an acknowledgment; what is given and wanted stands in [acknowledgments]")]
    AcknowledgmentSet(String),
    /// A set that no map knows and no own map is given for.
    #[error("no map ships for {0}; name one with `map`, or say map = \"none\" to pass it as X12")]
    NoMap(String),
    /// A batch for what comes in.
    #[error("a batch is for what we send; leave it out where direction = \"in\"")]
    BatchIn,
    /// Production with a partner in test.
    #[error("this partner is in test; say mode = \"production\" for the partner first")]
    PartnerInTest,
    /// A guide or map that is not there.
    #[error("there is no file {0}; guides and maps lie in the partner's folder")]
    NoFile(String),
    /// A guide for another release.
    #[error("{file} is a guide for release {is}, not for {wanted}")]
    GuideRelease {
        /// The guide.
        file: String,
        /// Its release.
        is: String,
        /// The agreement's.
        wanted: String,
    },
    /// A guide without the set.
    #[error("{file} has no set {set}; {}", nearest_or(None, "it has", known))]
    GuideLacksSet {
        /// The guide.
        file: String,
        /// The set.
        set: String,
        /// The sets that it has.
        known: Vec<String>,
    },
    /// A fault in a SEF file, at its own place.
    #[error("{0}")]
    Guide(SefFaultKind),
    /// A map for another set.
    #[error("{file} is a map for {is}, not for {wanted}")]
    MapOfOtherSet {
        /// The map.
        file: String,
        /// Its set.
        is: String,
        /// The agreement's.
        wanted: String,
    },
    /// A fault in a map file, at its own place.
    #[error("{0}")]
    Map(MapFaultKind),
    /// Documents to send, and no way to send them.
    #[error(
        "there are documents to send them and nothing says how; add [https], [sftp] or [folder]"
    )]
    Unreached,
    /// Delivery by a wire that is not there.
    #[error("there is no section [{0}] here; write it, or name another in deliver_by")]
    NoSuchWire(String),
    /// Several wires, and nothing says which one carries.
    #[error("they can be reached in several ways ({}); say which one carries what is for them: deliver_by = \"…\"", .0.join(", "))]
    SeveralWires(Vec<String>),

    /// A section of folders without one.
    #[error(
        "this names no folder; write inbound = \"DIR\" for what they send, outbound = \"DIR\" for \
         what is for them, or both"
    )]
    NoFolder,
    /// One folder for both directions.
    #[error(
        "what they send and what is for them need a folder each; we would take back what we put there"
    )]
    OneFolder,
    /// A server of theirs without a folder.
    #[error(
        "this names no folder of theirs; write push = \"DIR\" for what is for them, \
         [[sftp.remote.fetch]] with a folder for what they send, or both"
    )]
    NoRemoteFolder,
    /// A server whose key nobody has seen.
    #[error(
        "nothing says who this server is; write host_keys = [\"…\"] with the line that they gave \
         you, or that `ssh-keyscan HOST` prints once you have compared its fingerprint with them"
    )]
    NoHostKey,
    /// Nothing to sign in with, or several.
    #[error(
        "we sign in with one thing; write key = {{ file = \"certs/NAME\" }}, agent = true, or \
         password = {{ env = \"NAME\" }}"
    )]
    OneAuth,
    /// Two ways to say when.
    #[error("every and cron both say when to look; keep one of them")]
    EveryAndCron,

    /// A secret written out.
    #[error(
        "a secret never stands in a file kept in git; write {{ env = \"NAME\" }} or {{ file = \"certs/NAME\" }}"
    )]
    SecretWritten,
    /// Something else where the hash of a password should be.
    #[error("this is no hash of a password; `wharf partner password NAME` makes one")]
    NoPasswordHash,
    /// A secret with no source or two.
    #[error("a secret comes from one place; write either env or file")]
    SecretSource,
    /// A variable that is not set.
    #[error("the environment has no variable `{0}`; set it where wharf is started")]
    NoVariable(String),
    /// A secret file that others could read.
    #[error("{path} can be read by others (mode {mode:04o}); run `chmod 600 {path}`")]
    SecretOpen {
        /// The file.
        path: String,
        /// Its permission bits.
        mode: u32,
    },
    /// A secret or certificate file that cannot be read.
    #[error("{path} cannot be read: {why}")]
    SecretUnreadable {
        /// The file.
        path: String,
        /// Why.
        why: String,
    },
    /// Two listeners at one address.
    #[error("{0} listens at this address already; the three are never shared")]
    AddressTwice(&'static str),
    /// Plain HTTP where others can hear.
    #[error(
        "tls = \"off\" is only for loopback addresses; leave it out, name a certificate, or write \
         \"proxy\" where a proxy in front speaks TLS"
    )]
    PlainOutside,
    /// The ERP's door open to everyone.
    #[error(
        "whoever reaches {0} may order in our name; add a token to [erp], or use a loopback address"
    )]
    ErpOpen(String),
    /// The operator's door on the network.
    #[error("the operator's listener has no sign-in yet and stays on loopback addresses")]
    OperatorOutside,
    /// The well-known token of a sample where strangers can use it.
    #[error("this token is published with the samples; make one with `wharf partner token {0}`")]
    SampleToken(String),
}

fn nearest_or(nearest: Option<&str>, intro: &str, known: &[String]) -> String {
    match nearest {
        Some(nearest) => format!("did you mean `{nearest}`?"),
        None if known.is_empty() => "leave it out".to_owned(),
        None => format!("{intro}: {}", known.join(", ")),
    }
}

/// The word of `known` that `word` was probably meant to be.
pub(super) fn nearest<'k>(word: &str, known: impl Iterator<Item = &'k str>) -> Option<String> {
    if word.len() > LONGEST_GUESSED {
        return None;
    }
    let mut distances = known.map(|known| (distance(word, known), known)).collect::<Vec<_>>();
    distances.sort_unstable();
    let mut distances = distances.into_iter();
    let (distance, known) = distances.next()?;
    let alone = distances.next().is_none_or(|(next, _)| next > distance);
    (alone && distance <= 1 + word.chars().count() / 4).then(|| known.to_owned())
}

/// How many characters must be added, removed, changed or swapped with their neighbour.
fn distance(a: &str, b: &str) -> usize {
    let b = b.chars().collect::<Vec<_>>();
    let mut before = Vec::new();
    let mut above = (0..=b.len()).collect::<Vec<_>>();
    let mut previous = None;
    for (row, from) in a.chars().enumerate() {
        let mut next = vec![row + 1];
        for (column, to) in b.iter().enumerate() {
            let at = |row: &[usize], column: usize| row.get(column).copied().unwrap_or(usize::MAX);
            let changed = at(&above, column) + usize::from(from != *to);
            let mut least = changed.min(at(&above, column + 1) + 1).min(at(&next, column) + 1);
            let swapped = column.checked_sub(1).and_then(|left| {
                (b.get(left) == Some(&from) && previous == Some(*to)).then(|| at(&before, left))
            });
            if let Some(swapped) = swapped {
                least = least.min(swapped + 1);
            }
            next.push(least);
        }
        previous = Some(from);
        before = std::mem::replace(&mut above, next);
    }
    above.last().copied().unwrap_or(0)
}

/// A value from a file as faults show it: short.
pub(super) fn shown(value: &str) -> String {
    let mut shown = value.chars().take(LONGEST_SHOWN).collect::<String>();
    if shown.len() < value.len() {
        shown.push('…');
    }
    shown
}

/// Longest word for which the nearest known one is sought.
const LONGEST_GUESSED: usize = 40;

/// Longest value that a fault shows, in characters.
const LONGEST_SHOWN: usize = 60;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_is_one_slip_of_the_finger_away() {
        let words = ["role", "retry", "agreements", "direction"];
        let nearest = |word| nearest(word, words.into_iter());
        assert_eq!(nearest("rloe").as_deref(), Some("role"));
        assert_eq!(nearest("agrements").as_deref(), Some("agreements"));
        assert_eq!(nearest("directoin").as_deref(), Some("direction"));
        assert_eq!(nearest("colour"), None);
        assert_eq!(super::nearest("998", ["997", "999"].into_iter()), None);
        assert_eq!(nearest(&"role".repeat(100)), None);
    }

    #[test]
    fn a_long_value_is_cut() {
        assert_eq!(shown("é"), "é");
        assert_eq!(shown(&"é".repeat(70)), format!("{}…", "é".repeat(60)));
    }
}
