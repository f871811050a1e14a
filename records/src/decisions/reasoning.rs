//! The reasoning that is kept with a decision: JSON, as it was on the day, whatever becomes of the rules.

use crate::error::Error;
use diesel::backend::Backend;
use diesel::deserialize::{FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::serialize::{Output, ToSql};
use diesel::sql_types::Text;
use diesel::{deserialize, serialize};
use serde::ser::Error as _;
use serde::{Serialize, Serializer};
use serde_json::Value;
use utoipa::ToSchema;

/// An explanation of authority as it was stored.
#[derive(Debug, Clone, PartialEq, Eq, AsExpression, FromSqlRow, ToSchema)]
#[diesel(sql_type = Text)]
#[schema(value_type = Object)]
pub struct Reasoning(String);

impl Reasoning {
    /// Keeps an explanation.
    pub fn of(explanation: &impl Serialize) -> Result<Self, Error> {
        serde_json::to_string(explanation).map(Reasoning).map_err(Error::fault)
    }
}

impl Serialize for Reasoning {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serde_json::from_str::<Value>(&self.0).map_err(S::Error::custom)?.serialize(serializer)
    }
}

impl<DB: Backend> FromSql<Text, DB> for Reasoning
where
    String: FromSql<Text, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
        String::from_sql(bytes).map(Reasoning)
    }
}

impl<DB: Backend> ToSql<Text, DB> for Reasoning
where
    String: ToSql<Text, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        self.0.to_sql(out)
    }
}
