//! A pay file as it was made, its copies, and its text.

use crate::error::Error;
use crate::instant::Instant;
use chrono::NaiveDate;
use db::AnyConnection;
use db::schema::{direct_payment_exports, direct_payment_re_exports};
use diesel::dsl::max;
use diesel::prelude::*;
use domain::Pence;
use domain::direct_payments::{LeftOut, pay_file};
use serde::Serialize;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

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

/// The pay file with that id.
pub fn find(connection: &mut AnyConnection, id: &str) -> Result<DirectPaymentExport, Error> {
    let export = direct_payment_exports::table.find(id).select(DirectPaymentExport::as_select()).first(connection).optional()?;
    export.ok_or_else(|| Error::not_found("pay file"))
}

/// Copies of a pay file, in the order given out.
pub fn copies(connection: &mut AnyConnection, export_id: &str) -> Result<Vec<DirectPaymentReExport>, Error> {
    Ok(direct_payment_re_exports::table
        .select(DirectPaymentReExport::as_select())
        .filter(direct_payment_re_exports::export_id.eq(export_id))
        .order(direct_payment_re_exports::copy)
        .load(connection)?)
}

/// A pay file's text as it was made.
pub fn stored(connection: &mut AnyConnection, export_id: &str) -> Result<String, Error> {
    Ok(direct_payment_exports::table.find(export_id).select(direct_payment_exports::file).first(connection)?)
}

/// The file as it was made, or a copy of it, which must come out as it did when it was first given out.
pub fn text(connection: &mut AnyConnection, export: &DirectPaymentExport, copy: Option<i64>) -> Result<String, Error> {
    let file = stored(connection, &export.id)?;
    let copies = copies(connection, &export.id)?;
    let wanted = copy.or_else(|| copies.last().map(|last| last.copy)).unwrap_or(1);
    if wanted == 1 {
        return Ok(file);
    }
    let copy = copies.iter().find(|copy| copy.copy == wanted).ok_or_else(|| Error::not_found("copy of the pay file"))?;
    let text = pay_file::copy_of(&file, export.number, copy.copy);
    if sha256(&text) == copy.file_sha256 { Ok(text) } else { Err(Error::fault("a copy of a pay file is not what it was")) }
}

/// Whom a pay file left out when it was made.
pub fn left_out(connection: &mut AnyConnection, export_id: &str) -> Result<Vec<LeftOut>, Error> {
    let left_out: String = direct_payment_exports::table.find(export_id).select(direct_payment_exports::left_out).first(connection)?;
    serde_json::from_str(&left_out).map_err(Error::fault)
}

/// Number and day of the last pay file.
pub fn last(connection: &mut AnyConnection) -> Result<Option<(i64, NaiveDate)>, Error> {
    let number: Option<i64> = direct_payment_exports::table.select(max(direct_payment_exports::number)).first(connection)?;
    let Some(number) = number else { return Ok(None) };
    let pay_on = direct_payment_exports::table
        .filter(direct_payment_exports::number.eq(number))
        .select(direct_payment_exports::pay_on)
        .first(connection)?;
    Ok(Some((number, pay_on)))
}

/// SHA-256, in lower-case hexadecimal.
pub fn sha256(text: &str) -> String {
    db::audit::hex(&Sha256::digest(text.as_bytes()))
}
