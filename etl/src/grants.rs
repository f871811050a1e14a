//! Grants' terms, as known before an instant, and the facts made of them: what is planned, paid, returned and still due, by year.

use crate::calendar::Calendar;
use crate::error::Error;
use crate::extract::{Extract, Grant};
use crate::facts::{Named, each};
use crate::manifest::{GrantTotals, LineTotal, TableKind};
use chrono::{Datelike, NaiveDate, NaiveDateTime};
use db::AnyConnection;
use db::schema::{grant_instalment_payments, grant_instalments, grant_returns_due, grants};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Date, Text, Timestamp};
use domain::costing::spread_before;
use domain::grants::{Award, Returned, is_covered, return_state, returned_for};
use domain::year::NotAYear;
use domain::{FinancialYear, Pence, Period};
use polars::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// What grants were awarded on, and what was paid of them.
pub(crate) struct GrantTerms {
    /// By grant, soonest first.
    instalments: BTreeMap<String, Vec<(NaiveDate, Pence)>>,
    payments: Vec<Payment>,
    returns_due: Vec<ReturnDue>,
}

/// A payment of an instalment, or of the opposite amount, the row that takes one back.
#[derive(Queryable)]
struct Payment {
    id: String,
    grant_id: String,
    instalment: i64,
    budget_line: String,
    paid_on: NaiveDate,
    amount: Pence,
}

#[derive(Queryable)]
struct ReturnDue {
    grant_id: String,
    number: i64,
    period_from: NaiveDate,
    period_to: NaiveDate,
    due_on: NaiveDate,
}

impl GrantTerms {
    /// The first and end days of the returns that a grant asks for.
    pub(crate) fn periods_asked(&self, grant_id: &str) -> Vec<(NaiveDate, NaiveDate)> {
        let of_grant = self.returns_due.iter().filter(|due| due.grant_id == grant_id);
        of_grant.map(|due| (due.period_from, due.period_to)).collect()
    }
}

/// Reads all of it. `before` is the instant from which on nothing recorded counts.
pub(crate) fn read(connection: &mut AnyConnection, before: NaiveDateTime) -> Result<GrantTerms, Error> {
    let rows: Vec<(String, NaiveDate, Pence)> = grant_instalments::table
        .filter(grant_instalments::recorded_at.lt(before))
        .select((grant_instalments::grant_id, grant_instalments::due_on, grant_instalments::amount_pence))
        .order((grant_instalments::grant_id, grant_instalments::number))
        .load(connection)?;
    let mut instalments: BTreeMap<String, Vec<_>> = BTreeMap::new();
    for (grant, due_on, amount) in rows {
        instalments.entry(grant).or_default().push((due_on, amount));
    }
    let payments = grant_instalment_payments::table
        .inner_join(grant_instalments::table.inner_join(grants::table))
        .filter(grant_instalment_payments::recorded_at.lt(before))
        .select((
            grant_instalment_payments::id,
            grants::id,
            grant_instalments::number,
            grants::budget_line,
            grant_instalment_payments::paid_on,
            grant_instalment_payments::amount_pence,
        ))
        .order(grant_instalment_payments::id)
        .load(connection)?;
    let returns_due = grant_returns_due::table
        .filter(grant_returns_due::recorded_at.lt(before))
        .select((
            grant_returns_due::grant_id,
            grant_returns_due::number,
            grant_returns_due::period_from,
            grant_returns_due::period_to,
            grant_returns_due::due_on,
        ))
        .order((grant_returns_due::grant_id, grant_returns_due::number))
        .load(connection)?;
    Ok(GrantTerms { instalments, payments, returns_due })
}

/// The days on which a grant is to be paid, and how much of it; none, it counts as spread evenly over its days. The row that takes a
/// grant back has those of the grant, of the opposite amount.
pub(crate) fn instalments(extract: &Extract, grant: &Grant) -> Vec<(NaiveDate, Pence)> {
    let of = |id: &str| extract.grant_terms.instalments.get(id);
    match &grant.reverses_id {
        None => of(&grant.id).cloned().unwrap_or_default(),
        Some(reversed) => of(reversed).into_iter().flatten().map(|(due_on, amount)| (*due_on, Pence(-amount.0))).collect(),
    }
}

/// The facts. A grant that was taken back, and what takes it back, are in none of them but the payments, where they come to nothing.
pub(crate) fn build(extract: &Extract, calendar: &Calendar) -> Result<Vec<Named>, Error> {
    let standing = extract.standing_grants();
    let mut returned: BTreeMap<&str, Vec<Returned>> = BTreeMap::new();
    for row in &extract.grant_returns {
        let days = Returned { from: row.period_from, to: row.period_to, is_reversal: row.reverses_id.is_some() };
        returned.entry(row.grant_id.as_str()).or_default().push(days);
    }
    Ok(vec![
        ("fact_grants", TableKind::Fact, fact_grants(&standing)?),
        ("fact_grant_years", TableKind::Fact, fact_grant_years(extract, &standing, &returned)?),
        ("fact_grant_payments", TableKind::Fact, fact_grant_payments(&extract.grant_terms.payments)?),
        ("fact_grant_returns_due", TableKind::Fact, fact_grant_returns_due(extract, &standing, &returned, calendar.as_at)?),
    ])
}

