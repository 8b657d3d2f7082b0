//! Rules laid out for checking, once for all who check by them.

use super::check::{Plans, Rules};
use super::rules::{SetRules, Standard};
use super::severity::Severities;
use std::sync::{Arc, Mutex, PoisonError};

/// The rules of one set in one release and one guide, laid out for checking.
#[derive(Debug)]
pub(super) struct Laid {
    standard: Arc<Standard>,
    pub(super) set: Arc<SetRules>,
    guide: Option<Arc<SetRules>>,
    pub(super) plans: Plans,
}

impl Laid {
    pub(super) fn rules<'r>(&'r self, severities: &'r Severities) -> Rules<'r> {
        let guide = self.guide.as_deref();
        Rules { standard: &self.standard, set: &self.set, guide, severities }
    }

    /// Whether these are the rules of set `id` in this release and this guide.
    pub(super) fn fits(
        &self,
        standard: &Arc<Standard>,
        id: &str,
        guide: Option<&Arc<SetRules>>,
    ) -> bool {
        let same = match (&self.guide, guide) {
            (None, None) => true,
            (Some(one), Some(other)) => Arc::ptr_eq(one, other),
            (None, Some(_)) | (Some(_), None) => false,
        };
        same && self.set.id == id && Arc::ptr_eq(&self.standard, standard)
    }
}

/// Rules that were laid out, kept for the next who needs them. A copy is the same shelf.
#[derive(Clone, Debug, Default)]
pub struct Shelf(Arc<Mutex<Vec<Arc<Laid>>>>);

impl Shelf {
    /// The rules of set `id`, laid out; `None` where the release does not have it.
    pub(super) fn laid(
        &self,
        standard: &Arc<Standard>,
        id: &str,
        guide: Option<&Arc<SetRules>>,
    ) -> Option<Arc<Laid>> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = kept.iter().find(|laid| laid.fits(standard, id, guide)) {
            return Some(Arc::clone(found));
        }
        let rules = standard.sets.get(id)?;
        let laid = Arc::new(Laid {
            standard: Arc::clone(standard),
            set: Arc::clone(rules),
            guide: guide.map(Arc::clone),
            plans: Plans::new(rules, guide.map(AsRef::as_ref)),
        });
        kept.push(Arc::clone(&laid));
        Some(laid)
    }
}
