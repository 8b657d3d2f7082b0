//! What comes in by a door: checked where it is ours to check, and durable before the door answers.

use super::content::content_type;
use super::house::Gateway;
use super::outbound::Trial;
use super::refuse::{refusal, unkept};
use crate::document::DocumentKind;
use crate::event::Lineage;
use crate::message::{
    Body, Channel, Digest, Direction, Identity, MessageId, PartnerId, Proof, RawMessage,
};
use crate::spool::{Accepted, Arrival, Step};
use crate::transport::{FieldFault, Refusal, RefusalKind, Taken};

/// What the ERP wants sent.
#[derive(Clone, Debug)]
pub struct Order {
    /// To whom.
    pub partner: PartnerId,
    /// What proved the ERP.
    pub proof: Proof,
    /// What the ERP calls this very request: the same name with other bytes is a conflict.
    pub key: Option<String>,
    /// The canonical document that the bytes are; none: they are X12, to be passed through.
    pub document: Option<DocumentKind>,
    /// The name of the file, if there was one.
    pub file_name: Option<String>,
    /// The bytes.
    pub body: Vec<u8>,
}

impl Gateway {
    /// Accepts what the ERP wants sent: checked as the partner would check it, then durable.
    ///
    /// # Errors
    /// What is wrong with it, field by field; or why it cannot be kept now.
    pub async fn send(&self, order: Order) -> Result<Taken, Refusal> {
        let known = self.known();
        let partners = &known.partners;
        let partner = partners.partner(order.partner.as_str()).ok_or_else(|| {
            let known = partners.iter().map(|partner| partner.name.as_str()).collect::<Vec<_>>();
            let text =
                format!("there is no partner `{}`; there are {}", order.partner, known.join(", "));
            refusal(RefusalKind::Unknown, "partner_unknown", text)
        })?;
        let order = tagged(order)?;
        let trial =
            Trial::of(self.rulebook(&known), partner, order.document, &order.body, self.now())?;
        let name = partner.name.as_str();
        let mut identities = Vec::new();
        identities.extend(order.key.map(|key| Identity::new(format!("erp-key:{name}"), key)));
        if identities.is_empty() {
            let digest = Digest::of(&order.body).to_string();
            identities.push(Identity::new(format!("erp-bytes:{name}"), digest));
        }
        let raw = RawMessage {
            partner: partner.name.clone(),
            direction: Direction::Outbound,
            channel: Channel::Erp,
            proof: order.proof,
            file_name: order.file_name,
            content_type: Some(content_type(order.document.map(DocumentKind::name))),
            body: Body::Bytes(order.body),
            identities,
            references: trial.references,
        };
        self.accept(raw.into()).await
    }

    /// One durable write, and what came of it in the words of a door.
    pub(super) async fn accept(&self, arrival: Arrival) -> Result<Taken, Refusal> {
        self.accept_and(arrival, |_, _| {}).await
    }

    /// The same; what follows from the acceptance of a new message is put into the same write.
    pub(super) async fn accept_and(
        &self,
        arrival: Arrival,
        follows: impl FnOnce(&mut Step, MessageId),
    ) -> Result<Taken, Refusal> {
        let now = self.now();
        let partner = arrival.raw.partner.to_string();
        let channel = channel_name(arrival.raw.channel);
        let lineage = Lineage::of_references(&arrival.raw.partner, &arrival.raw.references);
        let lineage = lineage.as_ref().map(Lineage::as_str);
        let accepted = self.spool.accept_and(now, arrival, follows).await.map_err(unkept)?;
        let outcome = match &accepted {
            Accepted::New(_) => "new",
            Accepted::Repeat { .. } => "repeat",
            Accepted::Conflict { .. } => "conflict",
        };
        metrics::counter!(
            "wharf_accepted_total",
            "partner" => partner.clone(), "channel" => channel, "outcome" => outcome
        )
        .increment(1);
        match accepted {
            Accepted::New(id) => {
                tracing::info!(message_id = %id, %partner, channel, lineage, "accepted");
                Ok(Taken::New(id))
            }
            Accepted::Repeat { id, answer } => {
                tracing::info!(message_id = %id, %partner, channel, lineage, "came again; same answer");
                Ok(Taken::Repeat { id, answer })
            }
            Accepted::Conflict { with } => {
                tracing::warn!(message_id = %with, %partner, channel, lineage, "other bytes under the same name");
                let text = format!(
                    "message {with} was sent under the same name with other content; send this one \
                     under a name of its own"
                );
                Err(refusal(RefusalKind::Conflict, "name_used_for_other_content", text))
            }
        }
    }
}

/// The same, with the sort of document written in it, where the door alone said it.
fn tagged(order: Order) -> Result<Order, Refusal> {
    let Some(kind) = order.document else { return Ok(order) };
    let body = named(&order.body, kind)?.unwrap_or(order.body);
    Ok(Order { body, ..order })
}

/// A document with its sort written in it; `None` if it is there already.
pub(super) fn named(json: &[u8], kind: DocumentKind) -> Result<Option<Vec<u8>>, Refusal> {
    let invalid = |code, text: String| {
        let field = FieldFault {
            pointer: String::new(),
            code: "wrong_shape".to_owned(),
            text: text.clone(),
        };
        Refusal { kind: RefusalKind::Invalid, code, text, fields: vec![field] }
    };
    let mut fields: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(json)
        .map_err(|error| invalid("not_json", format!("this is no JSON object: {error}")))?;
    match fields.get(TAG).map(|sort| sort.as_str().unwrap_or_default()) {
        Some(sort) if sort == kind.name() => Ok(None),
        Some(sort) => {
            let text = format!("this is a `{}`, and here a `{kind}` is taken", sort.escape_debug());
            Err(invalid("wrong_document", text))
        }
        None => {
            fields.shift_insert(0, TAG.to_owned(), kind.name().into());
            Ok(Some(serde_json::Value::Object(fields).to_string().into_bytes()))
        }
    }
}

/// The field that says what sort of document it is.
const TAG: &str = "document";

/// A channel's name, for metrics.
pub(super) fn channel_name(channel: Channel) -> &'static str {
    match channel {
        Channel::As2 => "as2",
        Channel::Sftp => "sftp",
        Channel::Https => "https",
        Channel::Folder => "folder",
        Channel::Erp => "erp",
        Channel::File => "file",
        Channel::Gateway => "gateway",
    }
}
