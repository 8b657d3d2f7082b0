//! Which files of the folder are partners.

use super::desk::Desk;
use super::fault::FaultKind;
use super::name::partner_name;
use super::source::Source;
use crate::message::PartnerId;
use std::collections::{BTreeMap, BTreeSet};

/// A file that describes a partner.
#[derive(Debug)]
pub(super) struct PartnerFile {
    pub(super) path: String,
    pub(super) name: PartnerId,
}

/// The partners among the files: `NAME.toml` and `NAME/partner.toml`, in the order of names.
/// Guides, maps and notes beside them are left alone.
pub(super) fn partner_files(list: &[String], source: &dyn Source, desk: &Desk) -> Vec<PartnerFile> {
    let (mut found, mut folders) = (BTreeMap::<&str, Vec<&str>>::new(), BTreeSet::new());
    for path in list.iter().filter(|path| *path != US) {
        if let Some((folder, file)) = path.split_once('/') {
            folders.insert(folder);
            if file == PARTNER {
                found.entry(folder).or_default().push(path);
            }
        } else if let Some(name) = path.strip_suffix(".toml") {
            found.entry(name).or_default().push(path);
        }
    }
    let at = |path: &str, kind| desk.fault(desk.open(&source.shown(path), ""), kind);
    for folder in folders {
        if !found.contains_key(folder) {
            at(folder, FaultKind::NoPartnerFile(folder.to_owned()));
        }
    }
    let mut partners = Vec::new();
    for (name, paths) in found {
        let [path, others @ ..] = paths.as_slice() else { continue };
        match partner_name(name) {
            Ok(id) => partners.push(PartnerFile { path: (*path).to_owned(), name: id }),
            Err(kind) => at(path, kind),
        }
        if !others.is_empty() {
            at(path, FaultKind::TwoFiles(name.to_owned()));
        }
    }
    partners
}

/// The file that says who we are.
pub(super) const US: &str = "us.toml";

/// The file of a partner that has a folder.
const PARTNER: &str = "partner.toml";

#[cfg(test)]
mod tests {
    use super::super::sample::{ACME, Folder, US};

    #[test]
    fn a_partner_is_a_file_or_a_folder_with_a_plain_name() {
        let folder = Folder::of(&[
            ("us.toml", US),
            ("README.md", "# Notes"),
            ("acme.toml", ACME),
            ("acme/partner.toml", ACME),
            ("empty/", ""),
            ("guides/850.sef", ""),
            ("Acme Ltd.toml", ACME),
            ("a--b/partner.toml", ACME),
            ("7up.toml", ACME),
            ("us/partner.toml", ACME),
        ]);
        let name = "cannot name a partner; a name has lower-case letters, digits and dashes, begins with a letter, has at most 40 characters and is not `us`";
        assert_eq!(
            folder.faults(),
            [
                "partners/empty:1:1: there is no partner.toml in the folder of `empty`, and no empty.toml beside it".to_owned(),
                "partners/guides:1:1: there is no partner.toml in the folder of `guides`, and no guides.toml beside it".to_owned(),
                format!("partners/7up.toml:1:1: `7up` {name}"),
                format!("partners/Acme Ltd.toml:1:1: `Acme Ltd` {name}"),
                format!("partners/a--b/partner.toml:1:1: `a--b` {name}"),
                "partners/acme.toml:1:1: `acme` has a file acme.toml and a file acme/partner.toml; keep one of them".to_owned(),
                format!("partners/us/partner.toml:1:1: `us` {name}"),
            ]
        );
    }
}
