//! No web page may act as an operator.

use crate::http::Problem;
use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::net::IpAddr;

/// Lets through what was asked of this machine by its own name and by no web page.
pub(super) async fn guard(request: Request, next: Next) -> Response {
    match refused(request.uri(), request.headers()) {
        Some(problem) => problem.into_response(),
        None => next.run(request).await,
    }
}

fn refused(uri: &Uri, headers: &HeaderMap) -> Option<Problem> {
    let no = |code: &str, text: &str| Some(Problem::new(StatusCode::FORBIDDEN, code, text));
    if headers.contains_key(header::ORIGIN) {
        return no(
            "origin_refused",
            "web pages may not ask here; use `wharf spool`, or a client that sends no Origin",
        );
    }
    let named = uri.authority().map(|authority| authority.host().as_bytes().to_vec());
    let hosts = headers.get_all(header::HOST).iter().map(|host| host.as_bytes().to_vec());
    let hosts: Vec<Vec<u8>> = named.into_iter().chain(hosts).collect();
    if hosts.is_empty() || !hosts.iter().all(|host| is_loopback(host)) {
        return no(
            "host_refused",
            "ask by the name of this machine: 127.0.0.1, [::1] or localhost",
        );
    }
    None
}

/// Whether a host, with or without a port, is this machine.
fn is_loopback(host: &[u8]) -> bool {
    let Ok(host) = std::str::from_utf8(host) else { return false };
    let bracketed = host.strip_prefix('[').and_then(|rest| rest.split_once(']'));
    let (name, port) = match bracketed {
        Some((name, rest)) => (name, rest.strip_prefix(':').or(rest.is_empty().then_some("0"))),
        None => host.split_once(':').map_or((host, Some("0")), |(name, port)| (name, Some(port))),
    };
    let port = port.is_some_and(|port| port.parse::<u16>().is_ok());
    let address = name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    port && (address || name.eq_ignore_ascii_case("localhost"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_machine_are_answered() {
        for host in ["127.0.0.1", "127.0.0.1:8445", "[::1]", "[::1]:1", "localhost:1", "LocalHost"]
        {
            assert!(is_loopback(host.as_bytes()), "{host}");
        }
        for host in [
            "",
            "evil.example",
            "localhost.evil.example",
            "127.0.0.1.evil.example:8445",
            "10.0.0.1",
            "127.0.0.1:8445:1",
            "127.0.0.1:x",
            "[::1]x",
            "[::1",
            "[127.0.0.1@evil]:1",
            "0.0.0.0",
        ] {
            assert!(!is_loopback(host.as_bytes()), "{host}");
        }
    }

    #[test]
    fn without_a_host_nothing_is_answered() {
        assert!(refused(&Uri::from_static("/healthz"), &HeaderMap::new()).is_some());
        assert!(refused(&Uri::from_static("http://[::1]:1/healthz"), &HeaderMap::new()).is_none());
    }
}
