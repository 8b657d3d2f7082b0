//! How many connections there are, from each address and altogether.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

/// The connections of one listener.
#[derive(Clone, Debug, Default)]
pub(super) struct Crowd(Arc<Mutex<Counts>>);

#[derive(Debug, Default)]
struct Counts {
    all: usize,
    of: HashMap<IpAddr, usize>,
}

impl Crowd {
    /// A place for a connection from `address`, if there is one.
    pub(super) fn admit(&self, address: IpAddr, most: usize, most_of_one: usize) -> Option<Place> {
        let address = whole(address);
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let of_one = counts.of.get(&address).copied().unwrap_or(0);
        if counts.all >= most || of_one >= most_of_one {
            return None;
        }
        counts.all += 1;
        counts.of.insert(address, of_one + 1);
        Some(Place { crowd: self.clone(), address })
    }
}

/// A connection's place, given back when it ends.
#[derive(Debug)]
pub(super) struct Place {
    crowd: Crowd,
    address: IpAddr,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut counts = self.crowd.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts.all = counts.all.saturating_sub(1);
        let left = counts.of.get(&self.address).copied().unwrap_or(0).saturating_sub(1);
        if left == 0 {
            counts.of.remove(&self.address);
        } else {
            counts.of.insert(self.address, left);
        }
    }
}

/// One caller's address: whoever has an IPv6 address has the 2⁶⁴ around it.
fn whole(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => {
            let network = u128::from(address) & !u128::from(u64::MAX);
            IpAddr::V6(network.into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_given_back() {
        let crowd = Crowd::default();
        let [one, other]: [IpAddr; 2] =
            ["192.0.2.1", "192.0.2.2"].map(|text| text.parse().unwrap());
        let first = crowd.admit(one, 3, 2).unwrap();
        let second = crowd.admit(one, 3, 2).unwrap();
        assert!(crowd.admit(one, 3, 2).is_none(), "two from one address");
        let third = crowd.admit(other, 3, 2).unwrap();
        assert!(crowd.admit(other, 3, 2).is_none(), "three altogether");
        drop(second);
        assert!(crowd.admit(one, 3, 2).is_some());
        drop((first, third));
        assert!(crowd.0.lock().unwrap().of.is_empty());
    }

    #[test]
    fn a_whole_network_of_ipv6_is_one_caller() {
        let of = |text: &str| whole(text.parse().unwrap());
        assert_eq!(of("2001:db8::1"), of("2001:db8::ffff:1"));
        assert_ne!(of("2001:db8::1"), of("2001:db8:0:1::1"));
        assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"));
    }
}
