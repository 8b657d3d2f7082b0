//! `wharf spool`: what is kept, where it stands, and what a person may do about it.

mod ask;
mod copies;
mod evidence;
mod export;
mod print;
mod reach;
mod remote;
mod whole;

use super::terms::{CommandError, Common, Outcome};
use crate::gateway::operator::{Queues, Replay};
use crate::message::{MessageId, PartnerId};
use crate::spool::{NumberKind, Retirement};
use ask::{Hands, When, Which};
use clap::{Args, Subcommand};
use export::export;
use print::Printer;
use reach::{Counter, Place};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Arguments of `wharf spool`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    action: Action,
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List messages, newest first
    #[command(after_help = "Examples:\n  wharf spool list\n  wharf spool list --state dead\n  \
        wharf spool list --partner acme-medical --since 2d --set 855\n  \
        wharf spool list --json | jq -r .id")]
    List {
        #[command(flatten)]
        which: Which,
        /// How many
        #[arg(long, value_name = "N", default_value_t = 50)]
        limit: usize,
        /// Go on where a list ended
        #[arg(long, value_name = "PLACE")]
        before: Option<crate::spool::Cursor>,
    },
    /// Show everything about a message, or its bytes
    #[command(
        after_help = "Examples:\n  wharf spool show ID\n  wharf spool show ID --raw > it.edi\n  \
        wharf spool show ID --raw --part kept-1"
    )]
    Show {
        /// The message
        #[arg(value_parser = ask::id)]
        id: MessageId,
        /// Print its bytes, as they are
        #[arg(long)]
        raw: bool,
        /// Which of its bytes, as `show` names them
        #[arg(long, value_name = "NAME", default_value = "body", requires = "raw")]
        part: String,
    },
    /// Tell everything about an order, invoice, shipment, control number, file name or Message-ID
    #[command(after_help = "Example:\n  wharf spool trace 4501-77281")]
    Trace {
        /// The reference
        reference: String,
    },
    /// Send a dead letter on its way again
    #[command(after_help = "Example:\n  wharf spool retry ID --why \"their server is back\"")]
    Retry {
        /// The message
        #[arg(value_parser = ask::id)]
        id: MessageId,
        #[command(flatten)]
        hands: Hands,
    },
    /// Let a message out of quarantine
    #[command(
        after_help = "Example:\n  wharf spool release ID --why \"acme confirmed it by phone\""
    )]
    Release {
        /// The message
        #[arg(value_parser = ask::id)]
        id: MessageId,
        #[command(flatten)]
        hands: Hands,
    },
    /// Give a message up for good
    #[command(after_help = "Example:\n  wharf spool discard ID --why \"a test that went astray\"")]
    Discard {
        /// The message
        #[arg(value_parser = ask::id)]
        id: MessageId,
        #[command(flatten)]
        hands: Hands,
    },
    /// Have messages done again: read again, or sent again
    #[command(after_help = "Examples:\n  \
        wharf spool replay --partner acme-medical --since 2d --set 810 --why \"ERP restored\" --dry-run\n  \
        wharf spool replay --id ID --why \"the map was wrong\"\n\n\
        Events keep their ids, so that the ERP knows them again. No acknowledgment is sent again\n\
        unless --answers says so.")]
    Replay {
        #[command(flatten)]
        which: Which,
        /// This message; may be given more than once
        #[arg(long = "id", value_name = "ID", value_parser = ask::id)]
        ids: Vec<MessageId>,
        /// Only show what would be done
        #[arg(long)]
        dry_run: bool,
        /// Send acknowledgments again too
        #[arg(long)]
        answers: bool,
        #[command(flatten)]
        hands: Hands,
    },
    /// Read everything, and compare it with its checksums; a server may be running
    #[command(after_help = "Example:\n  wharf spool verify")]
    Verify,
    /// Build the index anew from the journal; no server may be running
    #[command(after_help = "Example:\n  wharf spool rebuild")]
    Rebuild,
    /// Take away what is old and done with, a file of the journal at a time; no server may be running
    #[command(after_help = "Examples:\n  wharf spool retire --older 800 --dry-run\n  \
        wharf spool retire --older 800 --archive /mnt/archive/wharf\n\n\
        Nothing goes that is open, that a subscriber has yet to read, or that is younger than\n\
        repetitions are known (400 days). A server does it by itself each day if [spool] in us.toml\n\
        says keep = \"800d\"; without that everything is kept.")]
    Retire {
        /// For how many days things are kept
        #[arg(long, value_name = "DAYS")]
        #[arg(value_parser = clap::value_parser!(u32).range(400..=36_500))]
        older: u32,
        /// Where it is copied before, as a spool of its own
        #[arg(long, value_name = "DIR")]
        archive: Option<PathBuf>,
        /// Only say what would go
        #[arg(long)]
        dry_run: bool,
    },
    /// Copy the spool into a folder from which it can be restored; a server may be running
    #[command(after_help = "Example:\n  wharf spool backup /mnt/backup/wharf\n\n\
        Into the same folder again it copies only what is new. To restore: stop the server, put the\n\
        folder in the place of the spool, and run `wharf spool restored`.")]
    Backup {
        /// The folder
        #[arg(value_name = "DIR")]
        folder: PathBuf,
    },
    /// Make a spool safe that was restored from an older copy; no server may be running
    #[command(after_help = "Example:\n  wharf spool restored\n\n\
        Control numbers go on far behind all that may have been used since the copy was taken; it is\n\
        said what is lost to the copy, and who has to send again.")]
    Restored {
        /// How many control numbers of each sequence are left out
        #[arg(long, value_name = "COUNT", default_value_t = 100_000)]
        #[arg(value_parser = clap::value_parser!(u32).range(1..=100_000_000))]
        margin: u32,
    },
    /// Write a message with everything that was kept of it into a new folder
    #[command(after_help = "Example:\n  wharf spool export ID /tmp\n\n\
        What came or went over AS2 comes with a README.txt that says how `openssl` alone verifies it.")]
    Export {
        /// The message
        #[arg(value_parser = ask::id)]
        id: MessageId,
        /// Where the new folder, named by the id, is made
        #[arg(value_name = "DIR", default_value = ".")]
        folder: PathBuf,
    },
    /// List control numbers, or say which is next
    #[command(after_help = "Examples:\n  wharf spool numbers\n  \
        wharf spool numbers acme-medical --kind interchange --next 5001")]
    Numbers {
        /// Only this partner's
        #[arg(value_parser = ask::partner)]
        partner: Option<PartnerId>,
        /// What is numbered: interchange, group or set
        #[arg(long, value_parser = ask::number_kind, requires_all = ["partner", "next"])]
        kind: Option<NumberKind>,
        /// The number that the next one gets
        #[arg(long, value_name = "N", requires_all = ["partner", "kind"])]
        next: Option<u32>,
    },
}