fn fact_grants(standing: &[&Grant]) -> Result<DataFrame, Error> {
    let awarded_in: Vec<_> = standing.iter().map(|grant| FinancialYear::of(grant.awarded_on)).collect::<Result<_, _>>()?;
    Ok(df!(
        "grant_key" => standing.iter().map(|grant| grant.id.as_str()).collect::<Vec<_>>(),
        "provider_key" => standing.iter().map(|grant| grant.provider_id.as_str()).collect::<Vec<_>>(),
        "budget_line" => standing.iter().map(|grant| grant.budget_line.as_str()).collect::<Vec<_>>(),
        "awarded_in" => awarded_in.iter().map(|year| year.as_str()).collect::<Vec<_>>(),
        "awarded_on" => each(standing, |grant| grant.awarded_on),
        "period_from" => each(standing, |grant| grant.period_from),
        "period_to" => each(standing, |grant| grant.period_to),
        "amount_pence" => each(standing, |grant| grant.amount.0),
    )?)
}

/// One row a grant and financial year, from the first to the last in which it has a day, an instalment, a payment or a return due:
/// all of an award is in some row, whichever years the snapshot covers.
fn fact_grant_years(extract: &Extract, standing: &[&Grant], returned: &BTreeMap<&str, Vec<Returned>>) -> Result<DataFrame, Error> {
    let terms = &extract.grant_terms;
    let mut days: BTreeMap<&str, Vec<NaiveDate>> = BTreeMap::new();
    for (grant, day) in
        terms.payments.iter().map(|p| (&p.grant_id, p.paid_on)).chain(terms.returns_due.iter().map(|d| (&d.grant_id, d.due_on)))
    {
        days.entry(grant).or_default().push(day);
    }
    let (mut keys, mut years, mut planned, mut carried) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for grant in standing {
        let instalments = instalments(extract, grant);
        let mut touched = days.remove(grant.id.as_str()).unwrap_or_default();
        touched.extend(instalments.iter().map(|(due_on, _)| *due_on));
        touched.extend([grant.period_from, grant.period_to.pred_opt().unwrap_or(grant.period_to)]);
        let returns = returned.get(grant.id.as_str()).map(Vec::as_slice).unwrap_or_default();
        for year in all_years(&touched)? {
            keys.push(grant.id.as_str());
            years.push(year.as_str().to_owned());
            planned.push(planned_in(grant, &instalments, year)?);
            // A return lies in one financial year.
            let in_year: Vec<_> =
                returns.iter().filter(|one| one.from >= year.starts_on() && one.from < year.next_starts_on()).copied().collect();
            let award = Award { from: grant.period_from, to: grant.period_to, amount: grant.amount };
            carried.push(returned_for(&award, &in_year).0);
        }
    }
    Ok(df!("grant_key" => keys, "financial_year" => years, "planned_pence" => planned, "returned_for_pence" => carried)?)
}

/// Every financial year from that of the first day to that of the last.
fn all_years(days: &[NaiveDate]) -> Result<Vec<FinancialYear>, NotAYear> {
    let (Some(first), Some(last)) = (days.iter().min(), days.iter().max()) else { return Ok(Vec::new()) };
    let (first, last) = (FinancialYear::of(*first)?, FinancialYear::of(*last)?);
    (first.starts_on().year()..=last.starts_on().year()).map(FinancialYear::starting).collect()
}

/// What of a grant is to be paid in a year: its instalments, or without any its days.
fn planned_in(grant: &Grant, instalments: &[(NaiveDate, Pence)], year: FinancialYear) -> Result<i64, Error> {
    if instalments.is_empty() {
        let before = |day| spread_before(grant.amount, grant.period_from, grant.period_to, day).0;
        return Ok(before(year.next_starts_on()) - before(year.starts_on()));
    }
    let mut total = 0;
    for (due_on, amount) in instalments {
        if FinancialYear::of(*due_on)? == year {
            total += amount.0;
        }
    }
    Ok(total)
}

