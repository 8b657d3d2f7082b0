//! Who signs in: a partner, proven by a key that is theirs or by a password where that is agreed.
//!
//! There is one verdict, and it is no until every step said yes. Whoever is unknown is answered as
//! someone whose key or password is wrong, and it takes as long.

use crate::message::{Digest, PartnerId, Proof};
use crate::partner::{Legacy, Partners, PasswordHash, Sftp};
use jiff::civil::Date;
use russh::keys::{Algorithm, PublicKey};

/// Whether someone may come in.
#[derive(Clone, Debug, Default)]
pub(super) enum Verdict {
    /// No.
    #[default]
    Reject,
    /// Yes, as this partner.
    Accept(Visitor),
}

/// A proven partner.
#[derive(Clone, Debug)]
pub(super) struct Visitor {
    pub(super) partner: PartnerId,
    pub(super) proof: Proof,
    badge: Badge,
}

/// What proved them.
#[derive(Clone, Debug)]
enum Badge {
    Key(Digest),
    Password(PasswordHash),
}

impl Visitor {
    /// Whether what proved them still does, after the partners' files were read again.
    pub(super) fn is_welcome(&self, sftp: &Sftp) -> bool {
        match &self.badge {
            Badge::Key(sha256) => sftp.keys.iter().any(|known| known.key.sha256() == *sha256),
            Badge::Password(hash) => sftp.passwords.iter().any(|known| known.hash == *hash),
        }
    }
}

/// Whether a key is one that `user` may sign in with. It proves nothing by itself: russh verifies
/// the signature.
pub(super) fn by_key(
    partners: &Partners,
    user: &str,
    key: &PublicKey,
    algorithm: &Algorithm,
    today: Date,
) -> Verdict {
    let Some((partner, sftp)) = partners.by_sftp_user(user) else { return Verdict::Reject };
    let sha1 = *algorithm == Algorithm::Rsa { hash: None };
    if sha1 && !sftp.allows(Legacy::SshRsa, today) {
        return Verdict::Reject;
    }
    let Some(known) = sftp.keys.iter().find(|known| known.key.is(key)) else {
        return Verdict::Reject;
    };
    Verdict::Accept(Visitor {
        partner: partner.name.clone(),
        proof: Proof::SshKey(known.key.fingerprint()),
        badge: Badge::Key(known.key.sha256()),
    })
}

/// Whether a password is one that `user` may sign in with. Slow, and as slow for a user that there
/// is not, or who has no password.
pub(super) fn by_password(partners: &Partners, user: &str, password: &str) -> Verdict {
    let found = partners.by_sftp_user(user);
    let known = found.map(|(_, sftp)| sftp.passwords.as_slice()).unwrap_or_default();
    if known.is_empty() {
        // Only for the time that it takes.
        let _never = PasswordHash::of(password.as_bytes(), [0; 16]);
        return Verdict::Reject;
    }
    let right = known.iter().find(|known| known.hash.is(password.as_bytes()));
    match (found, right) {
        (Some((partner, _)), Some(known)) => Verdict::Accept(Visitor {
            partner: partner.name.clone(),
            proof: Proof::Token(PASSWORD.to_owned()),
            badge: Badge::Password(known.hash.clone()),
        }),
        (_, _) => Verdict::Reject,
    }
}

/// How a password is called as a proof: it has no name of its own.
const PASSWORD: &str = "sftp-password";
