//! What keeps an operation from being done: a refusal that its asker can read, or a failure that only the log may hold.

use domain::{Code, FieldError, Refusal, RequestAction};
use std::fmt::Display;

/// Why an operation was not done. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A rule refuses it; the asker is told why.
    #[error("{0}")]
    Refused(#[from] Refusal),
    /// The store failed, or one of its keys or references was in the way.
    #[error("{0}")]
    Store(db::Error),
    /// A fault of ours: the text is for the log alone.
    #[error("{0}")]
    Fault(String),
}

impl Error {
    /// A refusal with a sentence about this occurrence.
    pub fn refused(code: Code, detail: impl Into<String>) -> Self {
        Refusal::new(code, detail).into()
    }

    /// Fields of the body that are not valid.
    pub fn invalid(errors: Vec<FieldError>) -> Self {
        Refusal::invalid(errors).into()
    }

    /// A refusal whose fields are named.
    pub fn with_errors(code: Code, errors: Vec<FieldError>) -> Self {
        Refusal::with_errors(code, errors).into()
    }

    /// There is no such record.
    pub fn not_found(what: &str) -> Self {
        Refusal::not_found(what).into()
    }

    /// A fault of ours, by its cause.
    pub fn fault(cause: impl Display) -> Self {
        Error::Fault(cause.to_string())
    }

    /// The refusal with what may be done instead.
    pub fn allowing(self, actions: Vec<RequestAction>) -> Self {
        self.if_refused(|refusal| refusal.allowing(actions))
    }

    /// The same fields, of a record that was sound once: the store, not the body, is in the way.
    pub fn of_record(self, detail: &str) -> Self {
        self.if_refused(|refusal| refusal.of_record(detail))
    }

    /// The refusal with another sentence about this occurrence.
    pub fn detailed(self, detail: impl Into<String>) -> Self {
        self.if_refused(|refusal| refusal.detailed(detail))
    }

    fn if_refused(self, change: impl FnOnce(Refusal) -> Refusal) -> Self {
        match self {
            Error::Refused(refusal) => Error::Refused(change(refusal)),
            other => other,
        }
    }
}

impl From<sheets::Error> for Error {
    fn from(error: sheets::Error) -> Self {
        if error.is_refusal() { Error::refused(Code::NotAcceptable, error.to_string()) } else { Error::fault(error) }
    }
}

impl From<db::Error> for Error {
    fn from(error: db::Error) -> Self {
        Error::Store(error)
    }
}

impl From<diesel::result::Error> for Error {
    fn from(error: diesel::result::Error) -> Self {
        Error::Store(error.into())
    }
}