/// Arguments of `wharf trace`.
#[derive(Debug, Args)]
pub(super) struct TraceArguments {
    /// The order, invoice, shipment, lot, control number, file name, Message-ID or message id
    reference: String,
    #[command(flatten)]
    place: Place,
}

/// Tells a story.
pub(super) fn trace(common: &Common, arguments: &TraceArguments) -> Result<Outcome, CommandError> {
    tell(common, &arguments.place, &arguments.reference)
}

/// How much there is to do, if the partners of a folder have a spool already.
pub(super) fn queues(common: &Common, partners: &Path) -> Result<Option<Queues>, CommandError> {
    let place = Place::of(partners);
    if !place.is_there(common)? {
        return Ok(None);
    }
    Counter::at(common, &place, Counter::queues).map(Some)
}

fn tell(common: &Common, place: &Place, reference: &str) -> Result<Outcome, CommandError> {
    let story = Counter::at(common, place, |counter| counter.trace(reference))?;
    Printer::new(common).story(&story).map_err(CommandError::output)?;
    Ok(Outcome::Accepted)
}

/// Does what is asked.
pub(super) fn run(common: &Common, arguments: &Arguments) -> Result<Outcome, CommandError> {
    let place = &arguments.place;
    let mut out = Printer::new(common);
    let printed = match &arguments.action {
        Action::List { which, limit, before } => {
            let mut ask = which.ask(When::now())?;
            (ask.most, ask.before) = (Some(*limit), *before);
            let listing = Counter::at(common, place, |counter| counter.list(&ask))?;
            out.listing(&listing)
        }
        Action::Show { id, raw: true, part, .. } => {
            return Counter::at(common, place, |counter| print::raw(counter, *id, part));
        }
        Action::Show { id, .. } => {
            out.card(&Counter::at(common, place, |counter| counter.show(*id))?)
        }
        Action::Trace { reference } => return tell(common, place, reference),
        Action::Retry { id, hands } => {
            out.done(&Counter::at(common, place, |c| c.act(*id, "retry", hands.hand()))?)
        }
        Action::Release { id, hands } => {
            out.done(&Counter::at(common, place, |c| c.act(*id, "release", hands.hand()))?)
        }
        Action::Discard { id, hands } => {
            out.done(&Counter::at(common, place, |c| c.act(*id, "discard", hands.hand()))?)
        }
        Action::Replay { which, ids, dry_run, answers, hands } => {
            let hand = hands.hand();
            let replay = Replay {
                which: which.ask(When::now())?,
                ids: ids.clone(),
                dry_run: *dry_run,
                answers: *answers,
                by: hand.by,
                why: hand.why,
            };
            out.replayed(&Counter::at(common, place, |counter| counter.replay(&replay))?)
        }
        Action::Verify => return whole::verify(common, place),
        Action::Rebuild => return whole::rebuild(common, place),
        Action::Retire { older, archive, dry_run } => {
            let older = Duration::from_secs(u64::from(*older) * 86_400);
            let what = Retirement { older, archive: archive.clone() };
            return whole::retire(common, place, &what, *dry_run);
        }
        Action::Backup { folder } => return copies::backup(common, place, folder),
        Action::Restored { margin } => return copies::restored(common, place, *margin),
        Action::Export { id, folder } => {
            let path = Counter::at(common, place, |counter| export(counter, *id, folder))?;
            out.exported(*id, &path)
        }
        Action::Numbers { partner, kind, next } => {
            let start = partner.as_ref().zip(*kind).zip(*next);
            let mut numbers = match start {
                Some(((partner, kind), next)) => {
                    vec![Counter::at(common, place, |c| c.start_numbers(partner, kind, next))?]
                }
                None => Counter::at(common, place, Counter::numbers)?,
            };
            numbers.retain(|one| partner.as_ref().is_none_or(|partner| one.partner == *partner));
            out.numbers(&numbers)
        }
    };
    printed.map_err(CommandError::output)?;
    Ok(Outcome::Accepted)
}
