//! The outbound route: what a worker does with a document of the ERP's, and with what is to be sent.

mod answering;
mod attempt;
mod batch;
mod overdue;
mod parcel;
mod press;
mod receipt;
mod trial;
mod write;

pub(super) use answering::Answering;
pub(super) use attempt::{Failed, attempt, delivered};
pub(super) use overdue::overdue;
pub(super) use parcel::{Sent, again, manifest, post, sent_group, sent_interchange};
pub(super) use press::set_of;
pub(super) use receipt::is_confirmed;
pub(super) use trial::{Inward, Trial};
pub(super) use write::write;
