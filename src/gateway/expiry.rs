//! Certificates that end: whoever must act is told in time, and once for each threshold.
//!
//! # Why not each certificate
//! A certificate that ends is no trouble if another takes over from it. So what is looked at is what
//! certificates are used for: how long the last of them lasts.

use super::house::Gateway;
use super::notices::{CERTIFICATE_EXPIRING, Telling};
use crate::message::{Digest, Identity, Moment, PartnerId};
use crate::partner::{CertificateUse, NamedCertificate};
use crate::pki::{Nearness, days_left};
use crate::spool::{SpoolError, Step};
use jiff::Timestamp;
use serde_json::json;
use std::collections::BTreeMap;

/// A use of certificates, and the certificate that serves it longest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lasting {
    /// Whose the certificate is, or towards whom we use it; none: we, towards everyone.
    pub partner: Option<PartnerId>,
    /// What it is used for.
    pub what: CertificateUse,
    /// The certificate.
    pub named: NamedCertificate,
}

/// Each use of certificates, with the certificate that serves it longest.
pub fn lasting(named: &[NamedCertificate]) -> Vec<Lasting> {
    let mut longest: BTreeMap<(Option<&PartnerId>, CertificateUse), &NamedCertificate> =
        BTreeMap::new();
    for one in named {
        for what in &one.uses {
            let best = longest.entry((one.partner.as_ref(), *what)).or_insert(one);
            if one.ends > best.ends {
                *best = one;
            }
        }
    }
    let lasting = |((partner, what), named): ((Option<&PartnerId>, _), &NamedCertificate)| {
        Lasting { partner: partner.cloned(), what, named: named.clone() }
    };
    longest.into_iter().map(lasting).collect()
}

impl Lasting {
    /// Whom it concerns, as a name: `us` for ourselves.
    pub fn owner(&self) -> &str {
        self.partner.as_ref().map_or(US, PartnerId::as_str)
    }

    /// How near its end is, if it is near.
    pub fn nearness(&self, at: Timestamp) -> Option<Nearness> {
        Nearness::of(self.named.ends, at)
    }

    /// What ends when, in words, and what is to be done.
    pub fn words(&self, at: Timestamp) -> String {
        let (file, owner) = (&self.named.file, self.owner());
        let day = self.named.ends.strftime("%Y-%m-%d");
        let ends = if at > self.named.ends { "ended" } else { "ends" };
        let next = match self.what {
            CertificateUse::Verify | CertificateUse::Encrypt => {
                "ask them for their next one, and name it beside this one"
            }
            CertificateUse::Sign | CertificateUse::Decrypt => {
                "make the next one with `wharf cert roll`"
            }
            CertificateUse::Tls => "put the next one in its place",
        };
        format!("{file} ({owner}, to {}) {ends} on {day} and none follows it; {next}", self.what)
    }
}

impl Gateway {
    /// Looks how long every certificate lasts that the files name, and `also` these: says it in the
    /// log and in figures, and to the ERP once for each threshold.
    pub async fn watch_certificates(
        &self,
        also: &[NamedCertificate],
        now: Moment,
    ) -> Result<(), SpoolError> {
        let mut named = self.partners().certificates();
        named.extend_from_slice(also);
        for lasting in lasting(&named) {
            let days = days_left(lasting.named.ends, now.at);
            let bounded = i32::try_from(days.clamp(-100_000, 100_000)).unwrap_or(0);
            let labels =
                [("partner", lasting.owner().to_owned()), ("use", lasting.what.to_string())];
            metrics::gauge!("wharf_certificate_days_left", &labels).set(f64::from(bounded));
            let Some(nearness) = lasting.nearness(now.at) else { continue };
            tracing::warn!(
                partner = lasting.owner(),
                days_left = days,
                "{}",
                lasting.words(now.at)
            );
            self.tell_of_end(&lasting, nearness, now).await?;
        }
        Ok(())
    }

    /// Tells the ERP, if that was not told before.
    async fn tell_of_end(
        &self,
        lasting: &Lasting,
        nearness: Nearness,
        now: Moment,
    ) -> Result<(), SpoolError> {
        let Ok(partner) = PartnerId::new(lasting.owner()) else { return Ok(()) };
        let certificate = &lasting.named.certificate;
        let (what, sha256) = (lasting.what.word(), certificate.fingerprint().to_string());
        let threshold = nearness.to_string();
        let about = [what, &sha256, &threshold];
        let identity =
            Identity::new(SCOPE, [partner.as_str(), what, &sha256, &threshold].join(":"));
        if self.spool.known(&identity, now.at)?.is_some() {
            return Ok(());
        }
        let data = json!({
            "partner": lasting.partner,
            "use": what,
            "file": lasting.named.file,
            "subject": certificate.subject(),
            "sha256": sha256,
            "ends": lasting.named.ends,
            "days_left": days_left(lasting.named.ends, now.at),
            "threshold_days": nearness.days(),
            "message": lasting.words(now.at),
        });
        let data = data.to_string().into_bytes();
        let mut step = Step::new(now);
        let message = step.memo(partner.clone(), "application/json", data.clone());
        step.claim(message, identity, Digest::of(&data));
        let telling = Telling { partner: &partner, message, at: now.at, test: false };
        step.notice(telling.notice(CERTIFICATE_EXPIRING, &lasting.named.file, &about), data);
        match self.spool.enqueue(step).await {
            // Another look told it in the meantime.
            Err(SpoolError::Taken { .. }) => Ok(()),
            other => other,
        }
    }
}

/// How we ourselves are called where a partner is named.
const US: &str = "us";

/// The names under which it is kept what was told.
const SCOPE: &str = "certificate-expiring";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pki::{KeyKind, NewPair};

    fn named(partner: Option<&str>, uses: &[CertificateUse], days: u32) -> NamedCertificate {
        let from = "2026-01-01T00:00:00Z".parse().unwrap();
        let certificate = NewPair::new("x", KeyKind::P256, from, days).make().unwrap().certificate;
        NamedCertificate {
            partner: partner.map(|name| PartnerId::new(name).unwrap()),
            uses: uses.to_vec(),
            ..NamedCertificate::of_listener(&format!("certs/{days}.pem"), certificate)
        }
    }

    #[test]
    fn what_matters_is_how_long_the_last_of_a_use_lasts() {
        use CertificateUse::{Encrypt, Sign, Verify};
        let all = [
            named(Some("acme"), &[Verify, Encrypt], 30),
            named(Some("acme"), &[Verify], 400),
            named(None, &[Sign], 50),
            named(Some("other"), &[Verify], 20),
        ];
        let lasting = lasting(&all);
        let short = |one: &Lasting| format!("{} {} {}", one.owner(), one.what, one.named.file);
        assert_eq!(
            lasting.iter().map(short).collect::<Vec<_>>(),
            [
                "us sign certs/50.pem",
                "acme verify certs/400.pem",
                "acme encrypt certs/30.pem",
                "other verify certs/20.pem"
            ]
        );
        let at = "2026-01-25T00:00:00Z".parse().unwrap();
        let near: Vec<_> = lasting.iter().map(|one| one.nearness(at)).collect();
        let expected = [Some(Nearness::Days30), None, Some(Nearness::Days7), Some(Nearness::Ended)];
        assert_eq!(near, expected);
        assert_eq!(
            lasting[2].words(at),
            "certs/30.pem (acme, to encrypt) ends on 2026-01-31 and none follows it; ask them for their next one, and name it beside this one"
        );
        assert!(lasting[3].words(at).contains("ended on 2026-01-21"));
    }
}
