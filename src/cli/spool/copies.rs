//! Copies of the spool: taken while it is in use, and put back in its place.

use super::super::paint::{self, styled};
use super::super::terms::{CommandError, Common, Outcome};
use super::ask::When;
use super::reach::{Place, note, refused};
use crate::spool::{Backup, Horizon, NumberKind, Restored, Settings, Spool, SpoolError};
use serde_json::json;
use std::io::{self, Write};
use std::path::Path;
use tokio::runtime::Builder;

/// Copies the spool.
pub(super) fn backup(common: &Common, place: &Place, to: &Path) -> Result<Outcome, CommandError> {
    let (folder, _) = place.find(common)?;
    let backup = crate::spool::backup(&folder, to).map_err(|error| refused(&error.into()))?;
    let mut out = anstream::AutoStream::auto(io::stdout().lock());
    let Backup { segments, bodies, bytes } = backup;
    let printed = if common.json {
        let folder = to.display().to_string();
        let all =
            json!({ "folder": folder, "segments": segments, "bodies": bodies, "bytes": bytes });
        writeln!(out, "{all}")
    } else {
        let word = styled(paint::GREEN, "copied");
        writeln!(
            out,
            "{word}: {segments} files of the journal and {bodies} of bodies, {bytes} bytes, in {}",
            to.display()
        )
    };
    printed.map_err(CommandError::output)?;
    Ok(Outcome::Accepted)
}

/// Makes a spool safe that was restored from an older copy.
pub(super) fn restored(
    common: &Common,
    place: &Place,
    margin: u32,
) -> Result<Outcome, CommandError> {
    let (folder, _) = place.find(common)?;
    let now = When::now();
    let told = |error: SpoolError| refused(&error.into());
    let noted = Horizon::of(&folder).map_err(told)?;
    let (spool, recovery) = Spool::open(&folder, Settings::default(), now).map_err(told)?;
    note(common, &recovery);
    let runtime = Builder::new_current_thread().build().map_err(CommandError::io("the runtime"))?;
    let restored = runtime.block_on(spool.restored(now, noted.as_ref(), margin)).map_err(told)?;
    spool.horizon(now.at).note(&folder).map_err(told)?;
    spool.close().map_err(told)?;
    let mut out = anstream::AutoStream::auto(io::stdout().lock());
    let printed =
        if common.json { writeln!(out, "{}", json!(restored)) } else { print(&restored, &mut out) };
    printed.map_err(CommandError::output)?;
    Ok(Outcome::Accepted)
}

fn print(restored: &Restored, out: &mut impl Write) -> io::Result<()> {
    let Restored { from, until, numbers, unsure } = restored;
    let minute = |at: &Option<jiff::Timestamp>| {
        at.map_or_else(
            || "an unknown time".to_owned(),
            |at| at.strftime("%F %H:%M UTC").to_string(),
        )
    };
    writeln!(out, "{}: wharf can serve it again", styled(paint::GREEN, "safe"))?;
    writeln!(out, "What happened from {} to {} is not in it:", minute(from), minute(until))?;
    writeln!(
        out,
        "  partners   ask them to send again what they sent since; what is here already"
    )?;
    writeln!(out, "             gets the answer of then, and no second event")?;
    writeln!(
        out,
        "  the ERP    have it post again what it posted since, under the same keys; events"
    )?;
    writeln!(out, "             that it knows are told again under the ids of then")?;
    for (partner, kind, last, next) in numbers {
        let kind = match kind {
            NumberKind::Interchange => "interchange (ISA13)",
            NumberKind::Group => "group (GS06)",
            NumberKind::Set => "set (ST02)",
        };
        writeln!(out, "  {partner}  {kind}  the copy ends at {last:09}, the next is {next:09}")?;
    }
    if !unsure.is_empty() {
        writeln!(out, "These wait to be sent, and may have been sent before; look at each, and")?;
        writeln!(out, "`wharf spool discard` what the partner has:")?;
    }
    for message in unsure {
        writeln!(out, "  {}  {}  {}", message.id, message.partner, message.state)?;
    }
    Ok(())
}
