//! What a client is told when something is wrong (RFC 9457). Only [`Problem`] has a body; causes inside us go to the log.

use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use actix_web::{HttpResponse, ResponseError};
use domain::RequestAction;
use serde::{Serialize, Serializer};
use std::fmt;
use utoipa::ToSchema;

/// Every code a problem may carry, with its status and title: the one table of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// The body is not JSON, or not UTF-8.
    MalformedJson,
    /// The multipart form cannot be read, or lacks a part.
    MalformedForm,
    /// No token, one that is wrong or expired, or one of a disabled account that would write or read a child's record.
    NotAuthenticated,
    /// The name, password, secret or refresh token is wrong.
    BadCredentials,
    /// The caller may not do this.
    NotAllowed,
    /// There is no such thing.
    NotFound,
    /// The path exists, the method does not.
    MethodNotAllowed,
    /// None of the media types asked for can be had.
    NotAcceptable,
    /// Another record has this code, reference or name.
    AlreadyExists,
    /// The record's state does not allow it.
    StateConflict,
    /// Something is missing for this step: `errors` lists all of it.
    NotReady,
    /// The caller's post has no authority for this, or the caller is ruled out.
    NoAuthority,
    /// A period overlaps one already recorded.
    PeriodOverlaps,
    /// A decision would cost more than its budget has available.
    BudgetExceeded,
    /// The body did not arrive in time.
    TooSlow,
    /// Too many wrong passwords.
    TooManyAttempts,
    /// The body is larger than is taken.
    TooLarge,
    /// The body is of another media type.
    UnsupportedMediaType,
    /// The body does not fit its schema, or breaks a rule.
    InvalidBody,
    /// A parameter is unknown or out of its range.
    InvalidParameter,
    /// The body names a record that does not exist.
    UnknownReference,
    /// The idempotency key came before with another request.
    IdempotencyKeyReused,
    /// The mapping file cannot be used.
    InvalidMapping,
    /// A ledger file was refused; nothing was loaded.
    LedgerFileRefused,
    /// No snapshot has been published yet.
    NothingPublished,
    /// A fault of ours, in the log under the request's id.
    Internal,
    /// The database cannot be reached.
    Unavailable,
}

impl Code {
    fn status_and_title(self) -> (StatusCode, &'static str) {
        use StatusCode as S;
        match self {
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

    fn as_text(self) -> String {
        serde_json::to_value(self).ok().and_then(|code| code.as_str().map(str::to_owned)).unwrap_or_default()
    }
}

/// One thing wrong with one field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldError {
    /// Where: a JSON pointer into the body, or `?name` for a parameter.
    #[schema(example = "/amount_pence")]
    pub pointer: String,
    /// What kind of mistake, stable.
    #[schema(example = "minimum")]
    pub code: String,
    /// What is wrong, in words.
    pub detail: String,
}

impl FieldError {
    /// A mistake in a field of the body.
    pub fn new(pointer: &str, code: &str, detail: impl Into<String>) -> Self {
        FieldError { pointer: pointer.to_owned(), code: code.to_owned(), detail: detail.into() }
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
    serializer.collect_str(&format_args!("urn:short-breaks:problem:{}", code.as_text()))
}

impl Problem {
    /// A problem with a sentence about this occurrence.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        let (status, title) = code.status_and_title();
        Problem {
            type_uri: code,
            title,
            status: status.as_u16(),
            detail: detail.into(),
            code,
            instance: None,
            errors: Vec::new(),
            allowed_actions: None,
        }
    }

    /// Fields of the body that are not valid.
    pub fn invalid(errors: Vec<FieldError>) -> Self {
        Self::with_errors(Code::InvalidBody, errors)
    }

    /// A problem whose fields are named.
    pub fn with_errors(code: Code, errors: Vec<FieldError>) -> Self {
        let detail = match errors.len() {
            1 => "1 field is not valid.".to_owned(),
            n => format!("{n} fields are not valid."),
        };
        Problem { errors, ..Self::new(code, detail) }
    }

    /// The problem with what may be done instead.
    pub fn allowing(self, actions: Vec<RequestAction>) -> Self {
        Problem { allowed_actions: Some(actions), ..self }
    }

    /// The same fields, of a record that was sound once: the store, not the body, is in the way.
    pub fn of_record(self, detail: &str) -> Self {
        match self.code {
            Code::InvalidBody => Self::with_errors(Code::StateConflict, self.errors).detailed(detail),
            _ => self,
        }
    }

    /// The problem with another sentence about this occurrence.
    pub fn detailed(mut self, detail: impl Into<String>) -> Self {
        self.detail = detail.into();
        self
    }

    /// A fault of ours: the cause is logged, the client learns nothing of it.
    pub fn internal(cause: impl fmt::Display) -> Self {
        log::error!("internal error: {cause}");
        Self::new(Code::Internal, "The fault is in our log under this request's id.")
    }

    /// There is no such record.
    pub fn not_found(what: &str) -> Self {
        Self::new(Code::NotFound, format!("There is no such {what}."))
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
        self.code.status_and_title().0
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

impl From<diesel::result::Error> for Problem {
    fn from(error: diesel::result::Error) -> Self {
        db::Error::from(error).into()
    }
}
