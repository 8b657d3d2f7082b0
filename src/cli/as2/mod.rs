//! `wharf as2`: a partner's AS2 tried out, and captured messages taken apart.
//!
//! Invariants: no key is printed; no content is printed unless it is asked for; a test message is no
//! business document.

pub(super) mod capture;
mod inspect;
mod ping;
mod side;
mod steps;
mod tell;

use super::terms::{CommandError, Common, Outcome};
use clap::{Args, Subcommand};

/// Arguments of `wharf as2`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Send a test message to a partner, and explain each step of its way there and back
    #[command(after_help = "Examples:\n  wharf as2 ping acme-medical\n  \
        wharf as2 ping acme-medical --file hello.txt --json\n\n\
        What is sent is a line of text and no business document. The receipt is asked for as the\n\
        answer, whatever the partner's file says, because nobody waits here for a later one.\n\
        Exit codes: 0 delivered and proven, 1 not, 2 cannot be tried")]
    Ping(ping::Arguments),
    /// Take a captured request, answer or receipt apart, layer by layer
    #[command(after_help = "Examples:\n  wharf as2 inspect request.txt\n  \
        wharf as2 inspect request.txt --partners partners\n  \
        wharf spool show ID --raw --part as2-receipt | wharf as2 inspect - --partners partners\n\n\
        Reads headers, an empty line, and the body, as they were on the wire, with the line of the\n\
        request or the status before them or without. With --partners it is held against the pinned\n\
        certificates, decrypted with our keys, and what is wrong with it is said.\n\
        Exit codes: 0 nothing is wrong with it, 1 something is, 2 cannot be read")]
    Inspect(inspect::Arguments),
}

/// Does what is asked.
pub(super) fn run(common: &Common, arguments: &Arguments) -> Result<Outcome, CommandError> {
    match &arguments.action {
        Action::Ping(ping) => ping::run(common, ping),
        Action::Inspect(inspect) => inspect::run(common, inspect),
    }
}
