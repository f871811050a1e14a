//! Pay files in a list, the record of one, and the file itself.

use crate::direct_payments::exports::export::{DirectPaymentExport, DirectPaymentExported, copies, find, left_out, sha256, text};
use crate::error::Error;
use crate::page::{After, Cursor, Limit, Page};
use db::schema::direct_payment_exports;
use db::{AnyConnection, Event, Write};
use diesel::prelude::*;
use serde::Deserialize;
use serde_json::json;
use utoipa::IntoParams;

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
    pub copy: Option<u32>,
}

/// Lists pay files.
pub fn list(connection: &mut AnyConnection, wanted: ListDirectPaymentExports) -> Result<Page<DirectPaymentExport>, Error> {
    let ListDirectPaymentExports { limit, cursor } = wanted;
    let after = cursor.after_record()?;
    let rows = direct_payment_exports::table
        .select(DirectPaymentExport::as_select())
        .filter(direct_payment_exports::recorded_seq.ge(after.seq))
        .filter(direct_payment_exports::recorded_seq.gt(after.seq).or(direct_payment_exports::id.gt(after.id)))
        .order((direct_payment_exports::recorded_seq, direct_payment_exports::id))
        .limit(limit.and_one())
        .load(connection)?;
    Ok(limit.page(rows, |row: &DirectPaymentExport| After::key(row.recorded_seq, &row.id)))
}

/// Reads a pay file's record.
pub fn read(write: &mut Write<'_>, id: &str) -> Result<DirectPaymentExported, Error> {
    let export = find(write.connection, id)?;
    let left_out = left_out(write.connection, &export.id)?;
    let copies = copies(write.connection, &export.id)?;
    write.record(Event::new("read", "direct_payment_exports", &export.id))?;
    Ok(DirectPaymentExported { export, left_out, copies })
}

/// A pay file, or one of its copies.
pub struct PayFile {
    /// The export's number.
    pub number: i64,
    /// What is in it.
    pub text: String,
    /// Its SHA-256.
    pub sha256: String,
}

/// Reads a pay file, or one of its copies.
pub fn read_file(write: &mut Write<'_>, id: &str, copy: Option<i64>) -> Result<PayFile, Error> {
    let export = find(write.connection, id)?;
    let text = text(write.connection, &export, copy)?;
    write.record(Event::new("read", "direct_payment_exports", &export.id).with(json!({ "file": export.number })))?;
    Ok(PayFile { number: export.number, sha256: sha256(&text), text })
}
