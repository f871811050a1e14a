//! Ledger imports: a file of the council's finance system, read by a mapping, taken whole or not at all.

use crate::app::{Answer, App, refuse_disabled};
use crate::auth::Caller;
use crate::auth::permission::{LedgerRead, LedgerWrite};
use crate::extract::Params;
use crate::instant::Instant;
use crate::page::{After, Cursor, Limit, Page};
use crate::problem::{Code, FieldError, Problem};
use crate::text::Id;
use actix_multipart::{Field, Multipart};
use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use actix_web::web::{Data, Json, Path, block};
use actix_web::{HttpMessage, HttpRequest, HttpResponse, get, post};
use db::schema::ledger_files;
use diesel::prelude::*;
use futures_util::StreamExt;
use ledger::{FileStatus, ImportReport, Input, Mapping, Mode};
use serde::{Deserialize, Serialize};
use std::io::Write;
use tempfile::NamedTempFile;
use utoipa::{IntoParams, ToSchema};

/// The largest ledger file taken over HTTP, in bytes; the command line takes any.
const MOST_FILE_BYTES: usize = 512 * 1024 * 1024;
/// The largest mapping, in bytes.
const MOST_MAPPING_BYTES: usize = 256 * 1024;

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

/// List loaded ledger files
#[utoipa::path(tag = "ledger", params(ListFiles), security(("bearer" = ["ledger:read"])),
    responses((status = 200, description = "A page of files, in the order loaded", body = Page<LoadedFile>)))]
#[get("/ledger-imports")]
pub async fn list_ledger_imports(
    app: Data<App>,
    _: Caller<LedgerRead>,
    params: Params<ListFiles>,
) -> Result<Json<Page<LoadedFile>>, Problem> {
    let ListFiles { limit, cursor } = params.0;
    let after = cursor.after_record()?;
    app.read(move |connection| {
        let query = ledger_files::table
            .select(LoadedFile::as_select())
            .filter(ledger_files::recorded_seq.ge(after.seq))
            .filter(ledger_files::recorded_seq.gt(after.seq).or(ledger_files::id.gt(after.id)));
        let rows = query.order((ledger_files::recorded_seq, ledger_files::id)).limit(limit.and_one()).load(connection)?;
        Ok(Json(limit.page(rows, |row: &LoadedFile| After::key(row.recorded_seq, &row.id))))
    })
    .await
}

/// Read a loaded ledger file
#[utoipa::path(tag = "ledger", params(("id" = Id, Path, description = "The file's id")), security(("bearer" = ["ledger:read"])),
    responses((status = 200, description = "The file", body = LoadedFile)))]
#[get("/ledger-imports/{id}")]
pub async fn get_ledger_import(app: Data<App>, _: Caller<LedgerRead>, id: Path<Id>) -> Result<Json<LoadedFile>, Problem> {
    app.read(move |connection| {
        let file = ledger_files::table.find(&id.0).select(LoadedFile::as_select()).first(connection).optional()?;
        file.map(Json).ok_or_else(|| Problem::not_found("ledger file"))
    })
    .await
}

/// Import a ledger file
///
/// The file is taken whole or not at all: 201 when it was loaded, 200 when it had been loaded before or with `dry_run`, 422 with
/// every problem when it is refused. Sending a file again adds nothing twice.
#[utoipa::path(tag = "ledger", security(("bearer" = ["ledger:write"])),
    request_body(content = LedgerImportForm, content_type = "multipart/form-data", example = json!({
        "mapping": "source = \"Finance system\" …", "file": "Posting Date,Amount …", "dry_run": "true"
    })),
    responses((status = 201, description = "The file was loaded", body = ImportReport),
        (status = 200, description = "Nothing was done: a dry run, or a file loaded before", body = ImportReport)))]
#[post("/ledger-imports")]
pub async fn create_ledger_import(app: Data<App>, caller: Caller<LedgerWrite>, request: HttpRequest, form: Multipart) -> Answer {
    if !request.content_type().eq_ignore_ascii_case("multipart/form-data") {
        return Err(Problem::new(Code::UnsupportedMediaType, "Send the parts as multipart/form-data."));
    }
    let Upload { mapping, file_name, file, mode } = Upload::receive(form).await?;
    let _turn = app.turns.to_import().await?;
    let (store, actor) = (app.store.clone(), caller.actor());
    let asking = actor.clone();
    app.read(move |connection| refuse_disabled(connection, &asking)).await?;
    let report = block(move || {
        let input = Input::named(&file_name, file.path());
        ledger::import(&store, &actor, &mapping, &[input], mode, &mut |_| {})
    })
    .await
    .map_err(Problem::internal)?
    .map_err(|error| match error {
        ledger::Error::Mapping(bad) => bad_mapping(&bad),
        ledger::Error::Store(error) => error.into(),
    })?;
    answer(report, mode)
}

