//! All subscribers, at work and looked after.

use super::desk::Desk;
use super::marker;
use super::pace::Pace;
use super::parked::ParkedEvent;
use super::post::Poster;
use super::run::Run;
use crate::http::{Client, ClientSettings, HttpError};
use crate::message::Moment;
use crate::partner::Webhook;
use crate::spool::{Spool, SpoolError};
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// All subscribers: a handle that can be copied and given to whoever looks after them.
#[derive(Clone, Debug, Default)]
pub struct Webhooks {
    pace: Pace,
    desks: Arc<Mutex<BTreeMap<String, Arc<Desk>>>>,
}

/// How a subscriber fares.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Standing {
    /// The subscriber.
    pub webhook: String,
    /// Whether it can be called: `false` while it is down or asked for a pause.
    pub well: bool,
    /// How many events were read for it and wait.
    pub waiting: usize,
    /// How many are parked.
    pub parked: usize,
    /// How far it was read.
    pub cursor: String,
}

impl Webhooks {
    /// Subscribers who are called with this patience.
    pub fn new(pace: Pace) -> Self {
        Self { pace, desks: Arc::default() }
    }

    /// Remembers of each subscriber that is new that it begins here. Done before the doors open,
    /// nothing that comes in is missed by a subscriber that was there from the beginning.
    pub async fn begin(spool: &Spool, webhooks: &[Webhook], now: Moment) -> Result<(), SpoolError> {
        for webhook in webhooks {
            let name = marker::cursor(&webhook.name);
            if spool.cursor(&name).is_none() {
                spool.keep_cursor(now, &name, spool.end()).await?;
            }
        }
        Ok(())
    }

    /// Tells the subscribers what the spool holds for them, until `stop`. After new settings it is
    /// stopped, and run again with them.
    pub fn run(
        &self,
        spool: &Arc<Spool>,
        webhooks: Vec<Webhook>,
        clock: fn() -> Moment,
        stop: &CancellationToken,
    ) -> Result<impl Future<Output = ()> + Send + use<>, HttpError> {
        let deadline = self.pace.deadline;
        let settings = ClientSettings {
            connect: deadline.min(CONNECT),
            total: deadline,
            answer: LISTEN,
            ..ClientSettings::default()
        };
        let client = Client::new(settings)?;
        let mut runs = Vec::new();
        let mut desks = BTreeMap::new();
        for webhook in webhooks {
            let desk = Arc::new(Desk::new(self.pace));
            desks.insert(webhook.name.clone(), Arc::clone(&desk));
            let poster = Arc::new(Poster::new(client.clone(), &webhook));
            let (spool, webhook, stop) = (Arc::clone(spool), Arc::new(webhook), stop.clone());
            runs.push(Run { spool, webhook, poster, desk, clock, stop });
        }
        *self.desks.lock().unwrap_or_else(PoisonError::into_inner) = desks;
        Ok(async move {
            let mut set: JoinSet<()> = runs.into_iter().map(Run::run).collect();
            while let Some(ended) = set.join_next().await {
                if let Err(error) = ended {
                    tracing::error!("a webhook ended by a fault of wharf's: {error}");
                }
            }
        })
    }

    /// How each subscriber fares.
    pub fn standing(&self, now: Moment) -> Vec<Standing> {
        let of = |(name, desk): (String, Arc<Desk>)| {
            let line = desk.line();
            let line = line.as_ref()?;
            Some(Standing {
                webhook: name,
                well: line.health.is_well(now.tick),
                waiting: line.waiting(),
                parked: line.parked().len(),
                cursor: line.read.to_string(),
            })
        };
        self.desks().into_iter().filter_map(of).collect()
    }

    /// What is parked, for all subscribers, oldest first for each.
    pub fn parked(&self) -> Vec<ParkedEvent> {
        let of = |(_, desk): (String, Arc<Desk>)| {
            desk.line().as_ref().map(super::line::Line::parked).unwrap_or_default()
        };
        self.desks().into_iter().flat_map(of).collect()
    }

    /// Tries a parked event again at once, for each subscriber that has it parked, or the event
    /// that it waits for; `false` if no subscriber has.
    pub fn retry(&self, event: &str, now: Moment) -> bool {
        let mut found = false;
        for desk in self.desks().into_values() {
            let here = desk.line().as_mut().is_some_and(|line| line.retry(event, now.tick));
            if here {
                desk.woken.notify_one();
            }
            found |= here;
        }
        found
    }

    fn desks(&self) -> BTreeMap<String, Arc<Desk>> {
        self.desks.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(10);

/// How long an answer is listened to after its status, which says all that matters.
const LISTEN: Duration = Duration::from_secs(1);
