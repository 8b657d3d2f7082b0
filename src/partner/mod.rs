//! Partners: a folder of text files becomes everyone we trade with, and we ourselves.
//!
//! `us.toml` says who we are and where we listen; `NAME.toml` or `NAME/partner.toml` each describe
//! one partner, whose guides and maps lie in the folder `NAME/`. Knows who may sign in with what,
//! which ids are whose, and what was agreed; does not know how anything is sent, nor what happens
//! when.
//!
//! Invariants: [`Partners`] is complete and immutable, or it is not there and every fault of every
//! file is told with its place; an id or a credential is one partner's; a secret is named by where
//! it stands and never shown; nothing in a file is looked up in the environment but the secrets
//! that say so.
//!
//! # Why not serde
//!
//! A file is read by hand from TOML with places: serde stops at the first fault, and whoever moves
//! forty partners wants to see every fault of all forty.

mod acknowledgment;
mod agreement;
mod as2;
mod changes;
mod credential;
mod desk;
mod endpoint;
mod envelope;
mod fault;
mod files;
mod folder;
#[cfg(test)]
mod hostile;
mod https;
mod identity;
mod listeners;
mod looks;
mod name;
mod named;
mod papers;
mod partners;
mod password;
mod pickup;
mod profile;
mod quantity;
mod remote;
mod retry;
mod role;
mod rules;
#[cfg(test)]
mod sample;
mod schedule;
mod secret;
mod sftp;
mod source;
mod ssh_key;
mod taken;
mod template;
mod terms;
mod trust;
mod us;
mod wires;
mod word;
mod written;

pub use acknowledgment::{
    Acknowledgments, FunctionalForm, Given, InterchangePolicy, Loops, Wanted, WantedForm,
};
pub use agreement::{Agreement, Batch};
pub use as2::{
    Accept, As2, As2Id, AskFor, Basic, Calls, Compressing, Encrypt, Exception, Habit, OurAs2,
    OwnPair, Pack, PinFor, Pinned, Receipts, Sign, Span, Weakness,
};
pub use credential::{Credential, NewToken, token_hash};
pub use endpoint::Endpoint;
pub use envelope::{Envelope, IsaVersion, Release, Separators};
pub use fault::{Fault, FaultKind, Faults};
pub use folder::{Folder, Inbound};
pub use https::{Delivery, Https, Push};
pub use identity::{GsId, Identity, IsaId};
pub use listeners::{Listener, Listeners, Tls};
pub use looks::Looks;
pub use named::{CertificateUse, NamedCertificate};
pub use papers::AgreedMap;
pub use partners::Partners;
pub use password::PasswordHash;
pub use pickup::{After, Pattern, Pickup};
pub use profile::{Contact, Partner};
pub use quantity::{Days, Length, Size};
pub use remote::{Auth, Host, Remote};
pub use retry::RetrySchedule;
pub use role::{Mode, Role};
pub use rules::{Guide, OwnMap, Shelf};
pub use schedule::{Day, Hours, Schedule};
pub use secret::Secret;
pub use sftp::{Fetched, Legacy, LegacyUntil, Password, Sftp, SftpLimits, SshKey};
pub use source::{Disk, Kept, Source};
pub use ssh_key::PublicKey;
pub use template::NewPartner;
pub use terms::{Limits, Terms};
pub use trust::{OwnCertificate, Trust};
pub use us::{Erp, Keep, Us, Webhook};
pub use wires::{Spring, Way, Wire, Wires};
