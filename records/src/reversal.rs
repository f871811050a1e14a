//! Taking back what was recorded: a row of the opposite amount that names the first.

use crate::error::Error;
use crate::text::Text;
use domain::Code;
use serde::Deserialize;
use utoipa::ToSchema;

pub use domain::periods::{ReturnPeriod as Period, refuse_covered as refuse_overlap};

/// Why something is taken back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reason": "Recorded against the wrong year" }))]
pub struct NewReversal {
    /// In words.
    pub reason: Text<500>,
}

/// The unique key on what a row reverses says that it was reversed before.
pub fn already_reversed(error: db::Error, key: &str) -> Error {
    if error.unique_key().as_deref() == Some(key) {
        return Error::refused(Code::StateConflict, "It was reversed before.");
    }
    error.into()
}
