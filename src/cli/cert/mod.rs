//! `wharf cert`: keys and certificates, ours and our partners', from making them to replacing them.
//!
//! Invariants: a key is written for us alone and never over another file; a key is shown nowhere, and
//! leaves only as PKCS#12 under a password, when that is asked for.

mod about;
mod check;
mod export;
mod files;
mod held;
mod import;
mod list;
mod make;
pub(super) mod named;
mod password;
mod roll;

use super::config::FOLDER;
use super::terms::{CommandError, Common, Outcome};
pub(super) use about::about as about_json;
use clap::{Args, Subcommand};
use files::Cabinet;
use std::path::PathBuf;

/// Arguments of `wharf cert`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    action: Action,
    /// The folder of partners
    #[arg(long, global = true, value_name = "DIR", default_value = FOLDER, env = "WHARF_PARTNERS")]
    partners: PathBuf,
    /// The folder of keys and certificates; `certs` beside the folder of partners if left out
    #[arg(long, global = true, value_name = "DIR", env = "WHARF_CERTS")]
    certs: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Make a key with a certificate that it signs itself, or with a request for one
    #[command(after_help = "Examples:\n  wharf cert new as2-2027\n  \
        wharf cert new as2-2027 --subject \"CN=edi.lakeside.example,O=Lakeside Health,C=US\"\n  \
        wharf cert new door --for tls --host edi.lakeside.example --key ec-p256\n  \
        wharf cert new as2-2027 --csr\n\n\
        Writes NAME.key, which only you can read, and NAME.pem or NAME.csr; no file is overwritten.")]
    New(make::Arguments),
    /// Take in a partner's certificate, or a key of ours: PEM, DER or PKCS#12
    #[command(after_help = "Examples:\n  wharf cert import acme.cer --partner acme-medical\n  \
        wharf cert import ours.p12 --name as2-2027 --password-file ours.password\n  \
        wharf cert import signed-by-the-authority.pem --name as2-2027\n\n\
        Says what it is, and where to name it in which file.")]
    Import(import::Arguments),
    /// List the certificates that our files name, with what for and until when
    #[command(after_help = "Examples:\n  wharf cert list\n  \
        wharf cert list --json | jq -r 'select(.days_left < 60) | .file'")]
    List,
    /// Make the successor of a pair, and say what to write where and what to send to partners
    #[command(after_help = "Examples:\n  wharf cert roll as2-2026\n  \
        wharf cert roll as2-2026 --name as2-2027 --sign-in 30 --days 730\n\n\
        From the day on which the new pair is named, both keys decrypt; we sign with the new one when\n\
        the time for partners to take its certificate in is over.")]
    Roll(roll::Arguments),
    /// Give out a certificate, or a pair as PKCS#12 under a password
    #[command(after_help = "Examples:\n  wharf cert export as2-2027 > lakeside.pem\n  \
        wharf cert export as2-2027 --der --out lakeside.cer\n  \
        wharf cert export as2-2027 --pkcs12 --password-env PASSWORD --out as2-2027.p12\n\n\
        A key is never given out otherwise.")]
    Export(export::Arguments),
    /// Look at everything that is kept and named: what has ended, is weak, open, or no pair
    #[command(
        after_help = "Examples:\n  wharf cert check\n  wharf cert check --json | jq -r .message\n\n\
        Exit codes: 0 all is well or ends soon, 1 something must be done, 2 cannot be read"
    )]
    Check,
}

/// Does what is asked.
pub(super) fn run(common: &Common, arguments: &Arguments) -> Result<Outcome, CommandError> {
    let cabinet = Cabinet::new(&arguments.partners, arguments.certs.as_deref());
    match &arguments.action {
        Action::New(new) => make::run(common, &cabinet, new),
        Action::Import(import) => import::run(common, &cabinet, import),
        Action::List => list::run(common, &cabinet),
        Action::Roll(roll) => roll::run(common, &cabinet, roll),
        Action::Export(export) => export::run(common, &cabinet, export),
        Action::Check => check::run(common, &cabinet),
    }
}
