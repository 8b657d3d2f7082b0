//! All partners, as one folder of files says, looked up by whatever they are known by.

use super::credential::{Credential, token_hash};
use super::desk::{Desk, Place};
use super::fault::{Fault, FaultKind, Faults, shown};
use super::files::{self, PartnerFile, US};
use super::identity::IsaId;
use super::profile::{Partner, WrittenPartner};
use super::rules::{LARGEST_TEXT, Rules, Shelf, too_large};
use super::sftp::Sftp;
use super::source::Source;
use super::taken::Taken;
use super::us::{Us, WrittenUs};
use super::written::Table;
use crate::message::Digest;
use std::collections::{BTreeMap, HashMap};
use std::io;

/// Everyone we trade with, and we ourselves: immutable, so that a reload is one exchange.
#[derive(Debug)]
pub struct Partners {
    us: Us,
    /// By name.
    all: BTreeMap<String, Partner>,
    names: Names,
}

/// Which partner, by everything that names one.
#[derive(Debug, Default)]
struct Names {
    isa: HashMap<IsaId, String>,
    gs: HashMap<String, String>,
    tokens: HashMap<Digest, String>,
    certificates: HashMap<Digest, String>,
    sftp_users: HashMap<String, String>,
    as2: HashMap<String, String>,
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
            let read =
                |table: Table<'_>| WrittenPartner::read(name.clone(), table, us.as_ref(), &rules);
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
            if let Some(https) = &partner.wires.https {
                let of = |of: &Credential| (of.sha256, name.clone());
                names.tokens.extend(https.tokens.iter().map(of));
                names.certificates.extend(https.certificates.iter().map(of));
            }
            if let Some(sftp) = &partner.wires.sftp {
                names.sftp_users.insert(sftp.user.clone(), name.clone());
            }
            if let Some(as2) = &partner.wires.as2 {
                names.as2.insert(as2.id.to_string(), name.clone());
            }
            all.insert(name, partner);
        }
        Self { us, all, names }
    }

    /// Who we are.
    pub fn us(&self) -> &Us {
        &self.us
    }

    /// Every partner, in the order of names.
    pub fn iter(&self) -> impl Iterator<Item = &Partner> {
        self.all.values()
    }

    /// The partner of this name.
    pub fn partner(&self, name: &str) -> Option<&Partner> {
        self.all.get(name)
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

    /// The partner that signs in to our SFTP server with this name, and what was agreed about that.
    pub fn by_sftp_user(&self, user: &str) -> Option<(&Partner, &Sftp)> {
        let partner = self.named(self.names.sftp_users.get(user))?;
        partner.wires.sftp.as_ref().map(|sftp| (partner, sftp))
    }

    /// The partner with this AS2 id.
    pub fn by_as2(&self, id: &str) -> Option<&Partner> {
        self.named(self.names.as2.get(id))
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
        self.all.get(name?)
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
            (String::new(), Some(FaultKind::TooLarge(LARGEST_TEXT.to_string())))
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

#[cfg(test)]
mod tests {
    use super::super::credential::NewToken;
    use super::super::sample::{ACME, Folder, US};
    use super::super::source::Disk;
    use super::*;
    use crate::grammar::Library;
    use std::path::Path;

    #[test]
    fn a_partner_is_found_by_whatever_names_it() {
        let (token, certificate) = (NewToken::of([1; 32]), Digest::of(b"certificate"));
        let https = format!(
            "[https]\ntokens = [{{ sha256 = '{}' }}]\ncertificates = [{{ sha256 = '{certificate}' }}]\n",
            token.hash()
        );
        let us = format!("{US}[erp]\ntokens = [{{ sha256 = '{}' }}]\n", token_hash("erp"));
        let acme = ACME.replace("[https]\n", &https);
        let partners = Folder::of(&[("us.toml", &us), ("acme.toml", &acme)]).load().unwrap();
        for found in [
            partners.partner("acme"),
            partners.by_isa("01", "006081492      "),
            partners.by_gs("ACME"),
            partners.by_token(token.text()),
            partners.by_certificate(&certificate),
        ] {
            assert_eq!(found.unwrap().name.as_str(), "acme");
        }
        for found in [
            partners.partner("ACME"),
            partners.by_isa("ZZ", "006081492"),
            partners.by_gs("acme"),
            partners.by_token(&token.hash().to_string()),
            partners.by_token("erp"),
            partners.by_certificate(&token.hash()),
        ] {
            assert!(found.is_none());
        }
        assert!(partners.is_erp("erp") && !partners.is_erp(token.text()));
        assert!(partners.is_us("ZZ", "LAKESIDE ") && !partners.is_us("01", "006081492"));
    }

    #[test]
    fn the_samples_have_no_fault() {
        let library = Library::shipped();
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("partners");
        let partners = Partners::load(&Disk::new(&folder, &|_| None), &Shelf::new(&library));
        let partners = partners.unwrap_or_else(|faults| panic!("{faults}"));
        assert_eq!(partners.us().title, "Lakeside Health");
        for name in ["acme-medical", "northwind-devices"] {
            let token = format!("sample-token-of-{name}");
            assert_eq!(partners.by_token(&token).unwrap().name.as_str(), name);
        }
        assert!(partners.is_erp("sample-token-of-the-erp"));
        assert_eq!(partners.iter().count(), 2);
    }

    #[test]
    fn a_folder_that_is_not_there_is_a_fault() {
        let library = Library::shipped();
        let folder = Path::new("/nonexistent/partners");
        let faults = Partners::load(&Disk::new(folder, &|_| None), &Shelf::new(&library));
        assert_eq!(
            faults.unwrap_err().to_string(),
            "/nonexistent/partners:1:1: this cannot be read: No such file or directory (os error 2)"
        );
    }
}
