//! The words a package line is described with.

use crate::column::word_column;
use diesel::{deserialize::FromSqlRow, expression::AsExpression, sql_types::Text};
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};
use utoipa::ToSchema;

/// Who runs a provider, as the section 251 return divides them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[derive(EnumString, IntoStaticStr, VariantArray, ToSchema, AsExpression, FromSqlRow)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[diesel(sql_type = Text)]
pub enum Sector {
    /// The council itself.
    Own,
    /// A company.
    Private,
    /// Another public body, such as a health trust.
    OtherPublic,
    /// A charity or community group.
    Voluntary,
}

/// Where a provider's setting is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[derive(EnumString, IntoStaticStr, VariantArray, ToSchema, AsExpression, FromSqlRow)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[diesel(sql_type = Text)]
pub enum Location {
    /// Inside the authority's area.
    InBorough,
    /// Outside it.
    OutOfBorough,
}

/// What is bought one of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[derive(EnumString, IntoStaticStr, VariantArray, ToSchema, AsExpression, FromSqlRow)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[diesel(sql_type = Text)]
pub enum Unit {
    /// An hour of support.
    Hour,
    /// A night away.
    Night,
    /// A session of an activity.
    Session,
    /// A day of an activity.
    Day,
    /// A week of a service.
    Week,
    /// A mile of transport.
    Mile,
    /// A thing, bought once.
    Item,
}

/// How often the quantity is provided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[derive(EnumString, IntoStaticStr, VariantArray, ToSchema, AsExpression, FromSqlRow)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[diesel(sql_type = Text)]
pub enum Frequency {
    /// Every week of the year.
    Weekly,
    /// Every second week.
    Fortnightly,
    /// Every fourth week, as direct payments are.
    FourWeekly,
    /// Every calendar month.
    Monthly,
    /// Each week of school term.
    TermTimeWeeks,
    /// Each week of school holiday.
    HolidayWeeks,
    /// The quantity is a year's, spread evenly.
    PerYear,
    /// Once, on the first day.
    OneOff,
}

/// What a version of a package line says of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[derive(EnumString, IntoStaticStr, VariantArray, ToSchema, AsExpression, FromSqlRow)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[diesel(sql_type = Text)]
pub enum LineState {
    /// As first written down.
    Recorded,
    /// An end date was set or moved.
    Ended,
    /// Written down by mistake: it never counted.
    Reversed,
}

word_column!(Sector, Location, Unit, Frequency, LineState);
