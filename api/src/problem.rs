//! What a client is told when something is wrong (RFC 9457). Only [`Problem`] has a body; causes inside us go to the log.

use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use actix_web::{HttpResponse, ResponseError};
use domain::{Code, FieldError, Refusal, RequestAction};
use serde::{Serialize, Serializer};
use std::fmt;
use utoipa::ToSchema;

/// The status and title of every code: the one table of them.
fn status_and_title(code: Code) -> (StatusCode, &'static str) {
    use StatusCode as S;
    match code {
        Code::MalformedJson => (S::BAD_REQUEST, "The body is not well-formed JSON"),
        Code::MalformedForm => (S::BAD_REQUEST, "The form cannot be read"),
        Code::NotAuthenticated => (S::UNAUTHORIZED, "A valid access token is needed"),
        Code::BadCredentials => (S::UNAUTHORIZED, "The credentials are not right"),
        Code::NotAllowed => (S::FORBIDDEN, "Your role or scope does not allow this"),
        Code::NotFound => (S::NOT_FOUND, "There is no such thing"),
        Code::MethodNotAllowed => (S::METHOD_NOT_ALLOWED, "The path does not take this method"),
        Code::NotAcceptable => (S::NOT_ACCEPTABLE, "None of the media types asked for can be had"),
        Code::AlreadyExists => (S::CONFLICT, "Another record has it already"),
        Code::StateConflict => (S::CONFLICT, "The record's state does not allow it"),
        Code::NotReady => (S::CONFLICT, "Something is missing for this step"),
        Code::NoAuthority => (S::FORBIDDEN, "You have no authority for this"),
        Code::BudgetExceeded => (S::CONFLICT, "The budget does not cover it"),
        Code::PeriodOverlaps => (S::CONFLICT, "The period overlaps one already recorded"),
        Code::StaleVersion => (S::PRECONDITION_FAILED, "It changed since it was read"),
        Code::VersionNeeded => (S::PRECONDITION_REQUIRED, "Say which version you change"),
        Code::TooSlow => (S::REQUEST_TIMEOUT, "The body did not arrive in time"),
        Code::TooManyAttempts => (S::TOO_MANY_REQUESTS, "Too many attempts"),
        Code::TooLarge => (S::PAYLOAD_TOO_LARGE, "The body is too large"),
        Code::UnsupportedMediaType => (S::UNSUPPORTED_MEDIA_TYPE, "The body is of the wrong media type"),
        Code::InvalidBody => (S::UNPROCESSABLE_ENTITY, "The body is not valid"),
        Code::InvalidParameter => (S::UNPROCESSABLE_ENTITY, "A parameter is not valid"),
        Code::UnknownReference => (S::UNPROCESSABLE_ENTITY, "The body names a record that does not exist"),
        Code::IdempotencyKeyReused => (S::UNPROCESSABLE_ENTITY, "The idempotency key was used with another request"),
        Code::InvalidMapping => (S::UNPROCESSABLE_ENTITY, "The mapping file cannot be used"),
        Code::LedgerFileRefused => (S::UNPROCESSABLE_ENTITY, "A ledger file was refused"),
        Code::NothingPublished => (S::NOT_FOUND, "Nothing has been published yet"),
        Code::Internal => (S::INTERNAL_SERVER_ERROR, "Something went wrong here"),
        Code::Unavailable => (S::SERVICE_UNAVAILABLE, "The database cannot be reached, or is too busy"),
    }
}

/// A problem as the client reads it (RFC 9457, `application/problem+json`).
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(example = json!({
    "type": "urn:short-breaks:problem:invalid_body", "title": "The body is not valid", "status": 422,
    "detail": "1 field is not valid.", "code": "invalid_body", "instance": "urn:uuid:0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a11",
    "errors": [{ "pointer": "/amount_pence", "code": "type", "detail": "value is not of type \"integer\"" }]
}))]
pub struct Problem {
    /// The code as a URI.
    #[serde(rename = "type", serialize_with = "as_uri")]
    #[schema(value_type = String)]
    type_uri: Code,
    /// The same for every problem with this code.
    title: &'static str,
    /// The HTTP status.
    status: u16,
    /// What happened this time.
    detail: String,
    /// Stable: programs decide by it.
    code: Code,
    /// The request's id, as in the `x-request-id` header and in the log.
    #[serde(skip_serializing_if = "Option::is_none")]
    instance: Option<String>,
    /// Every bad field at once; none where no field is to blame.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    errors: Vec<FieldError>,
    /// What may be done to the request instead; only where its state does not allow what was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    allowed_actions: Option<Vec<RequestAction>>,
}

fn as_uri<S: Serializer>(code: &Code, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&format_args!("urn:short-breaks:problem:{}", code.as_str()))
}

impl Problem {
    /// A problem with a sentence about this occurrence.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Refusal::new(code, detail).into()
    }

    /// A fault of ours: the cause is logged, the client learns nothing of it.
    pub fn internal(cause: impl fmt::Display) -> Self {
        log::error!("internal error: {cause}");
        Self::new(Code::Internal, "The fault is in our log under this request's id.")
    }

    /// The problem with the request it answers.
    pub fn for_request(mut self, request_id: &str) -> Self {
        self.instance = Some(format!("urn:uuid:{request_id}"));
        self
    }

    /// Its code.
    pub fn code(&self) -> Code {
        self.code
    }

    /// Every bad field; none where no field is to blame.
    pub fn errors(&self) -> &[FieldError] {
        &self.errors
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.status, self.title, self.detail)?;
        self.errors.iter().try_for_each(|error| write!(f, "; {} {}", error.pointer, error.detail))
    }
}

impl std::error::Error for Problem {}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        status_and_title(self.code).0
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status_code()).json(self);
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        let (name, value) = match self.code {
            Code::NotAuthenticated | Code::BadCredentials => (WWW_AUTHENTICATE, "Bearer"),
            Code::TooManyAttempts => (RETRY_AFTER, "300"),
            Code::Unavailable => (RETRY_AFTER, "5"),
            _ => return response,
        };
        response.headers_mut().insert(name, HeaderValue::from_static(value));
        response
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let Refusal { code, detail, errors, allowed_actions } = refusal;
        let (status, title) = status_and_title(code);
        Problem { type_uri: code, title, status: status.as_u16(), detail, code, instance: None, errors, allowed_actions }
    }
}

impl From<records::Error> for Problem {
    fn from(error: records::Error) -> Self {
        match error {
            records::Error::Refused(refusal) => refusal.into(),
            records::Error::Store(error) => error.into(),
            records::Error::Fault(cause) => Problem::internal(cause),
        }
    }
}

impl From<sheets::Error> for Problem {
    fn from(error: sheets::Error) -> Self {
        records::Error::from(error).into()
    }
}

impl From<db::Error> for Problem {
    fn from(error: db::Error) -> Self {
        if let Some(key) = error.unique_key() {
            // `providers_code_key` is a collision of `code`; the table's name is no news to the caller.
            return Problem::new(Code::AlreadyExists, format!("Another record holds this value ({}).", key.trim_end_matches("_key")));
        }
        if error.is_foreign_key() {
            return Problem::new(Code::UnknownReference, "A record that the body names does not exist.");
        }
        if error.is_busy() || matches!(error, db::Error::Unreachable(_)) {
            log::error!("{error}");
            return Problem::new(Code::Unavailable, "Try again in a moment.");
        }
        Problem::internal(error)
    }
}
