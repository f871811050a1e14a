//! Which way a budget line's money goes, and how its budget may move.

pub mod hold;
pub mod movements;

use crate::column::word_column;
use diesel::{deserialize::FromSqlRow, expression::AsExpression, sql_types::Text};
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};
use utoipa::ToSchema;

/// Whether a budget line pays out or receives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[derive(EnumString, IntoStaticStr, VariantArray, ToSchema, AsExpression, FromSqlRow)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[diesel(sql_type = Text)]
pub enum Direction {
    /// Money paid; budgets and spend are positive.
    Expenditure,
    /// Money received; budgets and receipts are negative.
    Income,
}

/// Why a line's budget for a year changed. A budget changes in no other way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[derive(EnumString, IntoStaticStr, VariantArray, ToSchema, AsExpression, FromSqlRow)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[diesel(sql_type = Text)]
pub enum MovementKind {
    /// The budget the council set for the year; one a line.
    Original,
    /// One side of a transfer between two lines; the two add up to nothing.
    Virement,
    /// More or less money during the year.
    Adjustment,
    /// One side of what was not spent in a closed year and stands in the next; the two add up to nothing.
    CarryForward,
    /// Takes back an earlier movement, which it names.
    Reversal,
}

word_column!(Direction, MovementKind);
