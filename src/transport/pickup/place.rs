//! A folder that files are taken from, as far as taking them needs it.

use super::super::error::TransportError;
use super::super::inbox::Refusal;
use super::catch::Catch;

/// A folder that files are taken from. Names are those that it listed, or ours.
pub(in crate::transport) trait Place: Send + Sync + 'static {
    /// Every plain file in it.
    fn list(&self) -> impl Future<Output = Result<Vec<Entry>, PlaceError>> + Send;

    /// What a file is like now.
    fn stat(&self, name: &str) -> impl Future<Output = Result<Stat, PlaceError>> + Send;

    /// Renames a file, never over another; `to` may be in a folder directly within.
    fn rename(&self, from: &str, to: &str) -> impl Future<Output = Result<(), PlaceError>> + Send;

    /// Deletes a file.
    fn remove(&self, name: &str) -> impl Future<Output = Result<(), PlaceError>> + Send;

    /// Reads a file of so many bytes; what it was like before and after, which must be the same.
    fn read(
        &self,
        name: &str,
        stat: Stat,
        into: &mut Catch,
    ) -> impl Future<Output = Result<(), PlaceError>> + Send;
}

/// What tells one state of a file from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::transport) struct Stat {
    /// How many bytes.
    pub(in crate::transport) size: u64,
    /// When it was written, as precisely as the other side says, in a unit of theirs.
    pub(in crate::transport) modified: i64,
}

/// A plain file in a folder.
#[derive(Clone, Debug)]
pub(in crate::transport) struct Entry {
    pub(in crate::transport) name: String,
    pub(in crate::transport) stat: Stat,
}

/// Why something could not be done with a file.
#[derive(Debug)]
pub(in crate::transport) enum PlaceError {
    /// It is not there any more.
    Gone,
    /// It is not as it was listed.
    Changed,
    /// The other side says no, in its words.
    Refused(String),
    /// The house does not take it.
    House(Refusal),
    /// The other side cannot be reached any more.
    Lost(TransportError),
}
