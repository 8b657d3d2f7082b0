//! To whom a document may go.

use super::house::Gateway;
use super::outbound::set_of;
use crate::document::DocumentKind;
use crate::message::{Direction, PartnerId};

impl Gateway {
    /// The partners to whom it is agreed to send a document; none named: to whom anything may go.
    pub fn recipients(&self, document: Option<DocumentKind>) -> Vec<PartnerId> {
        let partners = self.partners();
        let takes = |partner: &&crate::partner::Partner| match document {
            Some(document) => partner.outbound(set_of(document)).is_some(),
            None => partner.agreements.iter().any(|about| about.direction == Direction::Outbound),
        };
        partners.iter().filter(takes).map(|partner| partner.name.clone()).collect()
    }
}
