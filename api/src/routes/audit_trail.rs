//! The audit trail, to read and to verify.

use crate::app::App;
use crate::auth::Caller;
use crate::auth::permission::AuditRead;
use crate::extract::Params;
use crate::problem::Problem;
use actix_web::get;
use actix_web::web::{Data, Json};
use db::audit::{Verdict, verify};
use records::audit_trail;
use records::audit_trail::{AuditEvent, ListEvents, Verification};
use records::page::Page;

/// List audit events
#[utoipa::path(tag = "audit", params(ListEvents), security(("bearer" = ["audit:read"])),
    responses((status = 200, description = "A page of events, oldest first", body = Page<AuditEvent>)))]
#[get("/audit-events")]
pub async fn list_audit_events(
    app: Data<App>,
    _: Caller<AuditRead>,
    params: Params<ListEvents>,
) -> Result<Json<Page<AuditEvent>>, Problem> {
    app.read(move |connection| audit_trail::list(connection, params.0).map(Json)).await
}

/// Verify the audit trail
///
/// Computes every event's hash again, from the first.
#[utoipa::path(tag = "audit", security(("bearer" = ["audit:read"])),
    responses((status = 200, description = "Whether the trail is sound", body = Verification)))]
#[get("/audit-verification")]
pub async fn verify_audit_trail(app: Data<App>, _: Caller<AuditRead>) -> Result<Json<Verification>, Problem> {
    let verdict = app.read(|connection| Ok(verify(connection)?)).await?;
    Ok(Json(match verdict {
        Verdict::Sound { events, last_hash } => Verification { is_sound: true, events, last_hash: Some(last_hash), first_broken_seq: None },
        Verdict::Broken { seq } => Verification { is_sound: false, events: seq - 1, last_hash: None, first_broken_seq: Some(seq) },
    }))
}
