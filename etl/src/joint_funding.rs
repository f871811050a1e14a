//! Health's share: what is expected of it month by month, and what was invoiced, credited and received.

use crate::error::Error;
use crate::extract::Extract;
use crate::facts::{Named, each};
use crate::manifest::{IncomeTotal, TableKind};
use crate::pseudonym::{Kind, Pseudonyms};
use chrono::{NaiveDate, NaiveDateTime};
use db::AnyConnection;
use db::schema::{
    health_credit_note_lines, health_credit_notes, health_invoice_lines, health_invoices, health_receipts, joint_fundings, package_lines,
};
use diesel::prelude::*;
use diesel::sql_types::Timestamp;
use domain::direct_payments::Stretch;
use domain::joint_funding::{FundedLines, Funding, FundingState, Share, ShareFrequency};
use domain::profile::CostingPolicy;
use domain::{FinancialYear, Pence, Period};
use polars::prelude::*;
use std::collections::{BTreeMap, HashMap};

/// What the store holds of joint funding.
pub(crate) struct JointFunding {
    /// Each funder's share once, as last known, in the order first recorded; reversed ones left out.
    fundings: Vec<KnownFunding>,
    /// The first line of the arrangement, by the line that carries it on.
    first_lines: HashMap<String, String>,
    income: Vec<Income>,
}

#[derive(Queryable)]
struct KnownFunding {
    funding_id: String,
    line_id: String,
    provider_id: String,
    budget_line: String,
    percentage: Option<i64>,
    amount: Option<Pence>,
    frequency: Option<ShareFrequency>,
    valid_from: NaiveDate,
    valid_to: Option<NaiveDate>,
    state: FundingState,
    /// Of the last version when read, of the first once they are put together: the order in which funders are served.
    recorded_seq: i64,
}

impl KnownFunding {
    fn funding(&self) -> Result<Funding, Error> {
        let share = match (self.percentage, self.amount, self.frequency) {
            (Some(share), None, None) => Share::Percentage(share),
            (None, Some(amount), Some(every)) => Share::Fixed { amount, every },
            _ => return Err(Error::Checks(vec!["a joint funding says neither a percentage nor an amount".to_owned()])),
        };
        Ok(Funding { share, valid_from: self.valid_from, valid_to: self.valid_to })
    }
}

/// An invoice, a credit note or a receipt.
struct Income {
    record_id: String,
    kind: &'static str,
    on: NaiveDate,
    provider_id: String,
    budget_line: String,
    pence: i64,
}

impl JointFunding {
    /// The days on which something was invoiced, credited or received.
    pub(crate) fn days(&self) -> impl Iterator<Item = NaiveDate> {
        self.income.iter().map(|income| income.on)
    }
}

/// Reads all of it as known before an instant.
pub(crate) fn read(connection: &mut AnyConnection, before: NaiveDateTime) -> Result<JointFunding, Error> {
    let first_lines: Vec<(String, Option<String>)> = package_lines::table
        .filter(package_lines::recorded_at.lt(before).and(package_lines::continues_line_id.is_not_null()))
        .select((package_lines::line_id, package_lines::continues_line_id))
        .load(connection)?;
    Ok(JointFunding {
        fundings: known_fundings(connection, before)?,
        first_lines: first_lines.into_iter().filter_map(|(line, first)| Some((line, first?))).collect(),
        income: income(connection, before)?,
    })
}

fn known_fundings(connection: &mut AnyConnection, before: NaiveDateTime) -> Result<Vec<KnownFunding>, Error> {
    let versions: Vec<KnownFunding> = joint_fundings::table
        .filter(joint_fundings::recorded_at.lt(before))
        .order((joint_fundings::funding_id, joint_fundings::version))
        .select((
            joint_fundings::funding_id,
            joint_fundings::line_id,
            joint_fundings::provider_id,
            joint_fundings::budget_line,
            joint_fundings::percentage_ten_thousandths,
            joint_fundings::amount_pence,
            joint_fundings::amount_frequency,
            joint_fundings::valid_from,
            joint_fundings::valid_to,
            joint_fundings::state,
            joint_fundings::recorded_seq,
        ))
        .load(connection)?;
    let mut known: Vec<KnownFunding> = Vec::new();
    for version in versions {
        match known.last_mut() {
            Some(last) if last.funding_id == version.funding_id => *last = KnownFunding { recorded_seq: last.recorded_seq, ..version },
            _ => known.push(version),
        }
    }
    known.retain(|funding| funding.state != FundingState::Reversed);
    known.sort_by(|a, b| (a.recorded_seq, &a.funding_id).cmp(&(b.recorded_seq, &b.funding_id)));
    Ok(known)
}

