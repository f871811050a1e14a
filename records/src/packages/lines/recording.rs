//! Recording a package line.

use crate::children::ages;
use crate::error::Error;
use crate::packages::commissioning_list::update_list_for_line;
use crate::packages::lines::adding::insert;
use crate::packages::lines::checks::mistakes;
use crate::packages::lines::line::PackageLine;
use crate::packages::lines::support_days::within_age;
use crate::packages::second_support::{Brought, second_support_mistakes};
use crate::text::{CodeText, Id, Text};
use crate::year_end::carrying_again;
use chrono::NaiveDate;
use db::schema::{packages, request_lines};
use db::{AnyConnection, Event, Write, new_id};
use diesel::prelude::*;
use domain::children::ages::unagreed_reason_mistake;
use domain::{FieldError, Frequency, LineState, Profile, Quantity, Refusal, Unit, UnitRate};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

/// A line to record.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "package_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a11", "service": "home_care", "budget_line": "home_care",
    "provider_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a13", "unit": "hour", "quantity_thousandths": 3500, "frequency": "weekly",
    "unit_rate_ten_thousandths": 214500, "valid_from": "2023-04-01", "reason": "Panel of 14 March 2023"
}))]
pub struct NewPackageLine {
    /// The package it belongs to.
    pub package_id: Id,
    /// What is provided, as a code: it reaches reports, so it has no room for a name.
    pub service: CodeText,
    /// The budget line that pays: one of expenditure.
    pub budget_line: CodeText,
    /// Who provides it.
    pub provider_id: Option<Id>,
    /// What the statement counts it as: a category of the authority's profile. Where the profile demands one and none is named, it follows
    /// from the request line.
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
    /// Why the child has this support although the profile calls it too young or too old for it: in words, without names. Of what
    /// carries out a request line, that line says it.
    pub beyond_age_reason: Option<Text<500>>,
    /// In words.
    pub reason: Text<500>,
    /// The line of an approved request that it carries out, as it was agreed: the same service, budget line and unit, within its dates, at
    /// no more a year nor over its own days, and bought once only if that was agreed. It then counts once in the child's total care
    /// package. No other package line carries it out, and what its decision replaces has its end. What was paid for a line that carried
    /// it out and was reversed was paid back.
    pub request_line_id: Option<Id>,
    /// Why the child has the same support twice: needed where another line of the same service and budget line runs on the same days,
    /// whoever provides it, and goes on. Where none is given, it follows from the request line.
    pub second_support_reason: Option<Text<500>>,
}

/// What a request line says that the package line may leave out.
#[derive(Default, Queryable)]
struct AskedFor {
    statement_category: Option<String>,
    second_support_reason: Option<String>,
    beyond_age_reason: Option<String>,
    valid_from: Option<NaiveDate>,
}

fn asked_for(connection: &mut AnyConnection, request_line: Option<&Id>) -> Result<AskedFor, Error> {
    let Some(Id(request_line)) = request_line else { return Ok(AskedFor::default()) };
    let said: Option<AskedFor> = request_lines::table
        .find(request_line)
        .select((
            request_lines::statement_category,
            request_lines::second_support_reason,
            request_lines::beyond_age_reason,
            request_lines::valid_from.nullable(),
        ))
        .first(connection)
        .optional()?;
    Ok(said.unwrap_or_default())
}

/// Why the line is beyond an age, and what is wrong with that. What carries out a request line has the reason that was agreed with it, while it
/// holds, and no other.
fn beyond_age_reason(
    connection: &mut AnyConnection,
    profile: &Profile,
    new: &NewPackageLine,
    asked: &AskedFor,
) -> Result<(Option<String>, Option<FieldError>), Error> {
    let own = new.beyond_age_reason.as_ref().map(|reason| reason.0.clone());
    if new.request_line_id.is_none() {
        return Ok((own, None));
    }
    let unagreed = own.and_then(|_| unagreed_reason_mistake(asked.beyond_age_reason.is_some()));
    let days = ages::of_package(connection, profile, &new.package_id.0, &new.budget_line.0)?;
    let holds = days.zip(asked.valid_from).is_none_or(|(days, from)| days.carries_reason(from, new.valid_from));
    Ok((asked.beyond_age_reason.clone().filter(|_| holds), unagreed))
}

/// Whether the child has the same support already on the same days, and nothing says why. What its request replaces has its end first.
fn twice(connection: &mut AnyConnection, line: &PackageLine) -> Result<Vec<FieldError>, Error> {
    let child: Option<String> = packages::table.find(&line.package_id).select(packages::child_id).first(connection).optional()?;
    let Some(child) = child else { return Ok(Vec::new()) };
    let replaced: Option<Option<String>> = match &line.request_line_id {
        Some(asked) => request_lines::table.find(asked).select(request_lines::replaces_line_id).first(connection).optional()?,
        None => None,
    };
    let replaced = replaced.flatten();
    let brought = Brought {
        service: &line.service,
        budget_line: &line.budget_line,
        terms: line.costed(),
        replaces: replaced.as_deref(),
        has_reason: line.second_support_reason.is_some(),
    };
    second_support_mistakes(connection, &child, &[brought], |_| String::new())
}

/// Records a package line, and carries forward what it makes open in closed years.
pub fn record(write: &mut Write<'_>, profile: &Profile, new: NewPackageLine) -> Result<PackageLine, Error> {
    let id = new_id();
    let asked = asked_for(write.connection, new.request_line_id.as_ref())?;
    let (beyond_age_reason, unagreed) = beyond_age_reason(write.connection, profile, &new, &asked)?;
    let line = PackageLine {
        line_id: id.clone(),
        id,
        version: 1,
        package_id: new.package_id.0,
        service: new.service.0,
        budget_line: new.budget_line.0,
        provider_id: new.provider_id.map(|id| id.0),
        statement_category: new.statement_category.map(|code| code.0).or(asked.statement_category),
        unit: new.unit,
        quantity_thousandths: new.quantity_thousandths,
        frequency: new.frequency,
        unit_rate_ten_thousandths: new.unit_rate_ten_thousandths,
        valid_from: new.valid_from,
        valid_to: new.valid_to,
        state: LineState::Recorded,
        reason: new.reason.0,
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
        request_line_id: new.request_line_id.map(|id| id.0),
        continues_line_id: None,
        variation_id: None,
        second_support_reason: new.second_support_reason.map(|reason| reason.0).or(asked.second_support_reason),
        ends_by_age_on: None,
        beyond_age_reason,
    };
    let line = within_age(write.connection, profile, line)?;
    let mut errors = mistakes(write, profile, &line)?;
    errors.extend(unagreed);
    errors.extend(twice(write.connection, &line)?);
    Refusal::unless_valid(errors)?;
    carrying_again(write, profile, line.changed(line.valid_from), |write| {
        insert(write, &line)?;
        write.record(
            Event::new("record", "package_lines", &line.line_id).with(json!({ "has_beyond_age_reason": line.beyond_age_reason.is_some() })),
        )?;
        update_list_for_line(write, profile, line.request_line_id.as_deref())
    })?;
    Ok(line)
}
