//! Pay files for the finance system: made once, kept as they were written, and marked when given out again.

mod collect;
mod file;

use crate::app::{Answer, App, IdempotencyKey, Located, Once};
use crate::auth::Caller;
use crate::auth::permission::{DirectPaymentsRead, DirectPaymentsWrite};
use crate::extract::{Body, Params};
use crate::instant::Instant;
use crate::page::{After, Cursor, Limit, Page};
use crate::problem::Problem;
use crate::text::{Id, Text};
use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, ETAG, HeaderValue, IF_NONE_MATCH};
use actix_web::web::{Data, Json, Path};
use actix_web::{HttpRequest, HttpResponse, get, post};
use chrono::NaiveDate;
use db::schema::{direct_payment_exports, direct_payment_re_exports};
use db::{AnyConnection, Event, Write, new_id};
use diesel::prelude::*;
use domain::Pence;
use domain::direct_payment::Precondition;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};

/// A pay file.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = direct_payment_exports)]
#[schema(example = json!({
    "id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a71", "number": 17, "layout": "v1", "pay_on": "2024-06-24", "reason": null, "accounts": 2,
    "payments": 3, "total_pence": 81230, "details_sha256": "3f1c…", "file_sha256": "9b02…",
    "recorded_by": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a11", "recorded_at": "2024-06-20T09:00:00Z", "recorded_seq": 412
}))]
pub struct DirectPaymentExport {
    /// The export's id.
    pub id: String,
    /// 1, 2, 3 …
    pub number: i64,
    /// The file's layout.
    pub layout: String,
    /// The day on which the finance system pays.
    pub pay_on: NaiveDate,
    /// In words.
    pub reason: Option<String>,
    /// Accounts that are paid.
    pub accounts: i64,
    /// Detail records.
    pub payments: i64,
    /// What they add up to.
    pub total_pence: Pence,
    /// SHA-256 of the detail records, as the file's trailer has it.
    pub details_sha256: String,
    /// SHA-256 of the whole file: its `ETag`.
    pub file_sha256: String,
    /// Who recorded it: a user's or client's id.
    pub recorded_by: String,
    /// When, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
}

/// A pay file, whom it leaves out, and how often it was given out again.
#[derive(Debug, Serialize, ToSchema)]
pub struct DirectPaymentExported {
    /// The file.
    #[serde(flatten)]
    pub export: DirectPaymentExport,
    /// Accounts with something due that were left out when it was made.
    pub left_out: Vec<LeftOut>,
    /// Copies given out since.
    pub copies: Vec<DirectPaymentReExport>,
}

impl Located for DirectPaymentExported {
    fn location(&self) -> String {
        format!("/v1/direct-payment-exports/{}", self.export.id)
    }
}

/// An account with something due that may not be paid.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = LeftOutOfDirectPaymentExport)]
pub struct LeftOut {
    /// The account.
    pub account_id: String,
    /// As a pay file would name it.
    pub reference: String,
    /// What it lacks.
    pub missing: Vec<Precondition>,
    /// What would be paid.
    pub due_pence: Pence,
}

/// A pay file given out again.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = direct_payment_re_exports)]
#[schema(example = json!({
    "id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a72", "export_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a71", "copy": 2,
    "reason": "The finance system lost the first", "file_sha256": "51ad…",
    "recorded_by": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a11", "recorded_at": "2024-06-21T09:00:00Z", "recorded_seq": 412
}))]
pub struct DirectPaymentReExport {
    /// The copy's id.
    pub id: String,
    /// The pay file.
    pub export_id: String,
    /// 2, 3, 4 …: the first is the file itself.
    pub copy: i64,
    /// In words.
    pub reason: String,
    /// SHA-256 of the copy: its `ETag`.
    pub file_sha256: String,
    /// Who recorded it: a user's or client's id.
    pub recorded_by: String,
    /// When, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
}

impl Located for DirectPaymentReExport {
    fn location(&self) -> String {
        format!("/v1/direct-payment-exports/{}", self.export_id)
    }
}

/// A pay file to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "pay_on": "2024-06-24" }))]
pub struct NewDirectPaymentExport {
    /// The day on which the finance system pays: today or later, at most one period ahead. What is due by then is in the file.
    pub pay_on: NaiveDate,
    /// In words.
    pub reason: Option<Text<500>>,
    /// Only these accounts, and refused if one of them may not be paid; none, all of them.
    #[schema(min_items = 1, max_items = 500)]
    pub account_ids: Option<Vec<Id>>,
}

/// Why a pay file is given out again.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reason": "The finance system lost the first" }))]
pub struct NewDirectPaymentReExport {
    /// In words.
    pub reason: Text<500>,
}

/// What to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListDirectPaymentExports {
    /// Records on a page.
    #[serde(default)]
    #[param(value_type = Option<u16>, minimum = 1, maximum = 500, default = 50)]
    limit: Limit,
    /// Where the last page ended.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    cursor: Cursor,
}

