//! Interchanges held against the grammars: what is found, where, and what becomes of them.

mod any;
mod elements;
mod envelopes;
mod sets;

use std::sync::Arc;
use wharf::grammar::{Examiner, Finding, FindingKind, Library, Options, Standard, Verdict};
use wharf::x12::{Item, ReadError, Reader};

/// What came of examining a text: all findings in order, and the verdicts on sets, groups and
/// interchanges in the order of their ends.
#[derive(Debug, Default)]
struct Outcome {
    findings: Vec<Finding>,
    verdicts: Vec<Verdict>,
}

impl Outcome {
    fn kinds(&self) -> Vec<FindingKind> {
        self.findings.iter().map(|finding| finding.kind).collect()
    }

    /// The only finding.
    fn only(&self) -> &Finding {
        assert_eq!(self.findings.len(), 1, "{:#?}", self.findings);
        &self.findings[0]
    }
}

/// Grammars and the agreement to examine by.
struct Bench {
    library: Library,
    options: Options,
}

impl Bench {
    fn new() -> Self {
        Self { library: Library::shipped(), options: Options::default() }
    }

    /// The same with a guide, laid over release 004010.
    fn with_guide(mut self, guide: &str) -> Self {
        let base = self.library.standard("004010").unwrap();
        let loaded = Standard::parse_sef("guide.sef", guide.as_bytes(), base.as_deref());
        let loaded = loaded.unwrap_or_else(|faults| panic!("{faults}"));
        self.options.guides.push(Arc::new(loaded.standard));
        self
    }

    fn examine(&self, text: impl AsRef<[u8]>) -> Outcome {
        let mut examiner = Examiner::new(&self.library, self.options.clone());
        let mut reader = Reader::new(text.as_ref());
        let mut outcome = Outcome::default();
        loop {
            match reader.next() {
                Ok(Some(item)) => {
                    let found = examiner.item(&item).unwrap();
                    outcome.findings.extend(found.findings);
                    match item {
                        Item::Set(_) | Item::GroupEnd(_) | Item::InterchangeEnd(_) => {
                            outcome.verdicts.push(found.verdict);
                        }
                        Item::Interchange(_) | Item::Group(_) | Item::Loose(_) => {}
                    }
                }
                Ok(None) => return outcome,
                Err(ReadError::Syntax(error)) => outcome.findings.push(examiner.fault(&error)),
                Err(ReadError::Io(error)) => panic!("{error}"),
            }
        }
    }
}

const ISA: &str = "ISA*00*          *00*          *ZZ*BUYER          *ZZ*SELLER         \
                   *240115*0930*U*00401*000000001*0*P*:~";

const GS: &str = "GS*PO*BUYER*SELLER*20240115*0930*1*X*004010~";

const ORDER: &str = "ST*850*0001~BEG*00*NE*4501**20240115~REF*DP*12~PER*BD*JO*TE*5551234~\
                     DTM*002*20240201~N1*ST*Clinic*92*0815~N3*Main Street 1~\
                     N4*Springfield*IL*62701*US~PO1*1*10*EA*12.50*PE*VN*A-1~PID*F****Gloves~\
                     PO1*2*5*CA*7**VN*B-2~CTT*2~SE*13*0001~";

const GE: &str = "GE*1*1~";

const IEA: &str = "IEA*1*000000001~";

/// A good interchange.
fn good() -> String {
    [ISA, GS, ORDER, GE, IEA].concat()
}

/// The good interchange with one piece replaced; the count of its segments is put right.
fn with(piece: &str, other: &str) -> String {
    let text = good();
    assert!(text.contains(piece), "{piece}");
    let text = text.replacen(piece, other, 1);
    let start = text.find("ST*").unwrap_or(0);
    let count = text.find("SE*13*").map_or(0, |end| text[start..end].matches('~').count() + 1);
    text.replace("SE*13*", &format!("SE*{count}*"))
}
