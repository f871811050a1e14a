//! The lines of a request (form PA1), and what they cost.

use crate::error::Error;
use crate::text::{CodeText, Id, Text};
use chrono::NaiveDate;
use db::AnyConnection;
use db::schema::request_lines;
use diesel::prelude::*;
use domain::children::ages::as_read;
use domain::costing::{Costing, Line};
use domain::{FinancialYear, Frequency, Profile, Quantity, Unit, UnitRate};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A line of a request, in one revision of its paperwork.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = request_lines)]
pub struct RequestLine {
    /// The line's id.
    pub id: String,
    /// The request.
    pub request_id: String,
    /// The revision of its paperwork.
    pub revision: i64,
    /// Its place, from 1.
    pub number: i64,
    /// What is asked for, as a code.
    pub service: String,
    /// The budget line that would pay.
    pub budget_line: String,
    /// Who would provide it; null, not known yet, or a direct payment.
    pub provider_id: Option<String>,
    /// What the statement would count it as, apart from its budget line.
    pub statement_category: Option<String>,
    /// What is bought one of.
    pub unit: Unit,
    /// How many units each time, in thousandths.
    pub quantity_thousandths: Quantity,
    /// How often.
    pub frequency: Frequency,
    /// The price of a unit, in ten-thousandths of a pound.
    pub unit_rate_ten_thousandths: UnitRate,
    /// The first day in force.
    pub valid_from: NaiveDate,
    /// The first day no longer in force; null, open-ended.
    pub valid_to: Option<NaiveDate>,
    /// The package line that ends when this one starts; null, it comes on top.
    pub replaces_line_id: Option<String>,
    /// Why the child is to have the same support twice on the same days; null, it is not.
    pub second_support_reason: Option<String>,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
    /// The birthday on which the child is too old for this support. The line ends then, unless `valid_to` is earlier. Null: age never ends it.
    pub ends_by_age_on: Option<NaiveDate>,
    /// Why it starts before the first age of its budget line, or goes on after the last; null, it does neither.
    pub beyond_age_reason: Option<String>,
}

/// A line of a request with its three costs (form PA1).
#[derive(Debug, Serialize, ToSchema)]
pub struct CostedLine {
    /// The line.
    #[serde(flatten)]
    pub line: RequestLine,
    /// What it costs, seen from one financial year.
    pub costing: Costing,
}

/// A line to ask for.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "service": "targeted_outreach", "budget_line": "targeted_outreach", "unit": "hour", "quantity_thousandths": 3000,
    "frequency": "weekly", "unit_rate_ten_thousandths": 198000, "valid_from": "2024-06-03"
}))]
pub struct NewRequestLine {
    /// What is asked for, as a code: it reaches reports, so it has no room for a name.
    pub service: CodeText,
    /// The budget line that would pay: one of expenditure.
    pub budget_line: CodeText,
    /// Who would provide it, if that is known.
    pub provider_id: Option<Id>,
    /// What the statement would count it as: a category of the authority's profile.
    pub statement_category: Option<CodeText>,
    /// What is bought one of.
    pub unit: Unit,
    /// How many units each time, in thousandths.
    pub quantity_thousandths: Quantity,
    /// How often.
    pub frequency: Frequency,
    /// The price of a unit, in ten-thousandths of a pound.
    pub unit_rate_ten_thousandths: UnitRate,
    /// The first day in force.
    pub valid_from: NaiveDate,
    /// The first day no longer in force; none, open-ended. Either way the line ends on the last birthday that the profile has for its budget
    /// line, unless `beyond_age_reason` says why it goes on.
    pub valid_to: Option<NaiveDate>,
    /// Why the child has this support although the profile calls it too young or too old for it: in words, without names.
    pub beyond_age_reason: Option<Text<500>>,
    /// The package line that ends when this one starts; none, it comes on top of what the child has.
    pub replaces_line_id: Option<Id>,
    /// Why the child is to have the same support twice: needed where it has the same service of the same budget line on the same days,
    /// whoever provides it, and this line does not replace that; likewise for two such lines of one request.
    pub second_support_reason: Option<Text<500>>,
}

impl RequestLine {
    /// What of it decides its cost.
    pub fn costed(&self) -> Line {
        Line {
            quantity: self.quantity_thousandths,
            frequency: self.frequency,
            unit_rate: self.unit_rate_ten_thousandths,
            valid_from: self.valid_from,
            valid_to: self.valid_to,
        }
    }
}

impl NewRequestLine {
    /// What of it decides its cost.
    pub fn costed(&self) -> Line {
        Line {
            quantity: self.quantity_thousandths,
            frequency: self.frequency,
            unit_rate: self.unit_rate_ten_thousandths,
            valid_from: self.valid_from,
            valid_to: self.valid_to,
        }
    }
}

/// The lines of a revision, in their order.
pub fn lines_of(connection: &mut AnyConnection, request_id: &str, revision: i64) -> Result<Vec<RequestLine>, Error> {
    Ok(request_lines::table
        .filter(request_lines::request_id.eq(request_id).and(request_lines::revision.eq(revision)))
        .select(RequestLine::as_select())
        .order(request_lines::number)
        .load(connection)?)
}

/// The lines with their costs, seen from a financial year.
pub fn costed_lines(profile: &Profile, lines: Vec<RequestLine>, year: FinancialYear) -> Result<Vec<CostedLine>, Error> {
    let cost = |line: RequestLine| {
        let costing = profile.costing.cost(&line.costed(), year).map_err(Error::fault)?;
        let costing = as_read(costing, &line.costed(), line.ends_by_age_on);
        Ok(CostedLine { line, costing })
    };
    lines.into_iter().map(cost).collect()
}