fn answer(report: ImportReport, mode: Mode) -> Answer {
    let file = report.files.first().ok_or_else(|| Problem::internal("an import without a file"))?;
    let status = match file.status {
        FileStatus::Refused => return Err(refused(file)),
        FileStatus::Loaded if mode == Mode::Load => StatusCode::CREATED,
        FileStatus::Loaded | FileStatus::AlreadyLoaded => StatusCode::OK,
    };
    let mut response = HttpResponse::build(status);
    if let Some(id) = &file.file_id {
        response.insert_header((LOCATION, format!("/v1/ledger-imports/{id}")));
    }
    Ok(response.json(report))
}

fn refused(file: &ledger::FileReport) -> Problem {
    let errors = file.problems.iter().map(|problem| {
        let line = problem.line.map(|line| format!("/line {line}")).unwrap_or_default();
        let column = problem.column.as_deref().map(|column| format!("/{column}")).unwrap_or_default();
        let code = serde_json::to_value(problem.code).ok().and_then(|code| code.as_str().map(str::to_owned)).unwrap_or_default();
        FieldError { pointer: format!("/file{line}{column}"), code, detail: problem.detail.clone() }
    });
    Problem::with_errors(Code::LedgerFileRefused, errors.collect()).detailed(format!(
        "Nothing of the file was loaded. Problems shown: {}, not shown: {}.",
        file.problems.len(),
        file.problems_not_shown
    ))
}

fn bad_mapping(bad: &ledger::BadMapping) -> Problem {
    let errors = bad.0.iter().map(|problem| FieldError::new("/mapping", "invalid", problem)).collect();
    Problem::with_errors(Code::InvalidMapping, errors)
}

/// The form's parts.
struct Upload {
    mapping: Mapping,
    file_name: String,
    file: NamedTempFile,
    mode: Mode,
}

fn malformed(detail: &str) -> Problem {
    Problem::new(Code::MalformedForm, detail)
}

impl Upload {
    /// Reads the parts, in whatever order they come; the file goes to a temporary file that is gone with the request.
    async fn receive(mut form: Multipart) -> Result<Self, Problem> {
        let (mut mapping, mut file, mut mode) = (None, None, Mode::Load);
        while let Some(part) = form.next().await {
            let mut part = part.map_err(|_| malformed("The multipart form is broken."))?;
            match part.name().unwrap_or_default() {
                "mapping" if mapping.is_none() => mapping = Some(text(&mut part, MOST_MAPPING_BYTES).await?),
                "file" if file.is_none() => file = Some(save(&mut part).await?),
                "dry_run" => {
                    mode = match text(&mut part, 1000).await?.trim() {
                        "true" => Mode::DryRun,
                        "false" => Mode::Load,
                        _ => return Err(malformed("`dry_run` is `true` or `false`.")),
                    }
                }
                _ => return Err(malformed("The form has the parts `mapping`, `file` and perhaps `dry_run`, each once.")),
            }
        }
        let mapping = mapping.ok_or_else(|| malformed("The part `mapping` is missing."))?;
        let (file_name, file) = file.ok_or_else(|| malformed("The part `file` is missing."))?;
        let mapping = Mapping::parse(&mapping).map_err(|bad| bad_mapping(&bad))?;
        Ok(Upload { mapping, file_name, file, mode })
    }
}

async fn text(part: &mut Field, most: usize) -> Result<String, Problem> {
    let mut bytes = Vec::new();
    while let Some(chunk) = part.next().await {
        bytes.extend_from_slice(&chunk.map_err(|_| malformed("The multipart form broke off."))?);
        if bytes.len() > most {
            return Err(Problem::new(Code::TooLarge, format!("This part takes at most {most} bytes.")));
        }
    }
    String::from_utf8(bytes).map_err(|_| malformed("A part that should be text is not UTF-8."))
}

async fn save(part: &mut Field) -> Result<(String, NamedTempFile), Problem> {
    let name = part.content_disposition().and_then(|disposition| disposition.get_filename()).unwrap_or("upload").to_owned();
    let mut file = NamedTempFile::new().map_err(Problem::internal)?;
    let mut size = 0;
    while let Some(chunk) = part.next().await {
        let chunk = chunk.map_err(|_| malformed("The multipart form broke off."))?;
        size += chunk.len();
        if size > MOST_FILE_BYTES {
            return Err(Problem::new(
                Code::TooLarge,
                format!("The largest file taken here is {MOST_FILE_BYTES} bytes; the command line takes any."),
            ));
        }
        // Off the event loop: a disk may be slow.
        file = block(move || file.write_all(&chunk).map(|()| file)).await.map_err(Problem::internal)?.map_err(Problem::internal)?;
    }
    Ok((name, file))
}
