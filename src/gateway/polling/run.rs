//! The looks at work: one task for each place.

use super::board::Board;
use super::pace;
use crate::gateway::house::Gateway;
use crate::message::PartnerId;
use crate::partner::{Partner, Partners, Spring, Wire};
use crate::transport::{Looked, Memory, Owner, look};
use jiff::Timestamp;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;

/// Looks wherever partners leave files, as their files say now, until `stop`. What is under way then
/// is taken at another time.
pub async fn run(house: Arc<Gateway>, owner: Owner, board: Board, stop: CancellationToken) {
    let partners = house.partners();
    let places = partners.iter().flat_map(|partner| {
        partner.wires.springs().map(|spring| {
            let key = (partner.name.clone(), spring.wire());
            (key, (spring.place(), format!("{spring:?}")))
        })
    });
    board.keep(places.collect());
    let turns = Arc::new(Semaphore::new(AT_ONCE));
    let mut tasks = JoinSet::new();
    for partner in partners.iter() {
        for spring in partner.wires.springs() {
            let place = Place {
                house: Arc::clone(&house),
                partners: Arc::clone(&partners),
                name: partner.name.clone(),
                wire: spring.wire(),
                owner: owner.clone(),
                board: board.clone(),
                turns: Arc::clone(&turns),
            };
            let span = tracing::info_span!("look", partner = %place.name, wire = %place.wire);
            tasks.spawn(place.watch().instrument(span));
        }
    }
    stop.cancelled().await;
    tasks.shutdown().await;
}

/// A place where a partner leaves files.
struct Place {
    house: Arc<Gateway>,
    partners: Arc<Partners>,
    name: PartnerId,
    wire: Wire,
    owner: Owner,
    board: Board,
    turns: Arc<Semaphore>,
}

impl Place {
    /// Looks again and again.
    async fn watch(self) {
        let Some((partner, spring)) = self.spring() else { return };
        let mut memory = Memory::default();
        self.parked(false);
        if self.board.is_parked(&self.name, self.wire) {
            self.parked(true);
            tracing::error!("parked as before: its file is the same; nothing is fetched");
            return;
        }
        let mut due = spring.looks().first(self.house.now().at);
        while let Some(at) = due {
            self.wait(at).await;
            let turn = self.turns.acquire().await;
            let looked = look(&self.house, partner, spring, &self.owner, &mut memory).await;
            drop(turn);
            let now = self.house.now().at;
            let failed = self.note(now, &looked);
            due = pace::next(&looked, failed, spring.looks(), &partner.terms.retry, now);
        }
    }

    fn spring(&self) -> Option<(&Partner, Spring<'_>)> {
        let partner = self.partners.partner(self.name.as_str())?;
        let spring = partner.wires.springs().find(|spring| spring.wire() == self.wire)?;
        Some((partner, spring))
    }

    /// Waits by the clock that people read, which may be set.
    async fn wait(&self, until: Timestamp) {
        loop {
            let left = until.duration_since(self.house.now().at);
            let Ok(left) = Duration::try_from(left) else { return };
            if left.is_zero() {
                return;
            }
            tokio::time::sleep(left.min(LONGEST_SLEEP)).await;
        }
    }

    /// Says what came of a look; how many failed in a row.
    fn note(&self, now: Timestamp, looked: &Looked) -> u32 {
        let (failed, left) = self.board.note(&self.name, self.wire, now, looked);
        let count = |name: &'static str, outcome: &'static str, by: u32| {
            let (partner, wire) = (self.name.to_string(), self.wire.word());
            let labels = [("partner", partner), ("wire", wire.into()), ("outcome", outcome.into())];
            metrics::counter!(name, &labels).increment(by.into());
        };
        count("wharf_polled_files_total", "new", looked.taken);
        count("wharf_polled_files_total", "repeat", looked.repeats);
        if looked.taken + looked.repeats > 0 {
            tracing::info!(taken = looked.taken, repeats = looked.repeats, "files were taken");
        }
        for line in left {
            tracing::warn!(file = line, "a file was left where it is");
        }
        let Some(trouble) = &looked.trouble else {
            count("wharf_looks_total", "ok", 1);
            return failed;
        };
        count("wharf_looks_total", trouble.code(), 1);
        let code = trouble.code();
        if trouble.parks() {
            self.parked(true);
            tracing::error!(code, error = %trouble, "parked: nothing is fetched before its file changes");
        } else {
            tracing::warn!(code, error = %trouble, failed, "a look failed");
        }
        failed
    }

    fn parked(&self, parked: bool) {
        let labels = [("partner", self.name.to_string()), ("wire", self.wire.to_string())];
        metrics::gauge!("wharf_partner_parked", &labels).set(f64::from(u8::from(parked)));
    }
}

/// So many places are looked at at the same time.
const AT_ONCE: usize = 16;

/// Whoever sets the clock is noticed within this.
const LONGEST_SLEEP: Duration = Duration::from_secs(30);
