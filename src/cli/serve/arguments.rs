//! What `wharf serve` takes.

use super::super::config;
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// Arguments of `wharf serve`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  wharf serve\n  \
    wharf serve --partners /etc/wharf/partners --spool /var/lib/wharf --certs /etc/wharf/certs\n  \
    wharf serve --log json --log-level info,wharf::gateway=debug\n\n\
    Ends in order on SIGTERM or SIGINT; reads the partners' files again when they change, and on \
    SIGHUP.\n\
    Exit codes: 0 ended in order, 1 ended by itself, such as for a disk that fails, 2 could not begin")]
pub(in crate::cli) struct Arguments {
    /// The folder of partners
    #[arg(long, value_name = "DIR", default_value = config::FOLDER, env = "WHARF_PARTNERS")]
    pub(super) partners: PathBuf,
    /// The folder of the spool, in place of the one that us.toml names
    #[arg(long, value_name = "DIR", env = "WHARF_SPOOL")]
    pub(super) spool: Option<PathBuf>,
    /// The folder for certificates that are made here; `certs` beside the folder of partners if left
    /// out
    #[arg(long, value_name = "DIR", env = "WHARF_CERTS")]
    pub(super) certs: Option<PathBuf>,
    /// How log lines are written; text on a terminal, JSON otherwise, if left out
    #[arg(long, value_name = "FORM", env = "WHARF_LOG_FORM")]
    pub(super) log: Option<LogForm>,
    /// What is logged: a level, or levels of parts
    #[arg(long, value_name = "LEVELS", default_value = "info", env = "WHARF_LOG")]
    pub(super) log_level: String,
    /// How many messages are worked on at the same time
    #[arg(long, value_name = "COUNT", default_value_t = 64)]
    #[arg(value_parser = clap::value_parser!(u16).range(1..))]
    pub(super) workers: u16,
}

/// How log lines are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum LogForm {
    /// For people.
    Text,
    /// For machines, an object a line.
    Json,
}
