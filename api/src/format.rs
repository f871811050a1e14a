//! In which form an answer is asked for and written: JSON, CSV or a workbook.

use crate::problem::{Code, Problem};
use actix_web::http::header::{ACCEPT, CONTENT_DISPOSITION, CONTENT_TYPE, HeaderValue, VARY};
use actix_web::{HttpRequest, HttpResponse};
use chrono::NaiveDateTime;
use reports::{Error, Sheet};
use serde::{Deserialize, Serialize};
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
        parameter.or_else(|| accepted(request)).ok_or_else(refusal)
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

    /// The answer's bytes: JSON from the value, the others from its sheet. `made_at` (UTC) is the workbook's creation time. Long
    /// sheets take a while: write them off the event loop.
    pub fn write(
        self,
        value: &impl Serialize,
        made_at: NaiveDateTime,
        sheet: impl FnOnce() -> Result<Sheet, Error>,
    ) -> Result<Vec<u8>, Problem> {
        Ok(match self {
            Format::Json => serde_json::to_vec(value).map_err(Problem::internal)?,
            Format::Csv => sheet()?.to_csv()?.into_bytes(),
            Format::Xlsx => sheet()?.to_xlsx(made_at)?,
        })
    }

    /// 200 with what [`Format::write`] or [`reports::workbook`] gave. A workbook is offered as a file of that name, which comes
    /// without its end and is ASCII.
    pub fn respond(self, bytes: Vec<u8>, file_name: &str) -> HttpResponse {
        let mut response = HttpResponse::Ok().body(bytes);
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(self.content_type()));
        headers.append(VARY, HeaderValue::from_static("accept"));
        if self == Format::Xlsx {
            let safe: String = file_name.chars().map(|sign| if is_safe(sign) { sign } else { '-' }).collect();
            let disposition = format!("attachment; filename=\"{safe}.{}\"", self.extension());
            if let Ok(disposition) = HeaderValue::from_str(&disposition) {
                headers.insert(CONTENT_DISPOSITION, disposition);
            }
        }
        response
    }
}

fn is_safe(sign: char) -> bool {
    sign.is_ascii_alphanumeric() || "-_.".contains(sign)
}

/// The format that the `Accept` header likes best; of equals, the first of [`Format::ALL`]. None when it takes none.
fn accepted(request: &HttpRequest) -> Option<Format> {
    let header: Vec<_> = request.headers().get_all(ACCEPT).filter_map(|value| value.to_str().ok()).collect();
    let header = if header.is_empty() { "*/*".to_owned() } else { header.join(",") };
    // Of the ranges that cover a type the most exact one says how much it is liked, in thousandths.
    let liking = |format: Format| {
        let exact = format.content_type().split(';').next().unwrap_or_default();
        let family = if format == Format::Csv { "text/*" } else { "application/*" };
        [exact, family, "*/*"].into_iter().find_map(|range| header.split(',').find_map(|one| liking_of(one, range))).unwrap_or(0)
    };
    let most = Format::ALL.into_iter().map(liking).max().filter(|most| *most > 0)?;
    Format::ALL.into_iter().find(|format| liking(*format) == most)
}

/// How much `one` element of an `Accept` header likes a media range, if it is about that range: `text/csv;q=0.5` is 500.
fn liking_of(one: &str, range: &str) -> Option<u32> {
    let mut parts = one.split(';').map(str::trim);
    if !parts.next()?.eq_ignore_ascii_case(range) {
        return None;
    }
    let quality = parts.find_map(|part| part.strip_prefix("q=")).unwrap_or("1");
    let (whole, fraction) = quality.split_once('.').unwrap_or((quality, ""));
    let thousandths: String = fraction.chars().chain("000".chars()).take(3).collect();
    Some(whole.parse::<u32>().ok()? * 1000 + thousandths.parse::<u32>().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    #[test]
    fn the_header_decides_by_quality() {
        let asked = |header: &str| accepted(&TestRequest::default().insert_header((ACCEPT, header)).to_http_request());
        assert_eq!(accepted(&TestRequest::default().to_http_request()), Some(Format::Json));
        for (header, format) in [
            ("*/*", Some(Format::Json)),
            ("text/csv", Some(Format::Csv)),
            (XLSX, Some(Format::Xlsx)),
            ("text/csv, */*;q=0.1", Some(Format::Csv)),
            ("text/csv, application/json;q=0.5", Some(Format::Csv)),
            ("application/json;q=0, text/*", Some(Format::Csv)),
            ("application/json;q=0, application/*", Some(Format::Xlsx)),
            ("application/json, text/csv", Some(Format::Json)),
            (&format!("text/csv;q=0.8, {XLSX};q=0.9"), Some(Format::Xlsx)),
            (&format!("{XLSX};q=0.9, text/csv;q=0.9"), Some(Format::Csv)),
            ("text/html, application/xhtml+xml, */*;q=0.8", Some(Format::Json)),
            ("text/html", None),
            ("application/json;q=0", None),
        ] {
            assert_eq!(asked(header), format, "{header}");
        }
    }

    #[test]
    fn the_parameter_comes_before_the_header() {
        let request = TestRequest::default().insert_header((ACCEPT, "image/png")).to_http_request();
        assert_eq!(Format::of(&request, Some(Format::Xlsx)).ok(), Some(Format::Xlsx));
        assert_eq!(Format::of(&request, None).map_err(|problem| problem.code()), Err(Code::NotAcceptable));
    }

    #[test]
    fn a_workbook_is_offered_as_a_file_and_nothing_escapes_its_name() {
        let disposition = |format: Format| {
            let response = format.respond(Vec::new(), "agenda \"2024\"\r\n/é");
            response.headers().get(CONTENT_DISPOSITION).map(|value| value.to_str().unwrap_or_default().to_owned())
        };
        assert_eq!(disposition(Format::Xlsx).as_deref(), Some("attachment; filename=\"agenda--2024-----.xlsx\""));
        assert_eq!(disposition(Format::Csv), None);
    }
}
