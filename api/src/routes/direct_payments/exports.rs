//! Pay files for the finance system: made once, kept as they were written, and marked when given out again.

use crate::app::{Answer, App, IdempotencyKey, Located};
use crate::auth::Caller;
use crate::auth::permission::{DirectPaymentsRead, DirectPaymentsWrite};
use crate::extract::{Body, Params};
use crate::problem::Problem;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, ETAG, HeaderValue, IF_NONE_MATCH};
use actix_web::web::{Data, Json, Path};
use actix_web::{HttpRequest, HttpResponse, get, post};
use records::direct_payments::exports::copying::{NewDirectPaymentReExport, make_copy};
use records::direct_payments::exports::export::{DirectPaymentExport, DirectPaymentExported, DirectPaymentReExport};
use records::direct_payments::exports::making::{NewDirectPaymentExport, make_pay_file};
use records::direct_payments::exports::reading;
use records::direct_payments::exports::reading::{FileParams, ListDirectPaymentExports};
use records::page::Page;
use records::text::Id;

impl Located for DirectPaymentExported {
    fn location(&self) -> String {
        format!("/v1/direct-payment-exports/{}", self.export.id)
    }
}

impl Located for DirectPaymentReExport {
    fn location(&self) -> String {
        format!("/v1/direct-payment-exports/{}", self.export_id)
    }
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
    app.read(move |connection| reading::list(connection, params.0).map(Json)).await
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
    app.write(caller.actor(), move |write| reading::read(write, &id.0).map(Json)).await
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
    let profile = app.profile.clone();
    app.create(caller.actor(), key, body, move |write, body| make_pay_file(write, &profile, body)).await
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
    let file = app.write(caller.actor(), move |write| reading::read_file(write, &id.0, copy.map(i64::from))).await?;
    let tag = format!("\"{}\"", file.sha256);
    let known = request.headers().get(IF_NONE_MATCH).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let is_known = known.split(',').map(str::trim).any(|one| one == "*" || one.trim_start_matches("W/") == tag);
    let mut response = if is_known { HttpResponse::NotModified().finish() } else { HttpResponse::Ok().body(file.text) };
    let headers = response.headers_mut();
    if !is_known {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
        let disposition = format!("attachment; filename=\"direct-payments-{}.csv\"", file.number);
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
    app.create(caller.actor(), key, body, move |write, body| make_copy(write, &id.0, body.reason.0)).await
}
