//! Sets as partners send them, against the shipped grammars and against guides.

use super::{Bench, good, with};
use wharf::grammar::{FindingKind as Kind, Verdict};

#[test]
fn a_finding_names_interchange_group_set_loop_segment_and_element() {
    let text = with("*12.50*PE", "*12,50*PE").replace('~', "~\n");
    let outcome = Bench::new().examine(&text);
    let finding = outcome.only();
    let place = &finding.place;
    assert_eq!(finding.kind, Kind::CharacterInvalid);
    assert_eq!(place.interchange.as_deref(), Some("000000001"));
    assert_eq!(place.group.as_deref(), Some("1"));
    assert_eq!(place.set.as_deref(), Some("850"));
    assert_eq!(place.set_control.as_deref(), Some("0001"));
    assert_eq!(place.loop_id.as_deref(), Some("PO1"));
    assert_eq!(place.segment.as_deref(), Some("PO1"));
    assert_eq!((place.position, place.element), (Some(9), Some(4)));
    assert_eq!(place.data_element.as_deref(), Some("212"));
    assert_eq!(finding.value.as_deref(), Some("12,50"));
    assert_eq!(finding.line, 11);
    assert_eq!(finding.message, "PO104 (Unit Price) `12,50` is not a number");
    let at = usize::try_from(finding.offset).unwrap();
    assert_eq!(&text[at..at + 5], "12,50");
}

#[test]
fn names_of_segments_come_from_the_grammar() {
    let outcome = Bench::new().examine(with("BEG*00*NE*4501**20240115~", ""));
    assert_eq!(outcome.only().message, "BEG (Beginning Segment for Purchase Order) is missing");
}

#[test]
fn every_release_and_set_that_ships_is_laid_out_without_fault() {
    let bench = Bench::new();
    for release in bench.library.releases() {
        let standard = bench.library.standard(&release).unwrap().unwrap();
        for (id, rules) in &standard.sets {
            let version = if release.as_str() < "004020" { "00401" } else { "00501" };
            let text = good()
                .replace("*00401*", &format!("*{version}*"))
                .replace("004010", &release)
                .replace("GS*PO", &format!("GS*{}", rules.functional_id))
                .replace("ST*850", &format!("ST*{id}"));
            let outcome = bench.examine(text);
            let unsupported = [Kind::SetUnsupported, Kind::SetIdInvalid, Kind::GroupUnsupported];
            let kinds = outcome.kinds();
            assert!(
                !kinds.iter().any(|kind| unsupported.contains(kind)),
                "{release} {id} {kinds:?}"
            );
        }
    }
}

#[test]
fn a_ship_notice_with_its_levels_and_lots_is_accepted() {
    let set = "ST*856*0001~BSN*00*S-1*20240115*1200*0001~DTM*011*20240115~HL*1**S~TD5**2*UPSN~\
               REF*2I*1Z999~N1*ST*Clinic*92*0815~HL*2*1*O~PRF*4501~HL*3*2*P~\
               MAN*GM*00106141410000000017~HL*4*3*I~LIN*1*VN*A-1*LT*L77~SN1*1*10*EA~\
               DTM*036*20260131~CTT*4~SE*17*0001~";
    let text = good().replace(super::ORDER, set).replace("GS*PO", "GS*SH");
    let outcome = Bench::new().examine(text);
    assert_eq!(outcome.kinds(), []);
    assert_eq!(outcome.verdicts, [Verdict::Accepted; 3]);
}

#[test]
fn an_invoice_with_charges_and_taxes_that_add_up_is_accepted() {
    let set = "ST*810*0001~BIG*20240115*INV-1*20240110*4501~N1*RE*Supplier*92*77~\
               IT1*1*10*EA*12.5*PE*VN*A-1~TXI*ST*8.25~PID*F****Gloves~TDS*14325~\
               SAC*C*D240***1000********Freight~CTT*1~SE*10*0001~";
    let set = set.replace("********Freight", "**********Freight");
    let text = good().replace(super::ORDER, &set).replace("GS*PO", "GS*IN");
    let outcome = Bench::new().examine(&text);
    assert_eq!(outcome.kinds(), []);
    let outcome = Bench::new().examine(text.replace("TDS*14325", "TDS*14425"));
    assert_eq!(outcome.only().kind, Kind::InvoiceTotalWrong);
    assert_eq!(outcome.verdicts, [Verdict::Accepted; 3], "a warning rejects nothing");
}

const GUIDE: &str = ".VER 1.6
.INI
OURS,,004 010,X,X12-4010,Our orders
.SETS
850=^[ST,M][!BEG*1,M][REF,,>1][.PER,,3][DTM,,10]{:200[N1*1][N3,,2][N4]}^{:100000[PO1,M][PID,,1000]}^{:1[CTT]}[SE,M]
.SEGS
BEG=[353,M][92,M][324,M][!328][373,M],!!!!!
N1=[98,M][93][66][67]+R0203P0304,!.##
.CODES
92=%[NE,SA]+850/2///2
";

#[test]
fn a_guide_is_told_apart_from_the_standard() {
    let bench = Bench::new().with_guide(GUIDE);
    let outcome = bench.examine(good());
    let found: Vec<_> = outcome
        .findings
        .iter()
        .map(|finding| (finding.kind, finding.place.segment.as_deref(), finding.place.element))
        .collect();
    assert_eq!(
        found,
        [
            (Kind::ElementMissingByGuide, Some("BEG"), Some(4)),
            (Kind::SegmentNotUsed, Some("PER"), None),
            (Kind::ElementNotUsed, Some("N1"), Some(3)),
            (Kind::ElementNotUsed, Some("N1"), Some(4)),
        ]
    );
    assert_eq!(outcome.verdicts[0], Verdict::Rejected);
}

#[test]
fn a_guide_of_another_release_is_left_alone() {
    let bench = Bench::new().with_guide(GUIDE);
    let text = good().replace("004010", "005010").replace("*U*00401*", "*^*00501*");
    let kinds = bench.examine(text).kinds();
    assert!(!kinds.contains(&Kind::SegmentNotUsed), "{kinds:?}");
}

#[test]
fn findings_of_a_set_are_cut_off_and_counted() {
    let line = "PO1*1*x*EA*12.50*PE*VN*A-1~";
    let text = with("PO1*1*10*EA*12.50*PE*VN*A-1~", &line.repeat(3_000));
    let outcome = Bench::new().examine(text);
    assert_eq!(outcome.findings.len(), 1_001);
    let last = outcome.findings.last().unwrap();
    assert_eq!(last.kind, Kind::FindingsCutOff);
    assert!(last.message.contains("2001 more"), "{}", last.message);
}
