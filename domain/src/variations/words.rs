//! The words of variations.

use crate::column::word_column;
use diesel::{deserialize::FromSqlRow, expression::AsExpression, sql_types::Text};
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};
use utoipa::ToSchema;

/// What a variation does to a package line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[derive(EnumString, IntoStaticStr, VariantArray, ToSchema, AsExpression, FromSqlRow)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[diesel(sql_type = Text)]
pub enum VariationKind {
    /// More units a year.
    Increase,
    /// Fewer units a year.
    Decrease,
    /// Another price of a unit.
    Rate,
    /// Another provider, at the same or another price.
    Provider,
    /// Nothing for a time, such as a stay in hospital.
    Suspension,
    /// Nothing any more.
    End,
    /// A later end, or none.
    Extension,
    /// The line was wrong from its start: its terms, or its dates.
    Correction,
    /// The rates of a provider or service rose, of many lines at once.
    Uprating,
}

/// What allows a variation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[derive(EnumString, IntoStaticStr, VariantArray, ToSchema, AsExpression, FromSqlRow)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[diesel(sql_type = Text)]
pub enum VariationBasis {
    /// A line of an approved request.
    RequestLine,
    /// The agreement of a post whose limit covers it.
    Agreement,
    /// A yearly rise of rates, which needs no new decision.
    Uprating,
}

/// Where a variation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[derive(EnumString, IntoStaticStr, VariantArray, ToSchema, AsExpression, FromSqlRow)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[diesel(sql_type = Text)]
pub enum VariationState {
    /// It waits for a post to agree it, and changes nothing.
    Proposed,
    /// It has taken effect.
    Agreed,
    /// A post refused it.
    Refused,
    /// It was taken back.
    Withdrawn,
}

word_column!(VariationKind, VariationBasis, VariationState);
