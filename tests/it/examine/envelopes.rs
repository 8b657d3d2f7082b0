//! ISA and IEA, GS and GE, ST and SE, and what stands between them.

use super::{Bench, GE, GS, IEA, ISA, ORDER, good, with};
use wharf::grammar::{FindingKind as Kind, Severities, Severity, Verdict};

fn kinds(text: &str) -> Vec<Kind> {
    Bench::new().examine(text).kinds()
}

#[test]
fn a_good_interchange_is_accepted_throughout() {
    let outcome = Bench::new().examine(good());
    assert!(outcome.findings.is_empty(), "{:#?}", outcome.findings);
    assert_eq!(outcome.verdicts, [Verdict::Accepted; 3]);
}

#[test]
fn a_finding_behind_a_line_break_within_an_envelope_tells_its_own_line() {
    let text = with("GS*PO*BUYER", "GS*PO*BU\nER");
    let text = text.replace("*1*X*", "*X*X*");
    let outcome = Bench::new().examine(&text);
    let finding = outcome.findings.iter().find(|f| f.kind == Kind::GroupControlInvalid).unwrap();
    assert_eq!(finding.line, 2, "{text}");
}

#[test]
fn each_element_of_an_isa_is_held_to_its_rule() {
    for (piece, other, kind) in [
        ("ISA*00*", "ISA*XX*", Kind::AuthorizationQualifierInvalid),
        ("*00*          *ZZ*B", "*77*          *ZZ*B", Kind::SecurityQualifierInvalid),
        ("*ZZ*BUYER", "*Q1*BUYER", Kind::SenderQualifierInvalid),
        ("*ZZ*BUYER          *", "*ZZ*               *", Kind::SenderInvalid),
        ("*ZZ*SELLER", "*05*SELLER", Kind::ReceiverQualifierInvalid),
        ("*ZZ*SELLER         *", "*ZZ*               *", Kind::ReceiverInvalid),
        ("*240115*0930*U", "*241315*0930*U", Kind::InterchangeDateInvalid),
        ("*240115*0930*U", "*240115*2530*U", Kind::InterchangeTimeInvalid),
        ("*U*00401*", "*X*00401*", Kind::InterchangeStandardInvalid),
        ("*00401*", "*004O1*", Kind::InterchangeVersionInvalid),
        ("*00401*", "*09999*", Kind::InterchangeVersionUnsupported),
        ("*000000001*0*P", "*000000001*2*P", Kind::AcknowledgmentRequestInvalid),
        ("*000000001*0*P", "*000000001*0*X", Kind::UsageIndicatorInvalid),
    ] {
        let outcome = Bench::new().examine(with(piece, other));
        let finding = outcome.only();
        assert_eq!(finding.kind, kind, "{other}");
        assert_eq!(finding.line, 1);
        assert_eq!(finding.place.interchange.as_deref(), Some("000000001"));
        assert_eq!(outcome.verdicts.last(), Some(&Verdict::Rejected));
        // The sets inside are judged on their own.
        assert_eq!(outcome.verdicts[0], Verdict::Accepted);
    }
    let control =
        with("*000000001*0*P", "*00000000A*0*P").replace("IEA*1*000000001", "IEA*1*00000000A");
    assert_eq!(kinds(&control), [Kind::InterchangeControlInvalid]);
}

#[test]
fn a_finding_in_an_isa_points_at_its_value() {
    let text = with("*240115*0930*U", "*241315*0930*U");
    let finding = Bench::new().examine(&text).findings.remove(0);
    let at = usize::try_from(finding.offset).unwrap();
    assert_eq!(&text[at..at + 6], "241315");
    assert_eq!(finding.length, 6);
    assert_eq!(finding.message, "ISA09 `241315` is not a date");
}

#[test]
fn trailers_are_held_against_their_headers() {
    assert_eq!(kinds(&with(IEA, "IEA*2*000000001~")), [Kind::GroupCountWrong]);
    assert_eq!(kinds(&with(IEA, "IEA**000000001~")), [Kind::GroupCountWrong]);
    assert_eq!(kinds(&with(IEA, "IEA*1*000000002~")), [Kind::InterchangeControlMismatch]);
    assert_eq!(kinds(&with(GE, "GE*2*1~")), [Kind::SetCountWrong]);
    assert_eq!(kinds(&with(GE, "GE*1*2~")), [Kind::GroupControlMismatch]);
    assert_eq!(kinds(&with("SE*13*0001", "SE*13*0002")), [Kind::SetControlMismatch]);
    assert_eq!(kinds(&good().replace("SE*13*", "SE*12*")), [Kind::SegmentCountWrong]);
    assert_eq!(kinds(&with(GE, "GE*01*0001~")), [], "zeros in front of numbers say nothing");
}

