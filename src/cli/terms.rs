//! What all commands share: what they take, what they come to, why they cannot go on.

use super::paint;
use anstyle::Style;
use clap::Args;
use serde_json::json;
use std::io::{ErrorKind, Write};
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
    #[error("{name}: {}", why(source))]
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

/// Our words for the common reasons, without the number that the system gives them.
fn why(source: &std::io::Error) -> String {
    let kind = source.kind();
    let words = [
        (ErrorKind::NotFound, "there is no such file or folder"),
        (ErrorKind::PermissionDenied, "there is no permission for this"),
        (ErrorKind::IsADirectory, "this is a folder, and a file is needed"),
    ];
    let ours = words.iter().find(|(of, _)| *of == kind);
    ours.map_or_else(|| source.to_string(), |(_, words)| (*words).to_owned())
}

impl Common {
    /// Says on standard error why something cannot be done.
    pub(super) fn report(&self, message: &str) {
        report(self.json, message);
    }

    /// Says on standard error what is worth knowing and no error.
    pub(super) fn note(&self, message: &str) {
        say(self.json, "note", paint::CYAN, message);
    }

    /// Says what is doubtful.
    pub(super) fn warning(&self, message: &str) {
        say(self.json, "warning", paint::CYAN, message);
    }
}

/// Says on standard error why something cannot be done.
pub(super) fn report(as_json: bool, message: &str) {
    say(as_json, "error", paint::RED, message);
}

/// Most lines of one message; whoever needs all faults of a grammar has `wharf grammar check`.
const LINES: usize = 12;

fn say(as_json: bool, head: &str, style: Style, message: &str) {
    let mut out = anstream::stderr().lock();
    let told = if as_json {
        writeln!(out, "{}", json!({ head: message }))
    } else {
        let head = paint::styled(style, head);
        let mut lines = message.lines();
        let mut shown = lines.by_ref().take(LINES);
        let told = shown.try_for_each(|line| writeln!(out, "{head}: {}", paint::visible(line)));
        let more = lines.count();
        told.and_then(|()| if more > 0 { writeln!(out, "{head}: and {more} more") } else { Ok(()) })
    };
    // Where nobody listens there is nobody to tell.
    drop(told);
}
