//! How we call a partner.

use super::super::endpoint::Endpoint;
use super::super::fault::{FaultKind, shown};
use super::super::quantity::Length;
use super::super::secret::{Secret, secret_of};
use super::super::source::Source;
use super::super::trust::{OwnCertificate, Trust, own_certificate, trust};
use super::super::written::Table;
use serde::Serialize;

/// How we call a partner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Calls {
    /// How long an answer may take, whatever the size; more for what is large.
    pub timeout: Length,
    /// What we sign in with, if they want that besides.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub basic: Option<Basic>,
    /// Whom we trust there, in place of the authorities of this machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trust: Option<Trust>,
    /// The TLS certificate that we show there, if they want one.
    #[serde(skip_serializing_if = "Option::is_none", rename = "client")]
    pub certificate: Option<Box<OwnCertificate>>,
}

/// A name and a password, as HTTP has them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Basic {
    /// The name.
    pub user: String,
    /// The password.
    pub password: Secret,
}

impl Calls {
    pub(super) fn read(table: &mut Table<'_>, source: &dyn Source) -> Self {
        let timeout = table.or("timeout", Length::seconds(60));
        let basic = table.table("basic").and_then(|mut table| {
            let user = table.need::<String>("user");
            if let Some(user) = user.as_ref().filter(|user| user.value.contains(':')) {
                let (what, how) = ("user's name", "it without a colon");
                let value = shown(&user.value);
                table.fault(user.place, FaultKind::Malformed { value, what, how });
            }
            let password = secret_of(&mut table, "password", source);
            if password.is_none() {
                table.fault(table.place(), FaultKind::Missing("password"));
            }
            table.finish();
            Some(Basic { user: user?.value, password: password? })
        });
        let trust = trust(table, source);
        let certificate = table.table("client").and_then(|mut table| {
            let certificate = own_certificate(&mut table, source);
            table.finish();
            certificate
        });
        Self { timeout, basic, trust, certificate }
    }
}

/// The URL under `key`; in plain HTTP only to this machine, unless that is allowed by name.
pub(super) fn url_of(table: &mut Table<'_>, key: &'static str, plain: bool) -> Option<Endpoint> {
    if !plain {
        return table.get(key);
    }
    let text = table.placed::<String>(key)?;
    let url = Endpoint::plain(&text.value);
    if url.is_none() {
        let (what, how) = ("URL that we may call", "http://HOST/PATH or https://HOST/PATH");
        let value = shown(&text.value);
        table.fault(text.place, FaultKind::Malformed { value, what, how });
    }
    url
}