#[test]
fn what_is_not_closed_is_told_where_it_ends() {
    let outcome = Bench::new().examine(with(IEA, ""));
    let finding = outcome.only();
    assert_eq!(finding.kind, Kind::InterchangeTrailerMissing);
    assert!(finding.hint.contains("IEA*1*000000001"), "{}", finding.hint);
    let text = with(GE, "");
    let outcome = Bench::new().examine(&text);
    assert_eq!(outcome.only().kind, Kind::GroupTrailerMissing);
    assert!(outcome.only().hint.contains("GE*1*1"), "{}", outcome.only().hint);
    assert_eq!(usize::try_from(outcome.only().offset).unwrap(), text.find("~IEA").unwrap());
    assert_eq!(outcome.verdicts, [Verdict::Accepted, Verdict::Rejected, Verdict::Accepted]);
    assert_eq!(kinds(&with("SE*13*0001~", "")), [Kind::SetTrailerMissing]);
}

#[test]
fn what_is_missing_behind_a_broken_line_is_told_on_it() {
    for (loose, line) in [("0\n~", 1), ("a\nb~", 2), ("a\nb\n~", 2)] {
        let findings = Bench::new().examine([ISA, loose].concat()).findings;
        let missing = findings.iter().find(|f| f.kind == Kind::InterchangeTrailerMissing);
        assert_eq!(missing.map(|finding| finding.line), Some(line), "{loose:?}");
    }
}

#[test]
fn control_numbers_that_occur_twice_are_told() {
    let twice = ORDER.repeat(2);
    assert_eq!(kinds(&[ISA, GS, &twice, "GE*2*1~", IEA].concat()), [Kind::SetControlRepeated]);
    let group = [GS, ORDER, GE].concat().repeat(2);
    assert_eq!(kinds(&[ISA, &group, "IEA*2*000000001~"].concat()), [Kind::GroupControlRepeated]);
    let outcome = Bench::new().examine(good().repeat(2));
    assert_eq!(outcome.kinds(), [Kind::InterchangeDuplicate]);
    assert_eq!(outcome.verdicts[2], Verdict::Accepted);
    assert_eq!(outcome.verdicts[5], Verdict::Rejected);
}

#[test]
fn each_element_of_a_gs_is_held_to_its_rule() {
    for (gs, kind) in [
        ("GS*QQ*BUYER*SELLER*20240115*0930*1*X*004010~", Kind::GroupUnsupported),
        ("GS*PO**SELLER*20240115*0930*1*X*004010~", Kind::GroupHeaderInvalid),
        ("GS*PO*BUYER*S*20240115*0930*1*X*004010~", Kind::GroupHeaderInvalid),
        ("GS*PO*BUYER*SELLER*20240230*0930*1*X*004010~", Kind::GroupHeaderInvalid),
        ("GS*PO*BUYER*SELLER*240115*0930*1*X*004010~", Kind::GroupHeaderInvalid),
        ("GS*PO*BUYER*SELLER*20240115*9930*1*X*004010~", Kind::GroupHeaderInvalid),
        ("GS*PO*BUYER*SELLER*20240115*0930*1*Q*004010~", Kind::GroupHeaderInvalid),
    ] {
        assert!(kinds(&with(GS, gs)).contains(&kind), "{gs}");
    }
    let control = with(GS, "GS*PO*BUYER*SELLER*20240115*0930*A*X*004010~").replace(GE, "GE*1*A~");
    assert_eq!(kinds(&control), [Kind::GroupControlInvalid]);
}

#[test]
fn a_version_without_grammar_is_read_and_rejected() {
    let outcome = Bench::new().examine(with("*004010~", "*007030~"));
    assert_eq!(outcome.only().kind, Kind::GroupVersionUnsupported);
    assert_eq!(
        outcome.only().message,
        "there is no grammar for the version `007030` of this group"
    );
    assert_eq!(outcome.verdicts, [Verdict::Rejected, Verdict::Rejected, Verdict::Accepted]);
}

#[test]
fn the_release_is_that_of_gs08_else_of_isa12_else_of_the_agreement() {
    assert_eq!(kinds(&with("*004010~", "*004010VICS~")), []);
    assert_eq!(kinds(&with("*004010~", "*X12~")), []);
    let mut bench = Bench::new();
    bench.options.release = Some("004010".into());
    let outcome = bench.examine(with("*004010~", "*007030~"));
    assert!(outcome.findings.is_empty(), "{:#?}", outcome.findings);
    bench.options.release = Some("001000".into());
    assert_eq!(bench.examine(good()).kinds(), [Kind::GroupVersionUnsupported]);
}

#[test]
fn a_set_without_grammar_is_read_and_rejected() {
    let outcome = Bench::new().examine(with("ST*850", "ST*999"));
    assert_eq!(outcome.only().kind, Kind::SetUnsupported);
    assert_eq!(outcome.verdicts[0], Verdict::Rejected);
    let mut text = with("ST*850", "ST*999");
    text = text.replace("SE*13*0001", "SE*14*0009");
    assert_eq!(
        kinds(&text),
        [Kind::SetUnsupported, Kind::SegmentCountWrong, Kind::SetControlMismatch]
    );
}

