//! `short-breaks serve`: the API until it is told to stop.

use crate::settings::Settings;
use anyhow::Context;
use api::App;
use std::net::TcpListener;
use std::num::NonZero;
use std::process::ExitCode;
use std::thread::available_parallelism;

/// Serves on the address of the settings.
pub fn run(settings: &Settings, app: App) -> anyhow::Result<ExitCode> {
    let listener = TcpListener::bind(&settings.listen).with_context(|| format!("cannot listen on {}", settings.listen))?;
    let address = listener.local_addr()?;
    let workers = available_parallelism().map_or(1, NonZero::get);
    eprintln!("Serving on http://{address} (API description at http://{address}/docs/); Ctrl-C stops it.");
    actix_web::rt::System::new().block_on(async move { api::serve(app, listener, workers)?.await })?;
    Ok(ExitCode::SUCCESS)
}
