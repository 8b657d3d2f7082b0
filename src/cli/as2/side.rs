//! Whose message it is, and with which keys and certificates it can be looked at.

use crate::message::Digest;
use crate::partner::{As2, Partner, Partners, PinFor};
use crate::pki::{Certificate, DigestAlgorithm, KeyPair};
use crate::transport::as2::{Letterhead, Policy, Terms, policy};
use jiff::Timestamp;

/// What is known of the two parties.
pub(super) struct Side {
    /// The partner, as its file is called.
    pub(super) partner: Option<String>,
    /// Whether we sent it.
    pub(super) from_us: bool,
    pub(super) as2: Option<As2>,
    ours: Vec<KeyPair>,
    theirs: Vec<Certificate>,
    policy: Policy,
    /// What does not fit.
    pub(super) remarks: Vec<String>,
}

impl Side {
    /// Nothing is known.
    pub(super) fn unknown() -> Self {
        Self {
            partner: None,
            from_us: false,
            as2: None,
            ours: Vec::new(),
            theirs: Vec::new(),
            policy: Policy::default(),
            remarks: Vec::new(),
        }
    }

    /// The partner that a letterhead names as its sender or its receiver.
    pub(super) fn of(partners: &Partners, from: &str, to: &str) -> Self {
        let mut side = Self::unknown();
        let known = |id: &str| partners.by_as2(id);
        let (partner, from_us) = match (known(from), known(to)) {
            (Some(partner), _) => (partner, false),
            (None, Some(partner)) => (partner, true),
            (None, None) => {
                side.remarks.push(format!(
                    "no partner is called `{from}`{}; ids are compared by case: the partner's file \
                     says `id` in [as2]",
                    known_ids(partners)
                ));
                return side;
            }
        };
        side.take(partner, from_us);
        if let Some(as2) = &side.as2 {
            let ours = if from_us { from } else { to };
            if as2.we_are.as_str() != ours {
                let (name, we_are) = (&partner.name, &as2.we_are);
                side.remarks.push(format!(
                    "we are called `{ours}` in it, and `{we_are}` towards {name}: one of us has to \
                     change it"
                ));
            }
        }
        side
    }

    fn take(&mut self, partner: &Partner, from_us: bool) {
        let Some(as2) = &partner.wires.as2 else { return };
        self.partner = Some(partner.name.to_string());
        self.from_us = from_us;
        self.ours = as2.keys.iter().map(|own| own.pair.clone()).collect();
        self.theirs = if from_us {
            self.ours.iter().map(|pair| pair.certificate().clone()).collect()
        } else {
            let pinned = as2.certificates.iter();
            let pinned = pinned.filter(|pinned| pinned.uses.contains(&PinFor::Verify));
            pinned.map(|pinned| pinned.certificate.clone()).collect()
        };
        self.policy = policy(as2, LARGEST);
        self.as2 = Some(as2.clone());
    }

    /// With which keys and certificates it is looked at.
    pub(super) fn terms(&self, at: Timestamp, letterhead: Option<&Letterhead>) -> Terms<'_> {
        let receipt = letterhead.and_then(|letterhead| letterhead.receipt.as_ref());
        let form = receipt.and_then(|it| it.options.choose(&DigestAlgorithm::ALL).ok());
        let mic = form.and_then(|form| form.digest);
        Terms { policy: &self.policy, ours: &self.ours, theirs: &self.theirs, mic, at }
    }

    /// What a certificate is to us, by its fingerprint.
    pub(super) fn name_of(&self, fingerprint: &Digest) -> String {
        let as2 = self.as2.as_ref();
        let own = as2.and_then(|as2| {
            let own = as2.keys.iter();
            own.into_iter().find(|own| own.pair.certificate().fingerprint() == *fingerprint)
        });
        let pinned = as2.and_then(|as2| {
            let pinned = as2.certificates.iter();
            pinned.into_iter().find(|pinned| pinned.certificate.fingerprint() == *fingerprint)
        });
        match (own, pinned) {
            (Some(own), _) => own.certificate.clone(),
            (None, Some(pinned)) => pinned.file.clone(),
            (None, None) => format!("sha256 {fingerprint}"),
        }
    }
}

fn known_ids(partners: &Partners) -> String {
    let ids =
        partners.iter().filter_map(|partner| Some(partner.wires.as2.as_ref()?.id.to_string()));
    let ids: Vec<String> = ids.map(|id| format!("`{id}`")).take(10).collect();
    if ids.is_empty() { String::new() } else { format!(" (known: {})", ids.join(", ")) }
}

/// The most bytes of content that are looked at.
const LARGEST: u64 = 256 << 20;