#[test]
fn a_set_in_the_wrong_group_is_told_with_the_right_one() {
    let outcome = Bench::new().examine(with("GS*PO", "GS*IN"));
    assert_eq!(outcome.only().kind, Kind::SetIdInvalid);
    assert_eq!(outcome.only().message, "a transaction set 850 does not belong in a group IN");
    assert_eq!(outcome.only().hint, "send the 850 in a group with GS01 PO");
    assert_eq!(kinds(&with("ST*850", "ST*")), [Kind::SetIdInvalid]);
}

#[test]
fn a_control_number_of_a_set_has_four_to_nine_characters() {
    let text = with("ST*850*0001", "ST*850*1").replace("*0001~GE", "*1~GE");
    assert_eq!(kinds(&text), [Kind::SetControlInvalid]);
}

#[test]
fn a_guide_in_st03_must_be_that_of_gs08() {
    let text = |gs08: &str, st03: &str| {
        with("*004010~", &format!("*{gs08}~"))
            .replace("ST*850*0001", &format!("ST*850*0001*{st03}"))
    };
    let of_5010 = |gs08: &str, st03: &str| {
        let kinds = kinds(&text(gs08, st03));
        kinds.into_iter().filter(|kind| *kind == Kind::GuideUnsupported).count()
    };
    assert_eq!(of_5010("005010X231", "005010X230"), 1);
    assert_eq!(of_5010("005010X231", "005010X231"), 0);
    assert_eq!(of_5010("005010", "005010X231"), 0);
}

#[test]
fn segments_outside_sets_are_told_unless_they_may_stand_there() {
    let ta1 = "TA1*000000009*240115*0900*A*000~";
    assert_eq!(kinds(&[ISA, ta1, GS, ORDER, GE, ta1, IEA].concat()), []);
    assert_eq!(kinds(&[ISA, "ISB*2~", GS, ORDER, GE, "ISE*1~", IEA].concat()), []);
    for text in [
        [ISA, GS, ta1, ORDER, GE, IEA].concat(),
        [ISA, GS, ORDER, "REF*DP*1~", GE, IEA].concat(),
        [ISA, "SE*1*1~", GS, ORDER, GE, IEA].concat(),
        [ISA, GS, ORDER, GE, GE, IEA].concat(),
        [ISA, GS, ORDER, "~", GE, IEA].concat(),
    ] {
        let outcome = Bench::new().examine(&text);
        assert_eq!(outcome.only().kind, Kind::ControlStructureInvalid);
        assert_eq!(outcome.verdicts.last(), Some(&Verdict::Rejected));
        assert_eq!(outcome.verdicts[0], Verdict::Accepted);
    }
}

#[test]
fn a_set_outside_a_group_is_told_and_checked_all_the_same() {
    let outcome = Bench::new()
        .examine([ISA, &ORDER.replace("BEG*00", "BEG*00X"), "IEA*0*000000001~"].concat());
    assert_eq!(outcome.kinds(), [Kind::ControlStructureInvalid, Kind::ElementTooLong]);
    assert_eq!(outcome.verdicts, [Verdict::Rejected, Verdict::Rejected]);
}

#[test]
fn loose_segments_without_end_are_told_up_to_a_limit() {
    let outcome = Bench::new().examine([ISA, &"X*1~".repeat(3_000), IEA].concat());
    assert!(outcome.findings.len() < 1_100, "{}", outcome.findings.len());
}

#[test]
fn what_cannot_be_read_is_a_finding_too() {
    let outcome = Bench::new().examine("<html>sorry</html>");
    assert_eq!(outcome.only().kind, Kind::InterchangeContentInvalid);
    assert!(outcome.only().message.contains("a web page"), "{}", outcome.only().message);
    let text = good();
    let cut = text.find("*12.50").unwrap();
    let outcome = Bench::new().examine(&text[..cut]);
    assert!(outcome.kinds().contains(&Kind::InterchangeContentInvalid));
    assert!(outcome.kinds().contains(&Kind::SetTrailerMissing));
    assert_eq!(outcome.verdicts, [Verdict::Rejected; 3]);
}

#[test]
fn a_bad_set_does_not_hold_back_its_neighbours() {
    let bad = ORDER
        .replace("BEG*00*NE*4501**20240115~", "")
        .replace("0001", "0002")
        .replace("*13*", "*12*");
    let outcome = Bench::new().examine([ISA, GS, ORDER, &bad, "GE*2*1~", IEA].concat());
    assert_eq!(
        outcome.verdicts,
        [Verdict::Accepted, Verdict::Rejected, Verdict::PartiallyAccepted, Verdict::Accepted]
    );
}

#[test]
fn severities_are_settable_for_envelopes_too() {
    let mut bench = Bench::new();
    let text = with(IEA, "IEA*2*000000001~");
    bench.options.severities = Severities::default().with(Kind::GroupCountWrong, Severity::Ignore);
    assert!(bench.examine(&text).findings.is_empty());
    bench.options.severities = Severities::default().with(Kind::GroupCountWrong, Severity::Accept);
    assert_eq!(bench.examine(&text).verdicts.last(), Some(&Verdict::AcceptedWithErrors));
}
