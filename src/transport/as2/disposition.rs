//! Dispositions: what an MDN says became of a message (RFC 4130 §7.4, RFC 8098 §3.2.6).

use std::fmt;
use std::str::FromStr;

/// What became of a message, as an MDN says it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Disposition {
    /// It was taken in.
    Processed,
    /// It was taken in, with a reservation, such as `duplicate-document`.
    Warning(String),
    /// It was opened or not, and could not be taken in.
    Error(ProcessingError),
    /// It was not even tried, such as `unsupported format`.
    Failure(String),
}

/// Why a message was not taken in, by the names that partners know.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ProcessingError {
    /// Who sent it could not be proven.
    AuthenticationFailed,
    /// It could not be decrypted.
    DecryptionFailed,
    /// It was changed after it was signed.
    IntegrityCheckFailed,
    /// It could not be decompressed.
    DecompressionFailed,
    /// It should have been signed or encrypted, or with something stronger.
    InsufficientMessageSecurity,
    /// Anything else.
    UnexpectedProcessingError,
    /// What another party says that has no name here.
    Other(String),
}

impl Disposition {
    /// The warning of a message that came before.
    pub fn duplicate() -> Self {
        Self::Warning(DUPLICATE.to_owned())
    }

    /// The failure of a message that asks for an answer in a format that we do not know.
    pub fn unsupported_format() -> Self {
        Self::Failure("unsupported format".to_owned())
    }

    /// The failure of a message that asks for MICs that we do not compute.
    pub fn unsupported_mic_algorithms() -> Self {
        Self::Failure("unsupported MIC-algorithms".to_owned())
    }

    /// Whether the message was taken in, with or without reservation.
    pub fn is_processed(&self) -> bool {
        matches!(self, Self::Processed | Self::Warning(_))
    }

    /// Whether it says that the message came before.
    pub fn is_duplicate(&self) -> bool {
        matches!(self, Self::Warning(what) if what == DUPLICATE || what == "duplicate")
    }

    /// Whether sending the very same message again can have another outcome.
    pub fn is_worth_retrying(&self) -> bool {
        match self {
            Self::Processed | Self::Warning(_) | Self::Failure(_) => false,
            Self::Error(error) => match error {
                ProcessingError::UnexpectedProcessingError => true,
                ProcessingError::AuthenticationFailed
                | ProcessingError::DecryptionFailed
                | ProcessingError::IntegrityCheckFailed
                | ProcessingError::DecompressionFailed
                | ProcessingError::InsufficientMessageSecurity
                | ProcessingError::Other(_) => false,
            },
        }
    }
}

impl ProcessingError {
    /// Its name on the wire.
    pub fn name(&self) -> &str {
        match self {
            Self::AuthenticationFailed => "authentication-failed",
            Self::DecryptionFailed => "decryption-failed",
            Self::IntegrityCheckFailed => "integrity-check-failed",
            Self::DecompressionFailed => "decompression-failed",
            Self::InsufficientMessageSecurity => "insufficient-message-security",
            Self::UnexpectedProcessingError => "unexpected-processing-error",
            Self::Other(name) => name,
        }
    }

    fn of(name: &str) -> Self {
        // "insufficient-message-security" is written "sender-…" by none; but hyphens and case vary.
        let plain = name.to_ascii_lowercase().replace([' ', '_'], "-");
        [
            Self::AuthenticationFailed,
            Self::DecryptionFailed,
            Self::IntegrityCheckFailed,
            Self::DecompressionFailed,
            Self::InsufficientMessageSecurity,
            Self::UnexpectedProcessingError,
        ]
        .into_iter()
        .find(|known| known.name() == plain)
        .unwrap_or_else(|| Self::Other(name.to_owned()))
    }
}

impl fmt::Display for Disposition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("automatic-action/MDN-sent-automatically; ")?;
        match self {
            Self::Processed => f.write_str("processed"),
            Self::Warning(what) => write!(f, "processed/warning: {what}"),
            Self::Error(error) => write!(f, "processed/error: {}", error.name()),
            Self::Failure(what) => write!(f, "failed/failure: {what}"),
        }
    }
}

