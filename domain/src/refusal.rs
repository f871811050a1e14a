//! Why something is refused: what kind of refusal it is, a sentence about this one, and every bad field at once.
//!
//! Every rule refuses with a [`Refusal`]; every door (the API, the command line) says it in its own way.

use crate::RequestAction;
use serde::{Deserialize, Serialize};
use std::fmt;
use strum::{IntoStaticStr, VariantArray};
use utoipa::ToSchema;

/// Every code a problem may carry, stable: programs decide by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, IntoStaticStr, VariantArray, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Code {
    /// The body is not JSON, or not UTF-8.
    MalformedJson,
    /// The multipart form cannot be read, or lacks a part.
    MalformedForm,
    /// The token is missing, wrong or expired. Or its log-in is disabled, and the call would write, or read a child's record.
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
    /// A decision, or another change, would take more of a budget line than it has available.
    BudgetExceeded,
    /// Somebody else changed it since it was read.
    StaleVersion,
    /// The call does not say which version it changes.
    VersionNeeded,
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
    /// The word that stands for it.
    pub fn as_str(self) -> &'static str {
        self.into()
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

    /// The mistake with its place as a person counts: `/upratings/0/from` is `upratings 1, from`.
    pub fn in_words(&self) -> String {
        let mut place = String::new();
        for part in self.pointer.split('/').filter(|part| !part.is_empty()) {
            let counted = part.parse::<usize>().ok().and_then(|place| place.checked_add(1));
            match counted {
                Some(number) => place.push_str(&format!(" {number}")),
                None if place.is_empty() => place.push_str(part),
                None => place.push_str(&format!(", {part}")),
            }
        }
        if place.is_empty() { self.detail.clone() } else { format!("{place}: {}", self.detail) }
    }
}

/// A refusal. Nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// What kind of refusal.
    pub code: Code,
    /// What is wrong this time, and what to do.
    pub detail: String,
    /// Every bad field at once; none where no field is to blame.
    pub errors: Vec<FieldError>,
    /// What may be done to the request instead; only where its state does not allow what was asked.
    pub allowed_actions: Option<Vec<RequestAction>>,
}

impl Refusal {
    /// A refusal with a sentence about this occurrence.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Refusal { code, detail: detail.into(), errors: Vec::new(), allowed_actions: None }
    }

    /// Fields of the body that are not valid.
    pub fn invalid(errors: Vec<FieldError>) -> Self {
        Self::with_errors(Code::InvalidBody, errors)
    }

    /// A refusal whose fields are named.
    pub fn with_errors(code: Code, errors: Vec<FieldError>) -> Self {
        let detail = match errors.len() {
            1 => "1 field is not valid.".to_owned(),
            n => format!("{n} fields are not valid."),
        };
        Refusal { errors, ..Self::new(code, detail) }
    }

    /// A parameter, `?name`, that is not valid.
    pub fn bad_parameter(pointer: &str, code: &str, detail: impl Into<String>) -> Self {
        Self::with_errors(Code::InvalidParameter, vec![FieldError::new(pointer, code, detail)])
    }

    /// There is no such record.
    pub fn not_found(what: &str) -> Self {
        Self::new(Code::NotFound, format!("There is no such {what}."))
    }

    /// Nothing, where no field is bad; else the refusal that names them all.
    pub fn unless_valid(errors: Vec<FieldError>) -> Result<(), Self> {
        if errors.is_empty() { Ok(()) } else { Err(Self::invalid(errors)) }
    }

    /// The refusal with what may be done instead.
    pub fn allowing(self, actions: Vec<RequestAction>) -> Self {
        Refusal { allowed_actions: Some(actions), ..self }
    }

    /// The refusal with another sentence about this occurrence.
    pub fn detailed(self, detail: impl Into<String>) -> Self {
        Refusal { detail: detail.into(), ..self }
    }

    /// The same fields, of a record that was sound once: the store, not the body, is in the way.
    pub fn of_record(self, detail: &str) -> Self {
        match self.code {
            Code::InvalidBody => Self::with_errors(Code::StateConflict, self.errors).detailed(detail),
            _ => self,
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.detail)?;
        self.errors.iter().try_for_each(|error| write!(f, "; {} {}", error.pointer, error.detail))
    }
}

impl std::error::Error for Refusal {}
/// Something that a request, or support, lacks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Missing {
    /// The field of the paperwork, as a JSON pointer.
    #[schema(example = "/unmet_need")]
    pub pointer: String,
    /// What is missing, in words.
    pub detail: String,
    /// Where it is asked for; null where every authority asks for it.
    pub clause: Option<String>,
}
