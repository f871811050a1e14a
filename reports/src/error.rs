//! Why a report cannot be given.

use chrono::NaiveDate;
use domain::{FieldError, FinancialYear};

/// What stops a report. Those that [`Error::is_refusal`] takes are the asker's to put right; their texts may be shown to anyone who may ask.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The warehouse is empty.
    #[error("nothing has been published yet; run `short-breaks etl` first")]
    NothingPublished,
    /// No such snapshot, or no longer.
    #[error("there is no snapshot `{0}` in the warehouse")]
    UnknownSnapshot(String),
    /// The snapshot was made by a version of the program whose tables have another shape, or lack one.
    #[error("the snapshot `{0}` was made by another version of the program; run `short-breaks etl` to publish one that this version reads")]
    OtherLayout(String),
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
    /// A year that is compared with the one before it, which the snapshot does not cover.
    #[error("what {year} needs is compared with the year before, of which the warehouse has nothing; it has {}", listed(known.iter().map(FinancialYear::as_str)))]
    NoYearBefore {
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
    /// Everything that scenarios may not say, each with its place.
    #[error("the scenarios cannot be used: {}", .0.iter().map(FieldError::in_words).collect::<Vec<_>>().join("; "))]
    Scenarios(Vec<FieldError>),
    /// The snapshot whose figures were approved is not there, or not as this program reads it.
    #[error("the snapshot `{0}` is not in the warehouse, or not as this program reads it; approve the edition with the figures of another")]
    ApprovedGone(String),
    /// Figures of an older snapshot than the current one were to be approved.
    #[error("the snapshot is not the current one, whose figures the draft shows: read the edition again, and approve that")]
    NotCurrent,
    /// A publication that withholds, and no rule of what.
    #[error(
        "the profile does not say which counts are too small to publish; add a section [disclosure], or choose to print figures as counted, with a reason"
    )]
    NoDisclosureRule,
    /// Small counts that are withheld and can be narrowed all the same. Its text names them: for officers alone.
    #[error(
        "these figures are withheld and can still be narrowed: {}; if the statement may go out all the same, choose `withheld` anew with \
         `accepts_narrower` and say why", .0.join("; ")
    )]
    NotKept(Vec<String>),
    /// A year before the first layout of a return.
    #[error("no layout of `{report}` is known for {year}; the first is that of {first}")]
    NoLayout {
        /// The report's name.
        report: &'static str,
        /// The year asked for.
        year: FinancialYear,
        /// The first year with a layout.
        first: FinancialYear,
    },
    /// Open data that nobody signs.
    #[error("the profile does not say as whom the authority publishes; add a section [returns.publisher]")]
    NoPublisher,
    /// A section 251 return without rules.
    #[error("the profile does not say where its budget lines belong in the section 251 return; add entries of [[returns.section_251]]")]
    NoSection251Rules,
    /// The layouts that this program was built with cannot be read: for the log.
    #[error("the layouts of returns cannot be read: {0}")]
    Layouts(String),
    /// A section's text cannot be read.
    #[error("the statement's text cannot be read: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Text(Vec<TextMistake>),
    /// The document cannot be written; a template that cannot be used is the asker's to put right.
    #[error(transparent)]
    Document(#[from] documents::Error),
    /// Figures that cannot be together: for the log.
    #[error("the statement's figures contradict one another: {}", .0.join("; "))]
    Contradiction(Vec<String>),
    /// The files could not be put into one: for the log.
    #[error("the statement's files cannot be packed: {0}")]
    Packing(String),
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

/// What is wrong in a section's text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("section `{section}`, line {line}: {detail}")]
pub struct TextMistake {
    /// The section's code.
    pub section: String,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong there, and what to do.
    pub detail: String,
}

impl Error {
    /// Whether asking otherwise, or later, would help; the rest are faults of the system.
    pub fn is_refusal(&self) -> bool {
        match self {
            Error::Damaged(_) | Error::Warehouse(_) | Error::Json(_) | Error::Contradiction(_) | Error::Packing(_) | Error::Layouts(_) => {
                false
            }
            Error::Document(error) => matches!(error, documents::Error::Template(_)),
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
            etl::Error::NoTable { snapshot, .. } => Error::OtherLayout(snapshot),
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
