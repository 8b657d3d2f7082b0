//! TA1, 997 and 999 read into verdicts.
//!
//! Partners' translators leave out what they like, so nothing here refuses: what is missing is
//! concluded where it can be, and named in [`FunctionalVerdict::oddities`].

use super::form::Form;
use super::reading::{Reading, text};
use super::verdict::{FunctionalVerdict, InterchangeVerdict, PartnerVerdict, Status};
use super::words;
use crate::x12::{Item, Segment, Set};

/// What an item says of what was sent, if it is a TA1, a 997 or a 999.
pub fn verdict(item: &Item<'_>) -> Option<PartnerVerdict> {
    match item {
        Item::Set(set) => functional(set).map(PartnerVerdict::Group),
        Item::Loose(segment) => interchange(segment).map(PartnerVerdict::Interchange),
        Item::Interchange(_) | Item::Group(_) | Item::GroupEnd(_) | Item::InterchangeEnd(_) => None,
    }
}

/// What a TA1 says; `None` for any other segment.
pub fn interchange(segment: &Segment<'_>) -> Option<InterchangeVerdict> {
    if segment.id() != b"TA1" {
        return None;
    }
    let code = text(segment, 5);
    Some(InterchangeVerdict {
        control: text(segment, 1),
        date: text(segment, 2),
        time: text(segment, 3),
        status: Status::of(&text(segment, 4)),
        sentence: if code.is_empty() {
            "the answer gives no reason".to_owned()
        } else {
            words::or_unknown(&code, words::ta105(&code))
        },
        code,
    })
}

/// What a 997 or 999 says; `None` for any other set.
pub fn functional(set: &Set<'_>) -> Option<FunctionalVerdict> {
    let form = Form::of(set.id().trim())?;
    let mut reading = Reading::new(form);
    for segment in set.segments() {
        reading.segment(&segment);
    }
    Some(reading.end())
}

#[cfg(test)]
mod tests {
    use super::super::sample::verdicts;
    use super::super::verdict::Counts;
    use super::*;

    fn group(segments: &str) -> FunctionalVerdict {
        let (_, mut groups) = verdicts(interchange_of(segments).as_bytes());
        assert_eq!(groups.len(), 1);
        groups.remove(0)
    }

    fn interchange_of(segments: &str) -> String {
        let isa = super::super::sample::isa("00501", 0, ':');
        format!("{isa}GS*FA*S*R*20240115*0930*7*X*005010~{segments}GE*1*7~IEA*1*000000042~")
    }

    #[test]
    fn a_997_says_what_is_wrong_with_each_set() {
        let said = group(
            "ST*997*0001~AK1*PO*000042*004010~AK2*850*0001~AK5*A~AK2*850*0002~AK3*PO1*12*PO1*8~\
             AK4*2:1*330*5*1234567890~AK3*CTT*20**3~AK5*R*5*Q7~AK9*P*2*2*1*5~SE*9*0001~",
        );
        assert_eq!((said.status, said.oddities.len()), (Status::PartiallyAccepted, 0));
        assert_eq!(said.version.as_deref(), Some("004010"));
        assert_eq!(said.counts, Counts { included: Some(2), received: Some(2), accepted: Some(1) });
        assert_eq!(said.codes[0].sentence, "the number of sets in GE01 is wrong");
        let bad = &said.sets[1];
        assert_eq!((bad.status, bad.errors.len()), (Status::Rejected, 2));
        assert_eq!(
            bad.errors[0].sentence,
            "PO1 (segment 12 of the set) in loop PO1, element 2, component 1 (data element 330): \
             it is too long: `1234567890`"
        );
        assert_eq!(
            bad.errors[1].sentence,
            "CTT (segment 20 of the set): this segment is required and missing"
        );
        assert_eq!(bad.codes[0].sentence, "at least one segment has an error");
        assert_eq!(bad.codes[1].sentence, "code Q7, not in the standard's list");
    }

    #[test]
    fn a_999_keeps_its_contexts() {
        let said = group(
            "ST*999*0001*005010X231A1~AK1*HC*17*005010X222A2~AK2*837*0002~IK3*CLM*22**8~\
             CTX*CLM01:123~IK4*2*782*I12*x~CTX*SITUATIONAL TRIGGER*CLM*43**5:3~IK3*REF*57**I6~\
             CTX*CLM01:987~IK5*R*I5~AK9*R*1*1*0~SE*11*0001~",
        );
        let errors = &said.sets[0].errors;
        assert_eq!(errors.len(), 2);
        assert_eq!(errors[0].code, "I12");
        assert_eq!(errors[0].context, ["CLM01:123", "SITUATIONAL TRIGGER CLM 43 5:3"]);
        assert_eq!(errors[1].context, ["CLM01:987"]);
        assert_eq!(said.sets[0].codes[0].sentence, "at least one segment breaks their guide");
    }