fn fact_grant_payments(payments: &[Payment]) -> Result<DataFrame, Error> {
    let years: Vec<_> = payments.iter().map(|payment| FinancialYear::of(payment.paid_on)).collect::<Result<_, _>>()?;
    Ok(df!(
        "payment_key" => payments.iter().map(|payment| payment.id.as_str()).collect::<Vec<_>>(),
        "grant_key" => payments.iter().map(|payment| payment.grant_id.as_str()).collect::<Vec<_>>(),
        "instalment_number" => each(payments, |payment| payment.instalment),
        "budget_line" => payments.iter().map(|payment| payment.budget_line.as_str()).collect::<Vec<_>>(),
        "financial_year" => years.iter().map(|year| year.as_str()).collect::<Vec<_>>(),
        "period" => each(payments, |payment| i64::from(Period::of(payment.paid_on).number())),
        "paid_on" => each(payments, |payment| payment.paid_on),
        "amount_pence" => each(payments, |payment| payment.amount.0),
    )?)
}

/// A return due counts in the year of its day, and stands as it did on the day the snapshot looks from.
fn fact_grant_returns_due(
    extract: &Extract,
    standing: &[&Grant],
    returned: &BTreeMap<&str, Vec<Returned>>,
    as_at: NaiveDate,
) -> Result<DataFrame, Error> {
    let standing: BTreeSet<&str> = standing.iter().map(|grant| grant.id.as_str()).collect();
    let due: Vec<&ReturnDue> = extract.grant_terms.returns_due.iter().filter(|due| standing.contains(due.grant_id.as_str())).collect();
    let years: Vec<_> = due.iter().map(|due| FinancialYear::of(due.due_on)).collect::<Result<_, _>>()?;
    let state = |due: &&ReturnDue| {
        let returns = returned.get(due.grant_id.as_str()).map(Vec::as_slice).unwrap_or_default();
        return_state(is_covered(due.period_from, due.period_to, returns), due.due_on, as_at).as_str()
    };
    Ok(df!(
        "grant_key" => due.iter().map(|due| due.grant_id.as_str()).collect::<Vec<_>>(),
        "number" => each(&due, |due| due.number),
        "financial_year" => years.iter().map(|year| year.as_str()).collect::<Vec<_>>(),
        "period_from" => each(&due, |due| due.period_from),
        "period_to" => each(&due, |due| due.period_to),
        "due_on" => each(&due, |due| due.due_on),
        "state" => each(&due, state),
    )?)
}

#[derive(QueryableByName)]
struct Awarded {
    #[diesel(sql_type = Text)]
    budget_line: String,
    #[diesel(sql_type = BigInt)]
    pence: i64,
}

#[derive(QueryableByName)]
struct PaidOn {
    #[diesel(sql_type = Date)]
    paid_on: NaiveDate,
    #[diesel(sql_type = Text)]
    budget_line: String,
    #[diesel(sql_type = BigInt)]
    payments: i64,
    #[diesel(sql_type = BigInt)]
    pence: i64,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

/// The store's own totals, computed by the database and by other SQL than the extraction.
pub(crate) fn totals(connection: &mut AnyConnection, before: NaiveDateTime) -> Result<GrantTotals, Error> {
    let awarded: Vec<Awarded> = diesel::sql_query(
        "SELECT budget_line, CAST(SUM(amount_pence) AS BIGINT) AS pence FROM grants WHERE recorded_at < $1 GROUP BY budget_line",
    )
    .bind::<Timestamp, _>(before)
    .load(connection)?;
    // The databases write dates in their own ways, so they add up by day and the years are made of days here.
    let paid: Vec<PaidOn> = diesel::sql_query(
        "SELECT p.paid_on, g.budget_line, COUNT(*) AS payments, CAST(SUM(p.amount_pence) AS BIGINT) AS pence \
         FROM grant_instalment_payments p JOIN grant_instalments i ON i.id = p.instalment_id JOIN grants g ON g.id = i.grant_id \
         WHERE p.recorded_at < $1 GROUP BY p.paid_on, g.budget_line",
    )
    .bind::<Timestamp, _>(before)
    .load(connection)?;
    let returns_due: Count = diesel::sql_query(
        "SELECT COUNT(*) AS n FROM grant_returns_due d WHERE d.recorded_at < $1 \
         AND NOT EXISTS (SELECT 1 FROM grants g WHERE g.reverses_id = d.grant_id AND g.recorded_at < $1)",
    )
    .bind::<Timestamp, _>(before)
    .get_result(connection)?;
    let mut by_year: BTreeMap<(String, String), (i64, i64)> = BTreeMap::new();
    for row in paid {
        let total = by_year.entry((FinancialYear::of(row.paid_on)?.as_str().to_owned(), row.budget_line)).or_default();
        *total = (total.0 + row.payments, total.1 + row.pence);
    }
    let total = |((financial_year, budget_line), (entries, amount_pence))| LineTotal { financial_year, budget_line, entries, amount_pence };
    Ok(GrantTotals {
        awarded_pence: awarded.into_iter().map(|row| (row.budget_line, row.pence)).collect(),
        paid: by_year.into_iter().map(total).collect(),
        returns_due: returns_due.n,
    })
}
