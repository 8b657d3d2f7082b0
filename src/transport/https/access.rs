//! Who asks: a partner, proven by a bearer token or by the certificate of their TLS session.

use super::super::allowance::Allowances;
use super::super::inbox::Inbox;
use crate::http::{Caller, Problem};
use crate::message::{PartnerId, Proof};
use crate::partner::{Partner, Partners, token_hash};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use std::sync::Arc;

/// What the routes share.
#[derive(Debug)]
pub(super) struct Desk<I> {
    pub(super) inbox: Arc<I>,
    pub(super) allowances: Allowances,
}

/// A proven partner: an extension of every request that gets past [`admit`].
#[derive(Clone, Debug)]
pub(super) struct Visitor {
    pub(super) partner: PartnerId,
    pub(super) proof: Proof,
    /// The largest body that was agreed.
    pub(super) body: u64,
}

/// Lets nobody through without a credential, and nobody more often than agreed.
pub(super) async fn admit<I: Inbox>(
    State(desk): State<Arc<Desk<I>>>,
    mut request: Request,
    next: Next,
) -> Response {
    let caller = request.extensions().get::<Caller>().copied();
    let partners = desk.inbox.partners();
    let Some((partner, proof)) = prove(&partners, caller, request.headers()) else {
        return stranger();
    };
    let open = match desk.allowances.take(&partner.name, partner.terms.limits) {
        Ok(open) => open,
        Err(problem) => return problem.into_response(),
    };
    let body = partner.terms.limits.body.bytes();
    request.extensions_mut().insert(Visitor { partner: partner.name.clone(), proof, body });
    let response = next.run(request).await;
    drop(open);
    response
}

/// The one partner to whom everything that was shown belongs. A token that nobody has is no better
/// for a certificate beside it.
fn prove<'p>(
    partners: &'p Partners,
    caller: Option<Caller>,
    headers: &HeaderMap,
) -> Option<(&'p Partner, Proof)> {
    let certificate = caller.and_then(|caller| caller.certificate);
    let shown = certificate.and_then(|hash| Some((partners.by_certificate(&hash)?, hash)));
    if !headers.contains_key(header::AUTHORIZATION) {
        return shown.map(|(partner, hash)| (partner, Proof::Certificate(hash.to_string())));
    }
    let token = bearer(headers)?;
    let partner = partners.by_token(token)?;
    let same = shown.is_none_or(|(shown, _)| shown.name == partner.name);
    let name = token_hash(token).to_string().chars().take(NAME).collect();
    same.then_some((partner, Proof::Token(name)))
}

/// The token in the one header `Authorization`.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut all = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(only), None) = (all.next(), all.next()) else { return None };
    let (scheme, token) = only.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// The same answer to whoever is not known, whatever they showed.
fn stranger() -> Response {
    let text = "sign in with `Authorization: Bearer TOKEN`, or with the client certificate that was \
                agreed";
    let problem = Problem::new(StatusCode::UNAUTHORIZED, "not_signed_in", text);
    let mut response = problem.into_response();
    let realm = HeaderValue::from_static("Bearer realm=\"wharf\"");
    response.headers_mut().insert(header::WWW_AUTHENTICATE, realm);
    response
}

/// A token is named by the beginning of its hash, as it stands in the partner's file.
const NAME: usize = 16;
