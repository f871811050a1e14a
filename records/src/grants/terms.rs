//! A grant with its terms and how they stand on a day: conditions, instalments, returns due, and what its activity cost so far.

use crate::error::Error;
use crate::grants::conditions::{self, GrantCondition};
use crate::grants::grant::{Grant, find};
use crate::grants::instalments::{self, GrantInstalment};
use crate::grants::returns_due::{self, GrantReturnDue, ReturnRow, returns_of};
use crate::providers::registrations;
use chrono::NaiveDate;
use db::AnyConnection;
use db::schema::grants;
use diesel::prelude::*;
use domain::grants::reach::{Reached, reach};
use domain::grants::terms::{HoldingCondition, HoldingReturn, held_for};
use domain::grants::{Award, InstalmentState, cost_of_one, returned_for};
use domain::{Pence, Profile};
use serde::Serialize;
use utoipa::ToSchema;

/// A grant with its terms, as they stand today.
#[derive(Debug, Serialize, ToSchema)]
pub struct GrantWithTerms {
    /// The grant.
    #[serde(flatten)]
    pub grant: Grant,
    /// The row that takes the grant back; null, it stands.
    pub reversed_by_id: Option<String>,
    /// The group's organisation id as 360Giving has it: of the first of its registrations in the order charity, company; null, none is recorded.
    #[schema(example = "GB-CHC-1164883")]
    pub recipient_org_id: Option<String>,
    /// What the group has to do or show.
    pub conditions: Vec<GrantCondition>,
    /// What is paid and when; none, the grant counts as spread evenly over its days.
    pub instalments: Vec<GrantInstalment>,
    /// What of it was paid, as far as recorded with instalments.
    pub paid_pence: Pence,
    /// The returns that the group owes.
    pub returns_due: Vec<GrantReturnDue>,
    /// What was achieved so far, and what one of it cost.
    pub activity: GrantActivitySoFar,
}

/// What a grant achieved so far.
#[derive(Debug, Serialize, ToSchema)]
pub struct GrantActivitySoFar {
    /// Sessions returned.
    pub sessions: i64,
    /// Children and families reached: of what was returned, the sum, the largest or the last, as the profile says.
    pub children_and_families_reached: i64,
    /// What of the award, spread evenly over its days, falls on the days that returns cover.
    pub returned_for_pence: Pence,
    /// That, for each session; null where none was held.
    #[schema(value_type = Option<i64>)]
    pub cost_per_session_pence: Option<Pence>,
    /// That, for each child or family reached; null where none was.
    #[schema(value_type = Option<i64>)]
    pub cost_per_child_or_family_pence: Option<Pence>,
}

/// The grant with its terms as they stand on a day.
pub(crate) fn with_terms(
    connection: &mut AnyConnection,
    profile: &Profile,
    grant: Grant,
    today: NaiveDate,
) -> Result<GrantWithTerms, Error> {
    let returns = returns_of(connection, &grant.id, profile.time_zone)?;
    let conditions = conditions::of_grant(connection, &grant.id, today)?;
    let returns_due = returns_due::of_grant(connection, &grant.id, &returns, today)?;
    let of_conditions: Vec<HoldingCondition<'_>> = conditions.iter().map(holding_condition).collect();
    let of_returns: Vec<HoldingReturn> = returns_due.iter().map(holding_return).collect();
    let hold = |due_on| held_for(profile.grants.hold_payment_for.as_ref(), &of_conditions, &of_returns, due_on);
    let instalments = instalments::of_grant(connection, &grant.id, hold)?;
    let paid = instalments.iter().filter(|instalment| instalment.state == InstalmentState::Paid);
    let paid_pence = Pence::checked_sum(paid.map(|instalment| instalment.amount_pence)).map_err(Error::fault)?;
    let reversed_by_id = grants::table.filter(grants::reverses_id.eq(&grant.id)).select(grants::id).first(connection).optional()?;
    Ok(GrantWithTerms {
        reversed_by_id,
        recipient_org_id: registrations::org_id_of(connection, &grant.provider_id)?,
        activity: activity(profile, &grant, &returns),
        conditions,
        instalments,
        paid_pence,
        returns_due,
        grant,
    })
}

fn activity(profile: &Profile, grant: &Grant, returns: &[ReturnRow]) -> GrantActivitySoFar {
    let award = Award { from: grant.period_from, to: grant.period_to, amount: grant.amount_pence };
    let days: Vec<_> = returns.iter().map(|row| row.recorded.days).collect();
    let sessions = returns.iter().map(|row| row.sessions).sum();
    let counts: Vec<_> = returns.iter().map(|row| Reached { days: row.recorded.days, count: row.reached }).collect();
    let reached = reach(profile.grants.reach.of_returns, &counts).unwrap_or_default();
    let cost = returned_for(&award, &days);
    GrantActivitySoFar {
        sessions,
        children_and_families_reached: reached,
        returned_for_pence: cost,
        cost_per_session_pence: cost_of_one(cost, sessions),
        cost_per_child_or_family_pence: cost_of_one(cost, reached),
    }
}

fn holding_condition(condition: &GrantCondition) -> HoldingCondition<'_> {
    HoldingCondition { number: condition.number, code: &condition.code, due_on: condition.due_on, state: condition.state }
}

fn holding_return(due: &GrantReturnDue) -> HoldingReturn {
    HoldingReturn { number: due.number, due_on: due.due_on, state: due.state }
}

/// A grant with its terms, as they stand today.
///
/// # Errors
/// When there is no such grant.
pub fn read(connection: &mut AnyConnection, profile: &Profile, id: &str, today: NaiveDate) -> Result<GrantWithTerms, Error> {
    let grant = find(connection, id)?.ok_or_else(|| Error::not_found("grant"))?;
    with_terms(connection, profile, grant, today)
}
