//! Recipients: whose key unwraps the content's key.

use super::super::error::As2Error;
use super::super::opened::Terms;
use super::super::policy::Policy;
use super::algorithms;
use super::identifier::Identifier;
use super::tlv::{Elements, INTEGER, OCTETS, SEQUENCE, SET};
use crate::pki::{DigestAlgorithm, KeyPair, KeyTransport, PkiError};
use zeroize::Zeroizing;

/// The content's key, wrapped for one of our pairs.
pub(super) struct Wrapped<'a> {
    pub(super) pair: &'a KeyPair,
    pub(super) transport: KeyTransport,
    mask: Option<DigestAlgorithm>,
    key: Vec<u8>,
}

impl Wrapped<'_> {
    /// The key, or a random one: it does not say which.
    pub(super) fn unwrap(&self, length: usize) -> Result<Zeroizing<Vec<u8>>, PkiError> {
        self.pair.key().unwrap_key(self.transport, self.mask, &self.key, length)
    }
}

/// The recipient among a SET of them that is one of our pairs.
pub(super) fn ours<'a>(set: &[u8], terms: &Terms<'a>) -> Result<Wrapped<'a>, As2Error> {
    let broken = |()| As2Error::EnvelopeUnreadable("its recipients cannot be read");
    let mut recipients = Elements::new(set).within(SET).map_err(broken)?;
    let mut named = Vec::new();
    while let Some((tag, content, _)) = recipients.next() {
        // Key agreement, passwords and the like have tags of their own.
        if tag != SEQUENCE {
            named.push("another kind of recipient".to_owned());
            continue;
        }
        let mut fields = Elements::new(content);
        fields.expect(INTEGER).map_err(broken)?;
        let identifier = Identifier::read(&mut fields).map_err(broken)?;
        let algorithm = fields.expect(SEQUENCE).map_err(broken)?;
        let key = fields.expect(OCTETS).map_err(broken)?;
        let Some(pair) = terms.ours.iter().find(|pair| identifier.names(pair.certificate())) else {
            named.push(identifier.to_string());
            continue;
        };
        let (transport, mask) = algorithms::key_transport(algorithm)?;
        if !Policy::allows(&terms.policy.key_transports, &transport, terms.at) {
            return Err(As2Error::KeyTransportNotAllowed(transport));
        }
        return Ok(Wrapped { pair, transport, mask, key: key.to_vec() });
    }
    named.truncate(5);
    Err(As2Error::NotForUs(named.join("; ")))
}