fn income(connection: &mut AnyConnection, before: NaiveDateTime) -> Result<Vec<Income>, Error> {
    let invoices: Vec<(String, String, String, NaiveDate)> = health_invoices::table
        .filter(health_invoices::recorded_at.lt(before))
        .order(health_invoices::id)
        .select((health_invoices::id, health_invoices::provider_id, health_invoices::budget_line, health_invoices::issued_on))
        .load(connection)?;
    let asked: Vec<(String, i64)> = health_invoice_lines::table
        .inner_join(health_invoices::table)
        .filter(health_invoices::recorded_at.lt(before))
        .select((health_invoice_lines::invoice_id, health_invoice_lines::amount_pence))
        .load(connection)?;
    let credited: Vec<(String, i64)> = health_credit_note_lines::table
        .inner_join(health_credit_notes::table)
        .filter(health_credit_notes::recorded_at.lt(before))
        .select((health_credit_note_lines::credit_note_id, health_credit_note_lines::amount_pence))
        .load(connection)?;
    let notes: Vec<(String, String, NaiveDate)> = health_credit_notes::table
        .filter(health_credit_notes::recorded_at.lt(before))
        .order(health_credit_notes::id)
        .select((health_credit_notes::id, health_credit_notes::invoice_id, health_credit_notes::issued_on))
        .load(connection)?;
    let receipts: Vec<(String, String, NaiveDate, i64)> = health_receipts::table
        .filter(health_receipts::recorded_at.lt(before))
        .order(health_receipts::id)
        .select((health_receipts::id, health_receipts::invoice_id, health_receipts::received_on, health_receipts::amount_pence))
        .load(connection)?;
    let (asked, credited) = (summed(asked), summed(credited));
    let payers: HashMap<&str, (&str, &str)> =
        invoices.iter().map(|(id, provider, budget_line, _)| (id.as_str(), (provider.as_str(), budget_line.as_str()))).collect();
    let row = |record_id: &str, kind, on, invoice_id: &str, pence| {
        let (provider_id, budget_line) = payers.get(invoice_id).copied().unwrap_or_default();
        let (provider_id, budget_line) = (provider_id.to_owned(), budget_line.to_owned());
        Income { record_id: record_id.to_owned(), kind, on, provider_id, budget_line, pence }
    };
    let of = |sums: &HashMap<String, i64>, id: &String| sums.get(id).copied().unwrap_or_default();
    let mut rows: Vec<Income> = invoices.iter().map(|(id, _, _, on)| row(id, "invoiced", *on, id, of(&asked, id))).collect();
    rows.extend(notes.iter().map(|(id, invoice, on)| row(id, "credited", *on, invoice, of(&credited, id))));
    rows.extend(receipts.iter().map(|(id, invoice, on, pence)| row(id, "received", *on, invoice, *pence)));
    Ok(rows)
}

fn summed(rows: Vec<(String, i64)>) -> HashMap<String, i64> {
    let mut sums = HashMap::new();
    for (id, pence) in rows {
        *sums.entry(id).or_default() += pence;
    }
    sums
}

/// The store's own totals, computed by the database: by budget line, what was invoiced, credited and received.
pub(crate) fn totals(connection: &mut AnyConnection, before: NaiveDateTime) -> Result<Vec<IncomeTotal>, Error> {
    Ok(diesel::sql_query(
        "SELECT i.budget_line, 'invoiced' AS kind, CAST(SUM(l.amount_pence) AS BIGINT) AS amount_pence \
         FROM health_invoices i JOIN health_invoice_lines l ON l.invoice_id = i.id WHERE i.recorded_at < $1 GROUP BY i.budget_line \
         UNION ALL SELECT i.budget_line, 'credited' AS kind, CAST(SUM(l.amount_pence) AS BIGINT) AS amount_pence \
         FROM health_invoices i JOIN health_credit_notes n ON n.invoice_id = i.id JOIN health_credit_note_lines l ON l.credit_note_id = n.id \
         WHERE n.recorded_at < $1 GROUP BY i.budget_line \
         UNION ALL SELECT i.budget_line, 'received' AS kind, CAST(SUM(r.amount_pence) AS BIGINT) AS amount_pence \
         FROM health_invoices i JOIN health_receipts r ON r.invoice_id = i.id WHERE r.recorded_at < $1 GROUP BY i.budget_line \
         ORDER BY budget_line, kind",
    )
    .bind::<Timestamp, _>(before)
    .load(connection)?)
}

