//! Who says to be writing, and whether we know them: before a byte of the body is read.

use super::super::super::mail::Mail;
use super::super::headers::{As2Name, HeaderFault, Headers, Letterhead};
use super::super::send::headers_of;
use crate::http::Problem;
use crate::message::{Moment, PartnerId};
use crate::partner::{As2, Limits};
use axum::http::{HeaderMap, StatusCode};

/// Someone whom we know, if they are who they say.
#[derive(Debug)]
pub(super) struct Visit {
    pub(super) name: PartnerId,
    pub(super) as2: As2,
    pub(super) limits: Limits,
    pub(super) headers: Headers,
    /// What the headers say; none in a receipt that does not say it all.
    pub(super) letterhead: Option<Letterhead>,
    pub(super) now: Moment,
}

impl Visit {
    /// Whoever the headers of a message name; `at` is the name in the path, if it has one.
    pub(super) fn of(mail: &impl Mail, map: &HeaderMap, at: Option<&str>) -> Result<Self, Problem> {
        let headers = headers_of(map);
        let letterhead = Letterhead::read(&headers).map_err(|fault| unreadable(&fault))?;
        let stranger = || stranger(&letterhead.from, &letterhead.to);
        let visit = Self::known(mail, &letterhead.from, headers).ok_or_else(stranger)?;
        let ours = visit.as2.we_are.as_str();
        if ours != letterhead.to.as_str() || at.is_some_and(|at| at != ours) {
            return Err(stranger());
        }
        Ok(Self { letterhead: Some(letterhead), ..visit })
    }

    /// Whoever the headers of a receipt name. Some programs leave out what only a message needs.
    pub(super) fn of_receipt(mail: &impl Mail, map: &HeaderMap) -> Result<Self, Problem> {
        let headers = headers_of(map);
        let from = headers.value("AS2-From").ok_or(HeaderFault::Missing("AS2-From"));
        let from: As2Name = from
            .and_then(|from| from.parse().map_err(|_| HeaderFault::Unreadable("AS2-From")))
            .map_err(|fault| unreadable(&fault))?;
        let to = headers.value("AS2-To").and_then(|to| to.parse().ok());
        let stranger = || stranger(&from, to.as_ref().unwrap_or(&from));
        let visit = Self::known(mail, &from, headers.clone()).ok_or_else(stranger)?;
        let ours = visit.as2.we_are.as_str();
        if to.as_ref().is_some_and(|to| to.as_str() != ours) {
            return Err(stranger());
        }
        Ok(visit)
    }

    fn known(mail: &impl Mail, from: &As2Name, headers: Headers) -> Option<Self> {
        let partners = mail.partners();
        let partner = partners.by_as2(from.as_str())?;
        Some(Self {
            name: partner.name.clone(),
            as2: partner.wires.as2.clone()?,
            limits: partner.terms.limits,
            headers,
            letterhead: None,
            now: mail.now(),
        })
    }
}

fn unreadable(fault: &HeaderFault) -> Problem {
    let text = format!("{fault}; AS2 needs AS2-From, AS2-To and Message-ID, each once");
    Problem::new(StatusCode::BAD_REQUEST, "as2_headers_unreadable", text)
}

/// The same whether they are unknown, or write to somebody else than to us.
fn stranger(from: &As2Name, to: &As2Name) -> Problem {
    tracing::warn!(from = %from, to = %to, "over AS2, someone unknown wrote");
    metrics::counter!("wharf_as2_strangers_total").increment(1);
    let text = format!(
        "`{from}` does not write to `{to}` here; compare both AS2 ids with what was agreed: case and \
         blanks count"
    );
    Problem::new(StatusCode::FORBIDDEN, "as2_parties_unknown", text)
}
