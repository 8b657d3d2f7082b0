//! Who asks: the ERP, by its token, or, where no token is set up, whoever is on this machine.

use super::desk::Desk;
use crate::http::{Caller, Problem};
use crate::message::Proof;
use crate::partner::{Partners, token_hash};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

/// That it is the ERP: an extension of every request that gets past [`admit`].
#[derive(Clone, Debug)]
pub(super) struct Visitor(pub(super) Proof);

/// Lets nobody through but the ERP.
pub(super) async fn admit(State(desk): State<Desk>, mut request: Request, next: Next) -> Response {
    let caller = request.extensions().get::<Caller>().copied();
    match prove(&desk.gateway.partners(), caller, request.headers()) {
        Ok(proof) => {
            request.extensions_mut().insert(Visitor(proof));
            next.run(request).await
        }
        Err(problem) => {
            let mut response = problem.into_response();
            if response.status() == StatusCode::UNAUTHORIZED {
                let realm = HeaderValue::from_static("Bearer realm=\"wharf\"");
                response.headers_mut().insert(header::WWW_AUTHENTICATE, realm);
            }
            response
        }
    }
}

fn prove(
    partners: &Partners,
    caller: Option<Caller>,
    headers: &HeaderMap,
) -> Result<Proof, Problem> {
    if partners.us().erp.tokens.is_empty() {
        let here = caller.is_some_and(|caller| caller.address.ip().to_canonical().is_loopback());
        // A page in a browser on this machine is here too, and is not the ERP.
        return if here && !headers.contains_key(header::ORIGIN) {
            Ok(Proof::Ourselves)
        } else {
            let text = "only programs on this machine may ask; set up [[erp.tokens]] in us.toml";
            Err(Problem::new(StatusCode::FORBIDDEN, "not_from_here", text))
        };
    }
    match bearer(headers).filter(|token| partners.is_erp(token)) {
        Some(token) => {
            let name = token_hash(token).to_string().chars().take(NAME).collect();
            Ok(Proof::Token(name))
        }
        None => {
            let text = "sign in with `Authorization: Bearer TOKEN`, a token of [[erp.tokens]]";
            Err(Problem::new(StatusCode::UNAUTHORIZED, "not_signed_in", text))
        }
    }
}

/// The token in the one header `Authorization`.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut all = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(only), None) = (all.next(), all.next()) else { return None };
    let (scheme, token) = only.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// A token is named by the beginning of its hash, as it stands in `us.toml`.
const NAME: usize = 16;
