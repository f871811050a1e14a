//! A grant with its terms and how they stand on a day: conditions, instalments, returns due, and what its activity cost so far.

use super::Grant;
use super::{conditions, instalments, returns_due};
use crate::app::Located;
use crate::problem::Problem;
use crate::routes::registrations;
use chrono::NaiveDate;
use db::AnyConnection;
use db::schema::{grant_activity_returns, grants};
use diesel::prelude::*;
use domain::grant::{Award, ConditionState, InstalmentState, ReturnState, Returned, cost_of_one, returned_for};
use domain::profile::GrantHold;
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

impl Located for GrantWithTerms {
    fn location(&self) -> String {
        self.grant.location()
    }
}

/// A condition of a grant, and how it stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct GrantCondition {
    /// The grant.
    pub grant_id: String,
    /// Its place, from 1.
    pub number: i64,
    /// A short name, its own within the grant.
    pub code: String,
    /// What the group has to do or show.
    pub text: String,
    /// By when; null, before anything is paid.
    pub due_on: Option<NaiveDate>,
    /// How it stands today.
    pub state: ConditionState,
    /// When it was met.
    pub met_on: Option<NaiveDate>,
    /// Where the proof is.
    pub evidence: Option<String>,
}

impl Located for GrantCondition {
    fn location(&self) -> String {
        format!("/v1/grants/{}", self.grant_id)
    }
}

/// An instalment of a grant, and how it stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct GrantInstalment {
    /// The grant.
    pub grant_id: String,
    /// Its place, from 1.
    pub number: i64,
    /// When it is to be paid.
    pub due_on: NaiveDate,
    /// How much.
    pub amount_pence: Pence,
    /// How it stands today.
    pub state: InstalmentState,
    /// What holds it back, and the clause that says so.
    pub held_for: Vec<String>,
    /// When it was paid.
    pub paid_on: Option<NaiveDate>,
    /// The finance system's number of the payment.
    pub payment_reference: Option<String>,
}

impl Located for GrantInstalment {
    fn location(&self) -> String {
        format!("/v1/grants/{}", self.grant_id)
    }
}

/// A return that a group owes for a grant, and how it stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct GrantReturnDue {
    /// Its place, from 1.
    pub number: i64,
    /// The first day it is for.
    pub period_from: NaiveDate,
    /// The first day after.
    pub period_to: NaiveDate,
    /// By when.
    pub due_on: NaiveDate,
    /// How it stands today: received, when returns cover every day of the period.
    pub state: ReturnState,
    /// When the last return that covers it was recorded.
    pub received_on: Option<NaiveDate>,
}

/// What a grant achieved so far.
#[derive(Debug, Serialize, ToSchema)]
pub struct GrantActivitySoFar {
    /// Sessions returned.
    pub sessions: i64,
    /// Children and families reached, as returned.
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

/// A return of the grant, or the row that takes one back.
pub(super) struct ReturnRow {
    pub(super) days: Returned,
    pub(super) recorded_on: NaiveDate,
    sessions: i64,
    reached: i64,
}

/// A grant's returns and what took them back, in the order recorded.
pub(super) fn returns_of(connection: &mut AnyConnection, grant_id: &str) -> Result<Vec<ReturnRow>, Problem> {
    use grant_activity_returns as returns;
    type Row = (NaiveDate, NaiveDate, Option<String>, chrono::NaiveDateTime, i64, i64);
    let rows: Vec<Row> = returns::table
        .filter(returns::grant_id.eq(grant_id))
        .order((returns::recorded_seq, returns::id))
        .select((
            returns::period_from,
            returns::period_to,
            returns::reverses_id,
            returns::recorded_at,
            returns::sessions,
            returns::children_and_families_reached,
        ))
        .load(connection)?;
    let row = |(from, to, reverses, recorded_at, sessions, reached): Row| ReturnRow {
        days: Returned { from, to, is_reversal: reverses.is_some() },
        recorded_on: recorded_at.date(),
        sessions,
        reached,
    };
    Ok(rows.into_iter().map(row).collect())
}

/// The grant with its terms as they stand on a day.
pub(super) fn with_terms(
    connection: &mut AnyConnection,
    profile: &Profile,
    grant: Grant,
    today: NaiveDate,
) -> Result<GrantWithTerms, Problem> {
    let returns = returns_of(connection, &grant.id)?;
    let conditions = conditions::of_grant(connection, &grant.id, today)?;
    let returns_due = returns_due::of_grant(connection, &grant.id, &returns, today)?;
    let hold = |due_on| held_for(profile, &conditions, &returns_due, due_on);
    let instalments = instalments::of_grant(connection, &grant.id, hold)?;
    let paid = instalments.iter().filter(|instalment| instalment.state == InstalmentState::Paid);
    let paid_pence = Pence::checked_sum(paid.map(|instalment| instalment.amount_pence)).map_err(Problem::internal)?;
    let reversed_by_id = grants::table.filter(grants::reverses_id.eq(&grant.id)).select(grants::id).first(connection).optional()?;
    Ok(GrantWithTerms {
        reversed_by_id,
        recipient_org_id: registrations::org_id_of(connection, &grant.provider_id)?,
        activity: activity(&grant, &returns),
        conditions,
        instalments,
        paid_pence,
        returns_due,
        grant,
    })
}

fn activity(grant: &Grant, returns: &[ReturnRow]) -> GrantActivitySoFar {
    let award = Award { from: grant.period_from, to: grant.period_to, amount: grant.amount_pence };
    let days: Vec<_> = returns.iter().map(|row| row.days).collect();
    let (sessions, reached) = returns.iter().fold((0, 0), |(sessions, reached), row| (sessions + row.sessions, reached + row.reached));
    let cost = returned_for(&award, &days);
    GrantActivitySoFar {
        sessions,
        children_and_families_reached: reached,
        returned_for_pence: cost,
        cost_per_session_pence: cost_of_one(cost, sessions),
        cost_per_child_or_family_pence: cost_of_one(cost, reached),
    }
}

/// What the authority's rules make an instalment of that day wait for.
fn held_for(profile: &Profile, conditions: &[GrantCondition], returns: &[GrantReturnDue], due_on: NaiveDate) -> Vec<String> {
    let Some(rule) = &profile.grants.hold_payment_for else { return Vec::new() };
    let mut held = Vec::new();
    if rule.holds.contains(&GrantHold::Conditions) {
        let unmet = conditions.iter().filter(|condition| condition.state != ConditionState::Met);
        for condition in unmet.filter(|condition| condition.due_on.is_none_or(|day| day <= due_on)) {
            held.push(format!("condition {} `{}` is not met ({})", condition.number, condition.code, rule.clause));
        }
    }
    if rule.holds.contains(&GrantHold::Returns) {
        let missing = returns.iter().filter(|due| due.state != ReturnState::Received && due.due_on <= due_on);
        held.extend(missing.map(|due| format!("return {}, due on {}, is not in ({})", due.number, due.due_on, rule.clause)));
    }
    held
}
