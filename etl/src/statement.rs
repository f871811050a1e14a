//! What the statement's figures are made of: lines with the evidence that each figure asks for, and what providers and grants returned.
//! The rules are those of [`domain::statement`] and [`domain::grants::reach`].

use crate::calendar::Calendar;
use crate::error::Error;
use crate::extract::{Extract, Grant, KnownLine};
use crate::facts::{Named, each};
use crate::manifest::TableKind;
use crate::pseudonym::{Kind, Pseudonyms};
use chrono::NaiveDate;
use domain::grants::Returned;
use domain::grants::reach::{Reached, missing_months, missing_returns, reach};
use domain::nights::StayState;
use domain::profile::{Counted, Evidence, Figure, ReachOfReturns};
use domain::statement::{LineToCount, ProviderToCount, Standing};
use domain::{FinancialYear, Location, Pence, Profile};
use polars::prelude::*;
use std::collections::{BTreeMap, HashSet};

/// Every table of the statement.
pub(crate) fn build(extract: &Extract, profile: &Profile, calendar: &Calendar, pseudonyms: &Pseudonyms) -> Result<Vec<Named>, Error> {
    let grants = grant_reach(extract, profile.grants.reach.of_returns, calendar);
    let returns = figure_returns(extract, profile, calendar, &grants);
    Ok(vec![
        ("dim_figure", TableKind::Dimension, dim_figure(profile)?),
        ("fact_figure_lines", TableKind::Fact, figure_lines(extract, profile, calendar, pseudonyms)?),
        ("fact_grant_reach", TableKind::Fact, fact_grant_reach(&grants)?),
        ("fact_figure_returns", TableKind::Fact, fact_figure_returns(&returns)?),
    ])
}

fn dim_figure(profile: &Profile) -> Result<DataFrame, Error> {
    let figures = &profile.statement.figures;
    let counts = |figure: &Figure| match figure.counts {
        Counted::Children => "children",
        Counted::GrantReach => "grant_reach",
        Counted::Sessions => "sessions",
    };
    let evidence = |figure: &Figure| {
        figure.evidence.map(|evidence| match evidence {
            Evidence::InForceInYear => "in_force_in_year",
            Evidence::InForceOnDay => "in_force_on_day",
            Evidence::PaidInYear => "paid_in_year",
            Evidence::StayedInYear => "stayed_in_year",
        })
    };
    Ok(df!(
        "figure" => figures.iter().map(|figure| figure.code.as_str()).collect::<Vec<_>>(),
        "label" => figures.iter().map(|figure| figure.label.as_str()).collect::<Vec<_>>(),
        "sort_order" => (1_i64..).take(figures.len()).collect::<Vec<_>>(),
        "counts" => each(figures, counts),
        "evidence" => each(figures, evidence),
    )?)
}

/// Providers by id.
fn providers(extract: &Extract) -> BTreeMap<&str, ProviderToCount<'_>> {
    let of = |code, location: Location| ProviderToCount { code, location };
    extract.providers.iter().map(|provider| (provider.id.as_str(), of(provider.code.as_str(), provider.location))).collect()
}

/// The first and the last night of a stay.
type Nights = (NaiveDate, NaiveDate);

/// What is known of the support that lines describe.
struct Support<'e> {
    providers: BTreeMap<&'e str, ProviderToCount<'e>>,
    /// By arrangement.
    payments: BTreeMap<&'e str, Vec<(NaiveDate, Pence)>>,
    /// By child and provider, and by child alone.
    stays: BTreeMap<(&'e str, Option<&'e str>), Vec<Nights>>,
    /// The lines that nobody with the authority has agreed.
    unconfirmed: HashSet<&'e str>,
}

impl<'e> Support<'e> {
    fn of(extract: &'e Extract) -> Result<Self, Error> {
        let mut payments: BTreeMap<&str, Vec<_>> = BTreeMap::new();
        for account in &extract.direct_payments {
            payments.entry(account.line_id.as_str()).or_default().extend(account.received()?);
        }
        let mut stays: BTreeMap<(&str, Option<&str>), Vec<_>> = BTreeMap::new();
        for stay in extract.nights.iter().filter(|stay| stay.state == StayState::Stayed) {
            for provider in [Some(stay.provider_id.as_str()), None] {
                stays.entry((stay.child_id.as_str(), provider)).or_default().push((stay.first_night, stay.last_night));
            }
        }
        Ok(Support { providers: providers(extract), payments, stays, unconfirmed: extract.commitments.unconfirmed() })
    }

