//! What a message belongs to, on every log line of the work on it.

use super::house::Gateway;
use crate::event::Lineage;
use crate::spool::{Dossier, Step};
use tracing::{Span, field};

/// Says on the lines that follow what the message in hand belongs to; what only answers another
/// belongs to what that does.
pub(super) fn note(house: &Gateway, dossier: &Dossier) {
    let of = |dossier: &Dossier| Lineage::of_references(&dossier.head.partner, &dossier.references);
    let about = || house.spool.dossier(dossier.head.about?).ok().as_ref().and_then(of);
    say(of(dossier).or_else(about));
}

/// The same for a message that was read: what the ERP is told of first says it.
pub(super) fn note_told(step: &Step) {
    say(step.notices().next().map(|(notice, _)| notice.lineage()));
}

fn say(lineage: Option<Lineage>) {
    if let Some(lineage) = lineage {
        Span::current().record("lineage", field::display(lineage));
    }
}
