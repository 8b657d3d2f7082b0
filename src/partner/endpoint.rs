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

    /// Whether an address is this one, or lies below it: the same scheme, host and port, and a path
    /// that goes on from this one by whole steps, without a step back.
    pub fn covers(&self, address: &str) -> bool {
        let Some(other) = Self::plain(address) else { return false };
        let (origin, path) = self.split();
        let (other_origin, other_path) = other.split();
        let below = other_path.strip_prefix(path).is_some_and(|rest| {
            rest.is_empty() || path.ends_with('/') || rest.starts_with(['/', '?'])
        });
        let back = |step: &str| matches!(step, "." | "..") || step.contains('%');
        let steps = other_path.split('?').next().unwrap_or_default();
        origin == other_origin && below && (other.0 == self.0 || !steps.split('/').any(back))
    }

    /// Whether an address has the same scheme, host and port.
    pub fn is_same_origin(&self, address: &str) -> bool {
        Self::plain(address).is_some_and(|other| other.split().0 == self.split().0)
    }

    /// The scheme, the host in lower case and the port; and the path.
    fn split(&self) -> ((bool, String), &str) {
        let secure = self.0.starts_with("https");
        let rest = self.0.split_once("://").map_or("", |(_, rest)| rest);
        let at = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at_checked(at).unwrap_or((rest, ""));
        let port = if secure { ":443" } else { ":80" };
        let authority = authority.to_ascii_lowercase();
        let authority = authority.strip_suffix(port).unwrap_or(&authority).to_owned();
        ((secure, authority), if path.is_empty() { "/" } else { path })
    }

    /// The same, where plain HTTP to others was allowed by name.
    pub(super) fn plain(text: &str) -> Option<Self> {
        Self::parsed(text, true)
    }

    fn parse(text: &str) -> Option<Self> {
        Self::parsed(text, false)
    }

    fn parsed(text: &str, plain_allowed: bool) -> Option<Self> {
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
            && (!plain || plain_allowed || is_this_machine(host));
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
        assert!(Endpoint::plain("http://edi.acme.example/as2").is_some());
        assert!(Endpoint::plain("ftp://edi.acme.example/as2").is_none());
    }

    #[test]
    fn an_address_covers_itself_and_what_lies_below() {
        let allowed = Endpoint::parse("https://edi.acme.example/mdn").unwrap();
        for address in [
            "https://edi.acme.example/mdn",
            "https://EDI.acme.example:443/mdn/in?id=7",
            "https://edi.acme.example/mdn?id=7",
        ] {
            assert!(allowed.covers(address), "{address}");
        }
        for address in [
            "",
            "http://edi.acme.example/mdn",
            "https://edi.acme.example:8443/mdn",
            "https://edi.acme.example/mdnx",
            "https://edi.acme.example/",
            "https://edi.acme.example/mdn/../admin",
            "https://edi.acme.example/mdn/%2e%2e/admin",
            "https://evil.example/mdn",
            "https://edi.acme.example@evil.example/mdn",
            "https://edi.acme.example.evil.example/mdn",
            "https://127.0.0.1/mdn",
        ] {
            assert!(!allowed.covers(address), "{address}");
        }
        assert!(Endpoint::parse("https://a.example").unwrap().covers("https://a.example/x"));
    }
}
