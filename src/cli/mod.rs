//! The commands of `wharf`: what they are called, what they take, what they print.
//!
//! The only room that prints, opens files by name, and asks the clock. Every command exits with 0
//! when all is accepted, 1 when something is rejected, 2 when something cannot be read or was asked
//! for wrongly; every command has `--json`.

mod ack;
mod as2;
mod cert;
mod check;
mod config;
mod engine;
mod explain;
mod grammar;
mod input;
mod map;
mod maps;
mod paint;
mod partner;
mod schema;
mod serve;
mod spool;
mod terms;
mod translate;
mod write;

use clap::error::ErrorKind;
use clap::{Parser, Subcommand};
use std::process::ExitCode;
use terms::{CommandError, Common, Outcome};

/// Reads, checks, acknowledges, translates and writes X12 interchanges
#[derive(Debug, Parser)]
#[command(name = "wharf", version, max_term_width = 100, arg_required_else_help = true)]
#[command(after_help = "Examples:\n  wharf check theirs.edi\n  wharf explain theirs.edi\n  \
    wharf ack theirs.edi --newlines\n  wharf translate --pretty order.edi > order.json\n  \
    wharf write order.json --from ZZ:MERCY --to 08:MEDSUPPLY\n\n\
    Exit codes: 0 accepted, 1 rejected, 2 cannot be read or wrong usage")]
pub struct Command {
    #[command(subcommand)]
    action: Action,
    #[command(flatten)]
    common: Common,
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
    /// Check the files that say who we and our partners are
    Config(config::Arguments),
    /// List, show and add partners
    Partner(partner::Arguments),
    /// Try a partner's AS2 out, or take a captured message or receipt apart
    As2(as2::Arguments),
    /// Make, take in, give out, replace and check keys and certificates
    Cert(cert::Arguments),
    /// Run the gateway: partners and the ERP exchange documents through it
    Serve(serve::Arguments),
    /// Look at what is kept, and act on what waits for a person
    #[command(
        after_help = "Examples:\n  wharf spool list --state dead\n  wharf spool retry ID --why \"their server is back\"\n\n\
        If a server holds the spool, it is asked through its operator's listener."
    )]
    Spool(spool::Arguments),
    /// Tell everything about an order, invoice, shipment, control number, file name or Message-ID
    #[command(
        after_help = "Examples:\n  wharf trace 4501-77281\n  wharf trace 000000905 --json | jq .closing"
    )]
    Trace(spool::TraceArguments),
}

/// Runs the command that the arguments of this process name.
pub fn run() -> ExitCode {
    let command = match Command::try_parse() {
        Ok(command) => command,
        Err(error) => return misused(&error),
    };
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
        Action::Config(arguments) => config::run(common, arguments),
        Action::Partner(arguments) => partner::run(common, arguments),
        Action::As2(arguments) => as2::run(common, arguments),
        Action::Cert(arguments) => cert::run(common, arguments),
        Action::Serve(arguments) => serve::run(common, arguments),
        Action::Spool(arguments) => spool::run(common, arguments),
        Action::Trace(arguments) => spool::trace(common, arguments),
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
            common.report(&error.to_string());
            ExitCode::from(2)
        }
    }
}

/// Says what is wrong with the arguments, or shows the help that they ask for.
fn misused(error: &clap::Error) -> ExitCode {
    let asked_for = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
    let as_json = !asked_for && std::env::args_os().any(|argument| argument == "--json");
    if as_json {
        let text = error.render().to_string();
        let text = text.split("\n\n").next().unwrap_or_default();
        terms::report(true, text.strip_prefix("error: ").unwrap_or(text));
    } else if let Err(closed) = error.print() {
        // Nobody reads what we print: the exit code says the rest.
        drop(closed);
    }
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
}
