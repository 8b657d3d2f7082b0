//! How often, and how many at a time, each partner may ask.

use crate::http::Problem;
use crate::message::PartnerId;
use crate::partner::Limits;
use axum::http::StatusCode;
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// What every partner has left: a noisy one takes nothing from the others.
#[derive(Debug, Default)]
pub(super) struct Allowances(Mutex<HashMap<PartnerId, Allowance>>);

#[derive(Clone, Debug)]
struct Allowance {
    /// The limits that this was made for; others, after a reload, make another.
    of: Limits,
    rate: Arc<DefaultDirectRateLimiter>,
    at_once: Arc<Semaphore>,
}

impl Allowance {
    fn new(of: Limits) -> Self {
        let requests = NonZeroU32::new(of.requests_per_minute).unwrap_or(NonZeroU32::MIN);
        let at_once = usize::try_from(of.at_once).unwrap_or(usize::MAX);
        Self {
            of,
            rate: Arc::new(RateLimiter::direct(Quota::per_minute(requests))),
            at_once: Arc::new(Semaphore::new(at_once.min(Semaphore::MAX_PERMITS))),
        }
    }
}

impl Allowances {
    /// Takes one request off what `partner` has left; it counts as open until the permit is dropped.
    pub(super) fn take(
        &self,
        partner: &PartnerId,
        limits: Limits,
    ) -> Result<OwnedSemaphorePermit, Problem> {
        let Allowance { rate, at_once, .. } = self.of(partner, limits);
        let open = at_once.try_acquire_owned().map_err(|_| {
            let text = format!(
                "{} requests of yours are open, the most that is agreed; wait for an answer",
                limits.at_once
            );
            too_many("too_many_at_once", text, Duration::from_secs(1))
        })?;
        rate.check().map_err(|not_yet| {
            let wait = not_yet.wait_time_from(DefaultClock::default().now());
            let text = format!(
                "{} requests a minute are agreed; come back after the time in Retry-After",
                limits.requests_per_minute
            );
            too_many("too_many_requests", text, wait + Duration::from_millis(999))
        })?;
        Ok(open)
    }

    fn of(&self, partner: &PartnerId, limits: Limits) -> Allowance {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(allowance) = all.get(partner).filter(|allowance| allowance.of == limits) {
            return allowance.clone();
        }
        let allowance = Allowance::new(limits);
        all.insert(partner.clone(), allowance.clone());
        allowance
    }
}

fn too_many(code: &'static str, text: String, wait: Duration) -> Problem {
    Problem::new(StatusCode::TOO_MANY_REQUESTS, code, text).retry_after(wait)
}
