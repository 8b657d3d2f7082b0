//! What goes to a partner, and what it is known by when they speak of it.

use crate::gateway::house::Gateway;
use crate::message::{
    Body, Channel, Identity, MessageId, Moment, Parcel, Reference, ReferenceKind,
};
use crate::partner::{Partner, Way};
use crate::spool::{Dossier, SpoolError, Step};
use crate::x12::{Item, Reader};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// One transaction set that we sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::gateway) struct Sent {
    /// Its kind, such as `850`.
    pub(in crate::gateway) set: String,
    /// ISA13.
    pub(in crate::gateway) interchange: String,
    /// GS06.
    pub(in crate::gateway) group: String,
    /// GS01.
    pub(in crate::gateway) functional_id: String,
    /// ST02.
    pub(in crate::gateway) control: String,
    /// What it is about, such as an order's number.
    pub(in crate::gateway) subject: String,
    /// The canonical document that it was written from; none: it was passed through.
    pub(in crate::gateway) document: Option<String>,
    /// The document's own number.
    pub(in crate::gateway) number: String,
    /// The message that the ERP handed in.
    pub(in crate::gateway) message: MessageId,
}

/// The label under which the sets of a parcel are kept.
pub(in crate::gateway) const MANIFEST: &str = "manifest.json";

/// The sets of what we sent.
pub(in crate::gateway) fn manifest(
    house: &Gateway,
    parcel: &Dossier,
) -> Result<Vec<Sent>, SpoolError> {
    let Some((_, body)) = parcel.kept.iter().find(|(label, _)| label == MANIFEST) else {
        return Ok(Vec::new());
    };
    let bytes = house.spool.body(body)?;
    serde_json::from_slice(&bytes)
        .map_err(|_| SpoolError::Damaged { at: format!("the manifest of {}", parcel.summary.id) })
}

/// What a group that we sent is known by; leading zeros do not count.
pub(in crate::gateway) fn sent_group(
    partner: &Partner,
    functional: &str,
    control: &str,
) -> Identity {
    Identity::new(format!("sent-gs:{}:{functional}", partner.name), plain(control))
}

/// What an interchange that we sent is known by; leading zeros do not count.
pub(in crate::gateway) fn sent_interchange(partner: &Partner, control: &str) -> Identity {
    Identity::new(format!("sent-isa:{}", partner.name), plain(control))
}

fn plain(control: &str) -> String {
    control.trim().trim_start_matches('0').to_owned()
}

/// Sends a parcel on its way to the partner, by the way that was agreed; `None` if there is none.
pub(in crate::gateway) fn post(
    step: &mut Step,
    partner: &Partner,
    mut parcel: Parcel,
    now: Moment,
) -> Option<MessageId> {
    let way = partner.way()?;
    parcel.channel = partner.wires.deliver_by?.channel();
    if matches!(way, Way::Mailbox) {
        return Some(step.offer(parcel));
    }
    parcel.endpoint = way.endpoint();
    let opening = partner.terms.schedule.opening(now.at);
    let wait = Duration::try_from(opening.duration_since(now.at)).unwrap_or_default();
    Some(step.queue_later(parcel, wait))
}

/// An interchange of ours as a parcel that has no way yet.
pub(in crate::gateway) fn parcel(
    partner: &Partner,
    bytes: Vec<u8>,
    about: Option<MessageId>,
    test: bool,
) -> Parcel {
    let (control, kinds) = named(&bytes);
    let file_name = format!("{}-{control}.edi", kinds.first().map_or("x12", String::as_str));
    let mut references = vec![Reference::new(ReferenceKind::Interchange, control)];
    references.extend(kinds.into_iter().map(|kind| Reference::new(ReferenceKind::SetKind, kind)));
    Parcel {
        partner: partner.name.clone(),
        channel: Channel::Gateway,
        endpoint: String::new(),
        file_name: Some(file_name),
        content_type: Some(crate::gateway::content::X12.to_owned()),
        body: Body::Bytes(bytes),
        about,
        test,
        references,
    }
}

/// The same bytes as an earlier parcel, once more.
pub(in crate::gateway) fn again(
    partner: &Partner,
    earlier: &Dossier,
    bytes: Vec<u8>,
    about: MessageId,
) -> Parcel {
    parcel(partner, bytes, Some(about), earlier.head.test)
}

/// ISA13, and the kinds of sets, each once.
fn named(bytes: &[u8]) -> (String, Vec<String>) {
    let (mut reader, mut control, mut kinds) = (Reader::over(bytes), String::new(), Vec::new());
    while let Ok(Some(item)) = reader.next() {
        let kind = match item {
            Item::Interchange(isa) => {
                control = isa.control().into_owned();
                continue;
            }
            Item::Set(set) => set.id().into_owned(),
            Item::Loose(segment) if segment.id() == b"TA1" => "TA1".to_owned(),
            Item::Loose(_) | Item::Group(_) | Item::GroupEnd(_) | Item::InterchangeEnd(_) => {
                continue;
            }
        };
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    (control, kinds)
}
