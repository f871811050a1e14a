//! Ledger imports: a file of the council's finance system, read by a mapping, taken whole or not at all.

use crate::app::{Answer, App};
use crate::auth::Caller;
use crate::auth::permission::{LedgerRead, LedgerWrite};
use crate::extract::Params;
use crate::problem::Problem;
use actix_multipart::{Field, Multipart};
use actix_web::HttpMessage;
use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use actix_web::web::{Data, Json, Path, block};
use actix_web::{HttpRequest, HttpResponse, get, post};
use domain::Refusal;
use domain::{Code, FieldError};
use futures_util::StreamExt;
use ledger::{FileStatus, ImportReport, Input, Mapping, Mode};
use records::ledger_entries::imports;
use records::ledger_entries::imports::{LedgerImportForm, ListFiles, LoadedFile, MOST_FILE_BYTES, MOST_MAPPING_BYTES};
use records::page::Page;
use records::people::sign_in::refuse_disabled;
use records::text::Id;
use std::io::Write;
use tempfile::NamedTempFile;

/// List loaded ledger files
#[utoipa::path(tag = "ledger", params(ListFiles), security(("bearer" = ["ledger:read"])),
    responses((status = 200, description = "A page of files, in the order loaded", body = Page<LoadedFile>)))]
#[get("/ledger-imports")]
pub async fn list_ledger_imports(
    app: Data<App>,
    _: Caller<LedgerRead>,
    params: Params<ListFiles>,
) -> Result<Json<Page<LoadedFile>>, Problem> {
    app.read(move |connection| imports::list(connection, params.0).map(Json)).await
}

/// Read a loaded ledger file
#[utoipa::path(tag = "ledger", params(("id" = Id, Path, description = "The file's id")), security(("bearer" = ["ledger:read"])),
    responses((status = 200, description = "The file", body = LoadedFile)))]
#[get("/ledger-imports/{id}")]
pub async fn get_ledger_import(app: Data<App>, _: Caller<LedgerRead>, id: Path<Id>) -> Result<Json<LoadedFile>, Problem> {
    app.read(move |connection| imports::read(connection, &id.0).map(Json)).await
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
        let sheet = problem.sheet.as_deref().map(|sheet| format!("/sheet {sheet}")).unwrap_or_default();
        let line = problem.line.map(|line| format!("/line {line}")).unwrap_or_default();
        let column = problem.column.as_deref().map(|column| format!("/{column}")).unwrap_or_default();
        let code = serde_json::to_value(problem.code).ok().and_then(|code| code.as_str().map(str::to_owned)).unwrap_or_default();
        FieldError { pointer: format!("/file{sheet}{line}{column}"), code, detail: problem.detail.clone() }
    });
    Refusal::with_errors(Code::LedgerFileRefused, errors.collect())
        .detailed(format!(
            "Nothing of the file was loaded. Problems shown: {}, not shown: {}.",
            file.problems.len(),
            file.problems_not_shown
        ))
        .into()
}

fn bad_mapping(bad: &ledger::BadMapping) -> Problem {
    let errors = bad.0.iter().map(|problem| FieldError::new("/mapping", "invalid", problem)).collect();
    Refusal::with_errors(Code::InvalidMapping, errors).into()
}

/// The form's parts.
struct Upload {
    mapping: Mapping,
    file_name: String,
    file: NamedTempFile,
    mode: Mode,
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

fn malformed(detail: &str) -> Problem {
    Problem::new(Code::MalformedForm, detail)
}
