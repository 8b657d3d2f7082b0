//! How much of us each address may take: connections at a time, and patience with failures.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// What the addresses that call have left.
#[derive(Debug, Default)]
pub(super) struct Addresses(Mutex<HashMap<IpAddr, Address>>);

#[derive(Debug, Default)]
struct Address {
    connections: u32,
    /// Until when it waits, if that is far enough away: each failure adds to it.
    penalty: Option<Instant>,
}

/// A connection that is counted until this is dropped.
#[derive(Debug)]
pub(super) struct Admitted {
    addresses: Arc<Addresses>,
    address: IpAddr,
}

impl Addresses {
    /// Lets a connection in, unless its address has too many, or too many failures.
    pub(super) fn admit(
        self: &Arc<Self>,
        address: IpAddr,
        now: Instant,
        most: u32,
    ) -> Option<Admitted> {
        let address = network(address);
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() > MOST {
            all.retain(|_, of| of.connections > 0 || of.penalty.is_some_and(|until| until > now));
        }
        let of = all.entry(address).or_default();
        let waits = of.penalty.is_some_and(|until| until > now + FREE);
        if waits || of.connections >= most {
            return None;
        }
        of.connections += 1;
        Some(Admitted { addresses: Arc::clone(self), address })
    }
}

impl Admitted {
    /// Somebody there tried to sign in and could not.
    pub(super) fn failed(&self, now: Instant) {
        let mut all = self.addresses.0.lock().unwrap_or_else(PoisonError::into_inner);
        let of = all.entry(self.address).or_default();
        let from = of.penalty.map_or(now, |until| until.max(now));
        of.penalty = Some((from + EACH).min(now + LONGEST));
    }

    /// Somebody there signed in: what was mistyped before is forgiven.
    pub(super) fn signed_in(&self) {
        let mut all = self.addresses.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(of) = all.get_mut(&self.address) {
            of.penalty = None;
        }
    }
}

impl Drop for Admitted {
    fn drop(&mut self) {
        let mut all = self.addresses.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(of) = all.get_mut(&self.address) {
            of.connections = of.connections.saturating_sub(1);
            if of.connections == 0 && of.penalty.is_none() {
                all.remove(&self.address);
            }
        }
    }
}

/// Whoever has one address of IPv6 has all of its network.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
            Some(v4) => IpAddr::V4(v4),
            None => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & !(u128::MAX >> 64))),
        },
    }
}

/// What a failure costs.
const EACH: Duration = Duration::from_secs(5);

/// What is free: the first failures of whoever has the wrong key at hand.
const FREE: Duration = Duration::from_secs(60);

/// The longest that anyone waits.
const LONGEST: Duration = Duration::from_secs(600);

/// So many addresses are remembered before the idle ones are forgotten.
const MOST: usize = 10_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_so_many_connections_and_so_many_failures() {
        let (addresses, now) = (Arc::new(Addresses::default()), Instant::now());
        let address: IpAddr = "192.0.2.1".parse().unwrap();
        let first = addresses.admit(address, now, 2).unwrap();
        let second = addresses.admit("::ffff:192.0.2.1".parse().unwrap(), now, 2).unwrap();
        assert!(addresses.admit(address, now, 2).is_none());
        assert!(addresses.admit("192.0.2.2".parse().unwrap(), now, 2).is_some());
        drop(second);
        for _ in 0..12 {
            first.failed(now);
            assert!(addresses.admit(address, now, 2).is_some());
        }
        first.failed(now);
        assert!(addresses.admit(address, now, 2).is_none());
        assert!(addresses.admit(address, now + EACH, 2).is_some());
        first.failed(now);
        first.signed_in();
        assert!(addresses.admit(address, now, 2).is_some());
    }

    #[test]
    fn neighbours_in_one_network_of_ipv6_are_one() {
        let [a, b, c] = ["2001:db8::1", "2001:db8::2:2", "2001:db8:0:1::1"];
        let network = |text: &str| network(text.parse().unwrap());
        assert_eq!(network(a), network(b));
        assert_ne!(network(a), network(c));
    }
}
