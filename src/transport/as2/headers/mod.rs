//! The headers of AS2: read as leniently as partners write them, written as strictly as they read.
//!
//! It knows the grammar of each header, and nothing of bodies. Folded headers are read and never
//! written. Nothing that a partner wrote here becomes a path, an address that we call, or a header of
//! ours, unless it was read into a type that cannot hold a line break.

mod content_type;
mod id;
mod letterhead;
mod list;
mod name;
mod options;
mod words;

pub use content_type::{ContentType, Parameters};
pub use id::{MessageName, NotAMessageName};
pub(super) use letterhead::line;
pub use letterhead::{HeaderFault, Letterhead, ReceiptRequest};
pub use list::{Headers, HeadersUnreadable};
pub use name::{As2Name, NotAnAs2Name};
pub use options::{Asked, ReceiptForm, ReceiptOptions};
pub use words::{decode_words, encode_file_name};
