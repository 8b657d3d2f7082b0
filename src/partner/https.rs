//! A partner's HTTPS: what they sign in with, and how documents reach them.

use super::credential::{Credential, credentials};
use super::desk::Placed;
use super::endpoint::Endpoint;
use super::secret::{Secret, secret_of};
use super::source::Source;
use super::trust::{OwnCertificate, Trust, own_certificate, trust};
use super::word::words;
use super::written::Table;
use serde::Serialize;

/// The HTTPS of one partner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Https {
    /// Bearer tokens that they may sign in with; two while one takes over from the other.
    pub tokens: Vec<Credential>,
    /// Client certificates that they may sign in with.
    pub certificates: Vec<Credential>,
    /// How what is for them reaches them.
    pub deliver: Delivery,
}

impl Https {
    /// What we sign in with.
    pub(super) fn secrets(&self) -> Vec<&Secret> {
        match &self.deliver {
            Delivery::Mailbox => Vec::new(),
            Delivery::Push(push) => {
                let key = push.certificate.as_ref().map(|certificate| &certificate.key);
                push.token.iter().chain(key).collect()
            }
        }
    }
}

/// How documents reach a partner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    /// They collect it from us.
    Mailbox,
    /// We post it to them.
    Push(Push),
}

/// Where we post, and as whom.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Push {
    /// Where.
    pub url: Endpoint,
    /// The bearer token that we sign in with, if they want one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<Secret>,
    /// Whom we trust there, in place of the authorities of this machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trust: Option<Trust>,
    /// The certificate that we show there, if they want one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certificate: Option<Box<OwnCertificate>>,
}

words! {
    /// The words for ways without further settings.
    pub(super) enum DeliveryWord {
        /// They collect it.
        Mailbox = "mailbox",
    }
}

/// The same with the places of its credentials, for faults between files.
#[derive(Debug)]
pub(super) struct WrittenHttps {
    pub(super) tokens: Vec<Placed<Credential>>,
    pub(super) certificates: Vec<Placed<Credential>>,
    pub(super) deliver: Delivery,
}

impl WrittenHttps {
    pub(super) fn read(mut table: Table<'_>, source: &dyn Source) -> Option<Self> {
        let tokens = credentials(&mut table, "tokens");
        let certificates = credentials(&mut table, "certificates");
        let deliver = match table.item("deliver") {
            None => Some(Delivery::Mailbox),
            Some(item) if item.is_text() => {
                item.read::<DeliveryWord>().map(|placed| match placed.value {
                    DeliveryWord::Mailbox => Delivery::Mailbox,
                })
            }
            Some(item) => item.table().and_then(|table| push(table, source)),
        };
        table.finish();
        Some(Self { tokens, certificates, deliver: deliver? })
    }

    pub(super) fn https(&self) -> Https {
        let values =
            |list: &[Placed<Credential>]| list.iter().map(|placed| placed.value.clone()).collect();
        Https {
            tokens: values(&self.tokens),
            certificates: values(&self.certificates),
            deliver: self.deliver.clone(),
        }
    }
}

fn push(mut table: Table<'_>, source: &dyn Source) -> Option<Delivery> {
    let url = table.need("url");
    let token = secret_of(&mut table, "token", source);
    let (trust, certificate) = (trust(&mut table, source), own_certificate(&mut table, source));
    table.finish();
    Some(Delivery::Push(Push { url: url?.value, token, trust, certificate }))
}
