//! The content types under which messages are kept.

use crate::document::DocumentKind;

/// The content type under which a canonical document, or X12, is kept.
pub(super) fn content_type(document: Option<&str>) -> String {
    match document {
        Some(document) => format!("{DOCUMENT}{document}+json"),
        None => X12.to_owned(),
    }
}

/// The canonical document that a message of this content type is.
pub(super) fn document_of(content_type: Option<&str>) -> Option<DocumentKind> {
    content_type?.strip_prefix(DOCUMENT)?.strip_suffix("+json")?.parse().ok()
}

/// The content type of X12.
pub(super) const X12: &str = "application/edi-x12";

/// The content type of a receipt (MDN) of ours that goes out by itself, headers and all.
pub(super) const RECEIPT: &str = "message/rfc822";

const DOCUMENT: &str = "application/vnd.wharf.";
