//! Any bytes may arrive: nothing panics, findings lie in the input, and work grows with the input.

use super::{Bench, Outcome, good};
use proptest::prelude::*;

/// Whether each finding lies in the text, on the line that it says.
fn lies_in(text: &[u8], outcome: &Outcome) {
    for finding in &outcome.findings {
        let at = usize::try_from(finding.offset).unwrap();
        assert!(at <= text.len(), "{finding:?}");
        assert!(at < text.len() || text.is_empty() || finding.length == 1, "{finding:?}");
        assert!(at + usize::try_from(finding.length).unwrap() <= text.len() + 1, "{finding:?}");
        let line = memchr::memchr_iter(b'\n', &text[..at]).count() + 1;
        assert_eq!(finding.line, u64::try_from(line).unwrap(), "{finding:?}");
    }
}

fn pieces() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just(super::ISA.to_owned()),
        Just(super::GS.to_owned()),
        Just(super::ORDER.to_owned()),
        Just(super::GE.to_owned()),
        Just(super::IEA.to_owned()),
        Just("ST*856*0002~HL*1*2*S~HL*2*1*O~".to_owned()),
        Just("ST*810*0003~IT1*1*1*EA*1~TDS*1~SAC*C*D240~TXI*ST~SE*6*0003~".to_owned()),
        "[A-Z*~:^0-9 \n]{0,20}",
    ];
    prop::collection::vec(piece, 0..14).prop_map(|pieces| pieces.concat())
}

/// Each of these would take minutes if any step looked back over the whole set.
#[test]
fn sets_made_to_take_long_do_not() {
    let many = |segment: &str| segment.repeat(30_000);
    let missing = many("N1*ST*X~N1*ST~BEG*00~");
    for body in [
        many("~"),
        many("QQQ*1~"),
        many("BEG*00*NE*1**20240115~"),
        many("PO1*1*1*EA~CTT*1*1~"),
        many("CTT*1*1~"),
        many("N3*X~N1*ST*X~"),
        missing,
        format!("N3*{}~", "*".repeat(100_000)),
        format!("REF*DP*1**{}~", ":".repeat(100_000)),
        format!("REF*DP*1**{}~", "^A:B".repeat(30_000)),
    ] {
        let text = [super::ISA, super::GS, "ST*850*0001~", &body, super::GE, super::IEA].concat();
        let outcome = Bench::new().examine(text.replace("*U*00401*", "*^*00501*"));
        assert!(!outcome.findings.is_empty());
        assert!(outcome.findings.len() <= 1_010, "{}", outcome.findings.len());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_pieces_in_any_order_are_examined(text in pieces()) {
        let text = format!("{}{text}", super::ISA);
        lies_in(text.as_bytes(), &Bench::new().examine(&text));
    }

    #[test]
    fn any_damage_to_a_good_interchange_is_examined(
        edits in prop::collection::vec((0_usize..400, any::<u8>(), any::<bool>()), 1..12)
    ) {
        let mut bytes = good().replace('~', "~\n").into_bytes();
        for (at, byte, insert) in edits {
            let at = at % bytes.len();
            if insert { bytes.insert(at, byte) } else { bytes[at] = byte }
        }
        lies_in(&bytes, &Bench::new().examine(&bytes));
    }

    #[test]
    fn segments_shuffled_are_examined(order in Just(()).prop_perturb(|(), mut random| {
        let mut segments: Vec<&str> = super::ORDER.split_inclusive('~').collect();
        for at in (2..segments.len() - 1).rev() {
            let other = 1 + usize::try_from(random.next_u32()).unwrap() % at;
            segments.swap(at, other);
        }
        segments.concat()
    })) {
        let text = [super::ISA, super::GS, &order, super::GE, super::IEA].concat();
        lies_in(text.as_bytes(), &Bench::new().examine(&text));
    }
}
