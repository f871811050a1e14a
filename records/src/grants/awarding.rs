//! Awarding a grant with its terms, and taking it back.

use crate::commitments::{Holding, Years, holding_against_budget};
use crate::error::Error;
use crate::grants::grant::{Grant, find, has_standing_grant, standing_returns};
use crate::grants::terms::{GrantWithTerms, with_terms};
use crate::grants::{instalments, open_returns};
use crate::money::budget_lines;
use crate::period;
use crate::reversal::already_reversed;
use crate::text::{CodeText, Id, Text};
use crate::year_end::{Changed, carrying_again};
use chrono::{Days, NaiveDate};
use db::schema::{grant_conditions, grant_instalments, grant_returns_due, grants, open_grant_returns, providers};
use db::{AnyConnection, Event, Write, new_id};
use diesel::prelude::*;
use domain::budgets::hold::{BudgetWarning, Reach};
use domain::grants::award::{
    AwardCondition, AwardInstalment, AwardReturn, NewAward, awarded_on_mistake, budget_line_mistake, group_mistake, refuse_reversal,
    terms_mistakes,
};
use domain::profile::HeldChange;
use domain::{Code, FieldError, Pence, Profile, Refusal, Sector};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use utoipa::ToSchema;

/// A grant as it is awarded: with what there is to warn of.
#[derive(Debug, Serialize, ToSchema)]
pub struct GrantAwarded {
    /// The grant and its terms.
    #[serde(flatten)]
    pub grant: GrantWithTerms,
    /// That it takes more than its budget line has available, where the authority lets it count all the same. Absent where there is nothing
    /// to warn of.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub warnings: Vec<BudgetWarning>,
}

/// A grant to record.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "reference": "G-2023-04", "provider_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a13", "budget_line": "voluntary_sector_grants",
    "title": "Saturday club", "purpose": "Weekly club for disabled children and siblings", "awarded_on": "2023-03-20",
    "period_from": "2023-04-01", "period_to": "2024-04-01", "amount_pence": 2400000, "reason": "Award letter of 20 March 2023",
    "conditions": [{ "code": "safeguarding_policy", "text": "A safeguarding policy approved by the trustees", "due_on": "2023-04-30" }],
    "instalments": [{ "due_on": "2023-04-15", "amount_pence": 1200000 }, { "due_on": "2023-10-15", "amount_pence": 1200000 }],
    "returns_due": [{ "period_from": "2023-04-01", "period_to": "2023-10-01", "due_on": "2023-10-31" }]
}))]
pub struct NewGrant {
    /// The authority's own number for it.
    pub reference: Text<60>,
    /// The group that receives it: a provider of the voluntary sector.
    pub provider_id: Id,
    /// The budget line that pays: one of expenditure.
    pub budget_line: CodeText,
    /// As it will be published.
    pub title: Text<200>,
    /// What it is for.
    pub purpose: Text<500>,
    /// When it was awarded.
    pub awarded_on: NaiveDate,
    /// The first day it is for.
    pub period_from: NaiveDate,
    /// The first day after.
    pub period_to: NaiveDate,
    /// How much.
    #[schema(value_type = i64, minimum = 1, maximum = 100000000000i64)]
    pub amount_pence: Pence,
    /// In words.
    pub reason: Text<500>,
    /// What the group has to do or show.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub conditions: Vec<NewGrantCondition>,
    /// What is paid and when, soonest first: together the whole grant. None: the grant counts as spread evenly over its days.
    #[serde(default)]
    #[schema(max_items = 60)]
    pub instalments: Vec<NewGrantInstalment>,
    /// The returns of activity to ask for: periods within the grant's, each starting where the one before it ends.
    #[serde(default)]
    #[schema(max_items = 60)]
    pub returns_due: Vec<NewGrantReturnDue>,
}

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

impl NewGrant {
    /// The grant and its terms as the rules take them.
    fn award(&self) -> NewAward<'_> {
        let returns_due = self.returns_due.iter();
        NewAward {
            awarded_on: self.awarded_on,
            from: self.period_from,
            to: self.period_to,
            amount: self.amount_pence,
            conditions: self.conditions.iter().map(|one| AwardCondition { code: &one.code.0, due_on: one.due_on }).collect(),
            instalments: self.instalments.iter().map(|one| AwardInstalment { due_on: one.due_on, amount: one.amount_pence }).collect(),
            returns_due: returns_due.map(|one| AwardReturn { from: one.period_from, to: one.period_to, due_on: one.due_on }).collect(),
        }
    }
}

