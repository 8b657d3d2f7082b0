//! Addresses that we call, and addresses that we listen at.

use super::fault::{FaultKind, shown};
use super::written::{Item, Value};
use serde::Serialize;
use std::fmt;
use std::net::{IpAddr, SocketAddr};

/// A URL that we post to: HTTPS, or plain HTTP on this machine.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Endpoint(String);

impl Endpoint {
    /// The URL.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn parse(text: &str) -> Option<Self> {
        let (plain, rest) = match text.strip_prefix("https://") {
            Some(rest) => (false, rest),
            None => (true, text.strip_prefix("http://")?),
        };
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let authority = rest.get(..end)?;
        let (host, port) = match authority.strip_prefix('[') {
            Some(inner) => {
                let (host, port) = inner.split_once(']')?;
                (host.parse::<IpAddr>().ok().map(|_| host)?, port.strip_prefix(':'))
            }
            None => match authority.split_once(':') {
                Some((host, port)) => (host, Some(port)),
                None => (authority, None),
            },
        };
        let named = |c: char| c.is_ascii_alphanumeric() || ".-:".contains(c);
        let visible = |c: char| c.is_ascii_graphic() && !"#\"<>\\^`{|}".contains(c);
        let sound = !host.is_empty()
            && host.chars().all(named)
            && port.is_none_or(|port| port.parse::<u16>().is_ok_and(|port| port > 0))
            && rest.chars().all(visible)
            && (!plain || is_this_machine(host));
        sound.then(|| Self(text.to_owned()))
    }
}

fn is_this_machine(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl Value for Endpoint {
    fn of(item: &Item<'_>) -> Result<Self, FaultKind> {
        let text = item.text()?;
        Self::parse(text).ok_or_else(|| FaultKind::Malformed {
            value: shown(text),
            what: "URL that we may call",
            how: "https://HOST/PATH without a user in it; http:// only to this machine",
        })
    }
}

impl Value for SocketAddr {
    fn of(item: &Item<'_>) -> Result<Self, FaultKind> {
        let text = item.text()?;
        text.parse().map_err(|_| FaultKind::Malformed {
            value: shown(text),
            what: "address to listen at",
            how: "an IP address and a port, as in \"127.0.0.1:8443\"",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_we_call_is_https_or_this_machine() {
        for text in [
            "https://edi.acme.example",
            "https://edi.acme.example:8443/in?x=1",
            "https://[2001:db8::1]:8443/in",
            "http://127.0.0.1:9000/in",
            "http://[::1]/",
            "http://localhost/in",
        ] {
            assert!(Endpoint::parse(text).is_some(), "{text}");
        }
        for text in [
            "",
            "https://",
            "https:///in",
            "http://edi.acme.example",
            "http://localhost.acme.example",
            "https://user:word@acme.example/",
            "https://acme.example:0/",
            "https://acme.example:x/",
            "https://acme.example/a b",
            "https://acme.example/#a",
            "https://[acme]/",
            "ftp://acme.example",
            "https://acme.example\n",
            "http://127.0.0.1@acme.example/",
            "http://127.0.0.1\\@acme.example/",
        ] {
            assert!(Endpoint::parse(text).is_none(), "{text}");
        }
    }
}
