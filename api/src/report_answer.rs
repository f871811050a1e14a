//! How a report is answered.
//!
//! A report's `ETag` is its snapshot, so a tool that asks again is told 304 until a new one is published.

use crate::app::{Answer, App};
use crate::format::Format;
use crate::problem::Problem;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, ETAG, HeaderValue, IF_NONE_MATCH, VARY};
use actix_web::web::block;
use actix_web::{HttpRequest, HttpResponse};
use domain::{Code, FieldError, Refusal};
use reports::{Asked, Error, Question, Snapshot, TextMistake, Which, Written};

/// The report, or 304 without making it when the asker has the current snapshot's.
pub(crate) async fn answer(app: &App, request: &HttpRequest, format: Option<Format>, question: Question) -> Answer {
    let format = Format::of(request, format)?;
    let file_name = question.file_name();
    let (warehouse, profile) = (app.warehouse.clone(), app.profile.clone());
    let asked = Tagged {
        extension: format.extension(),
        write: move || {
            question.answer(Asked { warehouse: &warehouse, which: &Which::Current, profile: &profile, format: format.of_report() })
        },
        respond: move |bytes| format.respond(bytes, &file_name),
    };
    let mut response = answer_tagged(app, request, asked).await?;
    if response.status() == StatusCode::NOT_MODIFIED {
        response.headers_mut().append(VARY, HeaderValue::from_static("accept"));
    }
    Ok(response)
}

/// How an answer from the current snapshot is made.
pub(crate) struct Tagged<W, R> {
    /// The end of a file's name, without the dot: forms of one report have tags of their own.
    pub extension: &'static str,
    /// Makes it, off the event loop.
    pub write: W,
    /// Puts its bytes into a response.
    pub respond: R,
}

/// The answer with its snapshot's tag, or 304 without making it when the asker has the current snapshot's.
pub(crate) async fn answer_tagged<W, R>(app: &App, request: &HttpRequest, asked: Tagged<W, R>) -> Answer
where
    W: FnOnce() -> Result<Written, Error> + Send + 'static,
    R: FnOnce(Vec<u8>) -> HttpResponse,
{
    let Tagged { extension, write, respond } = asked;
    let tag_of = |snapshot_id: &str| format!("\"{snapshot_id}.{extension}\"");
    let known = request.headers().get(IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let current = {
        let warehouse = app.warehouse.clone();
        block(move || Snapshot::open(&warehouse, &Which::Current).map(|snapshot| snapshot.id().to_owned())).await
    };
    let current = current.map_err(Problem::internal)?.map_err(Error::from)?;
    let is_known = known
        .is_some_and(|known| known.split(',').map(str::trim).any(|one| one == "*" || one.trim_start_matches("W/") == tag_of(&current)));
    let (mut response, tag) = if is_known {
        (HttpResponse::NotModified().finish(), tag_of(&current))
    } else {
        let Written { snapshot_id, bytes } = block(write).await.map_err(Problem::internal)??;
        (respond(bytes), tag_of(&snapshot_id))
    };
    let headers = response.headers_mut();
    headers.insert(ETAG, HeaderValue::from_str(&tag).map_err(Problem::internal)?);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    Ok(response)
}

/// The report on what a body asks: made each time, for no header can say whether the same was asked before, and in its turn.
pub(crate) async fn answer_to_body(app: &App, request: &HttpRequest, format: Option<Format>, question: Question) -> Answer {
    let format = Format::of(request, format)?;
    let file_name = question.file_name();
    let (warehouse, profile) = (app.warehouse.clone(), app.profile.clone());
    let turn = app.turns.to_compose().await?;
    let write = move || {
        // The turn goes with the work, which goes on when the asker leaves.
        let _turn = turn;
        question.answer(Asked { warehouse: &warehouse, which: &Which::Current, profile: &profile, format: format.of_report() })
    };
    let Written { bytes, .. } = block(write).await.map_err(Problem::internal)??;
    Ok(format.respond(bytes, &file_name))
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        problem(error)
    }
}

/// What the asker can put right is said; the rest goes to the log.
fn problem(error: Error) -> Problem {
    let parameter = |name: &str, detail: String| Refusal::bad_parameter(name, "unknown_reference", detail).into();
    match &error {
        Error::NothingPublished => Problem::new(Code::NothingPublished, "Run `short-breaks etl` first."),
        Error::OtherLayout(_) => Problem::new(Code::NothingPublished, error.to_string()),
        Error::NoYearBefore { .. } => Problem::new(Code::NotFound, error.to_string()),
        Error::UnknownSnapshot(_) | Error::UnknownYear { .. } | Error::NoLayout { .. } => Problem::new(Code::NotFound, error.to_string()),
        Error::UnknownMonth { .. } => parameter("?month", error.to_string()),
        Error::UnknownBudgetLine { .. } => parameter("?budget_line", error.to_string()),
        Error::NotYetKnown { .. } => Refusal::bad_parameter("?as_known_on", "not_yet_known", error.to_string()).into(),
        Error::SinceLater { .. } => Refusal::bad_parameter("?since", "not_before", error.to_string()).into(),
        Error::UnknownProvider(_) => parameter("?provider", error.to_string()),
        Error::NoDisclosureRule | Error::ApprovedGone(_) | Error::NotKept(_) => Problem::new(Code::StateConflict, error.to_string()),
        Error::NotCurrent => Problem::new(Code::StateConflict, error.to_string()),
        Error::NoPublisher | Error::NoSection251Rules => Problem::new(Code::StateConflict, error.to_string()),
        Error::Text(mistakes) => unreadable(mistakes),
        Error::Scenarios(errors) => Refusal::invalid(errors.clone()).into(),
        Error::Sheet(sheet) if sheet.is_refusal() => Problem::new(Code::NotAcceptable, sheet.to_string()),
        Error::OtherAuthority { .. }
        | Error::Damaged(_)
        | Error::Warehouse(_)
        | Error::Sheet(_)
        | Error::Json(_)
        | Error::Document(_)
        | Error::Contradiction(_)
        | Error::Packing(_)
        | Error::Layouts(_) => Problem::internal(error),
    }
}

/// Every mistake in an edition's text, by its section and line.
fn unreadable(mistakes: &[TextMistake]) -> Problem {
    let mistake = |mistake: &TextMistake| {
        FieldError::new(&format!("/sections/{}", mistake.section), "unreadable", format!("line {}: {}", mistake.line, mistake.detail))
    };
    let errors = mistakes.iter().map(mistake).collect();
    Refusal::with_errors(Code::NotReady, errors).detailed("The statement's text has mistakes. Change the sections that hold them.").into()
}
