//! Why a report cannot be given.

use chrono::NaiveDate;
use domain::FinancialYear;

/// What stops a report. The first ten are the asker's to put right; their texts may be shown to anyone who may ask.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The warehouse is empty.
    #[error("nothing has been published yet; run `short-breaks etl` first")]
    NothingPublished,
    /// No such snapshot, or no longer.
    #[error("there is no snapshot `{0}` in the warehouse")]
    UnknownSnapshot(String),
    /// The snapshot is another authority's.
    #[error(
        "the warehouse is that of the authority `{owner}`, and the profile is that of `{profile}`; give the profile of `{owner}`, or another data folder"
    )]
    OtherAuthority {
        /// The code of the profile that the snapshot was made with.
        owner: String,
        /// The code of the profile it is read with.
        profile: String,
    },
    /// A year the snapshot does not cover.
    #[error("the warehouse has nothing for {year}; it has {}", listed(known.iter().map(FinancialYear::as_str)))]
    UnknownYear {
        /// The year asked for.
        year: FinancialYear,
        /// The years there are.
        known: Vec<FinancialYear>,
    },
    /// A month in none of the years asked for, or, when none was, of those the snapshot covers.
    #[error("the month {month} lies in none of the years {}", listed(years.iter().map(FinancialYear::as_str)))]
    UnknownMonth {
        /// The month asked for, `2024-04`.
        month: String,
        /// The years it could be in.
        years: Vec<FinancialYear>,
    },
    /// A budget line the authority does not keep.
    #[error("there is no budget line `{code}`; there are {}", listed(known.iter().map(String::as_str)))]
    UnknownBudgetLine {
        /// The code asked for.
        code: String,
        /// The codes there are.
        known: Vec<String>,
    },
    /// A provider nobody recorded.
    #[error("there is no provider with the code `{0}`")]
    UnknownProvider(String),
    /// A day whose end the snapshot does not hold yet.
    #[error("the snapshot holds what was known by {last}, and not by {day}; ask for an earlier day, or run `short-breaks etl` again")]
    NotYetKnown {
        /// The day asked for.
        day: NaiveDate,
        /// The last day it holds.
        last: NaiveDate,
    },
    /// A movement since a day that comes after the one it is told for.
    #[error("a movement since {since} cannot be told as known on {known_on}: the day comes after")]
    SinceLater {
        /// The day asked for.
        since: NaiveDate,
        /// The day it is told for.
        known_on: NaiveDate,
    },
    /// The snapshot, or the file that names the current one, is not what a run wrote; its text says what to run. For the log.
    #[error("{0}")]
    Damaged(etl::Error),
    /// The warehouse could not be read: for the log.
    #[error("{0}")]
    Warehouse(etl::Error),
    /// The answer cannot be written as a sheet.
    #[error(transparent)]
    Sheet(#[from] sheets::Error),
    /// The answer cannot be written as JSON: for the log.
    #[error("the report cannot be written as JSON: {0}")]
    Json(#[from] serde_json::Error),
}

impl Error {
    /// Whether asking otherwise, or later, would help; the rest are faults of the system.
    pub fn is_refusal(&self) -> bool {
        match self {
            Error::Damaged(_) | Error::Warehouse(_) | Error::Json(_) => false,
            Error::Sheet(error) => error.is_refusal(),
            _ => true,
        }
    }

    /// Whether the snapshot's files vanished while they were read.
    pub(crate) fn is_gone(&self) -> bool {
        match self {
            Error::UnknownSnapshot(_) => true,
            Error::Warehouse(error) => error.is_missing(),
            _ => false,
        }
    }
}

impl From<etl::Error> for Error {
    fn from(error: etl::Error) -> Self {
        match error {
            etl::Error::NothingPublished => Error::NothingPublished,
            etl::Error::UnknownSnapshot(id) => Error::UnknownSnapshot(id),
            damaged @ (etl::Error::Damaged(_) | etl::Error::DamagedCurrent(_) | etl::Error::Manifest { .. }) => Error::Damaged(damaged),
            other => Error::Warehouse(other),
        }
    }
}

impl From<polars::prelude::PolarsError> for Error {
    fn from(error: polars::prelude::PolarsError) -> Self {
        Error::Warehouse(error.into())
    }
}

fn listed<'a>(codes: impl Iterator<Item = &'a str>) -> String {
    codes.collect::<Vec<_>>().join(", ")
}
