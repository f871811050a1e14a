//! The terms that a grant is awarded on: what may be wrong with them, and how they are kept.

use super::{Grant, NewGrant};
use crate::problem::{FieldError, Problem};
use crate::text::{CodeText, Text};
use chrono::{Days, Months, NaiveDate};
use db::schema::{grant_conditions, grant_instalments, grant_returns_due, open_grant_returns};
use db::{Write, new_id};
use diesel::prelude::*;
use domain::{FinancialYear, Pence};
use serde::Deserialize;
use utoipa::ToSchema;

/// A slip of the pen puts an instalment in another year; after so many months it is taken for one.
const LATEST_AFTER: Months = Months::new(12);

/// A condition to award a grant on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "code": "safeguarding_policy", "text": "A safeguarding policy approved by the trustees", "due_on": "2023-04-30" }))]
pub struct NewGrantCondition {
    /// A short name, its own within the grant.
    pub code: CodeText,
    /// What the group has to do or show.
    pub text: Text<500>,
    /// By when; without a day, before anything is paid.
    #[serde(default)]
    pub due_on: Option<NaiveDate>,
}

/// An instalment to pay a grant by.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "due_on": "2023-04-15", "amount_pence": 1200000 }))]
pub struct NewGrantInstalment {
    /// When it is to be paid.
    pub due_on: NaiveDate,
    /// How much.
    #[schema(value_type = i64, minimum = 1, maximum = 100000000000i64)]
    pub amount_pence: Pence,
}

/// A return of activity to ask a group for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "period_from": "2023-04-01", "period_to": "2023-07-01", "due_on": "2023-07-31" }))]
pub struct NewGrantReturnDue {
    /// The first day it is for.
    pub period_from: NaiveDate,
    /// The first day after.
    pub period_to: NaiveDate,
    /// By when: not before the period's last day.
    pub due_on: NaiveDate,
}

/// Everything wrong with a grant's terms. The grant's own period and amount are judged elsewhere.
pub(super) fn mistakes(new: &NewGrant) -> Vec<FieldError> {
    let mut errors = conditions(&new.conditions);
    errors.extend(instalments(new));
    errors.extend(returns_due(new));
    errors
}

fn conditions(conditions: &[NewGrantCondition]) -> Vec<FieldError> {
    let mut errors = Vec::new();
    for (place, condition) in conditions.iter().enumerate() {
        if conditions[..place].iter().any(|earlier| earlier.code == condition.code) {
            errors.push(FieldError::new(&format!("/conditions/{place}/code"), "duplicate", "another condition of the grant has this code"));
        }
        if let Some(Err(error)) = condition.due_on.map(FinancialYear::of) {
            errors.push(FieldError::new(&format!("/conditions/{place}/due_on"), "out_of_range", error.to_string()));
        }
    }
    errors
}

fn instalments(new: &NewGrant) -> Vec<FieldError> {
    let mut errors = Vec::new();
    if new.instalments.is_empty() {
        return errors;
    }
    let first = new.awarded_on.min(new.period_from);
    let last = new.period_to.checked_add_months(LATEST_AFTER).unwrap_or(new.period_to);
    let mut before = first;
    for (place, instalment) in new.instalments.iter().enumerate() {
        let pointer = format!("/instalments/{place}/due_on");
        let due_on = instalment.due_on;
        if due_on < first || due_on > last || FinancialYear::of(due_on).is_err() {
            let detail = format!("from {first}, when the grant is awarded or begins, to {last}, a year after its end");
            errors.push(FieldError::new(&pointer, "out_of_range", detail));
        } else if due_on < before {
            errors.push(FieldError::new(&pointer, "order", "the instalment before it is due later"));
        }
        before = due_on;
    }
    let total = Pence::checked_sum(new.instalments.iter().map(|instalment| instalment.amount_pence));
    if total != Ok(new.amount_pence) {
        let adds_up = total.map_or_else(|_| "more than a record may carry".to_owned(), |total| total.to_string());
        let detail = format!("the instalments add up to {adds_up}, and the grant is {}", new.amount_pence);
        errors.push(FieldError::new("/instalments", "sum", detail));
    }
    errors
}

