//! Whether the server lives and whether it can answer; what it counted; what it can do.

use crate::app::App;
use crate::problem::Problem;
use actix_web::web::{Data, Json};
use actix_web::{HttpResponse, get};
use serde::Serialize;
use utoipa::ToSchema;

/// How the server is.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({ "status": "ok" }))]
pub struct Health {
    /// `ok`.
    pub status: &'static str,
}

/// Is the server alive?
#[utoipa::path(tag = "operations", security(()), responses((status = 200, description = "It is", body = Health)))]
#[get("/health/live")]
pub async fn live() -> Json<Health> {
    Json(Health { status: "ok" })
}

/// Can the server answer?
///
/// Asks the database.
#[utoipa::path(tag = "operations", security(()), responses((status = 200, description = "It can", body = Health),
    (status = 503, description = "The database cannot be reached", body = Problem, content_type = "application/problem+json")))]
#[get("/health/ready")]
pub async fn ready(app: Data<App>) -> Result<Json<Health>, Problem> {
    app.read(|connection| {
        db::ping(connection)?;
        Ok(Json(Health { status: "ok" }))
    })
    .await
}

/// Read the metrics
///
/// Counts and durations of requests, in Prometheus' text format; nothing about anybody.
#[utoipa::path(tag = "operations", security(()),
    responses((status = 200, description = "The metrics", body = String, content_type = "text/plain; version=0.0.4")))]
#[get("/metrics")]
pub async fn metrics(app: Data<App>) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().content_type("text/plain; version=0.0.4").body(app.metrics.text()?))
}
