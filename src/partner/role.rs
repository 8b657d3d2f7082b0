//! What a partner is to us, and whether its documents count.

use super::word::{Word, words};
use crate::message::Direction;

words! {
    /// Whether documents count.
    pub enum Mode {
        /// They are tried out (ISA15 = T) and never reach the ERP's production feed.
        Test = "test",
        /// They are real (ISA15 = P).
        Production = "production",
    }
}

words! {
    /// What a partner is to us.
    pub enum Role {
        /// They sell: orders go to them; acknowledgments, ship notices and invoices come.
        Supplier = "supplier",
        /// They buy: the other way round.
        Customer = "customer",
        /// Both.
        Both = "both",
    }
}

impl Role {
    /// The role of this word.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, of)| *of == word).map(|(role, _)| *role)
    }

    /// Which way a set goes with such a partner; `None` if it may go both.
    pub(super) fn direction_of(self, set: &str) -> Option<Direction> {
        let (to_seller, to_buyer) = match self {
            Self::Supplier => (Direction::Outbound, Direction::Inbound),
            Self::Customer => (Direction::Inbound, Direction::Outbound),
            Self::Both => return None,
        };
        if TO_SELLER.contains(&set) {
            return Some(to_seller);
        }
        TO_BUYER.contains(&set).then_some(to_buyer)
    }
}

/// What a buyer sends.
const TO_SELLER: [&str; 7] = ["820", "830", "840", "850", "860", "861", "862"];

/// What a seller sends.
const TO_BUYER: [&str; 6] = ["810", "832", "843", "855", "856", "865"];