/// Which copy of a file.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct FileParams {
    /// The copy; none, the last there is. 1 is the file as it was made.
    #[param(minimum = 1)]
    copy: Option<u32>,
}

/// List pay files
#[utoipa::path(tag = "direct payments", params(ListDirectPaymentExports), security(("bearer" = ["direct_payments:read"])),
    responses((status = 200, description = "A page of pay files, in the order made", body = Page<DirectPaymentExport>)))]
#[get("/direct-payment-exports")]
pub async fn list_direct_payment_exports(
    app: Data<App>,
    _: Caller<DirectPaymentsRead>,
    params: Params<ListDirectPaymentExports>,
) -> Result<Json<Page<DirectPaymentExport>>, Problem> {
    let ListDirectPaymentExports { limit, cursor } = params.0;
    let after = cursor.after_record()?;
    app.read(move |connection| {
        let rows = direct_payment_exports::table
            .select(DirectPaymentExport::as_select())
            .filter(direct_payment_exports::recorded_seq.ge(after.seq))
            .filter(direct_payment_exports::recorded_seq.gt(after.seq).or(direct_payment_exports::id.gt(after.id)))
            .order((direct_payment_exports::recorded_seq, direct_payment_exports::id))
            .limit(limit.and_one())
            .load(connection)?;
        Ok(Json(limit.page(rows, |row: &DirectPaymentExport| After::key(row.recorded_seq, &row.id))))
    })
    .await
}

/// Read a pay file's record
#[utoipa::path(tag = "direct payments", params(("id" = Id, Path, description = "The export's id")),
    security(("bearer" = ["direct_payments:read"])),
    responses((status = 200, description = "The pay file, whom it left out, and its copies", body = DirectPaymentExported)))]
#[get("/direct-payment-exports/{id}")]
pub async fn get_direct_payment_export(
    app: Data<App>,
    caller: Caller<DirectPaymentsRead>,
    id: Path<Id>,
) -> Result<Json<DirectPaymentExported>, Problem> {
    app.write(caller.actor(), move |write| {
        let export = find(write.connection, &id.0)?;
        let left_out: String =
            direct_payment_exports::table.find(&export.id).select(direct_payment_exports::left_out).first(write.connection)?;
        let left_out = serde_json::from_str(&left_out).map_err(Problem::internal)?;
        let copies = copies(write.connection, &export.id)?;
        write.record(Event::new("read", "direct_payment_exports", &export.id))?;
        Ok(Json(DirectPaymentExported { export, left_out, copies }))
    })
    .await
}

/// Make a pay file
///
/// Everything due by the day that is in no file yet, with adjustments of earlier payments, of every account that lacks nothing. An
/// account that lacks something is left out and listed with what is missing: so is one whose bank account the caller recorded, and one of
/// a child for whom the caller recorded a repayment of what was paid too much, since another has to. The payments are frozen, and are in
/// no other file: of two callers at once one makes the file, and the other hears that nothing is due. File and record are written
/// together or not at all.
#[utoipa::path(tag = "direct payments", request_body = NewDirectPaymentExport, security(("bearer" = ["direct_payments:write"])),
    responses((status = 201, description = "The pay file's record; the file is at `/file` below it", body = DirectPaymentExported)))]
#[post("/direct-payment-exports")]
pub async fn create_direct_payment_export(
    app: Data<App>,
    caller: Caller<DirectPaymentsWrite>,
    key: IdempotencyKey,
    body: Body<NewDirectPaymentExport>,
) -> Answer {
    let (once, profile) = (Once { key, request_sha256: body.request_sha256 }, app.profile.clone());
    app.create(caller.actor(), once, move |write| collect::export(write, &profile, body.value)).await
}

/// Read a pay file
///
/// UTF-8, a record a line, each line ended by a line feed, fields with commas or quotes in quotes. Layout `v1`:
///
/// 1. One header: `H`, layout, number of the export, authority, day of payment, number of detail records, their total in pounds, and
///    `original` or `copy N of export M: not to be paid twice`.
/// 2. Detail records: `D`, the account's reference, its bank account by the last four digits, the payee's reference in the finance
///    system, what it is (`period`, `set_up` or `adjustment`), the first day it pays, the first day it no longer pays, the day it was
///    due, and the amount in pounds. An adjustment may be negative: what an account is paid is the sum of its records, which is never
///    below nought.
/// 3. One trailer: `T`, number of detail records, their total in pounds, and the SHA-256 of the detail records with their line ends.
///
/// No child and no case reference is in it.
#[utoipa::path(tag = "direct payments", params(("id" = Id, Path, description = "The export's id"), FileParams),
    security(("bearer" = ["direct_payments:read"])),
    responses((status = 200, description = "The file, exactly as it was written", body = String, content_type = "text/csv",
            headers(("etag" = String, description = "SHA-256 of the file"))),
        (status = 304, description = "The file is the one named in `If-None-Match`")))]
