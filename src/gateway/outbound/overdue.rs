//! An acknowledgment that did not come in time; or the receipt that comes before it.

use super::attempt::Failed;
use super::parcel::manifest;
use super::receipt::awaits_receipt;
use crate::event::EventKind;
use crate::gateway::house::Gateway;
use crate::gateway::lineage;
use crate::gateway::notices::{self, Telling};
use crate::spool::{SpoolError, Step, Work};
use crate::transport::TransportError;
use serde_json::json;
use std::time::Duration;

/// Says that the acknowledgment of a parcel is overdue; the ERP is told the first time.
///
/// Where the receipt of the wire has not come either, nothing proves that the partner has the parcel:
/// it is sent again.
pub(in crate::gateway) async fn overdue(house: &Gateway, work: &Work) -> Result<(), SpoolError> {
    let (now, lease) = (house.now(), &work.lease);
    let dossier = house.spool.dossier(lease.message)?;
    lineage::note(house, &dossier);
    tracing::warn!("the acknowledgment is overdue");
    let partners = house.partners();
    let partner = partners.partner(dossier.head.partner.as_str());
    if awaits_receipt(&dossier) {
        let error = TransportError::Unproven {
            endpoint: dossier.head.endpoint.clone(),
            code: "mdn_missing",
            why: "the receipt (MDN) that they send by themselves did not come in time".to_owned(),
            again: true,
        };
        let failed = Failed { work: Some(work), dossier: &dossier, partner, now, error: &error };
        return house.spool.settle(lease, failed.step(house)).await;
    }
    let within = partner.map(|partner| partner.terms.acknowledgments.wanted.within.duration());
    let mut step = Step::new(now);
    let told = |kind: &EventKind| matches!(kind, EventKind::AcknowledgmentOverdue);
    if !dossier.events.iter().any(|event| told(&event.kind)) {
        let (message, test) = (lease.message, dossier.head.test);
        let telling = Telling { partner: &dossier.head.partner, message, at: now.at, test };
        for sent in manifest(house, &dossier)? {
            let id = message.to_string();
            let about = [id.as_str(), &sent.set, &sent.control];
            let data = json!({
                "set": sent.set, "interchange": sent.interchange, "group": sent.group,
                "control": sent.control, "sent": sent.document, "number": sent.number,
                "message": sent.message,
            });
            let notice = telling.notice(notices::OVERDUE, &sent.subject, &about);
            step.notice(notice, data.to_string().into_bytes());
        }
    }
    let again = within.unwrap_or(DAY).max(MINUTE);
    step.event_due(lease.message, EventKind::AcknowledgmentOverdue, again);
    house.spool.settle(lease, step).await
}

const DAY: Duration = Duration::from_secs(24 * 3600);
const MINUTE: Duration = Duration::from_secs(60);
