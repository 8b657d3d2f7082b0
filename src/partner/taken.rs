//! Faults between files: ids and credentials that two claim.

use super::credential::is_of_sample;
use super::desk::{Desk, Place, Placed};
use super::fault::FaultKind;
use super::identity::{IsaId, WrittenIdentity};
use super::profile::WrittenPartner;
use super::sftp::WrittenSftp;
use super::us::WrittenUs;
use crate::message::Digest;
use std::collections::HashMap;

/// What is taken, and where it stands first.
#[derive(Default)]
pub(super) struct Taken<'w> {
    isa: HashMap<&'w IsaId, Place>,
    gs: HashMap<&'w str, (Place, &'w str)>,
    tokens: HashMap<Digest, Place>,
    certificates: HashMap<Digest, Place>,
    keys: HashMap<Digest, Place>,
    users: HashMap<Digest, Place>,
    as2: HashMap<&'w str, Place>,
}

impl<'w> Taken<'w> {
    /// Finds whatever is claimed twice.
    pub(super) fn check(desk: &Desk, us: Option<&'w WrittenUs>, partners: &'w [WrittenPartner]) {
        let mut taken = Self::default();
        if let Some(us) = us {
            for identity in &us.identities {
                taken.identity(desk, identity, "us");
            }
            for token in &us.tokens {
                claim(desk, &mut taken.tokens, token.place, token.value.sha256, "token");
            }
        }
        let outside = us.is_some_and(|us| us.listeners.partners.is_outside());
        for partner in partners {
            for identity in &partner.identities {
                taken.identity(desk, identity, partner.name.as_str());
            }
            if let Some(sftp) = &partner.wires.sftp {
                taken.sftp(desk, sftp);
            }
            if let Some(as2) = &partner.wires.as2 {
                let first = *taken.as2.entry(as2.id.value.as_str()).or_insert(as2.id.place);
                if first != as2.id.place {
                    let (id, other) = (as2.id.value.to_string(), desk.words(first));
                    desk.fault(as2.id.place, FaultKind::As2Twice { id, other });
                }
            }
            let Some(https) = &partner.wires.https else { continue };
            for token in &https.tokens {
                let hash = token.value.sha256;
                claim(desk, &mut taken.tokens, token.place, hash, "token");
                if outside && is_of_sample(&hash) {
                    desk.fault(token.place, FaultKind::SampleToken(partner.name.to_string()));
                }
            }
            for Placed { place, value } in &https.certificates {
                claim(desk, &mut taken.certificates, *place, value.sha256, "certificate");
            }
        }
    }

    fn sftp(&mut self, desk: &Desk, sftp: &WrittenSftp) {
        let user = Digest::of(sftp.user.value.as_bytes());
        claim(desk, &mut self.users, sftp.user.place, user, "name to sign in with");
        for Placed { place, value } in &sftp.keys {
            claim(desk, &mut self.keys, *place, value.key.sha256(), "key");
        }
    }

    fn identity(&mut self, desk: &Desk, identity: &'w WrittenIdentity, owner: &'w str) {
        let isa = &identity.isa;
        let first = *self.isa.entry(&isa.value).or_insert(isa.place);
        if first != isa.place {
            let (id, other) = (isa.value.to_string(), desk.words(first));
            desk.fault(isa.place, FaultKind::IsaTwice { id, other });
        }
        for gs in &identity.gs {
            let id = gs.value.as_str();
            let (first, by) = *self.gs.entry(id).or_insert((gs.place, owner));
            // One partner may use one GS id within several ISA ids.
            if first != gs.place && by != owner {
                let (id, other) = (id.to_owned(), desk.words(first));
                desk.fault(gs.place, FaultKind::GsTwice { id, other });
            }
        }
    }
}

fn claim(
    desk: &Desk,
    taken: &mut HashMap<Digest, Place>,
    place: Place,
    hash: Digest,
    what: &'static str,
) {
    let first = *taken.entry(hash).or_insert(place);
    if first != place {
        desk.fault(place, FaultKind::CredentialTwice { what, other: desk.words(first) });
    }
}

