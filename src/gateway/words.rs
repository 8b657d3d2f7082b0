//! Troubles: what went wrong, and whose move is next, in the words that are kept.

use crate::event::Trouble;
use crate::grammar::{Finding, Severity};
use crate::partner::Partner;

/// A trouble that our own people must see to.
pub(super) fn ours(partner: Option<&Partner>, code: &str, text: impl Into<String>) -> Trouble {
    let owner = partner.map_or_else(|| "operator".to_owned(), |partner| partner.owner.clone());
    Trouble { code: code.to_owned(), text: text.into(), owner }
}

/// The work on a message broke off by a fault of this program's; the same would happen again.
pub(super) fn fault_of_ours() -> Trouble {
    let text = "wharf failed in working on it, and the log says where; report it, and release the \
                message once a version that can read it runs";
    ours(None, "internal_fault", text)
}

/// A trouble that the partner must see to.
pub(super) fn theirs(partner: &Partner, code: &str, text: impl Into<String>) -> Trouble {
    Trouble { code: code.to_owned(), text: text.into(), owner: partner.title.clone() }
}

/// A finding as one line.
pub(super) fn line(finding: &Finding) -> String {
    format!("{}; {} [{}]", finding.message, finding.hint, finding.kind.code())
}

/// The findings that matter to whoever reads what became of a set.
pub(super) fn lines(findings: &[Finding]) -> Vec<String> {
    let told = |finding: &&Finding| finding.severity >= Severity::Warn;
    findings.iter().filter(told).take(MOST).map(line).collect()
}

/// How many findings of one set an event names; all of them are kept beside it.
const MOST: usize = 20;