#[get("/direct-payment-exports/{id}/file")]
pub async fn get_direct_payment_file(
    app: Data<App>,
    caller: Caller<DirectPaymentsRead>,
    id: Path<Id>,
    params: Params<FileParams>,
    request: HttpRequest,
) -> Answer {
    let copy = params.0.copy;
    let (export, text) = app
        .write(caller.actor(), move |write| {
            let export = find(write.connection, &id.0)?;
            let text = text(write.connection, &export, copy.map(i64::from))?;
            write.record(Event::new("read", "direct_payment_exports", &export.id).with(json!({ "file": export.number })))?;
            Ok((export, text))
        })
        .await?;
    let tag = format!("\"{}\"", file::sha256(&text));
    let known = request.headers().get(IF_NONE_MATCH).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let is_known = known.split(',').map(str::trim).any(|one| one == "*" || one.trim_start_matches("W/") == tag);
    let mut response = if is_known { HttpResponse::NotModified().finish() } else { HttpResponse::Ok().body(text) };
    let headers = response.headers_mut();
    if !is_known {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
        let disposition = format!("attachment; filename=\"direct-payments-{}.csv\"", export.number);
        headers.insert(CONTENT_DISPOSITION, HeaderValue::from_str(&disposition).map_err(Problem::internal)?);
    }
    headers.insert(ETAG, HeaderValue::from_str(&tag).map_err(Problem::internal)?);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    Ok(response)
}

/// Give a pay file out again
///
/// The payments are the same. The file then says in its header that it is a copy and not to be paid twice.
#[utoipa::path(tag = "direct payments", params(("id" = Id, Path, description = "The export's id")), request_body = NewDirectPaymentReExport,
    security(("bearer" = ["direct_payments:write"])), responses((status = 201, description = "The copy", body = DirectPaymentReExport)))]
#[post("/direct-payment-exports/{id}/re-exports")]
pub async fn create_direct_payment_re_export(
    app: Data<App>,
    caller: Caller<DirectPaymentsWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewDirectPaymentReExport>,
) -> Answer {
    let once = Once { key, request_sha256: body.request_sha256 };
    app.create(caller.actor(), once, move |write| re_export(write, &id.0, body.value.reason.0)).await
}

fn find(connection: &mut AnyConnection, id: &str) -> Result<DirectPaymentExport, Problem> {
    let export = direct_payment_exports::table.find(id).select(DirectPaymentExport::as_select()).first(connection).optional()?;
    export.ok_or_else(|| Problem::not_found("pay file"))
}

fn copies(connection: &mut AnyConnection, export_id: &str) -> Result<Vec<DirectPaymentReExport>, Problem> {
    Ok(direct_payment_re_exports::table
        .select(DirectPaymentReExport::as_select())
        .filter(direct_payment_re_exports::export_id.eq(export_id))
        .order(direct_payment_re_exports::copy)
        .load(connection)?)
}

fn stored(connection: &mut AnyConnection, export_id: &str) -> Result<String, Problem> {
    Ok(direct_payment_exports::table.find(export_id).select(direct_payment_exports::file).first(connection)?)
}

/// The file as it was made, or a copy of it, which must come out as it did when it was first given out.
fn text(connection: &mut AnyConnection, export: &DirectPaymentExport, copy: Option<i64>) -> Result<String, Problem> {
    let file = stored(connection, &export.id)?;
    let copies = copies(connection, &export.id)?;
    let wanted = copy.or_else(|| copies.last().map(|last| last.copy)).unwrap_or(1);
    if wanted == 1 {
        return Ok(file);
    }
    let copy = copies.iter().find(|copy| copy.copy == wanted).ok_or_else(|| Problem::not_found("copy of the pay file"))?;
    let text = file::copy_of(&file, export.number, copy.copy);
    if file::sha256(&text) == copy.file_sha256 { Ok(text) } else { Err(Problem::internal("a copy of a pay file is not what it was")) }
}

fn re_export(write: &mut Write<'_>, id: &str, reason: String) -> Result<DirectPaymentReExport, Problem> {
    let mut errors = Vec::new();
    super::check_text(&mut errors, "/reason", &reason);
    super::invalid_if_any(errors)?;
    let export = find(write.connection, id)?;
    let copy = copies(write.connection, id)?.last().map_or(1, |last| last.copy) + 1;
    let text = file::copy_of(&stored(write.connection, id)?, export.number, copy);
    let re_export = DirectPaymentReExport {
        id: new_id(),
        export_id: export.id,
        copy,
        reason,
        file_sha256: file::sha256(&text),
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    };
    diesel::insert_into(direct_payment_re_exports::table).values(&re_export).execute(write.connection)?;
    write.record(Event::new("export_again", "direct_payment_exports", id).with(json!({ "copy": copy })))?;
    Ok(re_export)
}
