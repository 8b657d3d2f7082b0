//! Another reading of the partners' files takes the place of the one before.

use super::house::Gateway;
use crate::partner::{Faults, Partners};
use std::sync::Arc;

/// What came of reading the partners' files again.
#[derive(Debug)]
pub enum Reloaded {
    /// They hold from now on; what changed, in words.
    Now(Vec<String>),
    /// They are the same.
    Same,
    /// They have faults, and those from before still hold.
    Kept(Faults),
}

impl Gateway {
    /// Takes a new reading, if it is without fault. What is under way ends with the old one.
    pub fn reload(&self, loaded: Result<Partners, Faults>) -> Reloaded {
        match loaded {
            Err(faults) => Reloaded::Kept(faults),
            Ok(partners) => {
                let changes = self.partners().changes(&partners);
                let changes: Vec<String> = changes.iter().map(ToString::to_string).collect();
                if changes.is_empty() {
                    return Reloaded::Same;
                }
                self.exchange(Arc::new(partners));
                Reloaded::Now(changes)
            }
        }
    }
}
