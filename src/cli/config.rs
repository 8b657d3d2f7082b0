//! `wharf config`: whether the files that say who we and our partners are can be used.

use super::engine;
use super::paint::{self, styled};
use super::terms::{CommandError, Common, Outcome};
use crate::partner::{Disk, Faults, Partners, Shelf};
use clap::{Args, Subcommand};
use serde_json::json;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Arguments of `wharf config`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Check every partner's file, with guides and maps: every fault with file, line and column
    #[command(
        after_help = "Examples:\n  wharf config check\n  wharf config check /etc/wharf/partners\n  \
        wharf config check --json | jq -r .message"
    )]
    Check {
        /// The folder of partners
        #[arg(value_name = "DIR", default_value = FOLDER, env = "WHARF_PARTNERS")]
        folder: PathBuf,
    },
}

/// Where partners are looked for.
pub(super) const FOLDER: &str = "partners";

/// Checks.
pub(super) fn run(common: &Common, arguments: &Arguments) -> Result<Outcome, CommandError> {
    let Action::Check { folder } = &arguments.action;
    let mut out = anstream::AutoStream::auto(io::stdout().lock());
    let loaded = load(common, folder)?;
    check(common, folder, loaded.as_ref(), &mut out).map_err(CommandError::output)
}

/// Reads a folder of partners.
pub(super) fn load(
    common: &Common,
    folder: &Path,
) -> Result<Result<Partners, Faults>, CommandError> {
    let library = engine::library(common)?;
    Ok(Partners::load(&Disk::new(folder, &variable), &Shelf::new(&library)))
}

/// The same for a command that needs it without fault.
pub(super) fn need(common: &Common, folder: &Path) -> Result<Partners, CommandError> {
    load(common, folder)?.map_err(|faults| CommandError::Wrong(faults.to_string()))
}

#[expect(clippy::disallowed_methods, reason = "the environment of this process is asked here")]
pub(super) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

fn check(
    common: &Common,
    folder: &Path,
    loaded: Result<&Partners, &Faults>,
    out: &mut impl Write,
) -> io::Result<Outcome> {
    let folder = folder.display().to_string();
    match loaded {
        Ok(partners) => {
            let count = partners.iter().count();
            if common.json {
                writeln!(
                    out,
                    "{}",
                    json!({ "folder": folder, "usable": true, "partners": count })
                )?;
            } else {
                let usable = styled(paint::GREEN, "usable");
                let name = paint::visible(&partners.us().title);
                let s = if count == 1 { "" } else { "s" };
                writeln!(out, "{usable}: {folder}: {name} and {count} partner{s}")?;
            }
            Ok(Outcome::Accepted)
        }
        Err(Faults(faults)) => {
            for fault in faults {
                if common.json {
                    let message = fault.kind.to_string();
                    let (file, line, column) = (&fault.file, fault.line, fault.column);
                    let all =
                        json!({ "file": file, "line": line, "column": column, "message": message });
                    writeln!(out, "{all}")?;
                } else {
                    let fault = paint::visible(&fault.to_string());
                    writeln!(out, "{}: {fault}", styled(paint::RED, "error"))?;
                }
            }
            Ok(Outcome::Rejected)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn common(json: bool) -> Common {
        Common { json, grammars: None }
    }

    fn checked(folder: &Path, json: bool) -> (Outcome, String) {
        let (common, mut out) = (common(json), Vec::new());
        let loaded = load(&common, folder).unwrap();
        let outcome = check(&common, Path::new("partners"), loaded.as_ref(), &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        (outcome, text.replace(&folder.display().to_string(), "partners"))
    }

    #[test]
    fn the_samples_are_usable() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("partners");
        let (outcome, text) = checked(&folder, true);
        assert_eq!(outcome, Outcome::Accepted);
        assert_eq!(text, "{\"folder\":\"partners\",\"usable\":true,\"partners\":2}\n");
    }

    #[test]
    fn every_fault_of_every_file_is_printed() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("us.toml"), "titel = 'Us'\n").unwrap();
        let faults = [
            "partners/us.toml:1:1: `title` is missing here",
            "partners/us.toml:1:1: `[[identities]]` is missing here",
            "partners/us.toml:1:1: `titel` means nothing here; did you mean `title`?",
        ];
        let (outcome, text) = checked(folder.path(), false);
        assert_eq!(outcome, Outcome::Rejected);
        let plain = anstream::adapter::strip_str(&text).to_string();
        assert_eq!(plain, faults.map(|fault| format!("error: {fault}\n")).concat());
        let (_, text) = checked(folder.path(), true);
        assert!(text.starts_with(
            "{\"file\":\"partners/us.toml\",\"line\":1,\"column\":1,\"message\":\"`title` is missing here\"}\n"
        ));
    }
}
