//! In which form an answer is asked for and written: JSON, CSV or a workbook.

use crate::problem::Problem;
use actix_web::http::header::{ACCEPT, CONTENT_DISPOSITION, CONTENT_TYPE, HeaderValue, VARY};
use actix_web::{HttpRequest, HttpResponse};
use chrono::NaiveDateTime;
use domain::Code;
use records::Error;
use serde::{Deserialize, Serialize};
use sheets::Sheet;
use utoipa::ToSchema;

/// The media type of a workbook.
pub const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// How an answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// Amounts in whole pence.
    Json,
    /// Amounts in pounds with two decimals.
    Csv,
    /// A workbook, with totals; amounts in pounds.
    Xlsx,
}

/// An XLSX workbook, as the document of the API describes it.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary,
    content_media_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")]
pub struct Workbook(#[expect(dead_code, reason = "only its schema is used")] Vec<u8>);

impl Format {
    /// In order of preference, for an asker who likes them equally.
    const ALL: [Format; 3] = [Format::Json, Format::Csv, Format::Xlsx];

    /// The format asked for: by the parameter, else by the `Accept` header, else JSON. 406 when the header takes none of them.
    pub fn of(request: &HttpRequest, parameter: Option<Format>) -> Result<Self, Problem> {
        let refusal = || Problem::new(Code::NotAcceptable, format!("This can be had as application/json, text/csv or {XLSX}."));
        let header: Vec<_> = request.headers().get_all(ACCEPT).filter_map(|value| value.to_str().ok()).collect();
        let header = (!header.is_empty()).then(|| header.join(","));
        let offered = Format::ALL.map(|format| (format, format.content_type()));
        sheets::accept::chosen(parameter, header.as_deref(), offered).ok_or_else(refusal)
    }

    /// The end of a file's name, without the dot.
    pub fn extension(self) -> &'static str {
        match self {
            Format::Json => "json",
            Format::Csv => "csv",
            Format::Xlsx => "xlsx",
        }
    }

    /// The `Content-Type` it goes out with.
    pub fn content_type(self) -> &'static str {
        match self {
            Format::Json => "application/json",
            Format::Csv => "text/csv; charset=utf-8",
            Format::Xlsx => XLSX,
        }
    }

    /// The form in which a report is written.
    pub fn of_report(self) -> reports::Format {
        match self {
            Format::Json => reports::Format::Json,
            Format::Csv => reports::Format::Csv,
            Format::Xlsx => reports::Format::Xlsx,
        }
    }

    /// The answer's bytes: JSON from the value, the others from its sheet. `made_at` (UTC) is the workbook's creation time. Long
    /// sheets take a while: write them off the event loop.
    pub fn write(
        self,
        value: &impl Serialize,
        made_at: NaiveDateTime,
        sheet: impl FnOnce() -> Result<Sheet, sheets::Error>,
    ) -> Result<Vec<u8>, Error> {
        Ok(match self {
            Format::Json => serde_json::to_vec(value).map_err(Error::fault)?,
            Format::Csv => sheet()?.to_csv()?.into_bytes(),
            Format::Xlsx => sheet()?.to_xlsx(made_at)?,
        })
    }

    /// 200 with what [`Format::write`] or [`sheets::workbook`] gave. A workbook is offered as a file of that name, which comes
    /// without its end and is ASCII.
    pub fn respond(self, bytes: Vec<u8>, file_name: &str) -> HttpResponse {
        let mut response = HttpResponse::Ok().body(bytes);
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(self.content_type()));
        headers.append(VARY, HeaderValue::from_static("accept"));
        if self == Format::Xlsx {
            let disposition = sheets::accept::attachment(file_name, self.extension());
            if let Ok(disposition) = HeaderValue::from_str(&disposition) {
                headers.insert(CONTENT_DISPOSITION, disposition);
            }
        }
        response
    }
}
