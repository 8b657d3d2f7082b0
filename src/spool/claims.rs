//! What is being written: nobody else may decide on it until that is durable or has failed.
//!
//! Two posts of one message may come at the same time. The second must hear neither "new" nor
//! "known" before the first is on the disk. So each write claims all that it decides on (messages,
//! identities, names of followers) at once or not at all, which leaves no order to deadlock in.

use std::collections::HashSet;

/// A name for what can be claimed: the same for the same thing.
pub(super) type Claim = Vec<u8>;

/// All that is being written.
#[derive(Debug, Default)]
pub(super) struct Claims(HashSet<Claim>);

impl Claims {
    /// Claims all of `wanted`; `false`, and none is, if any of them is claimed already.
    pub(super) fn take(&mut self, wanted: &[Claim]) -> bool {
        let free = wanted.iter().all(|claim| !self.0.contains(claim));
        if free {
            self.0.extend(wanted.iter().cloned());
        }
        free
    }

    /// Gives back what was claimed.
    pub(super) fn give_back(&mut self, claims: &[Claim]) {
        for claim in claims {
            self.0.remove(claim);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_are_claimed_or_none() {
        let mut claims = Claims::default();
        let [a, b] = [b"a".to_vec(), b"b".to_vec()];
        assert!(claims.take(&[a.clone(), a.clone()]));
        assert!(!claims.take(&[b.clone(), a.clone()]));
        assert!(claims.take(&[b]));
        claims.give_back(std::slice::from_ref(&a));
        assert!(claims.take(&[a]));
    }
}
