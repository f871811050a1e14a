//! Matches: what a finance officer says a payment is for, where the payment does not say so itself.

use crate::app::{Answer, App, IdempotencyKey, Located};
use crate::auth::Caller;
use crate::auth::permission::{LedgerRead, LedgerWrite};
use crate::extract::{Body, Params};
use crate::problem::Problem;
use actix_web::web::{Data, Json, Path};
use actix_web::{get, post};
use records::ledger_entries::matches;
use records::ledger_entries::matches::{LedgerMatch, ListLedgerMatches, NewLedgerMatch, record, reverse};
use records::page::Page;
use records::reversal::NewReversal;
use records::text::Id;

impl Located for LedgerMatch {
    fn location(&self) -> String {
        format!("/v1/ledger-matches/{}", self.id)
    }
}

/// List matches of ledger entries
#[utoipa::path(tag = "ledger", params(ListLedgerMatches), security(("bearer" = ["ledger:read"])),
    responses((status = 200, description = "A page of matches and reversals, in the order recorded", body = Page<LedgerMatch>)))]
#[get("/ledger-matches")]
pub async fn list_ledger_matches(
    app: Data<App>,
    caller: Caller<LedgerRead>,
    params: Params<ListLedgerMatches>,
) -> Result<Json<Page<LedgerMatch>>, Problem> {
    app.write(caller.actor(), move |write| matches::list(write, params.0).map(Json)).await
}

/// Read a match of a ledger entry
#[utoipa::path(tag = "ledger", params(("id" = Id, Path, description = "The match's id")), security(("bearer" = ["ledger:read"])),
    responses((status = 200, description = "The match", body = LedgerMatch)))]
#[get("/ledger-matches/{id}")]
pub async fn get_ledger_match(app: Data<App>, caller: Caller<LedgerRead>, id: Path<Id>) -> Result<Json<LedgerMatch>, Problem> {
    app.write(caller.actor(), move |write| matches::read(write, &id.0).map(Json)).await
}

/// Match a ledger entry
///
/// Says which arrangement the entry pays, or that it pays none. It then releases that arrangement's commitments and no others. Without
/// a match an entry goes by the number of its order, or else by its provider. An entry has one match at a time.
#[utoipa::path(tag = "ledger", params(("id" = Id, Path, description = "The entry's id")), request_body = NewLedgerMatch,
    security(("bearer" = ["ledger:write"])), responses((status = 201, description = "The match", body = LedgerMatch)))]
#[post("/ledger-entries/{id}/match")]
pub async fn match_ledger_entry(
    app: Data<App>,
    caller: Caller<LedgerWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewLedgerMatch>,
) -> Answer {
    app.create(caller.actor(), key, body, move |write, body| record(write, &id.0, body)).await
}

/// Reverse a match of a ledger entry
///
/// The entry then goes by its order or its provider again, or may be matched otherwise.
#[utoipa::path(tag = "ledger", params(("id" = Id, Path, description = "The match's id")), request_body = NewReversal,
    security(("bearer" = ["ledger:write"])), responses((status = 201, description = "The row that takes it back", body = LedgerMatch)))]
#[post("/ledger-matches/{id}/reversal")]
pub async fn reverse_ledger_match(
    app: Data<App>,
    caller: Caller<LedgerWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewReversal>,
) -> Answer {
    app.create(caller.actor(), key, body, move |write, body| reverse(write, &id.0, body.reason.0)).await
}