impl FromStr for Disposition {
    type Err = NotADisposition;

    /// Reads what any party writes: with or without the modes before the `;`, in any case, with the
    /// modifier's colon left out, `processed` with an error after it.
    fn from_str(text: &str) -> Result<Self, NotADisposition> {
        let kind = text.rsplit(';').next().unwrap_or_default().trim();
        let (kind, modifier) = kind.split_once('/').unwrap_or((kind, ""));
        let kind = kind.trim().to_ascii_lowercase();
        let modifier = modifier.trim();
        let (how, what) = modifier.split_once(':').unwrap_or((modifier, ""));
        let what: String = what.trim().chars().take(LONGEST).collect();
        let how = how.trim().to_ascii_lowercase();
        match (kind.as_str(), how.as_str()) {
            ("processed" | "displayed" | "dispatched", "") => Ok(Self::Processed),
            ("processed" | "displayed" | "dispatched", "warning") => {
                Ok(Self::Warning(what.to_ascii_lowercase()))
            }
            ("processed" | "failed", "error") => Ok(Self::Error(ProcessingError::of(&what))),
            ("processed" | "failed", "failure") | ("failed" | "denied" | "deleted", _) => {
                let what = if what.is_empty() { kind } else { what };
                Ok(Self::Failure(what))
            }
            ("processed", other) => Ok(Self::Error(ProcessingError::of(other))),
            _ => Err(NotADisposition),
        }
    }
}

/// Text that says nothing of what became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is no disposition")]
pub struct NotADisposition;

const DUPLICATE: &str = "duplicate-document";

/// The most characters of a modifier that are kept.
const LONGEST: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disposition_is_read_back_as_it_was_written() {
        for disposition in [
            Disposition::Processed,
            Disposition::duplicate(),
            Disposition::Error(ProcessingError::DecryptionFailed),
            Disposition::Error(ProcessingError::InsufficientMessageSecurity),
            Disposition::unsupported_format(),
            Disposition::unsupported_mic_algorithms(),
        ] {
            assert_eq!(disposition.to_string().parse(), Ok(disposition));
        }
    }

    #[test]
    fn every_partners_spelling_is_understood() {
        let error = |error| Ok(Disposition::Error(error));
        for (text, expected) in [
            ("processed", Ok(Disposition::Processed)),
            ("automatic-action/MDN-sent-automatically;processed", Ok(Disposition::Processed)),
            ("manual-action/MDN-sent-manually; Processed", Ok(Disposition::Processed)),
            (
                "automatic-action/mdn-sent-automatically; processed/Warning:duplicate-document",
                Ok(Disposition::duplicate()),
            ),
            ("x/y; processed/Error: Decryption-Failed", error(ProcessingError::DecryptionFailed)),
            ("x/y; failed/Failure: unsupported format", Ok(Disposition::unsupported_format())),
            ("x/y; failed", Ok(Disposition::Failure("failed".to_owned()))),
            (
                "x/y; processed/error: sender-equals-receiver",
                error(ProcessingError::Other("sender-equals-receiver".to_owned())),
            ),
            ("x/y; processed/error", error(ProcessingError::Other(String::new()))),
            ("", Err(NotADisposition)),
            ("x/y;", Err(NotADisposition)),
            ("x/y; lost", Err(NotADisposition)),
        ] {
            assert_eq!(text.parse(), expected, "{text}");
        }
    }

    #[test]
    fn only_a_processing_error_of_theirs_is_worth_retrying() {
        assert!(Disposition::Error(ProcessingError::UnexpectedProcessingError).is_worth_retrying());
        for disposition in [
            Disposition::Processed,
            Disposition::duplicate(),
            Disposition::Error(ProcessingError::AuthenticationFailed),
            Disposition::unsupported_format(),
        ] {
            assert!(!disposition.is_worth_retrying());
        }
    }
}