    fn line<'s>(&'s self, line: &'s KnownLine) -> LineToCount<'s> {
        let provider = line.provider_id.as_deref();
        LineToCount {
            budget_line: &line.budget_line,
            service: &line.service,
            category: line.statement_category.as_deref(),
            provider: provider.and_then(|id| self.providers.get(id)).copied(),
            valid_from: line.valid_from,
            valid_to: line.valid_to,
            is_unconfirmed: self.unconfirmed.contains(line.line_id.as_str()),
            payments: self.payments.get(line.arrangement()).map(Vec::as_slice).unwrap_or_default(),
            stays: self.stays.get(&(line.child_id.as_str(), provider)).map(Vec::as_slice).unwrap_or_default(),
        }
    }
}

/// One row a figure, year and line that counts in it, or that would if it were agreed, or perhaps if it named its category.
fn figure_lines(extract: &Extract, profile: &Profile, calendar: &Calendar, pseudonyms: &Pseudonyms) -> Result<DataFrame, Error> {
    let support = Support::of(extract)?;
    let mut rows: Vec<(&str, &FinancialYear, &KnownLine, Standing)> = Vec::new();
    for line in &extract.lines {
        let to_count = support.line(line);
        for figure in &profile.statement.figures {
            for year in &calendar.years {
                let standing = profile.statement.standing(figure, &to_count, *year, calendar.as_at);
                rows.extend(standing.map(|standing| (figure.code.as_str(), year, line, standing)));
            }
        }
    }
    Ok(df!(
        "figure" => rows.iter().map(|row| row.0).collect::<Vec<_>>(),
        "financial_year" => rows.iter().map(|row| row.1.as_str()).collect::<Vec<_>>(),
        "line_key" => each(&rows, |row| pseudonyms.of(Kind::Line, &row.2.line_id)),
        "child_key" => each(&rows, |row| pseudonyms.of(Kind::Child, &row.2.child_id)),
        "standing" => each(&rows, |row| row.3.as_str()),
    )?)
}

/// What a grant's returns tell of a year.
struct GrantReach<'e> {
    grant: &'e Grant,
    year: FinancialYear,
    /// None, nothing was returned.
    reached: Option<i64>,
    missing_returns: i64,
}

/// One row a grant that stands and a year in which it has a day or a return.
fn grant_reach<'e>(extract: &'e Extract, rule: ReachOfReturns, calendar: &Calendar) -> Vec<GrantReach<'e>> {
    let mut returned: BTreeMap<&str, Vec<Reached>> = BTreeMap::new();
    for row in &extract.grant_returns {
        let days = Returned { from: row.period_from, to: row.period_to, is_reversal: row.reverses_id.is_some() };
        returned.entry(row.grant_id.as_str()).or_default().push(Reached { days, count: row.reached });
    }
    let mut rows = Vec::new();
    for grant in extract.standing_grants() {
        let returns = returned.get(grant.id.as_str()).map(Vec::as_slice).unwrap_or_default();
        let days: Vec<Returned> = returns.iter().map(|one| one.days).collect();
        let asked = extract.grant_terms.periods_asked(&grant.id);
        for year in &calendar.years {
            let of_year = |one: &&Reached| (year.starts_on()..year.next_starts_on()).contains(&one.days.from);
            let in_year: Vec<Reached> = returns.iter().filter(of_year).copied().collect();
            let has_day = grant.period_from < year.next_starts_on() && grant.period_to > year.starts_on();
            if has_day || !in_year.is_empty() {
                let missing_returns = missing_returns(*year, &asked, &days);
                rows.push(GrantReach { grant, year: *year, reached: reach(rule, &in_year), missing_returns });
            }
        }
    }
    rows
}

