//! `wharf map`: whether the maps fit the grammars and the documents.

use super::engine;
use super::input::Source;
use super::maps;
use super::paint::{self, styled};
use super::terms::{CommandError, Common, Outcome};
use crate::map::{Map, MapFaults, MapSources};
use clap::{Args, Subcommand};
use serde_json::json;
use std::io::{self, Write};
use std::path::PathBuf;

/// Arguments of `wharf map`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  wharf map check\n  wharf map check acme-850.toml")]
pub(super) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Check maps: every fault with file, line and column
    #[command(after_help = "Examples:\n  wharf map check\n  wharf map check acme-850.toml\n  \
        wharf map check acme-850.toml --release 005010")]
    Check {
        /// Partners' maps; without any, the built-in ones are checked
        #[arg(value_name = "FILE.toml")]
        files: Vec<PathBuf>,
        /// The release to check against
        #[arg(long, default_value = "004010")]
        release: String,
    },
}

/// Checks.
pub(super) fn run(common: &Common, arguments: &Arguments) -> Result<Outcome, CommandError> {
    let Action::Check { files, release } = &arguments.action;
    let library = engine::library(common)?;
    let standard = library.standard(release).map_err(engine::wrong)?;
    let standard = standard.ok_or_else(|| engine::no_release(&library, release))?;
    let shipped = MapSources::shipped();
    let mut outcome = Outcome::Accepted;
    if files.is_empty() {
        for (set, document) in shipped.sets() {
            let Some(rules) = standard.sets.get(&set) else { continue };
            let checked = Map::compile(&shipped, rules).map(|_| ());
            outcome = outcome.max(tell(common, &format!("{set} {document}"), checked)?);
        }
    }
    let files = files.iter().cloned().map(Source::File).collect::<Vec<_>>();
    let partners = engine::each(common, &files, |source| {
        let name = source.name();
        let sources = shipped.clone().with_partner(name.clone(), maps::text(source)?);
        // Without a set the faults are the same for all; the order's are as good as any.
        let set = sources.partner_set().unwrap_or_else(|| "850".to_owned());
        let rules = standard
            .sets
            .get(&set)
            .ok_or_else(|| CommandError::Wrong(format!("{name}: {release} has no set `{set}`")))?;
        tell(common, &name, Map::check(&sources, rules).map(|_| ()))
    })?;
    Ok(outcome.max(partners))
}

fn tell(
    common: &Common,
    name: &str,
    checked: Result<(), MapFaults>,
) -> Result<Outcome, CommandError> {
    let mut out = anstream::AutoStream::auto(io::stdout().lock());
    let faults = checked.err().map_or_else(Vec::new, |faults| faults.0);
    let told = if common.json {
        let faults = faults.iter().map(ToString::to_string).collect::<Vec<_>>();
        writeln!(out, "{}", json!({ "map": name, "faults": faults }))
    } else if faults.is_empty() {
        writeln!(out, "{}: {name}", styled(paint::GREEN, "usable"))
    } else {
        let head = styled(paint::RED, "error");
        faults.iter().try_for_each(|fault| writeln!(out, "{head}: {fault}"))
    };
    told.map_err(CommandError::output)?;
    Ok(if faults.is_empty() { Outcome::Accepted } else { Outcome::Rejected })
}
