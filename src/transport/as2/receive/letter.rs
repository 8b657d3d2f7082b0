//! A request whose body is here: in memory, or on the disk if it is large.

use super::super::super::mail::Mail;
use super::super::evidence::{REQUEST, REQUEST_BODY, REQUEST_HEADERS, whole};
use super::super::headers::Headers;
use super::super::open::is_report;
use super::super::send::BEGINNING;
use super::visit::Visit;
use crate::http::{Came, Problem, spilling};
use crate::message::{Body, Content};
use axum::http::HeaderMap;
use std::sync::Arc;

/// A request whose body is here.
#[derive(Debug)]
pub(super) struct Letter {
    pub(super) headers: Headers,
    pub(super) content: Content,
}

impl Letter {
    /// Reads the body, up to what was agreed and what seals add to that.
    pub(super) async fn read<M: Mail>(
        mail: &Arc<M>,
        visit: &Visit,
        map: &HeaderMap,
        incoming: axum::body::Body,
    ) -> Result<Self, Problem> {
        let agreed = visit.limits.body.bytes();
        let limit = agreed.saturating_add(agreed / 2).saturating_add(SEALS);
        let stage = || mail.stage(&visit.name).map_err(Problem::from);
        let content = match spilling(map, incoming, limit, IN_MEMORY, stage).await? {
            Came::Whole(bytes) => Content::from(bytes),
            Came::Spilled(stage) => {
                let finished = tokio::task::spawn_blocking(move || stage.finish()).await;
                let lost = || Problem::from(super::answer::lost());
                let stored = finished.map_err(|_| lost())?.map_err(Problem::from)?;
                mail.content(&stored).map_err(Problem::from)?
            }
        };
        Ok(Self { headers: visit.headers.clone(), content })
    }

    /// Whether it is a receipt, and not a message.
    pub(super) fn is_report(&self) -> bool {
        let mut beginning = vec![0; BEGINNING];
        let read = self.content.read_at(0, &mut beginning).unwrap_or(0);
        beginning.truncate(read);
        is_report(&self.headers, &beginning)
    }

    /// What is kept of it. A large body is kept by itself, so that it need not be copied.
    pub(super) fn evidence(self) -> Vec<(String, Body)> {
        let headers: Vec<(String, String)> = self
            .headers
            .iter()
            .filter(|(name, _)| !name.eq_ignore_ascii_case("Authorization"))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        let body = match self.content {
            Content::Bytes(bytes) if bytes.len() <= TOGETHER => {
                return vec![(REQUEST.to_owned(), whole(&headers, &bytes).into())];
            }
            Content::Bytes(bytes) => Body::from(Vec::from(bytes)),
            Content::File { digest, length, .. } => Body::Stored { digest, length },
        };
        vec![
            (REQUEST_HEADERS.to_owned(), whole(&headers, b"").into()),
            (REQUEST_BODY.to_owned(), body),
        ]
    }
}

/// A body of so many bytes is kept in one piece with its headers.
const TOGETHER: usize = 32_768;

/// As much may signatures, envelopes and headers add to a small message.
const SEALS: u64 = 65_536;

/// What is longer is not kept in memory.
pub(super) const IN_MEMORY: u64 = 1 << 20;