    #[test]
    fn every_status_is_known() {
        for (code, status) in [
            ("A", Status::Accepted),
            ("E", Status::AcceptedWithErrors),
            ("R", Status::Rejected),
            ("M", Status::RejectedAuthentication),
            ("W", Status::RejectedAssurance),
            ("X", Status::RejectedDecryption),
        ] {
            let said = group(&format!(
                "ST*997*0001~AK1*PO*7~AK2*850*0001~AK5*{code}~AK9*{code}*1*1*0~SE*6*0001~"
            ));
            assert_eq!((said.status, said.sets[0].status), (status, status));
        }
    }

    #[test]
    fn what_is_missing_is_concluded_and_named() {
        let no_ak9 = group("ST*997*0001~AK1*PO*7~AK2*850*0001~AK5*A~SE*5*0001~");
        assert_eq!(no_ak9.status, Status::Accepted);
        assert_eq!(no_ak9.oddities.len(), 1);
        let empty_loop = group("ST*997*0001~AK1*PO*7~AK2*850*0001~AK9*R~SE*5*0001~");
        assert_eq!(empty_loop.sets[0].status, Status::Rejected);
        assert_eq!(empty_loop.counts, Counts::default());
        assert_eq!(empty_loop.oddities.len(), 2);
        let partial = group("ST*997*0001~AK1*PO*7~AK2*850*0001~AK9*P*2*2*1~SE*5*0001~");
        assert_eq!(partial.sets[0].status, Status::Unknown);
        let stray = group("ST*997*0001~AK5*A~AK1*PO*7~AK4*1**7~AK1*IN*8~AK9*A*1*1*1~SE*7*0001~");
        assert_eq!((stray.functional_id.as_str(), stray.oddities.len()), ("PO", 3));
        let nothing = group("ST*997*0001~SE*2*0001~");
        assert_eq!((nothing.status, nothing.oddities.len()), (Status::Unknown, 2));
    }

    #[test]
    fn the_first_status_that_means_something_counts() {
        let said =
            group("ST*997*0001~AK1*PO*7~AK2*850*0001~AK5*Q~AK5*R~AK5*A~AK9*R*1*1*0~SE*8*0001~");
        assert_eq!(said.sets[0].status, Status::Rejected);
        assert_eq!(said.oddities.len(), 1);
    }

    #[test]
    fn a_set_is_found_by_what_was_sent() {
        let said =
            group("ST*997*0001~AK1*PO*0042~AK2*850*000000002~AK5*R*5~AK9*P*3*3*2~SE*6*0001~");
        assert!(said.speaks_of("PO", "42") && !said.speaks_of("IN", "42"));
        assert_eq!(said.status_of("850", "0002"), Status::Rejected);
        assert_eq!(said.status_of("850", "0001"), Status::Accepted);
        assert!(said.set("850", "0001").is_none());
        let unsure = group("ST*997*0001~AK1*PO*42~AK9*P*3*3*2~SE*4*0001~");
        assert_eq!(unsure.status_of("850", "0001"), Status::Unknown);
    }

    #[test]
    fn a_ta1_says_what_became_of_the_interchange() {
        let isa = super::super::sample::isa("00401", 0, ':');
        let text = format!("{isa}TA1*000000042*240115*0930*R*025~TA1*1**~IEA*0*000000042~");
        let (said, _) = verdicts(text.as_bytes());
        assert!(said[0].speaks_of("42"));
        assert_eq!((said[0].status, said[0].code.as_str()), (Status::Rejected, "025"));
        assert_eq!(said[0].sentence, "they already have an interchange with this control number");
        assert_eq!(said[1].status, Status::Unknown);
    }

    #[test]
    fn verdicts_are_plain_json() {
        let said = group("ST*997*0001~AK1*PO*7~AK2*850*0001~AK5*A~AK9*A*1*1*1~SE*6*0001~");
        assert_eq!(
            serde_json::to_value(PartnerVerdict::Group(said)).unwrap(),
            serde_json::json!({
                "about": "group", "form": "997", "functional_id": "PO", "group_control": "7",
                "status": "accepted",
                "counts": { "included": 1, "received": 1, "accepted": 1 },
                "codes": [],
                "sets": [{
                    "id": "850", "control": "0001", "status": "accepted", "errors": [], "codes": []
                }],
            })
        );
    }
}
