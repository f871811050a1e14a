//! The facts and dimensions, apart from the ledger's: small tables, built anew in every run.

use crate::ages;
use crate::calendar::Calendar;
use crate::decisions;
use crate::direct_payments;
use crate::error::Error;
use crate::extract::{Extract, KnownLine};
use crate::grants;
use crate::in_force;
use crate::joint_funding;
use crate::manifest::TableKind;
use crate::nights;
use crate::packages;
use crate::planned::{full_year, planned_costs};
use crate::pseudonym::{Kind, Pseudonyms};
use crate::services;
use crate::statement;
use crate::units;
use domain::{FinancialYear, Period, Profile};
use polars::prelude::*;

/// A table by its name in SQL.
pub(crate) type Named = (&'static str, TableKind, DataFrame);

/// Every dimension and small fact.
pub(crate) fn build(extract: &Extract, profile: &Profile, calendar: &Calendar, pseudonyms: &Pseudonyms) -> Result<Vec<Named>, Error> {
    let years = &calendar.years;
    let mut tables = vec![
        ("dim_financial_year", TableKind::Dimension, dim_financial_year(calendar)?),
        ("dim_month", TableKind::Dimension, dim_month(years)?),
        ("dim_budget_line", TableKind::Dimension, dim_budget_line(extract)?),
        ("dim_provider", TableKind::Dimension, dim_provider(extract)?),
        ("fact_budget_movements", TableKind::Fact, budget_movements(extract)?),
        ("fact_package_lines", TableKind::Fact, package_lines(extract, profile, pseudonyms)?),
        ("fact_planned_costs", TableKind::Fact, planned_costs(extract, &profile.costing, years, pseudonyms)?),
        ("fact_grant_returns", TableKind::Fact, grant_returns(extract)?),
        ("fact_activity_returns", TableKind::Fact, activity_returns(extract)?),
    ];
    tables.extend(decisions::build(&extract.requests, profile, pseudonyms)?);
    tables.extend(direct_payments::build(&extract.direct_payments, profile, calendar, pseudonyms)?);
    tables.extend(joint_funding::build(extract, &profile.costing, years, pseudonyms)?);
    tables.extend(nights::build(&extract.nights, &profile.nights, calendar.as_at, pseudonyms)?);
    tables.extend(packages::build(extract, profile, calendar, pseudonyms)?);
    tables.extend(grants::build(extract, calendar)?);
    tables.extend(statement::build(extract, profile, calendar, pseudonyms)?);
    tables.extend(units::build(extract, profile, calendar, pseudonyms)?);
    tables.extend(services::build(extract)?);
    tables.extend(ages::build(extract, calendar, pseudonyms)?);
    tables.extend(in_force::build(extract, profile, calendar, pseudonyms)?);
    Ok(tables)
}

/// A column of the rows given.
pub(crate) fn each<R, T>(rows: &[R], value: impl Fn(&R) -> T) -> Vec<T> {
    rows.iter().map(value).collect()
}

fn dim_financial_year(calendar: &Calendar) -> Result<DataFrame, Error> {
    let years = &calendar.years;
    let as_at_period = |year: &FinancialYear| match calendar.as_at {
        as_at if as_at > year.ends_on() => 12,
        as_at if as_at < year.starts_on() => 0,
        as_at => i64::from(Period::of(as_at).number()),
    };
    let table = df!(
        "financial_year" => years.iter().map(|year| year.as_str()).collect::<Vec<_>>(),
        "starts_on" => each(years, FinancialYear::starts_on),
        "ends_on" => each(years, FinancialYear::ends_on),
        // The last month that has begun: 12 once the year has ended, 0 before it begins.
        "as_at_period" => each(years, as_at_period),
    )?;
    // A number, since truth values are written differently from one engine to the next.
    let has_ended = col("ends_on").lt(lit(calendar.as_at)).cast(DataType::Int64).alias("has_ended");
    Ok(table.lazy().with_column(has_ended).collect()?)
}

fn dim_month(years: &[FinancialYear]) -> Result<DataFrame, Error> {
    let months: Vec<_> = years.iter().flat_map(|year| Period::all().map(move |period| (year, period))).collect();
    Ok(df!(
        "financial_year" => each(&months, |(year, _)| year.as_str()),
        "period" => each(&months, |(_, period)| i64::from(period.number())),
        "calendar_month" => months.iter().map(|(year, period)| year.period_starts_on(*period).format("%Y-%m").to_string())
            .collect::<Vec<_>>(),
        "starts_on" => each(&months, |(year, period)| year.period_starts_on(*period)),
    )?)
}

fn dim_budget_line(extract: &Extract) -> Result<DataFrame, Error> {
    let lines = &extract.budget_lines;
    Ok(df!(
        "budget_line" => lines.iter().map(|line| line.code.as_str()).collect::<Vec<_>>(),
        "name" => lines.iter().map(|line| line.name.as_str()).collect::<Vec<_>>(),
        "direction" => each(lines, |line| line.direction.as_str()),
    )?)
}

fn dim_provider(extract: &Extract) -> Result<DataFrame, Error> {
    let providers = &extract.providers;
    Ok(df!(
        "provider_key" => providers.iter().map(|p| p.id.as_str()).collect::<Vec<_>>(),
        "provider_code" => providers.iter().map(|p| p.code.as_str()).collect::<Vec<_>>(),
        "provider_name" => providers.iter().map(|p| p.name.as_str()).collect::<Vec<_>>(),
        "sector" => each(providers, |p| p.sector.as_str()),
        "location" => each(providers, |p| p.location.as_str()),
        "charity_number" => providers.iter().map(|p| extract.registrations.charity_number(&p.id)).collect::<Vec<_>>(),
        "company_number" => providers.iter().map(|p| extract.registrations.company_number(&p.id)).collect::<Vec<_>>(),
        "organisation_id" => providers.iter().map(|p| extract.registrations.organisation_id(&p.id)).collect::<Vec<_>>(),
    )?)
}

fn budget_movements(extract: &Extract) -> Result<DataFrame, Error> {
    let movements = &extract.movements;
    Ok(df!(
        "movement_key" => movements.iter().map(|m| m.id.as_str()).collect::<Vec<_>>(),
        "financial_year" => movements.iter().map(|m| m.year.as_str()).collect::<Vec<_>>(),
        "budget_line" => movements.iter().map(|m| m.budget_line.as_str()).collect::<Vec<_>>(),
        "kind" => movements.iter().map(|m| m.kind.as_str()).collect::<Vec<_>>(),
        "effective_on" => each(movements, |m| m.effective_on),
        "amount_pence" => each(movements, |m| m.amount.0),
    )?)
}

fn package_lines(extract: &Extract, profile: &Profile, pseudonyms: &Pseudonyms) -> Result<DataFrame, Error> {
    let lines = &extract.lines;
    let keys = each(lines, |line| pseudonyms.of(Kind::Line, &line.line_id));
    let unconfirmed = extract.commitments.unconfirmed();
    let costs: Result<Vec<_>, _> = lines.iter().zip(&keys).map(|(line, key)| full_year(&profile.costing, line, key)).collect();
    Ok(df!(
        "line_key" => keys,
        "child_key" => each(lines, |line| pseudonyms.of(Kind::Child, &line.child_id)),
        "package_key" => each(lines, |line| pseudonyms.of(Kind::Package, &line.package_id)),
        "budget_line" => lines.iter().map(|line| line.budget_line.as_str()).collect::<Vec<_>>(),
        "service" => lines.iter().map(|line| line.service.as_str()).collect::<Vec<_>>(),
        "provider_key" => lines.iter().map(|line| line.provider_id.as_deref()).collect::<Vec<_>>(),
        "statement_category" => lines.iter().map(|line| line.statement_category.as_deref()).collect::<Vec<_>>(),
        "unit" => each(lines, |line| line.unit.as_str()),
        "frequency" => each(lines, |line| line.frequency.as_str()),
        "valid_from" => each(lines, |line| line.valid_from),
        "valid_to" => each(lines, KnownLine::written_end),
        "is_unconfirmed" => each(lines, |line| i64::from(unconfirmed.contains(line.line_id.as_str()))),
        "full_year_pence" => each(&costs?, |cost| cost.0),
    )?)
}

/// A return counts in the year its period starts in; so does the row that reverses it.
fn grant_returns(extract: &Extract) -> Result<DataFrame, Error> {
    let returns = &extract.grant_returns;
    let years: Vec<_> = returns.iter().map(|r| FinancialYear::of(r.period_from)).collect::<Result<_, _>>()?;
    Ok(df!(
        "return_key" => returns.iter().map(|r| r.id.as_str()).collect::<Vec<_>>(),
        "grant_key" => returns.iter().map(|r| r.grant_id.as_str()).collect::<Vec<_>>(),
        "provider_key" => returns.iter().map(|r| r.provider_id.as_str()).collect::<Vec<_>>(),
        "financial_year" => years.iter().map(|year| year.as_str()).collect::<Vec<_>>(),
        "period_from" => each(returns, |r| r.period_from),
        "period_to" => each(returns, |r| r.period_to),
        "children_and_families_reached" => each(returns, |r| r.reached),
        "sessions" => each(returns, |r| r.sessions),
    )?)
}

fn activity_returns(extract: &Extract) -> Result<DataFrame, Error> {
    let returns = &extract.activity_returns;
    let years: Vec<_> = returns.iter().map(|r| FinancialYear::of(r.period_from)).collect::<Result<_, _>>()?;
    Ok(df!(
        "return_key" => returns.iter().map(|r| r.id.as_str()).collect::<Vec<_>>(),
        "provider_key" => returns.iter().map(|r| r.provider_id.as_str()).collect::<Vec<_>>(),
        "service" => returns.iter().map(|r| r.service.as_str()).collect::<Vec<_>>(),
        "financial_year" => years.iter().map(|year| year.as_str()).collect::<Vec<_>>(),
        "period_from" => each(returns, |r| r.period_from),
        "period_to" => each(returns, |r| r.period_to),
        "sessions" => each(returns, |r| r.sessions),
    )?)
}
