//! What belongs together: an order, its interchange, what the partner said of it, and what answers
//! it.

use crate::message::{Digest, PartnerId, Reference, ReferenceKind};
use sha2::Digest as _;
use std::fmt;

/// What belongs together with one partner: everything about one order, or, where no order is named,
/// about one invoice, shipment or whatever it is.
///
/// It follows from the partner and the number alone, so that whoever sees any part of it knows the
/// rest again: nothing is looked up for it, nothing is kept, and a start changes nothing.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Lineage(String);

impl Lineage {
    /// That of what is about `subject`, such as an order's number, with a partner.
    pub fn of(partner: &PartnerId, subject: &str) -> Self {
        let mut sha = sha2::Sha256::new();
        sha.update(partner.as_str());
        sha.update([0]);
        sha.update(subject.trim());
        let digest = Digest::from_bytes(sha.finalize().into()).to_string();
        Self(format!("lin_{}", digest.get(..16).unwrap_or_default()))
    }

    /// That of a message with these references, as far as they tell it.
    pub fn of_references(partner: &PartnerId, references: &[Reference]) -> Option<Self> {
        let first = |kind| references.iter().find(|reference| reference.kind == kind);
        let named = [ReferenceKind::Order, ReferenceKind::Invoice, ReferenceKind::Shipment];
        let subject = named.into_iter().find_map(first)?;
        Some(Self::of(partner, &subject.value))
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Lineage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_follows_from_the_partner_and_the_order_and_else_from_what_is_named() {
        let [acme, other] = ["acme", "other"].map(|name| PartnerId::new(name).unwrap());
        let order = Lineage::of(&acme, "4501-77281");
        assert_eq!(order.as_str().len(), 20);
        assert_ne!(order, Lineage::of(&other, "4501-77281"));
        let invoice = Reference::new(ReferenceKind::Invoice, "INV-9");
        let named = |references: &[Reference]| Lineage::of_references(&acme, references);
        assert_eq!(named(std::slice::from_ref(&invoice)), Some(Lineage::of(&acme, "INV-9")));
        let both = [invoice, Reference::new(ReferenceKind::Order, "4501-77281 ")];
        assert_eq!(named(&both), Some(order));
        assert_eq!(named(&[Reference::new(ReferenceKind::SetKind, "850")]), None);
    }
}
