//! Recording a joint funding, and the versions that end and reverse it.

use super::{CostedFunding, EndOfFunding, FundedArrangements, FundingCost, JointFunding, NewJointFunding, checks};
use crate::problem::{Code, FieldError, Problem};
use crate::routes::package_lines::date_mistakes;
use db::schema::joint_fundings;
use db::{AnyConnection, Event, Write, new_id};
use diesel::prelude::*;
use domain::joint_funding::FundingState;
use domain::{FinancialYear, Profile};

/// Every version of a funding, the oldest first.
pub(super) fn history(connection: &mut AnyConnection, funding_id: &str) -> Result<Vec<JointFunding>, Problem> {
    let versions: Vec<JointFunding> = joint_fundings::table
        .select(JointFunding::as_select())
        .filter(joint_fundings::funding_id.eq(funding_id))
        .order(joint_fundings::version)
        .load(connection)?;
    if versions.is_empty() { Err(Problem::not_found("joint funding")) } else { Ok(versions) }
}

/// The funding's last version, unless it was reversed.
fn standing(connection: &mut AnyConnection, funding_id: &str) -> Result<JointFunding, Problem> {
    let latest = history(connection, funding_id)?.pop().ok_or_else(|| Problem::not_found("joint funding"))?;
    if latest.state == FundingState::Reversed {
        return Err(Problem::new(Code::StateConflict, "The joint funding was reversed."));
    }
    Ok(latest)
}

/// Records a funding's first version.
pub(super) fn record(write: &mut Write<'_>, profile: &Profile, new: NewJointFunding) -> Result<CostedFunding, Problem> {
    let mut errors = checks::mistakes(write.connection, &new)?;
    let package_id = checks::package_of(write.connection, &new.line_id.0, &mut errors)?;
    if !errors.is_empty() {
        return Err(Problem::invalid(errors));
    }
    let id = new_id();
    let funding = JointFunding {
        funding_id: id.clone(),
        id,
        version: 1,
        line_id: new.line_id.0,
        package_id: package_id.unwrap_or_default(),
        provider_id: new.provider_id.0,
        budget_line: new.budget_line.0,
        percentage_ten_thousandths: new.percentage_ten_thousandths,
        amount_pence: new.amount_pence,
        amount_frequency: new.amount_frequency,
        valid_from: new.valid_from,
        valid_to: new.valid_to,
        agreement_reference: new.agreement_reference.0,
        state: FundingState::Recorded,
        reason: new.reason.0,
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    };
    checks::refuse_past_whole(write.connection, &funding)?;
    insert(write, profile, funding, "record")
}

/// Adds the version that ends it.
pub(super) fn end(write: &mut Write<'_>, profile: &Profile, id: &str, new: EndOfFunding) -> Result<CostedFunding, Problem> {
    let latest = standing(write.connection, id)?;
    let errors = date_mistakes(latest.valid_from, Some(new.valid_to));
    if !errors.is_empty() {
        return Err(Problem::invalid(errors));
    }
    if latest.valid_to == Some(new.valid_to) {
        return Err(Problem::new(Code::StateConflict, format!("The joint funding ends on {} already.", new.valid_to)));
    }
    let ended = JointFunding { valid_to: Some(new.valid_to), state: FundingState::Ended, reason: new.reason.0, ..latest };
    // An end that is moved on may reach into another share of the line.
    checks::refuse_past_whole(write.connection, &ended)?;
    add_version(write, profile, ended, "end")
}

/// Adds the version that takes it back.
pub(super) fn reverse(write: &mut Write<'_>, profile: &Profile, id: &str, reason: String) -> Result<CostedFunding, Problem> {
    let latest = standing(write.connection, id)?;
    add_version(write, profile, JointFunding { state: FundingState::Reversed, reason, ..latest }, "reverse")
}

fn add_version(write: &mut Write<'_>, profile: &Profile, version: JointFunding, action: &'static str) -> Result<CostedFunding, Problem> {
    let next = JointFunding {
        id: new_id(),
        version: version.version + 1,
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
        ..version
    };
    insert(write, profile, next, action)
}

fn insert(write: &mut Write<'_>, profile: &Profile, funding: JointFunding, action: &'static str) -> Result<CostedFunding, Problem> {
    diesel::insert_into(joint_fundings::table).values(&funding).execute(write.connection)?;
    write.record(Event::new(action, "joint_fundings", &funding.funding_id))?;
    let cost = cost_of(write, profile, &funding)?;
    Ok(CostedFunding { funding, cost })
}

/// What a share comes to, in the year of today and in a full year of the lines in force on the day of it nearest to today.
pub(super) fn cost_of(write: &mut Write<'_>, profile: &Profile, funding: &JointFunding) -> Result<Option<FundingCost>, Problem> {
    let today = write.at.date();
    let year = FinancialYear::of(today).map_err(Problem::internal)?;
    let known = FundedArrangements::of(write.connection, &profile.costing, std::slice::from_ref(&funding.line_id))?;
    let Some(arrangement) = known.get(&funding.line_id) else { return Ok(None) };
    let on = funding.valid_to.map_or(today, |ends| today.min(ends.pred_opt().unwrap_or(ends))).max(funding.valid_from);
    let too_large =
        |error: domain::costing::CannotCost| Problem::invalid(vec![FieldError::new("/amount_pence", "too_large", error.to_string())]);
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
