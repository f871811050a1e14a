//! The REST API: `router` lists every path, `routes/<resource>` holds what each does.

mod app;
pub mod auth;
mod door;
mod extract;
mod format;
mod metrics;
mod nowhere;
mod openapi;
mod parameters;
mod problem;
mod report_answer;
mod router;
pub mod routes;
pub mod statement_files;
mod turns;

pub use app::App;
pub use extract::parse;
pub use metrics::Metrics;
pub use problem::Problem;
pub use router::{application, document};
pub use turns::Turns;

use actix_web::HttpServer;
use actix_web::dev::Server;
use actix_web::web::Data;
use std::io;
use std::net::TcpListener;

/// Blocking work at once for each of the server's workers. Writes, hashes and imports take turns before they come here
/// ([`Turns`]), so readers always find room.
const BLOCKING_THREADS: usize = 8;

/// The server on a socket that listens already, with so many worker threads. Await it to serve.
pub fn serve(app: App, listener: TcpListener, workers: usize) -> io::Result<Server> {
    let app = Data::new(app);
    let server = HttpServer::new(move || application(app.clone()))
        .workers(workers)
        .worker_max_blocking_threads(BLOCKING_THREADS)
        .shutdown_timeout(10)
        .listen(listener)?;
    Ok(server.run())
}
