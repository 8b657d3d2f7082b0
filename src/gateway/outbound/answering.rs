//! A TA1, 997 or 999 of ours: given its control numbers and sent on its way.

use super::parcel::{parcel, post, sent_group, sent_interchange};
use crate::ack::{Answer, Numbers};
use crate::gateway::house::Gateway;
use crate::message::{Digest, MessageId, Moment, ReferenceKind};
use crate::partner::Partner;
use crate::spool::{NumberKind, Step};
use jiff::tz::TimeZone;

/// What an answer is written with.
pub(in crate::gateway) struct Answering<'a> {
    pub(in crate::gateway) house: &'a Gateway,
    pub(in crate::gateway) partner: &'a Partner,
    /// The message that is answered.
    pub(in crate::gateway) about: MessageId,
    pub(in crate::gateway) now: Moment,
    pub(in crate::gateway) test: bool,
}

impl Answering<'_> {
    /// Puts the answer into `step`: its id and its kind, such as `997`, or in words why it cannot
    /// be sent.
    pub(in crate::gateway) fn write(
        &self,
        answer: &Answer,
        step: &mut Step,
    ) -> Result<(MessageId, String), String> {
        let interchange = self.house.take(self.partner, NumberKind::Interchange, 1);
        let groups = self.house.take(self.partner, NumberKind::Group, answer.groups());
        let first = |numbers: &[crate::spool::Number]| {
            numbers.first().map_or(1, crate::spool::Number::value)
        };
        let numbers = Numbers { interchange: first(&interchange), group: first(&groups), set: 1 };
        let at = self.now.at.to_zoned(TimeZone::UTC).datetime();
        let bytes = answer
            .write(numbers, at)
            .map_err(|error| format!("the acknowledgment cannot be written: {error}"))?;
        let digest = Digest::of(&bytes);
        let parcel = parcel(self.partner, bytes, Some(self.about), self.test);
        let kinds = parcel.references.iter().filter(|named| named.kind == ReferenceKind::SetKind);
        let kinds = kinds.map(|named| named.value.as_str()).collect::<Vec<_>>().join(" and ");
        let id = post(step, self.partner, parcel, self.now).ok_or_else(|| {
            format!("the {kinds} cannot be sent: their file names no way to send to them")
        })?;
        for number in &groups {
            step.claim(id, sent_group(self.partner, "FA", &number.value().to_string()), digest);
        }
        step.claim(id, sent_interchange(self.partner, &numbers.interchange.to_string()), digest);
        for number in interchange.into_iter().chain(groups) {
            step.number(number);
        }
        Ok((id, kinds))
    }
}
