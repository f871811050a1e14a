//! Taking back what was recorded: a row of the opposite amount that names the first.

use crate::problem::{Code, Problem};
use crate::text::Text;
use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::ToSchema;

/// Why something is taken back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reason": "Recorded against the wrong year" }))]
pub struct NewReversal {
    /// In words.
    pub reason: Text<500>,
}

/// The unique key on what a row reverses says that it was reversed before.
pub fn already_reversed(error: db::Error, key: &str) -> Problem {
    if error.unique_key().as_deref() == Some(key) {
        return Problem::new(Code::StateConflict, "It was reversed before.");
    }
    error.into()
}

/// A return as far as overlapping goes: its id, what it takes back, its half-open period.
pub struct Period {
    /// The return's id.
    pub id: String,
    /// The return that it takes back.
    pub reverses_id: Option<String>,
    /// First day.
    pub from: NaiveDate,
    /// First day after.
    pub to: NaiveDate,
}

/// Refuses a return where another stands that covers some of its days: they would count twice. Exact, because writers take turns.
pub fn refuse_overlap(covering: &[Period]) -> Result<(), Problem> {
    let reversed: Vec<_> = covering.iter().filter_map(|period| period.reverses_id.as_deref()).collect();
    match covering.iter().find(|period| period.reverses_id.is_none() && !reversed.contains(&period.id.as_str())) {
        None => Ok(()),
        Some(Period { id, from, to, .. }) => {
            Err(Problem::new(Code::PeriodOverlaps, format!("Return {id} covers {from} up to but not including {to}.")))
        }
    }
}
