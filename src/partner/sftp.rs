//! A partner's SFTP: what they sign in to our server with, what becomes of what they fetched, and
//! how much of theirs may lie unfinished with us.

use super::desk::Placed;
use super::fault::{FaultKind, shown};
use super::password::PasswordHash;
use super::quantity::Size;
use super::remote::Remote;
use super::source::Source;
use super::ssh_key::PublicKey;
use super::word::words;
use super::written::{Item, Table, Value};
use crate::message::PartnerId;
use jiff::civil::Date;
use serde::Serialize;

/// The SFTP of one partner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Sftp {
    /// The name that they sign in with.
    pub user: String,
    /// Keys that they may sign in with; several while one takes over from another.
    pub keys: Vec<SshKey>,
    /// Passwords that they may sign in with; none: only keys.
    pub passwords: Vec<Password>,
    /// Old algorithms that we put up with, each until a certain day.
    pub legacy: Vec<LegacyUntil>,
    /// What becomes of a file that they fetched.
    pub fetched: Fetched,
    /// How much they may do at once, and leave unfinished.
    pub limits: SftpLimits,
    /// Their own server, where we fetch and put.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remote: Option<Remote>,
}

/// A key that a partner may sign in with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SshKey {
    /// The key.
    pub key: PublicKey,
    /// What a person wrote beside it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// A password that a partner may sign in with, as far as we know it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Password {
    /// Its slow, salted hash.
    pub hash: PasswordHash,
    /// What a person wrote beside it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// An old algorithm and the last day on which it is put up with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct LegacyUntil {
    /// The algorithm.
    pub algorithm: Legacy,
    /// The last day.
    pub until: Date,
}

words! {
    /// An old algorithm that a partner's software may still need.
    pub enum Legacy {
        /// A client that signs with RSA and SHA-1.
        SshRsa = "ssh-rsa",
    }
}

words! {
    /// What becomes of a file once the partner has fetched all of it.
    pub enum Fetched {
        /// It is gone from the listing.
        Remove = "remove",
        /// It moves to `archive/`.
        Archive = "archive",
        /// It stays where it is.
        Keep = "keep",
    }
}

/// How much a partner may do at once, and leave unfinished.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct SftpLimits {
    /// Sessions at the same time.
    pub sessions: u32,
    /// Files that are begun and not complete.
    pub partial_files: u32,
    /// Bytes in such files.
    pub partial_bytes: Size,
}

impl SftpLimits {
    const USUAL: Self =
        Self { sessions: 32, partial_files: 1_000, partial_bytes: Size::of_bytes(2_000_000_000) };

    fn read(table: Option<Table<'_>>) -> Self {
        let Some(mut table) = table else { return Self::USUAL };
        let limits = Self {
            sessions: table.or("sessions", Self::USUAL.sessions),
            partial_files: table.or("partial_files", Self::USUAL.partial_files),
            partial_bytes: table.or("partial_bytes", Self::USUAL.partial_bytes),
        };
        table.finish();
        limits
    }
}

impl Sftp {
    /// Whether an old algorithm is put up with on this day.
    pub fn allows(&self, algorithm: Legacy, on: Date) -> bool {
        self.legacy.iter().any(|legacy| legacy.algorithm == algorithm && on <= legacy.until)
    }
}

/// The same with the places of what must be one partner's, for faults between files.
#[derive(Debug)]
pub(super) struct WrittenSftp {
    pub(super) user: Placed<String>,
    pub(super) keys: Vec<Placed<SshKey>>,
    sftp: Sftp,
}

impl WrittenSftp {
    pub(super) fn read(mut table: Table<'_>, partner: &PartnerId, source: &dyn Source) -> Self {
        let place = table.place();
        let user = table.placed::<User>("user");
        let user = user.map(|user| Placed { place: user.place, value: user.value.0 });
        let user = user.unwrap_or_else(|| Placed { place, value: partner.as_str().to_owned() });
        let keys = table.tables("keys").into_iter().filter_map(key).collect::<Vec<_>>();
        let passwords = table.tables("passwords").into_iter().filter_map(password).collect();
        let legacy = table.tables("legacy").into_iter().filter_map(legacy).collect();
        let fetched = table.or("fetched", Fetched::Remove);
        let limits = SftpLimits::read(table.table("limits"));
        let remote = table.table("remote").and_then(|table| Remote::read(table, source));
        table.finish();
        let known = keys.iter().map(|key| key.value.clone()).collect();
        let sftp = Sftp {
            user: user.value.clone(),
            keys: known,
            passwords,
            legacy,
            fetched,
            limits,
            remote,
        };
        Self { user, keys, sftp }
    }

    /// Whether we only fetch from them: there is nothing that they could sign in with, and nowhere to
    /// put.
    pub(super) fn only_brings(&self) -> bool {
        let Sftp { keys, passwords, remote, .. } = &self.sftp;
        let fetches = remote.as_ref().is_some_and(|remote| remote.push.is_none());
        fetches && keys.is_empty() && passwords.is_empty()
    }

    pub(super) fn sftp(&self) -> Sftp {
        self.sftp.clone()
    }
}

