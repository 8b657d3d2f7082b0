//! Who answers for the spool: we ourselves, or the server that holds it.

use super::super::config::{self, FOLDER};
use super::super::engine;
use super::super::terms::{CommandError, Common};
use super::ask::When;
use super::remote::{Remote, Served};
use crate::event::Hand;
use crate::gateway::Gateway;
use crate::gateway::operator::{
    Ask, Card, Done, Listing, Names, Operator, OperatorError, Queues, Replay, Replayed, Reread,
    Rereads, Sequence, Story,
};
use crate::message::{MessageId, PartnerId};
use crate::partner::Partners;
use crate::spool::{NumberKind, Recovery, Settings, Spool, SpoolError};
use crate::transport::Carriers;
use crate::transport::https::send::Sender;
use clap::Args;
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::runtime::{Builder, Runtime};

/// Where the spool is, and who may hold it.
#[derive(Debug, Args)]
pub(super) struct Place {
    /// The folder of partners, whose us.toml names the spool and the operator's address
    #[arg(long, global = true, value_name = "DIR", default_value = FOLDER, env = "WHARF_PARTNERS")]
    partners: PathBuf,
    /// The folder of the spool, if us.toml is not to say it
    #[arg(long, global = true, value_name = "DIR")]
    spool: Option<PathBuf>,
}

impl Place {
    /// The spool of the partners in a folder.
    pub(super) fn of(partners: &Path) -> Self {
        Self { partners: partners.to_owned(), spool: None }
    }

    /// Whether anything was ever kept there.
    pub(super) fn is_there(&self, common: &Common) -> Result<bool, CommandError> {
        let partners = config::need(common, &self.partners)?;
        Ok(self.beside(&partners.us().spool).join("journal").is_dir())
    }

    /// A path that is relative to where the folder of partners lies.
    fn beside(&self, path: &str) -> PathBuf {
        self.partners.parent().unwrap_or(Path::new("")).join(path)
    }

    /// The folder of the spool, and everyone we trade with as far as that is known.
    pub(super) fn find(
        &self,
        common: &Common,
    ) -> Result<(PathBuf, Option<Partners>), CommandError> {
        let partners = match &self.spool {
            None => Some(config::need(common, &self.partners)?),
            Some(_) => config::load(common, &self.partners)?.ok(),
        };
        let said = partners.as_ref().map(|partners| self.beside(&partners.us().spool));
        let folder = self.spool.clone().or(said).unwrap_or_default();
        if folder.join("journal").is_dir() {
            return Ok((folder, partners));
        }
        let text = format!(
            "there is no spool in {}; `wharf serve` begins one, or name another with --spool DIR",
            folder.display()
        );
        Err(CommandError::Wrong(text))
    }

    /// The folder beside that of partners in which certificates lie.
    fn certificates(&self) -> PathBuf {
        self.beside("certs")
    }
}

/// Where an operator asks and acts, whoever answers.
pub(super) struct Counter {
    runtime: Runtime,
    who: Who,
}

enum Who {
    /// We hold the spool.
    Here(Operator),
    /// A server holds it.
    There(Remote),
}

impl Counter {
    /// Asks at the counter, and closes it.
    pub(super) fn at<T>(
        common: &Common,
        place: &Place,
        ask: impl FnOnce(&Self) -> Result<T, CommandError>,
    ) -> Result<T, CommandError> {
        let (folder, partners) = place.find(common)?;
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(CommandError::io("the runtime"))?;
        match Spool::open(&folder, Settings::default(), When::now()) {
            Ok((spool, recovery)) => {
                note(common, &recovery);
                let spool = Arc::new(spool);
                let mut operator = Operator::new(Arc::clone(&spool), names(partners.as_ref()));
                if let Some(partners) = partners {
                    let common = Common { json: common.json, grammars: common.grammars.clone() };
                    let (partners, spool) = (Arc::new(partners), Arc::clone(&spool));
                    let house = Mutex::default();
                    operator =
                        operator.comparing(Arc::new(Anew { common, spool, partners, house }));
                }
                let answer = ask(&Self { runtime, who: Who::Here(operator) });
                // The counter is gone, so this is the last who holds it.
                if let Some(spool) = Arc::into_inner(spool) {
                    spool.close().map_err(|error| refused(&error.into()))?;
                }
                answer
            }
            Err(SpoolError::InUse { pid, .. }) => {
                let server = partners.as_ref().map(|p| &p.us().listeners.operator);
                let holder = Served { folder, pid, certificates: place.certificates() };
                let remote = Remote::new(server, holder)?;
                ask(&Self { runtime, who: Who::There(remote) })
            }
            Err(error) => Err(refused(&error.into())),
        }
    }

    pub(super) fn list(&self, ask: &Ask) -> Result<Listing, CommandError> {
        match &self.who {
            Who::Here(operator) => here(operator.list(ask)),
            Who::There(remote) => self.runtime.block_on(remote.get(&["v1", "messages"], ask)),
        }
    }

    pub(super) fn show(&self, id: MessageId) -> Result<Card, CommandError> {
        match &self.who {
            Who::Here(operator) => here(operator.show(id)),
            Who::There(remote) => {
                let id = id.to_string();
                self.runtime.block_on(remote.get(&["v1", "messages", &id], &()))
            }
        }
    }

