//! The words of joint funding.

use crate::Frequency;
use crate::column::word_column;
use diesel::{deserialize::FromSqlRow, expression::AsExpression, sql_types::Text};
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};
use utoipa::ToSchema;

/// What a version of a funder's share says of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[derive(EnumString, IntoStaticStr, VariantArray, ToSchema, AsExpression, FromSqlRow)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[diesel(sql_type = Text)]
pub enum FundingState {
    /// As first written down.
    Recorded,
    /// An end date was set or moved.
    Ended,
    /// Written down by mistake: it never counted.
    Reversed,
}

/// How often a fixed share is paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[derive(EnumString, IntoStaticStr, VariantArray, ToSchema, AsExpression, FromSqlRow)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[diesel(sql_type = Text)]
pub enum ShareFrequency {
    /// Every week of the year.
    Weekly,
    /// Every fourth week.
    FourWeekly,
    /// Every calendar month.
    Monthly,
    /// Once a year.
    PerYear,
}

impl From<ShareFrequency> for Frequency {
    fn from(every: ShareFrequency) -> Self {
        match every {
            ShareFrequency::Weekly => Frequency::Weekly,
            ShareFrequency::FourWeekly => Frequency::FourWeekly,
            ShareFrequency::Monthly => Frequency::Monthly,
            ShareFrequency::PerYear => Frequency::PerYear,
        }
    }
}

/// Why an invoice to health is credited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[derive(EnumString, IntoStaticStr, VariantArray, ToSchema, AsExpression, FromSqlRow)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[diesel(sql_type = Text)]
pub enum CreditCause {
    /// The package or the share was changed back in time, and less is expected for the days invoiced.
    Adjustment,
    /// The invoice asked for the wrong amount.
    Error,
    /// Health disputed it, and was right.
    Dispute,
    /// The whole invoice is taken back; its days can be invoiced again.
    Reversal,
}

/// How a dispute ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[derive(EnumString, IntoStaticStr, VariantArray, ToSchema, AsExpression, FromSqlRow)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[diesel(sql_type = Text)]
pub enum DisputeOutcome {
    /// Health was right, and is credited.
    Upheld,
    /// The invoice stands.
    Rejected,
}

word_column!(FundingState, ShareFrequency, CreditCause, DisputeOutcome);
