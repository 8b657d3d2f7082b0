//! Saying no in the words of the doors.

use crate::spool::SpoolError;
use crate::transport::{Refusal, RefusalKind};

/// A no, without fields.
pub(super) fn refusal(kind: RefusalKind, code: &'static str, text: impl Into<String>) -> Refusal {
    Refusal { kind, code, text: text.into(), fields: Vec::new() }
}

/// Why the spool did not keep something, for whoever handed it in.
#[expect(clippy::needless_pass_by_value, reason = "for `map_err`")]
pub(super) fn unkept(error: SpoolError) -> Refusal {
    let kind = match &error {
        SpoolError::Full => RefusalKind::Full,
        SpoolError::Unknown(_) => RefusalKind::Unknown,
        SpoolError::TooLarge { .. } => RefusalKind::TooLarge,
        SpoolError::NotNow { .. } | SpoolError::Taken { .. } | SpoolError::NumberBehind { .. } => {
            RefusalKind::Conflict
        }
        SpoolError::InUse { .. }
        | SpoolError::Newer { .. }
        | SpoolError::Io { .. }
        | SpoolError::Stopped { .. }
        | SpoolError::Damaged { .. }
        | SpoolError::Unavailable { .. }
        | SpoolError::LeaseEnded(_) => RefusalKind::Unavailable,
    };
    let text = match kind {
        RefusalKind::Full | RefusalKind::Unavailable => {
            "nothing was kept; send the same again later".to_owned()
        }
        RefusalKind::Invalid
        | RefusalKind::Unknown
        | RefusalKind::Conflict
        | RefusalKind::NotAgreed
        | RefusalKind::TooLarge => error.to_string(),
    };
    tracing::warn!(code = error.code(), %error, "the spool said no");
    refusal(kind, error.code(), text)
}
