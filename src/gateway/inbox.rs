//! The house as a transport sees it.

use super::accept::named;
use super::agreed::Rulebook;
use super::content::content_type;
use super::house::Gateway;
use super::inbound;
use super::letters::{self, file_name, was_offered};
use super::outbound::delivered;
use super::receipt;
use super::refuse::{refusal, unkept};
use crate::document::DocumentKind;
use crate::event::State;
use crate::message::{
    Body, Channel, Digest, Direction, Identity, MessageId, Moment, PartnerId, RawMessage,
    Reference, ReferenceKind,
};
use crate::partner::{Partner, Partners};
use crate::spool::{Arrival, BodyWriter, Dossier, SpoolError};
use crate::transport::{
    Collected, Handed, Inbox, Letter, Ready, Receipt, Refusal, RefusalKind, Returned, Staging,
    Taken,
};
use std::sync::Arc;

impl Inbox for Gateway {
    fn now(&self) -> Moment {
        Self::now(self)
    }

    fn partners(&self) -> Arc<Partners> {
        Self::partners(self)
    }

    fn stage(&self, _partner: &PartnerId) -> Result<Box<dyn Staging>, Refusal> {
        self.spool.begin_body().map(|body| -> Box<dyn Staging> { Box::new(body) }).map_err(unkept)
    }

    fn adopt(&self, _partner: &PartnerId, ready: Ready) -> Result<Body, Refusal> {
        let Ready { folder, name, file, length, digest } = ready;
        self.spool.adopt_body(&folder, &name, &file, length, digest).map_err(unkept)
    }

    fn room(&self, partner: &PartnerId) -> Result<(), Refusal> {
        let partners = Self::partners(self);
        match partners.partner(partner.as_str()) {
            Some(partner) => self.has_room(partner, 0),
            None => Ok(()),
        }
    }

    async fn hand_in(&self, handed: Handed) -> Result<Taken, Refusal> {
        let known = self.known();
        let Some(partner) = known.partners.partner(handed.partner.as_str()) else {
            return Err(unknown("you are not among our partners any more"));
        };
        self.has_room_for(partner, &handed)?;
        let arrival = self.arrival(self.rulebook(&known), partner, handed)?;
        self.accept(arrival).await
    }

    fn recall(&self, partner: &PartnerId, key: &str) -> Result<Option<MessageId>, Refusal> {
        let known = self.spool.known(&identity_of(partner, key), self.now().at).map_err(unkept)?;
        Ok(known.map(|known| known.message))
    }

    fn receipt(&self, partner: &PartnerId, id: MessageId) -> Result<Receipt, Refusal> {
        let dossier = self.of(partner, id, Direction::Inbound)?;
        receipt::receipt(self, &dossier).map_err(unkept)
    }

    fn outbox(
        &self,
        partner: &PartnerId,
        after: Option<MessageId>,
        most: usize,
    ) -> Result<Vec<Letter>, Refusal> {
        letters::waiting(self, partner, after, most).map_err(unkept)
    }

    fn waiting(&self, partner: &PartnerId, id: MessageId) -> Result<Option<Letter>, Refusal> {
        letters::one_waiting(self, partner, id).map_err(unkept)
    }

    fn still_waits(&self, partner: &PartnerId, id: MessageId) -> bool {
        self.spool.is_offered(partner, id)
    }

    fn collected(&self, partner: &PartnerId, most: usize) -> Result<Vec<Letter>, Refusal> {
        letters::collected(self, partner, most).map_err(unkept)
    }

    fn turned_back(&self, partner: &PartnerId, most: usize) -> Result<Vec<Returned>, Refusal> {
        letters::turned_back(self, partner, most).map_err(unkept)
    }

    fn handed(&self, partner: &PartnerId, id: MessageId) -> Result<Collected, Refusal> {
        let dossier = self.of(partner, id, Direction::Inbound)?;
        let content = self.spool.unchecked(&dossier.body).map_err(unkept)?;
        let file_name = file_name(&dossier);
        let content_type = dossier.head.content_type.unwrap_or_else(|| content_type(None));
        Ok(Collected { file_name, content_type, content })
    }

    fn collect(&self, partner: &PartnerId, id: MessageId) -> Result<Collected, Refusal> {
        let dossier = self.of(partner, id, Direction::Outbound)?;
        if !was_offered(&dossier) {
            return Err(nothing(id));
        }
        let content = self.spool.unchecked(&dossier.body).map_err(unkept)?;
        Ok(Collected {
            file_name: file_name(&dossier),
            content_type: dossier.head.content_type.unwrap_or_else(|| content_type(None)),
            content,
        })
    }

