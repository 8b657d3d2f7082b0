//! What calls partners: one client for all, and one of its own for whoever is known by other
//! certificates than the usual.

use crate::http::{Client, HttpError};
use crate::partner::{Endpoint, OwnCertificate, Trust};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// What calls partners.
#[derive(Clone, Debug)]
pub(super) struct Clients {
    usual: Client,
    /// Those for whoever is known by other certificates, by where they are.
    known: Arc<Mutex<HashMap<Endpoint, (Certificates, Client)>>>,
}

/// Whom we trust somewhere, and what we show there.
type Certificates = (Option<Trust>, Option<OwnCertificate>);

impl Clients {
    pub(super) fn new(usual: Client) -> Self {
        Self { usual, known: Arc::default() }
    }

    /// What calls where no certificates were named.
    pub(super) fn usual(&self) -> &Client {
        &self.usual
    }

    /// What calls there. Other certificates, after a reload, make another.
    pub(super) fn to(
        &self,
        url: &Endpoint,
        trust: Option<&Trust>,
        own: Option<&OwnCertificate>,
    ) -> Result<Client, HttpError> {
        if trust.is_none() && own.is_none() {
            return Ok(self.usual.clone());
        }
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(((trusted, shown), client)) = known.get(url)
            && (trusted.as_ref(), shown.as_ref()) == (trust, own)
        {
            return Ok(client.clone());
        }
        let client = self.usual.to(trust, own)?;
        known.insert(url.clone(), ((trust.cloned(), own.cloned()), client.clone()));
        Ok(client)
    }
}
