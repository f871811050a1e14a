//! What a share comes to.

use crate::error::Error;
use crate::joint_funding::shares::funded_arrangements::funded_arrangements;
use crate::joint_funding::shares::share::JointFunding;
use chrono::NaiveDate;
use db::AnyConnection;
use domain::costing::CannotCost;
use domain::joint_funding::shares::nearest_day;
use domain::{FieldError, FinancialYear, Pence, Profile};
use serde::Serialize;
use utoipa::ToSchema;

/// What a share comes to, beside the other shares of the line.
#[derive(Debug, Serialize, ToSchema)]
pub struct FundingCost {
    /// What a whole year of the line costs.
    #[schema(value_type = i64)]
    pub full_year_gross_pence: Pence,
    /// What the funder pays of it.
    #[schema(value_type = i64)]
    pub full_year_income_pence: Pence,
    /// What is cut off a fixed amount that is more than the cost left.
    #[schema(value_type = i64)]
    pub full_year_withheld_pence: Pence,
    /// The financial year of today, or of the day nearest to it on which the funder pays.
    pub year: FinancialYear,
    /// What the funder pays in that year.
    #[schema(value_type = i64)]
    pub this_year_income_pence: Pence,
    /// What is cut off in that year.
    #[schema(value_type = i64)]
    pub this_year_withheld_pence: Pence,
}

/// A joint funding, and what it comes to.
#[derive(Debug, Serialize, ToSchema)]
pub struct CostedFunding {
    /// The funding.
    #[serde(flatten)]
    pub funding: JointFunding,
    /// What it comes to; null once it is reversed.
    pub cost: Option<FundingCost>,
}

/// Every version of a joint funding.
#[derive(Debug, Serialize, ToSchema)]
pub struct FundingHistory {
    /// The oldest first.
    pub versions: Vec<JointFunding>,
    /// What it comes to; null once it is reversed.
    pub cost: Option<FundingCost>,
}

/// What a share comes to on the day of it that is nearest to today: in that day's financial year, and in a full year of the lines in force.
pub(crate) fn cost_of(
    connection: &mut AnyConnection,
    profile: &Profile,
    funding: &JointFunding,
    today: NaiveDate,
) -> Result<Option<FundingCost>, Error> {
    let on = nearest_day(funding.valid_from, funding.valid_to, today);
    let year = FinancialYear::of(on).map_err(Error::fault)?;
    let arrangements = funded_arrangements(connection, &profile.costing, std::slice::from_ref(&funding.line_id))?;
    let Some(arrangement) = arrangements.get(&funding.line_id) else { return Ok(None) };
    let too_large = |error: CannotCost| Error::invalid(vec![FieldError::new("/amount_pence", "too_large", error.to_string())]);
    let Some((gross, full_year)) = arrangement.full_year_of(&funding.funding_id, on).map_err(too_large)? else { return Ok(None) };
    let this_year = arrangement.part(&funding.funding_id, year.starts_on(), year.next_starts_on()).map_err(too_large)?;
    Ok(Some(FundingCost {
        full_year_gross_pence: gross,
        full_year_income_pence: full_year.income,
        full_year_withheld_pence: full_year.withheld,
        year,
        this_year_income_pence: this_year.income,
        this_year_withheld_pence: this_year.withheld,
    }))
}
