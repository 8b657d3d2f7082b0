//! What is done to the spool as a whole: verified, rebuilt.

use super::super::paint::{self, styled};
use super::super::terms::{CommandError, Common, Outcome};
use super::ask::When;
use super::reach::{Place, note, refused};
use crate::spool::{Settings, Spool, Verified};
use serde_json::json;
use std::io::{self, Write};

/// Reads everything, and says what is not as it was written.
pub(super) fn verify(common: &Common, place: &Place) -> Result<Outcome, CommandError> {
    let (folder, _) = place.find(common)?;
    let verified = crate::spool::verify(&folder).map_err(|error| refused(&error.into()))?;
    let mut out = anstream::AutoStream::auto(io::stdout().lock());
    tell(common, &verified, &mut out).map_err(CommandError::output)?;
    Ok(if verified.faults.is_empty() { Outcome::Accepted } else { Outcome::Rejected })
}

fn tell(common: &Common, verified: &Verified, out: &mut impl Write) -> io::Result<()> {
    let Verified { records, bytes, bodies, faults } = verified;
    if common.json {
        let faults = faults.iter().map(ToString::to_string).collect::<Vec<_>>();
        let all = json!({ "records": records, "bytes": bytes, "bodies": bodies, "faults": faults });
        return writeln!(out, "{all}");
    }
    for fault in faults {
        writeln!(out, "{}: {fault}", styled(paint::RED, "error"))?;
    }
    let (word, style) =
        if faults.is_empty() { ("whole", paint::GREEN) } else { ("damaged", paint::RED) };
    writeln!(out, "{}: {records} records, {bodies} bodies, {bytes} bytes", styled(style, word))
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
