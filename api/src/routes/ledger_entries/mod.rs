//! Ledger entries: what was really spent, as the council's finance system has it.

pub mod imports;
pub mod matches;

use crate::app::{Answer, App, IdempotencyKey, Located};
use crate::auth::Caller;
use crate::auth::permission::{LedgerRead, LedgerWrite};
use crate::extract::{Body, Params};
use crate::problem::Problem;
use actix_web::web::{Data, Json, Path};
use actix_web::{get, post};
use records::ledger_entries;
use records::ledger_entries::{EntryReversal, LedgerEntry, ListEntries, NewEntryReversal, find, reverse};
use records::page::Page;
use records::text::Id;

impl Located for EntryReversal {
    fn location(&self) -> String {
        format!("/v1/ledger-entries/{}", self.reversal.id)
    }
}

/// List ledger entries
#[utoipa::path(tag = "ledger", params(ListEntries), security(("bearer" = ["ledger:read"])),
    responses((status = 200, description = "A page of entries, in the order recorded", body = Page<LedgerEntry>)))]
#[get("/ledger-entries")]
pub async fn list_ledger_entries(
    app: Data<App>,
    _: Caller<LedgerRead>,
    params: Params<ListEntries>,
) -> Result<Json<Page<LedgerEntry>>, Problem> {
    app.read(move |connection| ledger_entries::list(connection, params.0).map(Json)).await
}

/// Read a ledger entry
#[utoipa::path(tag = "ledger", params(("id" = Id, Path, description = "The entry's id")), security(("bearer" = ["ledger:read"])),
    responses((status = 200, description = "The entry", body = LedgerEntry)))]
#[get("/ledger-entries/{id}")]
pub async fn get_ledger_entry(app: Data<App>, _: Caller<LedgerRead>, id: Path<Id>) -> Result<Json<LedgerEntry>, Problem> {
    app.read(move |connection| find(connection, &id.0).map(Json)).await
}

/// Reverse or recode a ledger entry
///
/// Adds an entry of the opposite amount on the same day that names this one and, with `recode_to`, one that counts the money
/// against the right budget line. An entry that takes another back can be taken back in turn: then the first counts again. What
/// corrects an entry of a closed year counts in the next open one. A match of the entry holds for the one that takes it back.
#[utoipa::path(tag = "ledger", params(("id" = Id, Path, description = "The entry's id")), request_body = NewEntryReversal,
    security(("bearer" = ["ledger:write"])), responses((status = 201, description = "What corrected it", body = EntryReversal)))]
#[post("/ledger-entries/{id}/reversal")]
pub async fn reverse_ledger_entry(
    app: Data<App>,
    caller: Caller<LedgerWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewEntryReversal>,
) -> Answer {
    app.create(caller.actor(), key, body, move |write, body| reverse(write, &id.0, body)).await
}
