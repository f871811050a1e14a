//! What the two reports of panel decisions share: their words, and how they read a mart.

use crate::error::Error;
use crate::years::{rows_of, rows_of_any_year};
use chrono::NaiveDate;
use domain::FinancialYear;
use etl::{Snapshot, dates, integers, optional_integers, texts};
use polars::prelude::DataFrame;
use serde::Serialize;
use std::str::FromStr;
use strum::{EnumString, IntoStaticStr};
use utoipa::ToSchema;

/// What a decision counts as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, EnumString, IntoStaticStr, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum CountedAs {
    /// Agreed as asked, with authority.
    Approved,
    /// Agreed with changed lines, with authority.
    ApprovedInPart,
    /// To be heard again.
    Deferred,
    /// Refused, by the panel or by a post after it.
    Declined,
    /// The local offer can meet the need.
    Signposted,
    /// Waiting for ratification or authority.
    Waiting,
    /// Taken back while it waited.
    Withdrawn,
}

impl CountedAs {
    /// An amount, where what was decided is agreed; nothing where it is not.
    pub(crate) fn agreed(self, pence: i64) -> i64 {
        if matches!(self, CountedAs::Approved | CountedAs::ApprovedInPart) { pence } else { 0 }
    }
}

/// Whether a decision has authority.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, EnumString, IntoStaticStr, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum DecisionStanding {
    /// It has.
    Given,
    /// A post has yet to say.
    Waiting,
    /// The post that ratifies refused it.
    DeclinedAtRatification,
    /// The post with the authority refused it.
    DeclinedAtAuthority,
    /// The request was taken back while the decision waited.
    Withdrawn,
}

/// The rows of a mart that are of one year, read column by column.
pub(crate) struct MartRows(DataFrame);

impl MartRows {
    /// [`Error::NothingPublished`] for a snapshot made before the mart was.
    pub(crate) fn of(snapshot: &Snapshot, mart: &str, year: FinancialYear, order: &str) -> Result<Self, Error> {
        if snapshot.manifest().table(mart).is_none() {
            return Err(Error::NothingPublished);
        }
        rows_of(snapshot, mart, year, order).map(MartRows)
    }

    /// The same in no order, also of a year that the snapshot does not cover otherwise.
    pub(crate) fn of_any_year(snapshot: &Snapshot, mart: &str, year: FinancialYear) -> Result<Self, Error> {
        if snapshot.manifest().table(mart).is_none() {
            return Err(Error::NothingPublished);
        }
        rows_of_any_year(snapshot, mart, year).map(MartRows)
    }

    /// Whether it has that column.
    pub(crate) fn has(&self, column: &str) -> bool {
        self.0.column(column).is_ok()
    }

    /// How many.
    pub(crate) fn len(&self) -> usize {
        self.0.height()
    }

    /// Words, nulls as `None`.
    pub(crate) fn optional<T: FromStr>(&self, column: &str) -> Result<Vec<Option<T>>, Error> {
        // The text says which column and not what is in it.
        let unreadable = || Error::Warehouse(etl::Error::Definition(format!("a word in the mart's column `{column}` is not known")));
        texts(&self.0, column)?.into_iter().map(|cell| cell.map(|text| text.parse().map_err(|_| unreadable())).transpose()).collect()
    }

    /// Words of a column without nulls.
    pub(crate) fn words<T: FromStr>(&self, column: &str) -> Result<Vec<T>, Error> {
        let unreadable = || Error::Warehouse(etl::Error::Definition(format!("the mart's column `{column}` has a null")));
        self.optional(column)?.into_iter().map(|cell| cell.ok_or_else(unreadable)).collect()
    }

    /// Whole numbers of a column without nulls.
    pub(crate) fn numbers(&self, column: &str) -> Result<Vec<i64>, Error> {
        Ok(integers(&self.0, column)?)
    }

    /// Whole numbers, nulls as `None`.
    pub(crate) fn optional_numbers(&self, column: &str) -> Result<Vec<Option<i64>>, Error> {
        Ok(optional_integers(&self.0, column)?)
    }

    /// Truth values of a column without nulls.
    pub(crate) fn truths(&self, column: &str) -> Result<Vec<bool>, Error> {
        Ok(self.numbers(column)?.into_iter().map(|number| number != 0).collect())
    }

    /// Days, nulls as `None`.
    pub(crate) fn days(&self, column: &str) -> Result<Vec<Option<NaiveDate>>, Error> {
        Ok(dates(&self.0, column)?)
    }
}
