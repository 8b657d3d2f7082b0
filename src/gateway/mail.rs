//! Receipts of the wire (MDNs) as the house keeps, sends and learns from them.

use super::content::RECEIPT;
use super::house::Gateway;
use super::inbox::unknown;
use super::outbound::{Failed, delivered, is_confirmed};
use super::refuse::unkept;
use crate::event::{EventKind, State};
use crate::message::{
    Body, Channel, Content, Digest, Direction, Identity, MessageId, Parcel, PartnerId, Reference,
    ReferenceKind,
};
use crate::spool::{BodyRef, Step};
use crate::transport::{Attempt, Handed, Mail, Refusal, RefusalKind, Reply, Taken};

impl Mail for Gateway {
    fn content(&self, body: &Body) -> Result<Content, Refusal> {
        match body {
            Body::Bytes(bytes) => Ok(Content::from(bytes.clone())),
            Body::Stored { digest, length } => {
                let body = BodyRef::stored(*digest, *length);
                self.spool.content(&body).map_err(unkept)
            }
        }
    }

    async fn take_in(&self, handed: Handed, receipt: Option<Reply>) -> Result<Taken, Refusal> {
        let known = self.known();
        let Some(partner) = known.partners.partner(handed.partner.as_str()) else {
            return Err(unknown("you are not among our partners any more"));
        };
        self.has_room_for(partner, &handed)?;
        let name = partner.name.clone();
        let key = handed.key.clone();
        let mut came = None;
        let arrival = self.arrival(self.rulebook(&known), partner, handed)?;
        let claim = receipt.as_ref().map(|reply| self.receipt_name(&name, reply)).transpose()?;
        let taken = self
            .accept_and(arrival, |step, id| {
                came = step.opens(id);
                let Some(reply) = &receipt else { return };
                let parcel = step.queue(parcel(&name, reply, Some(id)));
                if let Some((identity, false)) = claim {
                    step.claim(parcel, identity, Digest::of(&reply.bytes));
                }
            })
            .await;
        match (&taken, receipt) {
            (Ok(Taken::Repeat { id, answer }), Some(reply)) => {
                let bytes = answer.clone().unwrap_or(reply.bytes);
                self.send_again(&name, Reply { bytes, ..reply }, *id).await?;
            }
            (Err(refusal), _) if refusal.kind == RefusalKind::Conflict => {
                self.contradicted(&name, key, came).await;
            }
            (Ok(_) | Err(_), _) => {}
        }
        taken
    }

    async fn reply(&self, partner: &PartnerId, receipt: Reply) -> Result<(), Refusal> {
        let mut step = Step::new(self.now());
        step.queue(parcel(partner, &receipt, None));
        self.spool.enqueue(step).await.map_err(unkept)
    }

    fn noted(&self, partner: &PartnerId, id: MessageId) -> Result<Vec<(String, Vec<u8>)>, Refusal> {
        let dossier = self.of(partner, id, Direction::Outbound)?;
        let small = dossier.kept.into_iter().filter(|(_, body)| body.length <= NOTE);
        small.map(|(label, body)| Ok((label, self.spool.body(&body).map_err(unkept)?))).collect()
    }

    async fn learnt(
        &self,
        partner: &PartnerId,
        id: MessageId,
        attempt: Attempt,
    ) -> Result<(), Refusal> {
        let dossier = self.of(partner, id, Direction::Outbound)?;
        let (now, state) = (self.now(), dossier.summary.state);
        let Attempt { outcome, kept } = attempt;
        let partners = Self::partners(self);
        let agreed = partners.partner(partner.as_str());
        let open = matches!(state, State::Queued | State::Awaiting);
        let mut step = match outcome {
            // Twice is once.
            Ok(_) if is_confirmed(&dossier) || state == State::Discarded => return Ok(()),
            Ok(delivery) => delivered(&dossier, agreed, now, delivery.receipt),
            Err(error) if open && !is_confirmed(&dossier) => {
                let failed =
                    Failed { work: None, dossier: &dossier, partner: agreed, now, error: &error };
                failed.step(self)
            }
            Err(error) => Step::of(now, id, EventKind::Noted(format!("a receipt says: {error}"))),
        };
        for (label, body) in kept {
            step.keep(id, &label, body);
        }
        self.spool.advance(step).await.map_err(unkept)
    }
}

impl Gateway {
    /// What the receipt for a message is known by, and whether there is one.
    fn receipt_name(
        &self,
        partner: &PartnerId,
        reply: &Reply,
    ) -> Result<(Identity, bool), Refusal> {
        let identity = Identity::new(format!("receipt:{partner}"), reply.about.clone());
        let known = self.spool.known(&identity, self.now().at).map_err(unkept)?;
        Ok((identity, known.is_some()))
    }

    /// Sends a receipt once more, unless it is on its way still.
    async fn send_again(
        &self,
        partner: &PartnerId,
        reply: Reply,
        about: MessageId,
    ) -> Result<(), Refusal> {
        let now = self.now();
        let identity = Identity::new(format!("receipt:{partner}"), reply.about.clone());
        let known = self.spool.known(&identity, now.at).map_err(unkept)?;
        let state = known.and_then(|known| self.spool.summary(known.message).ok());
        if state.is_some_and(|summary| summary.state.is_open()) {
            return Ok(());
        }
        let mut step = Step::new(now);
        step.queue(parcel(partner, &reply, Some(about)));
        self.spool.enqueue(step).await.map_err(unkept)
    }

    /// Other bytes came under the name of a message: it is told there.
    async fn contradicted(&self, partner: &PartnerId, key: Option<String>, came: Option<Digest>) {
        let (Some(key), Some(digest)) = (key, came) else { return };
        let (now, identity) = (self.now(), Identity::new(format!("key:{partner}"), key));
        let Ok(Some(known)) = self.spool.known(&identity, now.at) else { return };
        let event = EventKind::Contradicted { channel: Channel::As2, digest };
        if let Err(error) = self.spool.advance(Step::of(now, known.message, event)).await {
            tracing::warn!(message_id = %known.message, %error, "a contradiction cannot be noted");
        }
    }
}

fn parcel(partner: &PartnerId, reply: &Reply, about: Option<MessageId>) -> Parcel {
    Parcel {
        partner: partner.clone(),
        channel: Channel::As2,
        endpoint: reply.to.clone(),
        file_name: None,
        content_type: Some(RECEIPT.to_owned()),
        body: Body::Bytes(reply.bytes.clone()),
        about,
        test: false,
        references: vec![Reference::new(ReferenceKind::TransportMessage, reply.about.clone())],
    }
}

/// Notes of a wire are small.
const NOTE: u64 = 65_536;
