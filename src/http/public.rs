//! Names that we call: they never lead inside.
//!
//! # Why the address and not the name
//!
//! Whoever keeps a name decides where it leads, and may decide anew between a check and a call. So
//! the addresses that are connected to are the ones that were looked at. An address that stands in
//! the configuration itself is meant as it stands.

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use thiserror::Error;

/// Looks up names, and knows only addresses that are public.
#[derive(Clone, Copy, Debug)]
pub(super) struct Public;

/// A name that leads inside only.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "the name leads to addresses that are not public ({}); if that is meant, write the address \
     itself into the URL",
    .0.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
)]
pub(super) struct Inside(Vec<IpAddr>);

impl Resolve for Public {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?.collect::<Vec<_>>();
            Ok(sieve(name.as_str(), found)?)
        })
    }
}

fn sieve(name: &str, found: Vec<SocketAddr>) -> Result<Addrs, Inside> {
    let local = name == LOCAL;
    let fits = |address: &SocketAddr| {
        if local { address.ip().is_loopback() } else { is_public(address.ip()) }
    };
    let (fitting, inside): (Vec<_>, Vec<_>) = found.into_iter().partition(fits);
    if fitting.is_empty() && !inside.is_empty() {
        return Err(Inside(inside.iter().map(SocketAddr::ip).collect()));
    }
    Ok(Box::new(fitting.into_iter()))
}

/// Whether an address is one of the open internet.
fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let shared = a == 100 && (64..128).contains(&b);
    let protocols = (a, b, c) == (192, 0, 0);
    let measuring = a == 198 && (b == 18 || b == 19);
    !(address.is_loopback()
        || address.is_private()
        || address.is_link_local()
        || address.is_multicast()
        || a == 0
        || a >= 240
        || shared
        || protocols
        || measuring)
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let [first, second, third, ..] = address.segments();
    // What carries an IPv4 address leads where that leads.
    let carried = match first {
        0x2002 => Some([second, third]),
        0x64 if second == 0xff9b => {
            let [.., high, low] = address.segments();
            Some([high, low])
        }
        _ => None,
    };
    if let Some([high, low]) = carried {
        return is_public_v4(Ipv4Addr::from(u32::from(high) << 16 | u32::from(low)));
    }
    // All that is given out for the open internet is 2000::/3; 2001::/32 is Teredo.
    first & 0xe000 == 0x2000 && !(first == 0x2001 && second == 0)
}

/// The one name that is allowed to be this machine.
const LOCAL: &str = "localhost";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_inside_is_known() {
        for inside in [
            "127.0.0.1",
            "127.9.9.9",
            "10.1.2.3",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "0.1.2.3",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "192.0.0.8",
            "198.18.0.1",
            "::1",
            "::",
            "fe80::1",
            "fc00::1",
            "fd12:3456::1",
            "ff02::1",
            "::ffff:10.0.0.1",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "2001::1",
        ] {
            assert!(!is_public(inside.parse().unwrap()), "{inside}");
        }
        for outside in [
            "8.8.8.8",
            "172.32.0.1",
            "100.128.0.1",
            "169.253.0.1",
            "2606:4700::1111",
            "::ffff:8.8.8.8",
            "64:ff9b::808:808",
            "2002:808:808::",
        ] {
            assert!(is_public(outside.parse().unwrap()), "{outside}");
        }
    }

    #[test]
    fn a_name_that_leads_inside_is_refused_and_a_mixed_one_leads_outside() {
        let of = |name: &str, list: &[&str]| {
            let list = list.iter().map(|text| text.parse().unwrap()).collect();
            sieve(name, list).map(|found| found.map(|found| found.to_string()).collect::<Vec<_>>())
        };
        let refused = of("acme.example", &["10.0.0.1:0", "[::1]:0"]).unwrap_err().to_string();
        assert!(refused.contains("not public (10.0.0.1, ::1)"), "{refused}");
        assert_eq!(of("acme.example", &["10.0.0.1:0", "8.8.8.8:0"]).unwrap(), ["8.8.8.8:0"]);
        assert_eq!(of("localhost", &["127.0.0.1:0", "8.8.8.8:0"]).unwrap(), ["127.0.0.1:0"]);
        assert!(of("acme.example", &[]).unwrap().is_empty());
    }
}
