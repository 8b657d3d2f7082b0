//! All partners, as one folder of files says, looked up by whatever they are known by.

use super::credential::{Credential, token_hash};
use super::fault::{Fault, FaultKind, Faults, shown};
use super::files::{self, PartnerFile, US};
use super::identity::IsaId;
use super::partner::{Partner, WrittenPartner};
use super::rules::{LARGEST_TEXT, Rules, Shelf, too_large};
use super::source::Source;
use super::taken::Taken;
use super::us::{Us, WrittenUs};
use super::written::{Desk, Place, Table};
use crate::message::Digest;
use std::collections::{BTreeMap, HashMap};
use std::io;

/// Everyone we trade with, and we ourselves: immutable, so that a reload is one exchange.
#[derive(Debug)]
pub struct Partners {
    us: Us,
    /// By name.
    partners: BTreeMap<String, Partner>,
    names: Names,
}

/// Which partner, by everything that names one.
#[derive(Debug, Default)]
struct Names {
    isa: HashMap<IsaId, String>,
    gs: HashMap<String, String>,
    tokens: HashMap<Digest, String>,
    certificates: HashMap<Digest, String>,
}

impl Partners {
    /// Reads every file, or says everything that is wrong with them.
    pub fn load(source: &dyn Source, shelf: &Shelf<'_>) -> Result<Self, Faults> {
        let (desk, rules) = (Desk::default(), Rules::new(source, shelf));
        let list = source.list().map_err(|error| {
            let (file, kind) = (source.shown(""), FaultKind::Unreadable(error.to_string()));
            Faults(vec![Fault { file, line: 1, column: 1, kind }])
        })?;
        let us = whole(&desk, source, US, |table| WrittenUs::read(table, source));
        let mut written = Vec::new();
        for PartnerFile { path, name } in files::partner_files(&list, source, &desk) {
            let read = |table: Table<'_>| {
                WrittenPartner::read(name.clone(), table, us.as_ref(), &rules)
            };
            written.extend(whole(&desk, source, &path, read));
        }
        Taken::check(&desk, us.as_ref(), &written);
        let clean = desk.is_clean();
        let us = us.and_then(WrittenUs::us);
        let partners = written.into_iter().filter_map(WrittenPartner::partner);
        match us {
            Some(us) if clean => Ok(Self::of(us, partners)),
            Some(_) | None => Err(desk.faults()),
        }
    }

    fn of(us: Us, partners: impl Iterator<Item = Partner>) -> Self {
        let mut names = Names::default();
        let mut all = BTreeMap::new();
        for partner in partners {
            let name = partner.name.as_str().to_owned();
            for identity in &partner.identities {
                names.isa.insert(identity.isa.clone(), name.clone());
                let gs = identity.gs.iter().map(|gs| (gs.as_str().to_owned(), name.clone()));
                names.gs.extend(gs);
            }
            if let Some(https) = &partner.https {
                let of = |of: &Credential| (of.sha256, name.clone());
                names.tokens.extend(https.tokens.iter().map(of));
                names.certificates.extend(https.certificates.iter().map(of));
            }
            all.insert(name, partner);
        }
        Self { us, partners: all, names }
    }

    /// Who we are.
    pub fn us(&self) -> &Us {
        &self.us
    }

    /// Every partner, in the order of names.
    pub fn iter(&self) -> impl Iterator<Item = &Partner> {
        self.partners.values()
    }

    /// The partner of this name.
    pub fn partner(&self, name: &str) -> Option<&Partner> {
        self.partners.get(name)
    }

    /// The partner with this id in ISA05 and ISA06, or ISA07 and ISA08.
    pub fn by_isa(&self, qualifier: &str, id: &str) -> Option<&Partner> {
        self.named(self.names.isa.get(&IsaId::sought(qualifier, id)))
    }

    /// The partner with this id in GS02 or GS03.
    pub fn by_gs(&self, id: &str) -> Option<&Partner> {
        self.named(self.names.gs.get(id.trim_end()))
    }

    /// The partner that signs in with this bearer token.
    pub fn by_token(&self, token: &str) -> Option<&Partner> {
        self.named(self.names.tokens.get(&token_hash(token)))
    }

    /// The partner that signs in with the certificate of this SHA-256 (of its DER).
    pub fn by_certificate(&self, sha256: &Digest) -> Option<&Partner> {
        self.named(self.names.certificates.get(sha256))
    }

    /// Whether this is a token of the ERP's.
    pub fn is_erp(&self, token: &str) -> bool {
        let hash = token_hash(token);
        self.us.erp.tokens.iter().any(|token| token.sha256 == hash)
    }

    /// Whether an id in an ISA is one of ours.
    pub fn is_us(&self, qualifier: &str, id: &str) -> bool {
        let isa = IsaId::sought(qualifier, id);
        self.us.identities.iter().any(|identity| identity.isa == isa)
    }

    /// Whether someone, or we, write this id in GS02.
    pub(super) fn is_gs_taken(&self, id: &str) -> bool {
        let ours = self.us.identities.iter().flat_map(|identity| &identity.gs);
        self.names.gs.contains_key(id) || ours.into_iter().any(|gs| gs.as_str() == id)
    }

    fn named(&self, name: Option<&String>) -> Option<&Partner> {
        self.partners.get(name?)
    }
}

/// Reads one whole file; `None` if it cannot be read at all.
fn whole<T>(
    desk: &Desk,
    source: &dyn Source,
    path: &str,
    read: impl FnOnce(Table<'_>) -> T,
) -> Option<T> {
    let name = source.shown(path);
    let (text, fault) = match source.read(path, LARGEST_TEXT.bytes()) {
        Ok(bytes) if too_large(&bytes, LARGEST_TEXT) => {
            (String::new(), Some(FaultKind::TooLarge(LARGEST_TEXT)))
        }
        Ok(bytes) => match String::from_utf8(bytes) {
            Ok(text) => (text, None),
            Err(_) => (String::new(), Some(FaultKind::NotText)),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound && path == US => {
            (String::new(), Some(FaultKind::NoUs))
        }
        Err(error) => (String::new(), Some(FaultKind::Unreadable(shown(&error.to_string())))),
    };
    let place: Place = desk.open(&name, &text);
    if let Some(kind) = fault {
        desk.fault(place, kind);
        return None;
    }
    let table = desk.parse(place, &text)?;
    Some(read(Table::new(desk, table.get_ref(), place)))
}
