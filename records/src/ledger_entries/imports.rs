//! Ledger imports: a file of the council's finance system, read by a mapping, taken whole or not at all.

use crate::error::Error;
use crate::instant::Instant;
use crate::page::{After, Cursor, Limit, Page};
use db::AnyConnection;
use db::schema::ledger_files;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// The largest ledger file taken over HTTP, in bytes; the command line takes any.
pub const MOST_FILE_BYTES: usize = 512 * 1024 * 1024;

/// The largest mapping, in bytes.
pub const MOST_MAPPING_BYTES: usize = 256 * 1024;

/// A ledger file that was loaded.
#[derive(Debug, Serialize, Queryable, Selectable, ToSchema)]
#[diesel(table_name = ledger_files)]
#[schema(example = json!({
    "id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a40", "source": "Finance system", "file_name": "payments-2023-05.csv", "sha256": "9f1c…",
    "mapping_sha256": "41aa…", "lines_read": 11942, "blank": 0, "matched": 33, "kept_out": 11909, "already_present": 0, "rounded": 2,
    "recorded_by": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a11", "recorded_at": "2023-06-02T09:00:00Z", "recorded_seq": 412
}))]
pub struct LoadedFile {
    /// The file's id, which its entries name.
    pub id: String,
    /// The mapping's name for the ledger it is from.
    pub source: String,
    /// Its name.
    pub file_name: String,
    /// SHA-256 of its bytes.
    pub sha256: String,
    /// SHA-256 of the mapping it was read with.
    pub mapping_sha256: String,
    /// Lines after the header.
    pub lines_read: i64,
    /// Of which blank.
    pub blank: i64,
    /// Of which a rule picked.
    pub matched: i64,
    /// Of which none did.
    pub kept_out: i64,
    /// Picked lines that the ledger had already.
    pub already_present: i64,
    /// Picked lines whose amount was rounded to the penny.
    pub rounded: i64,
    /// Who loaded it: a user's or client's id, or the command.
    pub recorded_by: String,
    /// When, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
}

/// A file to import.
#[derive(ToSchema)]
#[allow(dead_code, reason = "only describes the form; its parts are read one by one")]
pub struct LedgerImportForm {
    /// The mapping, a TOML file of at most 256 KiB.
    mapping: String,
    /// The ledger file, CSV or XLSX.
    #[schema(value_type = String, format = Binary, content_media_type = "application/octet-stream")]
    file: Vec<u8>,
    /// `true` to say what would be done and do nothing.
    #[schema(required = false, default = "false", pattern = "^(true|false)$")]
    dry_run: Option<String>,
}

/// What to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListFiles {
    /// Records on a page.
    #[serde(default)]
    #[param(value_type = Option<u16>, minimum = 1, maximum = 500, default = 50)]
    limit: Limit,
    /// Where the last page ended.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    cursor: Cursor,
}

/// List loaded ledger files.
pub fn list(connection: &mut AnyConnection, wanted: ListFiles) -> Result<Page<LoadedFile>, Error> {
    let ListFiles { limit, cursor } = wanted;
    let after = cursor.after_record()?;
    let query = ledger_files::table
        .select(LoadedFile::as_select())
        .filter(ledger_files::recorded_seq.ge(after.seq))
        .filter(ledger_files::recorded_seq.gt(after.seq).or(ledger_files::id.gt(after.id)));
    let rows = query.order((ledger_files::recorded_seq, ledger_files::id)).limit(limit.and_one()).load(connection)?;
    Ok(limit.page(rows, |row: &LoadedFile| After::key(row.recorded_seq, &row.id)))
}

/// Read a loaded ledger file.
pub fn read(connection: &mut AnyConnection, id: &str) -> Result<LoadedFile, Error> {
    let file = ledger_files::table.find(id).select(LoadedFile::as_select()).first(connection).optional()?;
    file.ok_or_else(|| Error::not_found("ledger file"))
}