fn key(mut table: Table<'_>) -> Option<Placed<SshKey>> {
    let key = table.need::<PublicKey>("key");
    let note = table.get("note");
    table.finish();
    let Placed { place, value } = key?;
    let note = note.or_else(|| value.comment().map(str::to_owned));
    Some(Placed { place, value: SshKey { key: value, note } })
}

fn password(mut table: Table<'_>) -> Option<Password> {
    let hash = table.need::<PasswordHash>("hash");
    let note = table.get("note");
    table.finish();
    Some(Password { hash: hash?.value, note })
}

fn legacy(mut table: Table<'_>) -> Option<LegacyUntil> {
    let (algorithm, until) = (table.need("algorithm"), table.need("until"));
    table.finish();
    Some(LegacyUntil { algorithm: algorithm?.value, until: until?.value })
}

/// A name to sign in with.
struct User(String);

impl Value for User {
    fn of(item: &Item<'_>) -> Result<Self, FaultKind> {
        let text = item.text()?;
        let name = PartnerId::new(text).map_err(|_| FaultKind::Malformed {
            value: shown(text),
            what: "name to sign in with",
            how: "letters, digits, `.`, `_` and `-`, up to 64, not beginning with a dot",
        })?;
        Ok(Self(name.as_str().to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::{ACME, Folder, US, faults_of};
    use super::*;

    const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJRf2O+fQ2Tq6dZf4zhAvYtEsZM2UNuI6uYyKxXGqUnk them@acme";

    fn with(sftp: &str) -> String {
        ACME.replace("[https]\n", &format!("[sftp]\n{sftp}\n"))
    }

    #[test]
    fn a_section_says_who_signs_in_and_what_becomes_of_files() {
        let text = with(&format!(
            "user = 'acme-edi'\nfetched = 'archive'\nkeys = [{{ key = '{KEY}' }}]\n\
             legacy = [{{ algorithm = 'ssh-rsa', until = '2027-06-30' }}]\nlimits.sessions = 3"
        ));
        let partners = Folder::of(&[("us.toml", US), ("acme.toml", &text)]).load().unwrap();
        let (acme, sftp) = partners.by_sftp_user("acme-edi").unwrap();
        assert_eq!(acme.name.as_str(), "acme");
        assert!(partners.by_sftp_user("acme").is_none());
        assert_eq!(sftp.keys[0].note.as_deref(), Some("them@acme"));
        assert!(sftp.keys[0].key.fingerprint().starts_with("SHA256:"));
        assert_eq!((sftp.fetched, sftp.limits.sessions), (Fetched::Archive, 3));
        assert!(sftp.allows(Legacy::SshRsa, jiff::civil::date(2027, 6, 30)));
        assert!(!sftp.allows(Legacy::SshRsa, jiff::civil::date(2027, 7, 1)));
        assert!(matches!(acme.way(), Some(super::super::wires::Way::Mailbox)));
    }

    #[test]
    fn the_user_is_the_partner_when_nothing_is_said() {
        let partners = Folder::of(&[("us.toml", US), ("acme.toml", &with(""))]).load().unwrap();
        let (acme, sftp) = partners.by_sftp_user("acme").unwrap();
        assert_eq!((acme.name.as_str(), sftp.fetched), ("acme", Fetched::Remove));
    }

    #[test]
    fn what_is_wrong_is_said_in_words() {
        assert_eq!(
            faults_of(&with(
                "user = '../acme'\nfetched = 'delete'\nkeys = [{ key = 'ssh-dss AAAA' }]\n\
                 passwords = [{ hash = 'open sesame' }]\nlegacy = [{ algorithm = 'rc4', until = 'soon' }]"
            )),
            [
                "partners/acme.toml:7:8: `../acme` is no name to sign in with; write letters, digits, `.`, `_` and `-`, up to 64, not beginning with a dot",
                "partners/acme.toml:8:11: `delete` is not known here; write one of: remove, archive, keep",
                "partners/acme.toml:9:17: `ssh-dss AAAA` is no public key; write the line of an Ed25519, ECDSA or RSA key (2,048 bits or more), as in id_ed25519.pub",
                "partners/acme.toml:10:23: this is no hash of a password; `wharf partner password NAME` makes one",
                "partners/acme.toml:11:25: `rc4` is not known here; write one of: ssh-rsa",
                "partners/acme.toml:11:40: `soon` is no day; write it as 2027-03-31",
            ]
        );
    }

    #[test]
    fn a_key_and_a_user_are_one_partners() {
        let acme = with(&format!("keys = [{{ key = '{KEY}' }}]"));
        let other = acme.replace("01:006081492", "ZZ:OTHER").replace("'ACME'", "'OTHER'");
        let other = other.replace("[sftp]\n", "[sftp]\nuser = 'acme'\n");
        let folder = Folder::of(&[("us.toml", US), ("acme.toml", &acme), ("other.toml", &other)]);
        assert_eq!(
            folder.faults(),
            [
                "partners/other.toml:7:8: this name to sign in with is also that of partners/acme.toml:6:1; each credential opens one door",
                "partners/other.toml:8:17: this key is also that of partners/acme.toml:7:17; each credential opens one door",
            ]
        );
    }
}
