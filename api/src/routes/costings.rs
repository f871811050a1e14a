//! Costings: what a line would cost, before anyone asks for it.

use super::package_lines::date_mistakes;
use crate::app::App;
use crate::auth::Caller;
use crate::auth::permission::ReferenceRead;
use crate::extract::Body;
use crate::problem::{FieldError, Problem};
use actix_web::post;
use actix_web::web::{Data, Json};
use chrono::NaiveDate;
use domain::costing::{Costing, Line};
use domain::{FinancialYear, Frequency, Quantity, UnitRate};
use serde::Deserialize;
use utoipa::ToSchema;

/// A line to cost.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "year": "2023-24", "quantity_thousandths": 3500, "frequency": "weekly", "unit_rate_ten_thousandths": 214500, "valid_from": "2023-10-01"
}))]
pub struct LineToCost {
    /// The year that counts as this year.
    pub year: FinancialYear,
    /// How many units each time, in thousandths.
    pub quantity_thousandths: Quantity,
    /// How often.
    pub frequency: Frequency,
    /// The price of a unit, in ten-thousandths of a pound.
    pub unit_rate_ten_thousandths: UnitRate,
    /// The first day in force.
    pub valid_from: NaiveDate,
    /// The first day no longer in force; none, open-ended.
    pub valid_to: Option<NaiveDate>,
}

/// Cost a line
///
/// The full-year cost, the cost in the year and the cost in later years, by the authority's weeks and school calendar. Records nothing.
#[utoipa::path(tag = "packages", request_body = LineToCost, security(("bearer" = ["reference:read"])),
    responses((status = 200, description = "The costs", body = Costing)))]
#[post("/costings")]
pub async fn cost_line(app: Data<App>, _: Caller<ReferenceRead>, body: Body<LineToCost>) -> Result<Json<Costing>, Problem> {
    let asked = body.value;
    let errors = date_mistakes(asked.valid_from, asked.valid_to);
    if !errors.is_empty() {
        return Err(Problem::invalid(errors));
    }
    let line = Line {
        quantity: asked.quantity_thousandths,
        frequency: asked.frequency,
        unit_rate: asked.unit_rate_ten_thousandths,
        valid_from: asked.valid_from,
        valid_to: asked.valid_to,
    };
    let costing = app.profile.costing.cost(&line, asked.year);
    costing.map(Json).map_err(|error| Problem::invalid(vec![FieldError::new("/quantity_thousandths", "too_large", error.to_string())]))
}