fn returns_due(new: &NewGrant) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let mut before: Option<NaiveDate> = None;
    for (place, due) in new.returns_due.iter().enumerate() {
        let mut wrong = |field: &str, code: &str, detail: String| {
            errors.push(FieldError::new(&format!("/returns_due/{place}/{field}"), code, detail));
        };
        if due.period_to <= due.period_from {
            let detail = "the end is the first day after the period, so it is after the start";
            wrong("period_to", "before_start", detail.to_owned());
        } else if due.period_from < new.period_from || due.period_to > new.period_to {
            let detail = format!("the grant is for {} up to but not including {}", new.period_from, new.period_to);
            wrong("period_from", "outside_grant", detail);
        } else if before.is_some_and(|before| before != due.period_from) {
            wrong("period_from", "gap", "a period starts where the one before it ends".to_owned());
        }
        let last_day = due.period_to.checked_sub_days(Days::new(1)).unwrap_or(due.period_to);
        match FinancialYear::of(due.due_on) {
            Err(error) => wrong("due_on", "out_of_range", error.to_string()),
            Ok(_) if due.due_on < last_day => wrong("due_on", "before_end", format!("not before {last_day}, the last day it tells of")),
            Ok(_) => {}
        }
        before = Some(due.period_to);
    }
    errors
}

/// Keeps a new grant's terms beside it.
pub(super) fn insert(write: &mut Write<'_>, grant: &Grant, new: &NewGrant) -> Result<(), Problem> {
    for (number, condition) in (1_i64..).zip(&new.conditions) {
        diesel::insert_into(grant_conditions::table)
            .values((
                grant_conditions::id.eq(new_id()),
                grant_conditions::grant_id.eq(&grant.id),
                grant_conditions::number.eq(number),
                grant_conditions::code.eq(&condition.code.0),
                grant_conditions::wording.eq(&condition.text.0),
                grant_conditions::due_on.eq(condition.due_on),
                grant_conditions::recorded_at.eq(write.at),
                grant_conditions::recorded_seq.eq(write.seq()),
            ))
            .execute(write.connection)?;
    }
    for (number, instalment) in (1_i64..).zip(&new.instalments) {
        diesel::insert_into(grant_instalments::table)
            .values((
                grant_instalments::id.eq(new_id()),
                grant_instalments::grant_id.eq(&grant.id),
                grant_instalments::number.eq(number),
                grant_instalments::due_on.eq(instalment.due_on),
                grant_instalments::amount_pence.eq(instalment.amount_pence),
                grant_instalments::recorded_at.eq(write.at),
                grant_instalments::recorded_seq.eq(write.seq()),
            ))
            .execute(write.connection)?;
    }
    for (number, due) in (1_i64..).zip(&new.returns_due) {
        insert_return_due(write, grant, number, due)?;
    }
    Ok(())
}

/// With its place on the worklist: nothing was returned yet.
fn insert_return_due(write: &mut Write<'_>, grant: &Grant, number: i64, due: &NewGrantReturnDue) -> Result<(), Problem> {
    let id = new_id();
    diesel::insert_into(grant_returns_due::table)
        .values((
            grant_returns_due::id.eq(&id),
            grant_returns_due::grant_id.eq(&grant.id),
            grant_returns_due::number.eq(number),
            grant_returns_due::period_from.eq(due.period_from),
            grant_returns_due::period_to.eq(due.period_to),
            grant_returns_due::due_on.eq(due.due_on),
            grant_returns_due::recorded_at.eq(write.at),
            grant_returns_due::recorded_seq.eq(write.seq()),
        ))
        .execute(write.connection)?;
    diesel::insert_into(open_grant_returns::table)
        .values((
            open_grant_returns::return_due_id.eq(&id),
            open_grant_returns::provider_id.eq(&grant.provider_id),
            open_grant_returns::due_on.eq(due.due_on),
        ))
        .execute(write.connection)?;
    Ok(())
}
