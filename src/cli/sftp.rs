//! `wharf sftp`: whether a partner's SFTP server can be reached, and what stands in the way.

use super::config::{self, FOLDER};
use super::paint::{self, styled, visible};
use super::terms::{CommandError, Common, Outcome};
use crate::transport::Blame;
use crate::transport::sftp::client::ping::{Tried, ping};
use clap::{Args, Subcommand};
use serde_json::json;
use std::io::{self, Write};
use std::path::PathBuf;

/// Arguments of `wharf sftp`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    action: Action,
    /// The folder of partners
    #[arg(long, global = true, value_name = "DIR", default_value = FOLDER, env = "WHARF_PARTNERS")]
    partners: PathBuf,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Try every step to a partner's server, and say who must change what
    #[command(after_help = "Examples:\n  wharf sftp ping acme-medical\n  \
        wharf sftp ping acme-medical --json | jq 'select(.good == false)'\n\n\
        Nothing of theirs is read or changed; an empty file of ours is written, renamed and deleted.")]
    Ping {
        /// The partner, as its file is called
        partner: String,
    },
}

/// Tries.
pub(super) fn run(common: &Common, arguments: &Arguments) -> Result<Outcome, CommandError> {
    let Action::Ping { partner: name } = &arguments.action;
    let partners = config::need(common, &arguments.partners)?;
    let Some(partner) = partners.partner(name) else {
        let names = partners.iter().map(|partner| partner.name.as_str()).collect::<Vec<_>>();
        let names = names.join(", ");
        return Err(CommandError::Wrong(format!(
            "there is no partner `{name}`; there are: {names}"
        )));
    };
    let remote = partner.wires.sftp.as_ref().and_then(|sftp| sftp.remote.as_ref());
    let remote = remote.ok_or_else(|| {
        CommandError::Wrong(format!(
            "the file of {name} has no [sftp.remote], which says where their server is"
        ))
    })?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(CommandError::io("the runtime"))?;
    let tried = runtime.block_on(ping(remote));
    let mut out = anstream::AutoStream::auto(io::stdout().lock());
    print(common, &tried, &mut out).map_err(CommandError::output)?;
    let fails = tried.iter().any(|one| one.good == Some(false));
    Ok(if fails { Outcome::Rejected } else { Outcome::Accepted })
}

fn print(common: &Common, tried: &[Tried], out: &mut impl Write) -> io::Result<()> {
    let width = tried.iter().map(|one| one.step.chars().count()).max().unwrap_or(0);
    for one in tried {
        if common.json {
            writeln!(out, "{}", json!(one))?;
            continue;
        }
        let mark = match one.good {
            Some(true) => styled(paint::GREEN, "good"),
            Some(false) => styled(paint::RED, "bad "),
            None => styled(paint::CYAN, "?   "),
        };
        let (step, detail) = (visible(&one.step), visible(&one.detail));
        writeln!(out, "{mark}  {step:width$}  {detail}")?;
        let who = match one.blame {
            Some(Blame::Partner) => "their move",
            Some(Blame::Us) => "our move",
            Some(Blame::Weather) => "try again later",
            None => continue,
        };
        writeln!(out, "      {:width$}  {}", "", styled(paint::DIM, who))?;
    }
    Ok(())
}