    async fn sign_off(&self, partner: &PartnerId, id: MessageId) -> Result<(), Refusal> {
        let dossier = self.of(partner, id, Direction::Outbound)?;
        if !was_offered(&dossier) {
            return Err(nothing(id));
        }
        if dossier.summary.state != State::Offered {
            return Ok(());
        }
        let partners = Self::partners(self);
        let agreed = partners.partner(partner.as_str());
        let step = delivered(&dossier, agreed, self.now(), "collected".to_owned());
        match self.spool.advance(step).await {
            Ok(()) => Ok(()),
            // Somebody was faster.
            Err(SpoolError::NotNow { .. })
                if self.spool.summary(id).is_ok_and(|now| now.state != State::Offered) =>
            {
                Ok(())
            }
            Err(error) => Err(unkept(error)),
        }
    }
}

impl Gateway {
    /// Whether there is room for what is handed in; what came before is here already, and needs none:
    /// whoever repeats it is owed the answer that was lost.
    pub(super) fn has_room_for(&self, partner: &Partner, handed: &Handed) -> Result<(), Refusal> {
        if let Some(key) = &handed.key
            && self.recall(&partner.name, key)?.is_some()
        {
            return Ok(());
        }
        let length = match &handed.body {
            Body::Bytes(bytes) => u64::try_from(bytes.len()).unwrap_or(u64::MAX),
            Body::Stored { length, .. } => *length,
        };
        self.has_room(partner, length)
    }

    /// What is handed in, as the spool takes it.
    pub(super) fn arrival(
        &self,
        rules: Rulebook<'_>,
        partner: &Partner,
        handed: Handed,
    ) -> Result<Arrival, Refusal> {
        let name = &partner.name;
        let body = match (handed.document, handed.body) {
            (Some(document), Body::Bytes(bytes)) => {
                let kind: DocumentKind = document.parse().map_err(|_| {
                    refusal(RefusalKind::Unknown, "document_unknown", "there is no such document")
                })?;
                let bytes = named(&bytes, kind)?.unwrap_or(bytes);
                inbound::check(rules, partner, kind, &bytes, self.now())?;
                Body::Bytes(bytes)
            }
            (_, body) => body,
        };
        let mut references = Vec::new();
        if handed.channel == Channel::As2 {
            let named = handed.key.iter();
            references
                .extend(named.map(|key| Reference::new(ReferenceKind::TransportMessage, key)));
        }
        let mut identities = Vec::new();
        identities.extend(handed.key.map(|key| identity_of(name, &key)));
        // Another Message-ID is another message, with an answer of its own; that its interchange came
        // before is found out when it is read.
        if handed.channel != Channel::As2 || identities.is_empty() {
            let digest = match &body {
                Body::Bytes(bytes) => Digest::of(bytes),
                Body::Stored { digest, .. } => *digest,
            };
            identities.push(Identity::new(format!("bytes:{name}"), digest.to_string()));
        }
        let given = handed.document.map(|document| content_type(Some(document)));
        // Only a door that takes documents may say that something is one.
        let claimed =
            handed.content_type.filter(|given| !given.starts_with("application/vnd.wharf."));
        let raw = RawMessage {
            partner: name.clone(),
            direction: Direction::Inbound,
            channel: handed.channel,
            proof: handed.proof,
            file_name: handed.file_name,
            content_type: given.or(claimed),
            body,
            identities,
            references,
        };
        Ok(Arrival { raw, answer: handed.answer, kept: handed.kept, quarantine: None })
    }

    /// A message of this partner's, as if there were no others.
    pub(super) fn of(
        &self,
        partner: &PartnerId,
        id: MessageId,
        direction: Direction,
    ) -> Result<Dossier, Refusal> {
        let dossier = self.spool.dossier(id).map_err(|error| {
            if let SpoolError::Unknown(_) = error { nothing(id) } else { unkept(error) }
        })?;
        let theirs = dossier.head.partner == *partner && dossier.head.direction == direction;
        if theirs { Ok(dossier) } else { Err(nothing(id)) }
    }
}

impl Staging for BodyWriter {
    fn finish(self: Box<Self>) -> Result<Body, Refusal> {
        Self::finish(*self).map_err(unkept)
    }
}

/// What a request of a partner's is known by.
fn identity_of(partner: &PartnerId, key: &str) -> Identity {
    Identity::new(format!("key:{partner}"), key)
}

fn nothing(id: MessageId) -> Refusal {
    unknown(&format!("there is no message {id} for you"))
}

pub(super) fn unknown(text: &str) -> Refusal {
    refusal(RefusalKind::Unknown, "message_unknown", text)
}
