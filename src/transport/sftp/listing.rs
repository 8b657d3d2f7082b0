//! A folder that is listed: what is told of it, a page at a time.

use super::super::inbox::Inbox;
use super::attributes::Attributes;
use super::mailbox::{Agreed, Mailbox};
use super::name::{Folder, Place};
use super::shelf::Browse;
use super::trouble::Trouble;
use super::waiting::Walk;
use std::vec::IntoIter;

/// A folder that is listed, and how far it was told.
#[derive(Debug)]
pub(super) enum Listing {
    /// So many names, known from the start.
    Names(IntoIter<(Vec<u8>, Attributes)>),
    /// What was fetched or given back.
    Shelf(Browse),
    /// What waits.
    Waiting(Walk),
}

impl<I: Inbox> Mailbox<I> {
    /// Begins to list a folder.
    pub(super) fn list(&self, place: &Place, agreed: &Agreed) -> Result<Listing, Trouble> {
        let names: Vec<_> = match place {
            Place::Root => {
                let folder = Attributes::folder(0o755, self.now());
                let named = |of: &Folder| (of.name().as_bytes().to_vec(), folder);
                agreed.folders().iter().map(named).collect()
            }
            Place::Folder(Folder::Inbound) => {
                let files = self.list_inbound()?.into_iter();
                files.map(|(name, attributes)| (name.as_bytes().to_vec(), attributes)).collect()
            }
            Place::Folder(folder @ (Folder::Outbound | Folder::Acknowledgments)) => {
                return Ok(Listing::Waiting(Walk::along(*folder)));
            }
            Place::Folder(folder @ (Folder::Rejected | Folder::Archive)) => {
                return Ok(Listing::Shelf(Browse::of(self.shelf(*folder)?)));
            }
            Place::File(..) => return Err(Trouble::NoSuchFolder),
        };
        Ok(Listing::Names(names.into_iter()))
    }

    /// The next names of a folder that is listed; none: that were all.
    pub(super) fn page(
        &self,
        listing: &mut Listing,
        agreed: &Agreed,
    ) -> Result<Vec<(Vec<u8>, Attributes)>, Trouble> {
        Ok(match listing {
            Listing::Names(names) => names.by_ref().take(A_PAGE).collect(),
            Listing::Shelf(browse) => {
                let page = browse.page(A_PAGE).into_iter();
                page.map(|(name, item)| (name.as_bytes().to_vec(), item.attributes())).collect()
            }
            Listing::Waiting(walk) => {
                let page = self.further(walk, A_PAGE, agreed)?.into_iter();
                page.map(|(name, attributes)| (name.as_bytes().to_vec(), attributes)).collect()
            }
        })
    }
}

/// How many names a reply holds.
const A_PAGE: usize = 200;
