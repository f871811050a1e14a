//! Costings: what a line would cost, before anyone asks for it.

use crate::error::Error;
use crate::joint_funding::shares::line_funding::FundingSplit;
use chrono::NaiveDate;
use domain::costing::{CannotCost, Costing, Line};
use domain::joint_funding::shares::share_of;
use domain::joint_funding::{FundedLines, Funding, ShareFrequency};
use domain::packages::dates::{date_mistakes, date_mistakes_at};
use domain::profile::CostingPolicy;
use domain::{FieldError, FinancialYear, Frequency, Pence, Quantity, UnitRate};
use domain::{Profile, Refusal};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A line to cost.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "year": "2023-24", "quantity_thousandths": 3500, "frequency": "weekly", "unit_rate_ten_thousandths": 214500,
    "valid_from": "2023-10-01", "funding": { "percentage_ten_thousandths": 500000 }
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
    /// What health would pay of it.
    pub funding: Option<FundingToCost>,
}

/// What health would pay: a percentage, or an amount and how often.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FundingToCost {
    /// Of the cost, in ten-thousandths of a per cent: 500000 is half, 1000000 all of it.
    #[schema(minimum = 1, maximum = 1000000)]
    pub percentage_ten_thousandths: Option<i64>,
    /// A fixed amount, so often.
    #[schema(value_type = Option<i64>, minimum = 1, maximum = 100000000000i64)]
    pub amount_pence: Option<Pence>,
    /// How often the amount.
    pub amount_frequency: Option<ShareFrequency>,
    /// The first day it pays for; none, as the line.
    pub valid_from: Option<NaiveDate>,
    /// The first day it no longer pays for; none, as the line.
    pub valid_to: Option<NaiveDate>,
}

/// A line's costs, and what is left of them after what health pays.
#[derive(Debug, Serialize, ToSchema)]
pub struct FundedCosting {
    /// The costs, gross.
    #[serde(flatten)]
    pub costing: Costing,
    /// Why the full year and the year asked for differ, in words.
    pub why_years_differ: String,
    /// Gross, income and net; only where a funding was asked about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub funding: Option<CostedSplits>,
}

/// Gross, income and net of a line's three costs.
#[derive(Debug, Serialize, ToSchema)]
pub struct CostedSplits {
    /// Of a full year in which health pays.
    pub full_year: FundingSplit,
    /// Of the year asked about.
    pub this_year: FundingSplit,
    /// Of the years after it; null when the line recurs and has no end.
    pub later_years: Option<FundingSplit>,
}

/// The share that is asked about; none when it is no share, and then the errors say why.
fn funding_to_cost(asked: &LineToCost, funding: &FundingToCost, errors: &mut Vec<FieldError>) -> Option<Funding> {
    let Some(share) = share_of(funding.percentage_ten_thousandths, funding.amount_pence, funding.amount_frequency) else {
        errors.push(FieldError::new("/funding", "one_share", "give a percentage, or an amount and how often"));
        return None;
    };
    let (valid_from, valid_to) = (funding.valid_from.unwrap_or(asked.valid_from), funding.valid_to.or(asked.valid_to));
    errors.extend(date_mistakes_at("/funding", valid_from, valid_to));
    Some(Funding { share, valid_from, valid_to })
}

/// Gross, income and net of a line with one share, seen from a year.
fn splits(policy: &CostingPolicy, line: Line, funding: Funding, year: FinancialYear) -> Result<CostedSplits, CannotCost> {
    let arrangement = FundedLines::new(policy, vec![line], vec![funding]);
    let later = line.costs_until().map(|ends| arrangement.split_between(year.next_starts_on(), ends)).transpose()?;
    Ok(CostedSplits {
        full_year: arrangement.full_year(funding.valid_from)?.into(),
        this_year: arrangement.split_between(year.starts_on(), year.next_starts_on())?.into(),
        later_years: later.map(FundingSplit::from),
    })
}

/// What a line would cost, and who would pay it. Nothing is recorded.
///
/// # Errors
/// When the line or the share is not valid, or costs more than a record may carry.
pub fn cost(profile: &Profile, asked: LineToCost) -> Result<FundedCosting, Error> {
    let mut errors = date_mistakes(asked.valid_from, asked.valid_to);
    let funding = asked.funding.as_ref().and_then(|funding| funding_to_cost(&asked, funding, &mut errors));
    Refusal::unless_valid(errors)?;
    let line = Line {
        quantity: asked.quantity_thousandths,
        frequency: asked.frequency,
        unit_rate: asked.unit_rate_ten_thousandths,
        valid_from: asked.valid_from,
        valid_to: asked.valid_to,
    };
    let policy = &profile.costing;
    let costed = policy.cost(&line, asked.year).and_then(|costing| {
        let funding = funding.map(|funding| splits(policy, line, funding, asked.year)).transpose()?;
        Ok((costing, funding))
    });
    let too_large = |error: CannotCost| Error::invalid(vec![FieldError::new("/quantity_thousandths", "too_large", error.to_string())]);
    let (costing, funding) = costed.map_err(too_large)?;
    Ok(FundedCosting { costing, why_years_differ: policy.why_years_differ(), funding })
}
