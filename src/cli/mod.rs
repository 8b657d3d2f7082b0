//! The commands of `wharf`: what they are called, what they take, what they print.
//!
//! The only room that prints, opens files by name, and asks the clock. Every command exits with 0
//! when all is accepted, 1 when something is rejected, 2 when something cannot be read or was asked
//! for wrongly; every command has `--json`.

mod ack;
mod check;
mod engine;
mod explain;
mod grammar;
mod input;
mod map;
mod maps;
mod paint;
mod schema;
mod translate;
mod write;

use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;
use thiserror::Error;

/// X12 read, checked, acknowledged, translated and written.
#[derive(Debug, Parser)]
#[command(name = "wharf", version, about, max_term_width = 100, arg_required_else_help = true)]
#[command(after_help = "Examples:\n  wharf check theirs.edi\n  wharf explain theirs.edi\n  \
    wharf translate order.edi\n  wharf write order.json --release 004010\n\n\
    Exit codes: 0 accepted, 1 rejected, 2 cannot be read or wrong usage")]
pub struct Command {
    #[command(subcommand)]
    action: Action,
    #[command(flatten)]
    common: Common,
}

/// What every command takes.
#[derive(Debug, Args)]
struct Common {
    /// Print JSON, an object a line, instead of text
    #[arg(long, global = true)]
    json: bool,
    /// Use the grammars in this folder (004010.sef …) in place of the built-in ones
    #[arg(long, global = true, value_name = "DIR", env = "WHARF_GRAMMARS")]
    grammars: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Check interchanges against the standard and guides, and say what is wrong in words
    Check(check::Arguments),
    /// Show an interchange as a tree, with the names of its segments, elements and codes
    Explain(explain::Arguments),
    /// Write the TA1 and 997 or 999 that answer an interchange, or read such an answer
    Ack(ack::Arguments),
    /// Turn orders, acknowledgments, ship notices and invoices into JSON documents
    Translate(translate::Arguments),
    /// Turn JSON documents into an interchange
    Write(write::Arguments),
    /// Print the JSON Schema of a document
    Schema(schema::Arguments),
    /// List, check and show grammars
    Grammar(grammar::Arguments),
    /// Check the maps between transaction sets and documents
    Map(map::Arguments),
}

/// What a command came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
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
pub enum CommandError {
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
    fn output(source: std::io::Error) -> Self {
        Self::Io { name: OUTPUT.to_owned(), source }
    }

    /// Whether reading `name` failed, so that other files can still be read.
    fn is_of(&self, name: &str) -> bool {
        matches!(self, Self::Io { name: of, .. } if of == name)
    }

    fn io(name: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        |source| Self::Io { name: name.into(), source }
    }
}

/// Runs the command that the arguments of this process name.
pub fn run() -> ExitCode {
    let command = Command::parse();
    let common = &command.common;
    let outcome = match &command.action {
        Action::Check(arguments) => check::run(common, arguments),
        Action::Explain(arguments) => explain::run(common, arguments),
        Action::Ack(arguments) => ack::run(common, arguments),
        Action::Translate(arguments) => translate::run(common, arguments),
        Action::Write(arguments) => write::run(common, arguments),
        Action::Schema(arguments) => schema::run(common, arguments),
        Action::Grammar(arguments) => grammar::run(common, arguments),
        Action::Map(arguments) => map::run(common, arguments),
    };
    match outcome {
        Ok(Outcome::Accepted) => ExitCode::SUCCESS,
        Ok(Outcome::Rejected) => ExitCode::from(1),
        Ok(Outcome::Unreadable) => ExitCode::from(2),
        // Whoever read our output has seen enough: `wharf explain big.edi | head`.
        Err(CommandError::Io { source, .. }) if source.kind() == std::io::ErrorKind::BrokenPipe => {
            ExitCode::SUCCESS
        }
        Err(error) => {
            report(&error.to_string());
            ExitCode::from(2)
        }
    }
}

/// Says on standard error why something cannot be done.
fn report(message: &str) {
    let head = paint::styled(paint::RED, "error");
    anstream::eprintln!("{head}: {}", paint::visible_lines(message));
}

/// Says on standard error what is worth knowing and no error.
fn note(message: &str) {
    let head = paint::styled(paint::CYAN, "note");
    anstream::eprintln!("{head}: {}", paint::visible_lines(message));
}
