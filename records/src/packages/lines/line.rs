//! A package line: its row, in one of its versions.

use crate::instant::Instant;
use chrono::NaiveDate;
use db::schema::package_lines;
use diesel::prelude::*;
use domain::costing::Line;
use domain::{Frequency, LineState, Quantity, Unit, UnitRate};
use serde::Serialize;
use utoipa::ToSchema;

/// A line of a package, in one of its versions.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = package_lines)]
#[schema(example = json!({
    "id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a21", "line_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a21", "version": 1,
    "package_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a11", "service": "home_care", "budget_line": "home_care",
    "provider_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a13", "statement_category": null, "unit": "hour", "quantity_thousandths": 3500,
    "frequency": "weekly", "unit_rate_ten_thousandths": 214500, "valid_from": "2023-04-01", "valid_to": null, "state": "recorded",
    "reason": "Panel of 14 March 2023", "recorded_by": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a11", "recorded_at": "2023-04-01T09:00:00Z", "recorded_seq": 412,
    "request_line_id": null, "continues_line_id": null, "variation_id": null, "ends_by_age_on": null, "beyond_age_reason": null
}))]
pub struct PackageLine {
    /// This version's id.
    pub id: String,
    /// The line's id, the same in every version.
    pub line_id: String,
    /// 1, 2, 3 …
    pub version: i64,
    /// The package it belongs to.
    pub package_id: String,
    /// What is provided, as a code.
    pub service: String,
    /// The budget line that pays.
    pub budget_line: String,
    /// Who provides it; none for a direct payment, which the parent spends.
    pub provider_id: Option<String>,
    /// What the statement counts it as, apart from its budget line.
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
    /// What this version says.
    pub state: LineState,
    /// In words.
    pub reason: String,
    /// Who recorded it: a user's or client's id.
    pub recorded_by: String,
    /// When, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
    /// The request line that it carries out; null, it was agreed before requests were kept here, or a variation went beyond it.
    pub request_line_id: Option<String>,
    /// The first line of the arrangement that this one carries on after a variation; null, it is the first.
    pub continues_line_id: Option<String>,
    /// The variation that made this version; null, none did.
    pub variation_id: Option<String>,
    /// Why the child has the same support twice on the same days; null, it has not, or the line was recorded before that was asked.
    pub second_support_reason: Option<String>,
    /// The birthday on which the child is too old for this support. The line ends then, unless `valid_to` is earlier. Null: age never ends it.
    pub ends_by_age_on: Option<NaiveDate>,
    /// Why it starts before the first age of its budget line, or goes on after the last; null, it does neither.
    pub beyond_age_reason: Option<String>,
}

impl PackageLine {
    /// The first line of its arrangement.
    pub fn arrangement(&self) -> &str {
        self.continues_line_id.as_deref().unwrap_or(&self.line_id)
    }

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
