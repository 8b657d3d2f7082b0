//! `[as2]` in a partner's file.

use super::super::desk::Placed;
use super::super::endpoint::Endpoint;
use super::super::fault::FaultKind;
use super::super::secret::Secret;
use super::super::source::Source;
use super::super::written::Table;
use super::certificates::{PinFor, Pinned, certificates};
use super::exception::{Exception, exceptions};
use super::http::{Calls, url_of};
use super::id::As2Id;
use super::keys::{OwnPair, keys, newest};
use super::ours::OurAs2;
use super::receipts::{AskFor, Receipts};
use super::security::{Accept, Pack};
use super::words::Habit;
use crate::pki::Certificate;
use jiff::Timestamp;
use serde::Serialize;

/// The AS2 of one partner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct As2 {
    /// Their id.
    pub id: As2Id,
    /// Ours, to them.
    pub we_are: As2Id,
    /// Where we post; none: they only send.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<Endpoint>,
    /// Their certificates.
    pub certificates: Vec<Pinned>,
    /// Our key pairs.
    pub keys: Vec<OwnPair>,
    /// What is required of what they send.
    pub accept: Accept,
    /// How what we send is packed.
    pub send: Pack,
    /// Receipts.
    pub mdn: Receipts,
    /// What is too weak for everyone else.
    pub legacy: Vec<Exception>,
    /// Habits of their program that we go along with.
    pub quirks: Vec<Habit>,
    /// How we call them.
    #[serde(flatten)]
    pub calls: Calls,
    /// How many messages that cannot be decrypted may come in an hour.
    pub failures_per_hour: u32,
}

impl As2 {
    /// Their certificates that may be used for something at a time, the newest first.
    pub fn theirs(&self, what: PinFor, at: Timestamp) -> Vec<Certificate> {
        let mut fit: Vec<&Pinned> =
            self.certificates.iter().filter(|pinned| pinned.is_for(what, at)).collect();
        fit.sort_by_key(|pinned| {
            std::cmp::Reverse((pinned.span.from, pinned.certificate.valid_from()))
        });
        fit.into_iter().map(|pinned| pinned.certificate.clone()).collect()
    }

    /// The certificate that we encrypt for at a time.
    pub fn recipient(&self, at: Timestamp) -> Option<Certificate> {
        self.theirs(PinFor::Encrypt, at).into_iter().next()
    }

    /// The pair that we sign with at a time: the newest.
    pub fn signer(&self, at: Timestamp) -> Option<&OwnPair> {
        newest(&self.keys, at)
    }

    /// Our keys, and what we sign in with.
    pub(in super::super) fn secrets(&self) -> impl Iterator<Item = &Secret> {
        let password = self.calls.basic.iter().map(|basic| &basic.password);
        let client = self.calls.certificate.iter().map(|own| &own.key);
        self.keys.iter().map(|own| &own.key).chain(password).chain(client)
    }

    /// Whether a habit is gone along with.
    pub fn has(&self, habit: Habit) -> bool {
        self.quirks.contains(&habit)
    }
}

/// The same with the place of the id, for faults between files.
#[derive(Debug)]
pub(in super::super) struct WrittenAs2 {
    pub(in super::super) id: Placed<As2Id>,
    as2: As2,
}

impl WrittenAs2 {
    pub(in super::super) fn read(
        mut table: Table<'_>,
        source: &dyn Source,
        ours: Option<&OurAs2>,
    ) -> Option<Self> {
        let id = table.need::<As2Id>("id");
        let we_are = table.get("we_are").or_else(|| ours.and_then(|ours| ours.id.clone()));
        // Without our own file nothing of ours can be known to be missing.
        if we_are.is_none() && ours.is_some() {
            table.fault(table.place(), FaultKind::NoOwnAs2Id);
        }
        let plain = table.or("plain_http", false);
        let url = url_of(&mut table, "url", plain);
        let legacy = exceptions(&mut table);
        let certificates = certificates(&mut table, source, &legacy);
        let mut keys = keys(&mut table, source);
        if keys.is_empty() {
            keys = ours.map(|ours| ours.keys.clone()).unwrap_or_default();
        }
        let accept = Accept::read(table.table("accept"));
        let send = Pack::read(table.table("send"), &legacy);
        let mdn_url = ours.and_then(|ours| ours.mdn_url.as_deref());
        let mdn = Receipts::read(table.table("mdn"), mdn_url, plain);
        let quirks = table.list::<Habit>("quirks").into_iter().map(|habit| habit.value).collect();
        let calls = Calls::read(&mut table, source);
        let failures_per_hour = table.or("failures_per_hour", FAILURES);
        let Placed { place, value } = id?;
        let as2 = As2 {
            id: value.clone(),
            we_are: we_are?,
            url,
            certificates,
            keys,
            accept,
            send,
            mdn,
            legacy,
            quirks,
            calls,
            failures_per_hour,
        };
        as2.is_whole(&table, ours.is_some());
        table.finish();
        Some(Self { id: Placed { place, value }, as2 })
    }

    /// Whether documents can be sent to them.
    pub(in super::super) fn reaches(&self) -> bool {
        self.as2.url.is_some()
    }

    pub(in super::super) fn as2(&self) -> As2 {
        self.as2.clone()
    }
}

impl As2 {
    /// Says what is missing for what is asked.
    fn is_whole(&self, table: &Table<'_>, ours_known: bool) {
        let pinned = |what| self.certificates.iter().any(|pinned| pinned.uses.contains(&what));
        let sends = self.url.is_some();
        let receipt = sends && self.mdn.signed && self.mdn.ask != AskFor::None;
        let lacks = |what| table.fault(table.place(), FaultKind::As2Lacks(what));
        if (self.accept.signed || receipt) && !pinned(PinFor::Verify) {
            lacks("certificate of theirs to verify what they sign; add [[as2.certificates]]");
        }
        if sends && self.send.encrypt.is_some() && !pinned(PinFor::Encrypt) {
            lacks("certificate of theirs to encrypt for; add [[as2.certificates]] with an RSA key");
        }
        let signs = sends && self.send.sign.is_some();
        if (signs || self.accept.encrypted) && self.keys.is_empty() && ours_known {
            lacks("key of ours to sign and decrypt with; add [[as2.keys]] in us.toml or here");
        }
    }
}

/// Enough for a partner whose program was set up wrong, and useless to whoever tries keys out.
const FAILURES: u32 = 100;
