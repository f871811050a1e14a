//! `short-breaks serve`: the API until it is told to stop.

use crate::settings::Settings;
use anyhow::Context;
use api::App;
use std::net::TcpListener;
use std::process::ExitCode;

/// Serves on the address of the settings.
pub fn run(settings: &Settings, app: App) -> anyhow::Result<ExitCode> {
    let listener = TcpListener::bind(&settings.listen).with_context(|| format!("cannot listen on {}", settings.listen))?;
    let address = listener.local_addr()?;
    eprintln!("Serving on http://{address} (API description at http://{address}/docs/); Ctrl-C stops it.");
    actix_web::rt::System::new().block_on(async move { api::serve(app, listener)?.await })?;
    Ok(ExitCode::SUCCESS)
}
