//! What the routes share.

use super::super::super::allowance::Allowances;
use super::failures::Failures;
use std::sync::Arc;

/// What the routes share.
#[derive(Debug)]
pub(super) struct Desk<M> {
    pub(super) mail: Arc<M>,
    pub(super) allowances: Allowances,
    pub(super) failures: Failures,
}

impl<M> Desk<M> {
    pub(super) fn new(mail: Arc<M>) -> Self {
        Self { mail, allowances: Allowances::default(), failures: Failures::default() }
    }
}
