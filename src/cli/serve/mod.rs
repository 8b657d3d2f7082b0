//! `wharf serve`: the gateway, running.

mod arguments;
mod background;
mod banner;
mod begin;
mod certificates;
mod keep;
mod life;
mod logs;
mod settings;
mod watch;

use super::engine;
use super::terms::{CommandError, Common, Outcome};
pub(super) use arguments::Arguments;
use std::sync::Arc;

/// Serves until it is told to end.
pub(super) fn run(common: &Common, arguments: &Arguments) -> Result<Outcome, CommandError> {
    let _written = logs::begin(arguments)?;
    let library = Arc::new(engine::library(common)?);
    let settings = settings::Settings::of(arguments);
    // Looked at before they are read: what changes from here on is noticed.
    let watch = watch::Watch::new(&settings);
    let partners = settings.load(&library).map_err(engine::wrong)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(CommandError::io("the runtime"))?;
    let background = background::runtime()?;
    let ended = runtime.block_on(async {
        let begun = begin::begin(&settings, library, partners)?;
        // Whoever reads that we are ready may tell us to end.
        let signals = life::Signals::listen()?;
        banner::show(common, &begun);
        life::live(&settings, begun, watch, signals, background.handle()).await
    });
    // What did not end in time is done after the next start; nobody waits for it now.
    background.shutdown_background();
    runtime.shutdown_background();
    ended
}