/// The facts of joint funding.
pub(crate) fn build(
    extract: &Extract,
    policy: &CostingPolicy,
    years: &[FinancialYear],
    pseudonyms: &Pseudonyms,
) -> Result<Vec<Named>, Error> {
    Ok(vec![
        ("fact_joint_funding", TableKind::Fact, fact_joint_funding(extract, policy, years, pseudonyms)?),
        ("fact_health_income", TableKind::Fact, fact_health_income(&extract.joint_funding)?),
    ])
}

/// What one funder is expected to pay of a month.
struct Expected<'e> {
    funding: &'e KnownFunding,
    year: FinancialYear,
    period: Period,
    pence: i64,
}

/// One row a funding and month in which it is expected to pay.
fn fact_joint_funding(
    extract: &Extract,
    policy: &CostingPolicy,
    years: &[FinancialYear],
    pseudonyms: &Pseudonyms,
) -> Result<DataFrame, Error> {
    let joint = &extract.joint_funding;
    let mut arrangements: BTreeMap<&str, Vec<&KnownFunding>> = BTreeMap::new();
    for funding in &joint.fundings {
        arrangements.entry(funding.line_id.as_str()).or_default().push(funding);
    }
    let mut lines: HashMap<&str, Vec<_>> = HashMap::new();
    for line in &extract.lines {
        let first = joint.first_lines.get(&line.line_id).unwrap_or(&line.line_id);
        lines.entry(first.as_str()).or_default().push(line.costed());
    }
    let unpaid: HashMap<&str, Vec<Stretch>> =
        extract.direct_payments.iter().map(|account| (account.line_id.as_str(), account.standing.unpaid())).collect();
    let mut rows = Vec::new();
    for (first, funders) in &arrangements {
        let lines = lines.remove(first).unwrap_or_default();
        let Some(starts) = lines.iter().map(|line| line.valid_from).min() else { continue };
        let fundings = funders.iter().map(|known| known.funding()).collect::<Result<Vec<_>, _>>()?;
        // What an account's pauses and closure leave unpaid costs nothing.
        let arrangement = FundedLines::new(policy, lines, fundings).without(unpaid.get(first).cloned().unwrap_or_default());
        for year in years.iter().filter(|year| year.ends_on() >= starts) {
            let months =
                arrangement.parts_by_month(*year).map_err(|reason| Error::Costing { line: pseudonyms.of(Kind::Line, first), reason })?;
            for (period, parts) in months {
                let paid = funders.iter().zip(parts).filter(|(_, part)| part.income != Pence::ZERO);
                rows.extend(paid.map(|(funding, part)| Expected { funding, year: *year, period, pence: part.income.0 }));
            }
        }
    }
    Ok(df!(
        "funding_key" => each(&rows, |row| pseudonyms.of(Kind::Funding, &row.funding.funding_id)),
        "line_key" => each(&rows, |row| pseudonyms.of(Kind::Line, &row.funding.line_id)),
        "financial_year" => rows.iter().map(|row| row.year.as_str()).collect::<Vec<_>>(),
        "period" => each(&rows, |row| i64::from(row.period.number())),
        "budget_line" => rows.iter().map(|row| row.funding.budget_line.as_str()).collect::<Vec<_>>(),
        "provider_key" => rows.iter().map(|row| row.funding.provider_id.as_str()).collect::<Vec<_>>(),
        "expected_pence" => each(&rows, |row| row.pence),
    )?)
}

/// One row an invoice, credit note or receipt.
fn fact_health_income(joint: &JointFunding) -> Result<DataFrame, Error> {
    let rows = &joint.income;
    let years: Vec<_> = rows.iter().map(|row| FinancialYear::of(row.on)).collect::<Result<_, _>>()?;
    Ok(df!(
        "record_key" => rows.iter().map(|row| row.record_id.as_str()).collect::<Vec<_>>(),
        "kind" => rows.iter().map(|row| row.kind).collect::<Vec<_>>(),
        "financial_year" => years.iter().map(|year| year.as_str()).collect::<Vec<_>>(),
        "period" => each(rows, |row| i64::from(Period::of(row.on).number())),
        "budget_line" => rows.iter().map(|row| row.budget_line.as_str()).collect::<Vec<_>>(),
        "provider_key" => rows.iter().map(|row| row.provider_id.as_str()).collect::<Vec<_>>(),
        "amount_pence" => each(rows, |row| row.pence),
    )?)
}
