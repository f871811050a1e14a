//! What is asked of the store: all of it, or one book, as it was before an instant.

use chrono::NaiveDateTime;
use domain::{FinancialYear, TimeZone};

/// What is asked of the store.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// The instant from which on nothing recorded counts; none, everything does.
    pub before: Option<NaiveDateTime>,
    /// The time zone of the days on which things were recorded.
    pub zone: TimeZone,
    /// Only what the book of this year and budget line is made of, and of lines and shares only the last version; none, all of it.
    pub book: Option<(FinancialYear, &'a str)>,
}

/// Keeps what was recorded before the instant asked for.
macro_rules! recorded_before {
    ($query:expr, $table:ident, $asked:expr) => {
        match $asked.before {
            Some(before) => $query.filter($table::recorded_at.lt(before)),
            None => $query,
        }
    };
}

pub(super) use recorded_before;
