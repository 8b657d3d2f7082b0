//! The file of a new partner: commented, without fault, ready to be changed.

use super::credential::NewToken;
use super::fault::FaultKind;
use super::name::partner_name;
use super::partners::Partners;
use super::role::Role;
use crate::message::PartnerId;

/// A partner that is to be added.
#[derive(Debug)]
pub struct NewPartner {
    name: PartnerId,
    title: String,
    role: Role,
    id: String,
}

impl NewPartner {
    /// A partner of this name, with ids made from it that nobody else has.
    pub fn named(name: &str, role: Role, among: &Partners) -> Result<Self, FaultKind> {
        let name = partner_name(name)?;
        let title = title(name.as_str());
        let plain = name.as_str().chars().filter(char::is_ascii_alphanumeric);
        let mut id = plain.collect::<String>().to_ascii_uppercase();
        id.truncate(LONGEST_ID);
        let taken = |id: &str| {
            among.by_isa("ZZ", id).is_some() || among.is_us("ZZ", id) || among.is_gs_taken(id)
        };
        let numbered = (2..).map(|number| format!("{id}{number}"));
        let id = std::iter::once(id.clone()).chain(numbered).find(|id| id.len() > 1 && !taken(id));
        Ok(Self { name, title, role, id: id.unwrap_or_default() })
    }

    /// Its name.
    pub fn name(&self) -> &PartnerId {
        &self.name
    }

    /// The text of its file, with the hash of its first token.
    pub fn file(&self, token: &NewToken) -> String {
        let Self { title, role, id, .. } = self;
        let (hash, agreements) = (token.hash(), self.agreements());
        format!(
            "\
# What was agreed with {title}. `wharf config check` says what is wrong with this file.

title = \"{title}\"
role = \"{role}\"           # what they are to us: supplier, customer or both
mode = \"test\"               # nothing of theirs counts until this is \"production\"
owner = \"edi\"               # who with us answers for them: a person or a mail address

# [[contacts]]
# name = \"\"
# about = \"technical\"
# email = \"\"
# phone = \"\"

# Their ids: ask them for the qualifier and id that they write in ISA05 and ISA06, and for GS02.
[[identities]]
isa = \"ZZ:{id}\"
gs = [\"{id}\"]

# How we deal with each other, where it differs from [defaults] in us.toml.
# [envelope]
# release = \"005010\"          # GS08 of what we send
#
# [acknowledgments]
# given = {{ functional = \"997\", ta1 = \"on_error\" }}
# wanted = {{ functional = \"any\", within = \"24h\" }}
#
# [schedule]                  # when we send; without it, at any time
# days = [\"mon\", \"tue\", \"wed\", \"thu\", \"fri\"]
# from = \"06:00\"
# to = \"20:00\"
# zone = \"America/Chicago\"
#
# [retry]
# waits = [\"15s\", \"1m\", \"5m\"]
# then = \"30m\"
# give_up = \"72h\"
#
# [limits]
# body = \"10MB\"
# requests_per_minute = 600
# waiting = \"1GB\"            # what may wait with us; beyond it they are told 507
# waiting_messages = 10000
# day = \"10GB\"               # what they may hand in on one day, UTC

[https]
deliver = \"mailbox\"         # they collect; or {{ url = \"https://…\", token = {{ env = \"NAME\" }} }}
#   trust = \"certs/theirs.pem\"  certificate = \"certs/ours.pem\"  key = {{ file = \"certs/ours.key\" }}

# What they sign in with; `wharf partner token {name}` makes another.
[[https.tokens]]
sha256 = \"{hash}\"
# [[https.certificates]]
# sha256 = \"the fingerprint of their client certificate\"

# One for each set and direction; a guide (SEF) and a map lie in the folder {name}/.
#   release = \"004010\"        guide = \"850.sef\"         map = \"850.toml\"
#   severities = {{ code_invalid = \"reject\" }}
#   batch = {{ count = 100, wait = \"15m\", size = \"1MB\" }}
{agreements}",
            name = self.name,
        )
    }

    fn agreements(&self) -> String {
        let (to_them, to_us) = match self.role {
            Role::Supplier => (&BUYERS[..], &SELLERS[..]),
            Role::Customer => (&SELLERS[..], &BUYERS[..]),
            Role::Both => (&EITHER[..], &EITHER[..]),
        };
        let sent = to_them.iter().map(|set| (set, "out"));
        let received = to_us.iter().map(|set| (set, "in"));
        let agreement = |(set, direction): (&&str, &str)| {
            format!("[[agreements]]\nset = \"{set}\"\ndirection = \"{direction}\"\n")
        };
        sent.chain(received).map(agreement).collect::<Vec<_>>().join("\n")
    }
}

/// `acme-medical` as `Acme Medical`.
fn title(name: &str) -> String {
    let capital = |word: &str| {
        let mut letters = word.chars();
        let first = letters.next().map(|first| first.to_ascii_uppercase());
        first.into_iter().chain(letters).collect::<String>()
    };
    name.split('-').map(capital).collect::<Vec<_>>().join(" ")
}

/// Shorter than an ISA's 15, so that a number fits behind it.
const LONGEST_ID: usize = 11;

/// What a buyer sends.
const BUYERS: [&str; 2] = ["850", "860"];

/// What a seller sends.
const SELLERS: [&str; 4] = ["855", "865", "856", "810"];

/// What either sends.
const EITHER: [&str; 6] = ["850", "860", "855", "865", "856", "810"];

#[cfg(test)]
mod tests {
    use super::super::sample::{ACME, Folder, US};
    use super::*;
    use crate::message::Direction;