#[cfg(test)]
mod tests {
    use super::super::credential::token_hash;
    use super::super::sample::{ACME, Folder, US};

    #[test]
    fn an_id_is_one_partners_and_not_ours() {
        let other =
            ACME.replace("01:006081492", "ZZ:LAKESIDE").replace("'ACME'", "'OTHER', 'ACME'");
        let third = ACME.replace("'ACME'", "'THIRD'");
        let folder = Folder::of(&[
            ("us.toml", US),
            ("acme.toml", ACME),
            ("other/partner.toml", &other),
            ("third.toml", &third),
        ]);
        assert_eq!(
            folder.faults(),
            [
                "partners/other/partner.toml:5:23: the ISA id `ZZ:LAKESIDE` is taken by partners/us.toml:2:23; a sender must be one partner",
                "partners/other/partner.toml:5:53: the GS id `ACME` is taken by partners/acme.toml:5:45; a sender must be one partner",
                "partners/third.toml:5:23: the ISA id `01:006081492` is taken by partners/acme.toml:5:23; a sender must be one partner",
            ]
        );
    }

    #[test]
    fn one_partner_may_use_one_group_id_in_several_interchange_ids() {
        let line =
            "identities = [{ isa = 'ZZ:A', gs = ['ACME'] }, { isa = 'ZZ:B', gs = ['ACME'] }]";
        let old = "identities = [{ isa = '01:006081492', gs = ['ACME'] }]";
        let folder = Folder::of(&[("us.toml", US), ("acme.toml", &ACME.replace(old, line))]);
        assert_eq!(folder.faults(), [""; 0]);
        let partners = folder.load().unwrap();
        let acme = partners.by_isa("ZZ", "B              ").unwrap();
        assert!(acme.speaks_as("ZZ", "A  ", "ACME") && !acme.speaks_as("ZZ", "C", "ACME"));
        assert!(!acme.speaks_as("ZZ", "A", "OTHER"));
    }

    #[test]
    fn a_credential_opens_one_door() {
        let hash = token_hash("x");
        let with = |text: &str, at: &str| {
            let line = format!("{at}tokens = [{{ sha256 = '{hash}' }}]\n");
            format!("{text}{line}certificates = [{{ sha256 = '{}' }}]", "AB:".repeat(31) + "AB")
        };
        let acme = with(&ACME.replace("[https]\n", ""), "[https]\n");
        let other = acme.replace("01:006081492", "ZZ:OTHER").replace("ACME", "OTHER");
        let us = format!("{US}[erp]\ntokens = [{{ sha256 = '{hash}' }}]");
        let folder = Folder::of(&[("us.toml", &us), ("acme.toml", &acme), ("other.toml", &other)]);
        assert_eq!(
            folder.faults(),
            [
                "partners/acme.toml:13:22: this token is also that of partners/us.toml:4:22; each credential opens one door",
                "partners/other.toml:13:22: this token is also that of partners/us.toml:4:22; each credential opens one door",
                "partners/other.toml:14:28: this certificate is also that of partners/acme.toml:14:28; each credential opens one door",
            ]
        );
    }

    #[test]
    fn the_tokens_of_the_samples_stay_on_this_machine() {
        let token = |of: &str| format!("tokens = [{{ sha256 = '{}' }}]\n", token_hash(of));
        let us = format!("{US}[erp]\n{}", token("sample-token-of-the-erp"));
        let https = format!("[https]\n{}", token("sample-token-of-acme-medical"));
        let acme = ACME.replace("[https]\n", &https);
        let mut folder = Folder::of(&[("us.toml", &us), ("acme.toml", &acme)]);
        assert_eq!(folder.faults(), [""; 0]);
        let outside = "[listeners]\npartners.address = '0.0.0.0:1'\nerp.address = '10.0.0.1:2'\n";
        folder.files.insert("us.toml".to_owned(), format!("{us}{outside}").into_bytes());
        assert_eq!(
            folder.faults(),
            [
                "partners/us.toml:4:22: this token is published with the samples; make one with `wharf partner token us`",
                "partners/acme.toml:7:22: this token is published with the samples; make one with `wharf partner token acme`",
            ]
        );
    }
}
