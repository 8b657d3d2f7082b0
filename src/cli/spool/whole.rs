//! What is done to the spool as a whole: verified, rebuilt.

use super::super::paint::{self, styled};
use super::super::terms::{CommandError, Common, Outcome};
use super::ask::When;
use super::reach::{Place, note, refused};
use crate::spool::{Gone, Retired, Retirement, Settings, Spool, Verified};
use serde_json::json;
use std::io::{self, Write};
use tokio::runtime::Builder;

/// Reads everything, and says what is not as it was written.
pub(super) fn verify(common: &Common, place: &Place) -> Result<Outcome, CommandError> {
    let (folder, _) = place.find(common)?;
    let verified = crate::spool::verify(&folder).map_err(|error| refused(&error.into()))?;
    let mut out = anstream::AutoStream::auto(io::stdout().lock());
    tell(common, &verified, &mut out).map_err(CommandError::output)?;
    Ok(if verified.faults.is_empty() { Outcome::Accepted } else { Outcome::Rejected })
}

fn tell(common: &Common, verified: &Verified, out: &mut impl Write) -> io::Result<()> {
    let Verified { records, bytes, bodies, gone, faults } = verified;
    if common.json {
        let faults = faults.iter().map(ToString::to_string).collect::<Vec<_>>();
        let gone = gone.as_ref().map(|gone| {
            json!({
                "before": gone.before, "at": gone.at, "messages": gone.messages,
                "archive": gone.archive,
            })
        });
        let all = json!({
            "records": records, "bytes": bytes, "bodies": bodies, "gone": gone, "faults": faults,
        });
        return writeln!(out, "{all}");
    }
    for fault in faults {
        writeln!(out, "{}: {fault}", styled(paint::RED, "error"))?;
    }
    if let Some(Gone { before, at, messages, archive }) = gone {
        let day = at.strftime("%Y-%m-%d");
        let copied = archive.as_ref().map(|folder| format!(", copied to {folder}"));
        let copied = copied.unwrap_or_default();
        writeln!(
            out,
            "taken away on purpose: all before position {before}; {messages} messages on {day}{copied}"
        )?;
    }
    let (word, style) =
        if faults.is_empty() { ("whole", paint::GREEN) } else { ("damaged", paint::RED) };
    writeln!(out, "{}: {records} records, {bodies} bodies, {bytes} bytes", styled(style, word))
}

/// Takes away what is old, or says what would go.
pub(super) fn retire(
    common: &Common,
    place: &Place,
    what: &Retirement,
    dry_run: bool,
) -> Result<Outcome, CommandError> {
    let (folder, _) = place.find(common)?;
    let now = When::now();
    let opened = Spool::open(&folder, Settings::default(), now);
    let (spool, recovery) = opened.map_err(|error| refused(&error.into()))?;
    note(common, &recovery);
    let retired = if dry_run {
        spool.would_retire(now, what)
    } else {
        let runtime = Builder::new_current_thread().build();
        runtime.map_err(CommandError::io("the runtime"))?.block_on(spool.retire(now, what))
    };
    let retired = retired.map_err(|error| refused(&error.into()))?;
    spool.close().map_err(|error| refused(&error.into()))?;
    let mut out = anstream::AutoStream::auto(io::stdout().lock());
    let Retired { before, segments, bytes, messages, bodies, held_back } = retired;
    let printed = if common.json {
        let all = json!({
            "dry_run": dry_run, "before": before, "segments": segments, "bytes": bytes,
            "messages": messages, "bodies": bodies, "held_back": held_back,
        });
        writeln!(out, "{all}")
    } else {
        let word = if dry_run { "would go" } else { "gone" };
        writeln!(
            out,
            "{}: {messages} messages in {segments} files of the journal and {bodies} of bodies, \
             {bytes} bytes\nno more, because {held_back}",
            styled(paint::GREEN, word)
        )
    };
    printed.map_err(CommandError::output)?;
    Ok(Outcome::Accepted)
}

/// Builds the index anew.
pub(super) fn rebuild(common: &Common, place: &Place) -> Result<Outcome, CommandError> {
    let (folder, _) = place.find(common)?;
    let opened = Spool::rebuild(&folder, Settings::default(), When::now());
    let (spool, recovery) = opened.map_err(|error| refused(&error.into()))?;
    spool.close().map_err(|error| refused(&error.into()))?;
    let (records, unread) = (recovery.replayed, recovery.gaps.len());
    let mut told = recovery;
    told.rebuilt = None;
    note(common, &told);
    let mut out = anstream::AutoStream::auto(io::stdout().lock());
    let printed = if common.json {
        writeln!(out, "{}", json!({ "records": records, "unreadable": unread }))
    } else {
        writeln!(out, "{}: {records} records read", styled(paint::GREEN, "rebuilt"))
    };
    printed.map_err(CommandError::output)?;
    Ok(if unread == 0 { Outcome::Accepted } else { Outcome::Rejected })
}