    pub(super) fn trace(&self, reference: &str) -> Result<Story, CommandError> {
        match &self.who {
            Who::Here(operator) => here(operator.trace(reference)),
            Who::There(remote) => {
                self.runtime.block_on(remote.get(&["v1", "trace", reference], &()))
            }
        }
    }

    /// Retries, releases or discards.
    pub(super) fn act(
        &self,
        id: MessageId,
        what: &'static str,
        hand: Hand,
    ) -> Result<Done, CommandError> {
        match &self.who {
            Who::Here(operator) => here(self.runtime.block_on(async {
                let now = When::now();
                match what {
                    "retry" => operator.retry(now, id, hand).await,
                    "release" => operator.release(now, id, hand).await,
                    _ => operator.discard(now, id, hand).await,
                }
            })),
            Who::There(remote) => {
                let id = id.to_string();
                self.runtime.block_on(remote.post(&["v1", "messages", &id, what], &hand))
            }
        }
    }

    pub(super) fn replay(&self, replay: &Replay) -> Result<Replayed, CommandError> {
        match &self.who {
            Who::Here(operator) => {
                here(self.runtime.block_on(operator.replay(When::now(), replay)))
            }
            Who::There(remote) => self.runtime.block_on(remote.post(&["v1", "replay"], replay)),
        }
    }

    pub(super) fn queues(&self) -> Result<Queues, CommandError> {
        match &self.who {
            Who::Here(operator) => Ok(operator.queues(When::now())),
            Who::There(remote) => self.runtime.block_on(remote.get(&["v1", "queues"], &())),
        }
    }

    pub(super) fn numbers(&self) -> Result<Vec<Sequence>, CommandError> {
        match &self.who {
            Who::Here(operator) => Ok(operator.numbers()),
            Who::There(remote) => self.runtime.block_on(remote.get(&["v1", "numbers"], &())),
        }
    }

    pub(super) fn start_numbers(
        &self,
        partner: &PartnerId,
        kind: NumberKind,
        next: u32,
    ) -> Result<Sequence, CommandError> {
        match &self.who {
            Who::Here(operator) => {
                let started = operator.start_numbers(When::now(), partner, kind, next);
                here(self.runtime.block_on(started))
            }
            Who::There(remote) => self.runtime.block_on(remote.start_numbers(partner, kind, next)),
        }
    }

    /// Writes a part of a message to `out`.
    pub(super) fn part(
        &self,
        id: MessageId,
        name: &str,
        out: &mut impl Write,
    ) -> Result<(), CommandError> {
        match &self.who {
            Who::Here(operator) => {
                let (_, mut reader) = here(operator.part(id, name))?;
                io::copy(&mut reader, out).map(drop).map_err(|source| {
                    let source = Arc::new(source);
                    refused(&OperatorError::Broken { message: id, source })
                })
            }
            Who::There(remote) => {
                let id = id.to_string();
                self.runtime.block_on(remote.copy(&["v1", "messages", &id, "raw"], name, out))
            }
        }
    }
}

/// An error of the house as a command tells it.
pub(super) fn refused(error: &OperatorError) -> CommandError {
    CommandError::Wrong(error.told())
}

fn here<T>(answer: Result<T, OperatorError>) -> Result<T, CommandError> {
    answer.map_err(|error| refused(&error))
}

/// What reads messages again, by the rules of today. The rules are laid out when they are first asked
/// for: most commands never do.
struct Anew {
    common: Common,
    spool: Arc<Spool>,
    partners: Arc<Partners>,
    house: Mutex<Option<Arc<Gateway>>>,
}

impl Anew {
    fn house(&self) -> Result<Arc<Gateway>, CommandError> {
        let mut held = self.house.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(house) = &*held {
            return Ok(Arc::clone(house));
        }
        let library = Arc::new(engine::library(&self.common)?);
        let carriers = Carriers::new(Sender::new().map_err(engine::wrong)?);
        let (spool, partners) = (Arc::clone(&self.spool), Arc::clone(&self.partners));
        let house = Arc::new(Gateway::new(spool, partners, library, carriers, When::now));
        Ok(Arc::clone(held.insert(house)))
    }
}

impl Rereads for Anew {
    fn reread(&self, message: MessageId) -> Result<Reread, SpoolError> {
        let house = self.house();
        let house = house.map_err(|error| SpoolError::Unavailable { reason: error.to_string() })?;
        house.reread(message)
    }
}

/// What partners are called; where no file says who there are, each is called by its own name.
fn names(partners: Option<&Partners>) -> Names {
    let Some(partners) = partners else {
        return Arc::new(|partner| Some(partner.to_string()));
    };
    let titles = partners.iter().map(|one| (one.name.as_str().to_owned(), one.title.clone()));
    let titles: BTreeMap<String, String> = titles.collect();
    Arc::new(move |partner| titles.get(partner.as_str()).cloned())
}

/// Says what a start found, if it is worth knowing.
pub(super) fn note(common: &Common, recovery: &Recovery) {
    if recovery.cut > 0 {
        common.note(&format!("{} bytes of an unfinished write were cut off", recovery.cut));
    }
    if let Some(why) = &recovery.rebuilt {
        common.note(&format!("the index was built anew: {why}"));
    }
    for (from, to) in &recovery.gaps {
        let text = format!("positions {from} to {to} of the journal cannot be read");
        common.warning(&format!("{text}; run `wharf spool verify`"));
    }
}
