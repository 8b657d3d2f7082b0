//! CMS (RFC 5652, 5083, 3274): signatures, envelopes and compression, read and written as they stream.
//!
//! It knows CMS and nothing of MIME. BER of any shape is read, with indefinite lengths and strings in
//! pieces; DER is written. Contents stream; what stands around them is small, bounded, and taken into
//! memory.
//!
//! Invariants: certificates in a message are skipped unread; a signature is one; what was wrong with a
//! wrapped key is never known.

mod algorithms;
mod ber;
mod content;
mod encrypt;
mod envelope;
mod identifier;
mod inflate;
mod look;
mod oid;
mod opaque;
mod recipient;
mod sign;
mod signature;
mod tlv;

pub(super) use content::{Kind, Structure};
pub(super) use encrypt::{Sealing, TAG_ELEMENT, compressed, seal, tag_element};
pub(super) use envelope::Envelope;
pub(super) use inflate::Inflate;
pub(super) use look::{
    SignatureLook, envelope as look_at_envelope, signature as look_at_signature,
};
pub(super) use opaque::Opaque;
pub(super) use sign::sign;
pub(super) use signature::Signature;
