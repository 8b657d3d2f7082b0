//! Log lines: text on a terminal, JSON otherwise; never what a message holds.
//!
//! They are written by a thread of their own. While nobody reads them, they wait up to a number, and
//! those beyond that are dropped: nothing of what we are here for ever waits for a reader of logs.

use super::super::terms::CommandError;
use super::arguments::{Arguments, LogForm};
use std::io::IsTerminal as _;
use tracing_appender::non_blocking::{NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::EnvFilter;

/// From now on log lines are written, to standard error, until what is returned is dropped; then
/// those that wait are written first.
pub(super) fn begin(arguments: &Arguments) -> Result<WorkerGuard, CommandError> {
    let terminal = std::io::stderr().is_terminal();
    let form = arguments.log.unwrap_or(if terminal { LogForm::Text } else { LogForm::Json });
    let filter = EnvFilter::try_new(&arguments.log_level).map_err(|error| {
        let text = format!("--log-level {}: {error}", arguments.log_level.escape_debug());
        CommandError::Wrong(text)
    })?;
    let (writer, written) = NonBlockingBuilder::default()
        .lossy(true)
        .buffered_lines_limit(WAITING)
        .thread_name("log")
        .finish(std::io::stderr());
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(writer);
    let begun = match form {
        LogForm::Text => lines.with_ansi(terminal).with_target(false).try_init(),
        LogForm::Json => lines.json().flatten_event(true).with_current_span(true).try_init(),
    };
    begun.map_err(|error| CommandError::Wrong(format!("log lines cannot be written: {error}")))?;
    Ok(written)
}

/// So many lines wait to be written.
const WAITING: usize = 8_192;