/// That a grant comes or goes, from its first day or the first on which an instalment may be due.
fn changed(grant: &Grant) -> Changed<'_> {
    Changed { id: &grant.id, budget_line: &grant.budget_line, from: grant.awarded_on.min(grant.period_from) }
}

/// Awards a grant on its terms.
///
/// # Errors
/// When it or its terms are not valid, or another grant has its reference.
pub fn award(write: &mut Write<'_>, profile: &Profile, new: &NewGrant) -> Result<GrantAwarded, Error> {
    let mut errors = mistakes(write.connection, new)?;
    errors.extend(terms_mistakes(&new.award()));
    Refusal::unless_valid(errors)?;
    if has_standing_grant(write.connection, &new.reference.0)? {
        return Err(Error::refused(Code::AlreadyExists, "Another grant has this reference."));
    }
    let grant = Grant {
        id: new_id(),
        reference: new.reference.0.clone(),
        provider_id: new.provider_id.0.clone(),
        budget_line: new.budget_line.0.clone(),
        title: new.title.0.clone(),
        purpose: new.purpose.0.clone(),
        awarded_on: new.awarded_on,
        period_from: new.period_from,
        period_to: new.period_to,
        amount_pence: new.amount_pence,
        reverses_id: None,
        reason: new.reason.0.clone(),
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    };
    let holding = Holding {
        change: HeldChange::Grant,
        about: ("grant_id", &grant.id),
        codes: &BTreeSet::from([grant.budget_line.clone()]),
        years: Years::Reached(reach_of(new)),
    };
    let ((), held) = holding_against_budget(write, profile, holding, |write| {
        carrying_again(write, profile, changed(&grant), |write| {
            insert(write, &grant)?;
            insert_terms(write, &grant, new)?;
            write.record(Event::new("record", "grants", &grant.id))?;
            Ok(())
        })
    })?;
    let today = write.today();
    Ok(GrantAwarded { grant: with_terms(write.connection, profile, grant, today)?, warnings: held.warnings })
}

/// The days on which a grant costs something: those of its instalments, or of its period.
fn reach_of(new: &NewGrant) -> Reach {
    let due = || new.instalments.iter().map(|one| one.due_on);
    let (from, last) = due().min().zip(due().max()).unzip();
    Reach { from: from.unwrap_or(new.period_from), to: Some(last.map_or(new.period_to, |last| last + Days::new(1))) }
}

/// What is wrong with a grant itself; its terms are judged beside it.
fn mistakes(connection: &mut AnyConnection, new: &NewGrant) -> Result<Vec<FieldError>, Error> {
    let mut errors = period::mistakes(new.period_from, new.period_to);
    let sector: Option<Sector> = providers::table.find(&new.provider_id.0).select(providers::sector).first(connection).optional()?;
    errors.extend(group_mistake(sector));
    let direction = budget_lines::find(connection, &new.budget_line.0)?.map(|line| line.direction);
    errors.extend(budget_line_mistake(direction));
    errors.extend(awarded_on_mistake(new.awarded_on));
    Ok(errors)
}

/// Takes a grant back.
///
/// # Errors
/// When there is no such grant, it was taken back before, or something of it is paid or returned.
pub fn reverse(write: &mut Write<'_>, profile: &Profile, id: &str, reason: String) -> Result<Grant, Error> {
    let grant = find(write.connection, id)?.ok_or_else(|| Error::not_found("grant"))?;
    let (paid, returned) = (instalments::paid_numbers(write.connection, id)?, standing_returns(write.connection, id)?);
    refuse_reversal(grant.reverses_id.is_some(), &paid, &returned)?;
    let reversing = Grant {
        id: new_id(),
        amount_pence: grant.amount_pence.checked_neg().map_err(Error::fault)?,
        reverses_id: Some(grant.id),
        reason,
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
        ..grant
    };
    carrying_again(write, profile, Changed { id, ..changed(&reversing) }, |write| {
        insert(write, &reversing).map_err(|error| already_reversed(error, "grants_reverses_id_key"))?;
        open_returns::close(write, id)?;
        write.record(Event::new("reverse", "grants", id))?;
        Ok(())
    })?;
    Ok(reversing)
}

fn insert(write: &mut Write<'_>, grant: &Grant) -> Result<(), db::Error> {
    diesel::insert_into(grants::table).values(grant).execute(write.connection)?;
    Ok(())
}

/// Keeps a new grant's terms beside it.
fn insert_terms(write: &mut Write<'_>, grant: &Grant, new: &NewGrant) -> Result<(), Error> {
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

/// With its place on the list of returns still to come: nothing was returned yet.
fn insert_return_due(write: &mut Write<'_>, grant: &Grant, number: i64, due: &NewGrantReturnDue) -> Result<(), Error> {
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