fn fact_grant_reach(rows: &[GrantReach<'_>]) -> Result<DataFrame, Error> {
    Ok(df!(
        "grant_key" => rows.iter().map(|row| row.grant.id.as_str()).collect::<Vec<_>>(),
        "financial_year" => rows.iter().map(|row| row.year.as_str()).collect::<Vec<_>>(),
        "children_and_families_reached" => each(rows, |row| row.reached),
        "missing_returns" => each(rows, |row| row.missing_returns),
    )?)
}

/// What a grant, or a provider, returned for a figure in a year.
struct FigureReturn {
    figure: String,
    year: FinancialYear,
    /// The grant's or the provider's id; of a provider that nobody recorded, its code; of none, nothing.
    source: String,
    /// None, nothing was returned.
    value: Option<i64>,
    missing_returns: i64,
}

fn figure_returns(extract: &Extract, profile: &Profile, calendar: &Calendar, grants: &[GrantReach<'_>]) -> Vec<FigureReturn> {
    let providers = providers(extract);
    let mut rows = Vec::new();
    for figure in &profile.statement.figures {
        match figure.counts {
            Counted::Children => {}
            Counted::GrantReach => {
                let takes = |row: &&GrantReach<'_>| {
                    providers.get(row.grant.provider_id.as_str()).is_some_and(|provider| figure.takes_returns(*provider, None))
                };
                rows.extend(grants.iter().filter(takes).map(|row| FigureReturn {
                    figure: figure.code.clone(),
                    year: row.year,
                    source: row.grant.id.clone(),
                    value: row.reached,
                    missing_returns: row.missing_returns,
                }));
            }
            Counted::Sessions => calendar.years.iter().for_each(|year| rows.extend(sessions(extract, figure, *year, &providers))),
        }
    }
    rows
}

/// Sessions of a year, by provider: of each that the figure names, or else of each that returned some. Without any return nothing is
/// known of all twelve months.
fn sessions(extract: &Extract, figure: &Figure, year: FinancialYear, providers: &BTreeMap<&str, ProviderToCount<'_>>) -> Vec<FigureReturn> {
    let mut by_provider: BTreeMap<&str, (BTreeMap<&str, Vec<Returned>>, i64)> = BTreeMap::new();
    for code in &figure.providers {
        let id = providers.iter().find(|(_, provider)| provider.code == code.as_str()).map(|(id, _)| *id);
        by_provider.entry(id.unwrap_or(code)).or_default();
    }
    for row in &extract.activity_returns {
        let is_of_year = (year.starts_on()..year.next_starts_on()).contains(&row.period_from);
        let provider = providers.get(row.provider_id.as_str());
        if is_of_year && provider.is_some_and(|provider| figure.takes_returns(*provider, Some(&row.service))) {
            let (days, sessions) = by_provider.entry(row.provider_id.as_str()).or_default();
            days.entry(row.service.as_str()).or_default().push(Returned {
                from: row.period_from,
                to: row.period_to,
                is_reversal: row.reverses_id.is_some(),
            });
            *sessions += row.sessions;
        }
    }
    if by_provider.is_empty() {
        by_provider.insert("", (BTreeMap::new(), 0));
    }
    let row = |(source, (days, sessions)): (&str, (BTreeMap<&str, Vec<Returned>>, i64))| {
        let standing: i64 = days.values().flatten().map(|one| if one.is_reversal { -1 } else { 1 }).sum();
        let services: Vec<&[Returned]> = days.values().map(Vec::as_slice).collect();
        FigureReturn {
            figure: figure.code.clone(),
            year,
            source: source.to_owned(),
            value: (standing > 0).then_some(sessions),
            missing_returns: missing_months(year, &services),
        }
    };
    by_provider.into_iter().map(row).collect()
}

fn fact_figure_returns(rows: &[FigureReturn]) -> Result<DataFrame, Error> {
    Ok(df!(
        "figure" => rows.iter().map(|row| row.figure.as_str()).collect::<Vec<_>>(),
        "financial_year" => rows.iter().map(|row| row.year.as_str()).collect::<Vec<_>>(),
        "source_key" => rows.iter().map(|row| row.source.as_str()).collect::<Vec<_>>(),
        "value" => each(rows, |row| row.value),
        "missing_returns" => each(rows, |row| row.missing_returns),
    )?)
}
