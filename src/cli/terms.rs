//! What all commands share: what they take, what they come to, why they cannot go on.

use super::paint;
use clap::Args;
use std::path::PathBuf;
use thiserror::Error;

/// What every command takes.
#[derive(Debug, Args)]
pub(super) struct Common {
    /// Print JSON, an object a line, instead of text
    #[arg(long, global = true)]
    pub(super) json: bool,
    /// Use the grammars in this folder (004010.sef …) in place of the built-in ones
    #[arg(long, global = true, value_name = "DIR", env = "WHARF_GRAMMARS")]
    pub(super) grammars: Option<PathBuf>,
}

/// What a command came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Outcome {
    /// All is well.
    Accepted,
    /// Something was rejected.
    Rejected,
    /// Something could not be read.
    Unreadable,
}

/// The name of what we print to, in errors.
const OUTPUT: &str = "standard output";

/// Why a command could not do what was asked.
#[derive(Debug, Error)]
pub(super) enum CommandError {
    /// A file or stream.
    #[error("{name}: {source}")]
    Io {
        /// Which.
        name: String,
        /// Why.
        source: std::io::Error,
    },
    /// A grammar, guide or map with faults, or an argument that makes no sense.
    #[error("{0}")]
    Wrong(String),
}

impl CommandError {
    pub(super) fn output(source: std::io::Error) -> Self {
        Self::Io { name: OUTPUT.to_owned(), source }
    }

    /// Whether reading `name` failed, so that other files can still be read.
    pub(super) fn is_of(&self, name: &str) -> bool {
        matches!(self, Self::Io { name: of, .. } if of == name)
    }

    pub(super) fn io(name: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        |source| Self::Io { name: name.into(), source }
    }
}

/// Says on standard error why something cannot be done.
pub(super) fn report(message: &str) {
    let head = paint::styled(paint::RED, "error");
    anstream::eprintln!("{head}: {}", paint::visible_lines(message));
}

/// Says on standard error what is worth knowing and no error.
pub(super) fn note(message: &str) {
    let head = paint::styled(paint::CYAN, "note");
    anstream::eprintln!("{head}: {}", paint::visible_lines(message));
}