    #[test]
    fn a_new_partner_has_no_fault_and_ids_of_its_own() {
        let mut folder = Folder::of(&[("us.toml", US), ("acme.toml", ACME)]);
        for (name, role, id) in [
            ("acme-2", Role::Supplier, "ACME2"),
            ("acme2", Role::Customer, "ACME22"),
            ("a", Role::Both, "A2"),
            ("lakeside", Role::Supplier, "LAKESIDE2"),
            ("a-very-long-name-of-forty-characters-abc", Role::Supplier, "AVERYLONGNA"),
        ] {
            let partners = folder.load().unwrap();
            let new = NewPartner::named(name, role, &partners).unwrap();
            let token = NewToken::of([7 + u8::try_from(name.len()).unwrap(); 32]);
            folder.files.insert(format!("{name}.toml"), new.file(&token).into_bytes());
            let partners = folder.load().unwrap();
            let partner = partners.by_token(token.text()).unwrap();
            assert_eq!((partner.name.as_str(), partner.role), (name, role));
            assert_eq!(partners.by_isa("ZZ", id).unwrap().name.as_str(), name);
            let way = if role == Role::Customer { Direction::Inbound } else { Direction::Outbound };
            assert!(partner.agreement(way, "850", "004010").is_some());
        }
    }

    #[test]
    fn its_comments_are_settings_without_fault_too() {
        let partners = Folder::of(&[("us.toml", US)]).load().unwrap();
        let new = NewPartner::named("acme", Role::Supplier, &partners).unwrap();
        let text = new.file(&NewToken::of([1; 32]));
        let uncommented = text.lines().map(|line| {
            let table = line.strip_prefix("# ").filter(|line| {
                line.starts_with('[') && !line.starts_with("[[")
                    || line.contains(" = ") && !line.ends_with("\"\"") && !line.starts_with(' ')
            });
            table
                .filter(|line| !line.contains("certificate") && !line.contains("about"))
                .unwrap_or(line)
        });
        let text = uncommented.collect::<Vec<_>>().join("\n");
        assert!(text.contains("\n[retry]\nwaits = "), "{text}");
        assert_eq!(
            Folder::of(&[("us.toml", US), ("acme.toml", &text)]).faults(),
            [""; 0],
            "{text}"
        );
    }
}
