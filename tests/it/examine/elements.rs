//! One good order, broken in one place: what is found there.

use super::{Bench, with};
use wharf::grammar::FindingKind as Kind;

#[test]
fn each_way_to_break_a_value_has_its_finding() {
    let bench = Bench::new();
    for (piece, other, kind) in [
        ("BEG*00*", "BEG**", Kind::ElementMissing),
        ("N1*ST*Clinic*92*0815", "N1*ST*Clinic*92", Kind::ElementMissingByCondition),
        ("N3*Main Street 1", "N3*a*b*c", Kind::TooManyElements),
        ("REF*DP*12", "REF*D*12", Kind::ElementTooShort),
        ("BEG*00*NE", "BEG*00*NEW", Kind::ElementTooLong),
        ("N3*Main", "N3*\u{7}Main", Kind::CharacterInvalid),
        ("*10*EA", "*ten*EA", Kind::CharacterInvalid),
        ("REF*DP*12", "REF*QQQ*12", Kind::CodeInvalid),
        ("*20240115~REF", "*20240230~REF", Kind::DateInvalid),
        ("DTM*002*20240201", "DTM*002**2575", Kind::TimeInvalid),
        ("N3*Main Street 1", "N3*Main:Street", Kind::TooManyComponents),
        ("*10*EA", "*010*EA", Kind::NumberPadded),
        ("N3*Main Street 1", "N3*Main Street ", Kind::TextPadded),
        ("N3*Main Street 1", "N3*Main Street 1**", Kind::TrailingSeparators),
    ] {
        let outcome = bench.examine(with(piece, other));
        assert_eq!(outcome.kinds(), [kind], "{other}");
        assert!(!outcome.only().hint.is_empty());
    }
}

#[test]
fn repetitions_are_told_where_the_interchange_has_them() {
    let text = with("N3*Main Street 1", "N3*Main^Street");
    assert_eq!(Bench::new().examine(&text).kinds(), []);
    let text = text.replace("*U*00401*", "*^*00501*").replace("004010", "005010");
    let outcome = Bench::new().examine(text);
    assert_eq!(outcome.kinds(), [Kind::TooManyRepetitions]);
}

#[test]
fn each_way_to_break_the_structure_has_its_finding() {
    let bench = Bench::new();
    for (piece, other, kind) in [
        ("REF*DP*12~", "REF*DP*12~QQQ*1~", Kind::SegmentUnknown),
        ("REF*DP*12~", "REF*DP*12~BIG*20240115*1~", Kind::SegmentNotInSet),
        ("REF*DP*12~", "REF*DP*12~N3*X~", Kind::SegmentUnexpected),
        ("PID*F", "CTT*2~PID*F", Kind::SegmentUnexpected),
        ("PID*F", "PER*BD*JO~PID*F", Kind::SegmentOutOfOrder),
        ("CUR*", "", Kind::SegmentMissing),
        ("REF*DP*12~", "REF*DP*12~~", Kind::SegmentEmpty),
        ("CTT*2~", "CTT*2~CTT*2~", Kind::LoopTooOften),
        ("N3*M", "N3*a~N3*b~N3*M", Kind::SegmentTooOften),
        ("CTT*2", "CTT*3", Kind::LineCountWrong),
        ("CTT*2", "CTT*2*14", Kind::HashTotalWrong),
    ] {
        let (piece, other) =
            if piece == "CUR*" { ("BEG*00*NE*4501**20240115~", other) } else { (piece, other) };
        let outcome = bench.examine(with(piece, other));
        assert!(outcome.kinds().contains(&kind), "{other}: {:#?}", outcome.findings);
        assert!(outcome.findings.len() <= 2, "{other}: {:#?}", outcome.findings);
    }
}
