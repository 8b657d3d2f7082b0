//! AS2: messages opened and packed, receipts (MDNs) written and read; and, in [`receive`] and [`send`],
//! the wire itself.
//!
//! It knows headers, MIME, CMS and MICs (RFC 4130, 5402, 8551, 5652, 8098), and neither the spool, nor
//! X12, nor the time, which is an argument; and only those two know sockets. Everything streams: a message of a
//! gigabyte needs as much memory as one of ten kilobytes.
//!
//! ```text
//! open:  headers + body  -> contents, into the caller's sinks; then `Opened`, or an `As2Error`
//! pack:  content         -> headers + body of a known length, with the MIC
//! mdn:   what became of it -> a receipt to send; a receipt that came -> `Delivered`, or an `MdnFault`
//! ```
//!
//! Invariants: what a sink was given is good only when `Opened` was returned; what is given out is what
//! was verified, byte for byte; a signature counts only if a certificate that the caller pinned made
//! it; all ways of failing to decrypt look alike; nothing that came makes more memory or more time than
//! [`Limits`] says.
//!
//! # Why
//!
//! Layers are pulled, each reading from the one outside it, and what only the end of a message tells (the
//! digest of its signature, what an envelope authenticates, whether lines were broken on the way) is
//! found out by reading it once more. That is rare; and so a message is hashed once and kept nowhere.

mod agreed;
pub mod anatomy;
mod buffered;
mod disposition;
mod error;
mod evidence;
mod headers;
mod layer;
mod layers;
pub mod mdn;
mod mic;
mod mime;
mod open;
mod opened;
mod pack;
mod packing;
mod policy;
mod proof;
mod quirks;
pub mod receive;
mod seal;
pub mod send;
mod trouble;
mod unsealed;

pub use agreed::policy;
pub use disposition::{Disposition, NotADisposition, ProcessingError};
pub use error::As2Error;
pub use evidence::{FACTS, PROOF, RECEIPT, REQUEST, REQUEST_BODY, REQUEST_HEADERS, SENT};
pub use headers::{
    As2Name, Asked, ContentType, HeaderFault, Headers, HeadersUnreadable, Letterhead, MessageName,
    NotAMessageName, NotAnAs2Name, Parameters, ReceiptForm, ReceiptOptions, ReceiptRequest,
    decode_words, encode_file_name,
};
pub use mic::{Mic, NotAMic};
pub use open::{is_report, open};
pub use opened::{Attachment, Form, Memory, Opened, Sealed, Signed, Sinks, Terms};
pub use pack::{Packed, pack};
pub use packing::{Compress, Encrypting, Naming, PackError, Packing, Signing};
pub use policy::{Allowed, Limits, Policy};
pub use quirks::{Quirk, UnknownQuirk};
