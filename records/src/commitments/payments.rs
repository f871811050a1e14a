//! Payments that settle nothing, and payments beyond what was planned: what finance has to look at.

use crate::commitments::books::Books;
use crate::commitments::control::lines_asked;
use crate::error::Error;
use crate::ledger_entries::matches::record_packages_read;
use crate::page::{Cursor, Limit, Page, page_of};
use crate::text::CodeText;
use chrono::NaiveDate;
use db::{AnyConnection, Event, Write};
use domain::commitments::{Pool, Target, Unmatched, UnmatchedPayment};
use domain::{Direction, FinancialYear, Pence, Profile, TimeZone};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use utoipa::{IntoParams, ToSchema};

/// A payment that settles no commitment.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "entry_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a41", "budget_line": "home_care", "posted_on": "2023-05-12", "amount_pence": 48240,
    "provider_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a13", "purchase_order": null, "reason": "provider_not_planned"
}))]
#[schema(as = UnmatchedPaymentRow)]
pub struct UnmatchedRow {
    /// The ledger entry.
    pub entry_id: String,
    /// The budget line it counts against.
    pub budget_line: String,
    /// The day the finance system posted it.
    pub posted_on: NaiveDate,
    /// Credits are negative.
    #[schema(value_type = i64)]
    pub amount_pence: Pence,
    /// The provider paid.
    pub provider_id: Option<String>,
    /// The order's number.
    pub purchase_order: Option<String>,
    /// Why it settles nothing.
    pub reason: Unmatched,
}

/// What payments are pooled for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PaidFor {
    /// One invoice to a funder: its id.
    Invoice,
    /// One arrangement: its first line's id.
    Arrangement,
    /// The arrangements of one purchase order: its id.
    Order,
    /// All that one provider is planned to be paid on the budget line: its id.
    Provider,
    /// Everything on the budget line: payments that name no provider.
    BudgetLine,
}

/// Payments beyond all that is planned for what they are for.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "budget_line": "home_care", "paid_for": "provider", "id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a13", "payments_pence": 812000,
    "settled_pence": 790000, "overpaid_pence": 22000
}))]
pub struct Overpayment {
    /// The budget line.
    pub budget_line: String,
    /// What the payments are for.
    pub paid_for: PaidFor,
    /// Which one; null for the budget line.
    pub id: Option<String>,
    /// What the payments add up to.
    #[schema(value_type = i64)]
    pub payments_pence: Pence,
    /// What they settled of the plan.
    #[schema(value_type = i64)]
    pub settled_pence: Pence,
    /// What is left of them.
    #[schema(value_type = i64)]
    pub overpaid_pence: Pence,
}

/// Which year and budget line.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PaymentParams {
    /// The financial year.
    #[param(example = "2023-24")]
    year: FinancialYear,
    /// Only this budget line; without it, all of expenditure.
    budget_line: Option<CodeText>,
    /// Records on a page.
    #[serde(default)]
    #[param(value_type = Option<u16>, minimum = 1, maximum = 500, default = 50)]
    limit: Limit,
    /// Where the last page ended.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    cursor: Cursor,
}

fn overpayments(
    connection: &mut AnyConnection,
    profile: &Profile,
    year: FinancialYear,
    budget_line: Option<&CodeText>,
) -> Result<Vec<Overpayment>, Error> {
    let mut rows = Vec::new();
    for books in books_asked(connection, year, budget_line, profile.time_zone)? {
        rows.extend(books.settle(&profile.costing, |settlement| {
            let beyond = settlement.pools.iter().filter(|pool| pool.overpaid > Pence::ZERO);
            beyond.map(|pool| overpayment(&books.budget_line, pool)).collect::<Vec<_>>()
        })?);
    }
    Ok(rows)
}

/// The books of the lines of expenditure asked about: what was received settles nothing.
fn books_asked(connection: &mut AnyConnection, year: FinancialYear, code: Option<&CodeText>, zone: TimeZone) -> Result<Vec<Books>, Error> {
    let lines = lines_asked(connection, code)?.into_iter().filter(|line| line.direction == Direction::Expenditure);
    lines.map(|line| Books::load(connection, year, &line, zone)).collect()
}

fn unmatched_row(budget_line: &str, numbers: &HashMap<&str, &str>, one: &UnmatchedPayment<'_>) -> UnmatchedRow {
    UnmatchedRow {
        entry_id: one.payment.id.to_owned(),
        budget_line: budget_line.to_owned(),
        posted_on: one.payment.posted_on,
        amount_pence: one.payment.amount,
        provider_id: one.payment.provider.map(str::to_owned),
        purchase_order: numbers.get(one.payment.id).map(|number| (*number).to_owned()),
        reason: one.reason,
    }
}

fn overpayment(budget_line: &str, pool: &Pool<'_>) -> Overpayment {
    let (paid_for, id) = match pool.target {
        Target::Invoice(id) => (PaidFor::Invoice, Some(id)),
        Target::Arrangement(id) => (PaidFor::Arrangement, Some(id)),
        Target::Order(id) => (PaidFor::Order, Some(id)),
        Target::Provider(id) => (PaidFor::Provider, Some(id)),
        Target::BudgetLine => (PaidFor::BudgetLine, None),
    };
    Overpayment {
        budget_line: budget_line.to_owned(),
        paid_for,
        id: id.map(str::to_owned),
        payments_pence: pool.payments,
        settled_pence: pool.paid,
        overpaid_pence: pool.overpaid,
    }
}

/// List unmatched payments.
pub fn list_unmatched_payments(
    connection: &mut AnyConnection,
    profile: &Profile,
    wanted: PaymentParams,
) -> Result<Page<UnmatchedRow>, Error> {
    let PaymentParams { year, budget_line, limit, cursor } = wanted;
    let after = cursor.after();
    let mut rows = Vec::new();
    for books in books_asked(connection, year, budget_line.as_ref(), profile.time_zone)? {
        let numbers = books.order_numbers();
        let row = |one: &UnmatchedPayment<'_>| unmatched_row(&books.budget_line, &numbers, one);
        rows.extend(books.settle(&profile.costing, |settlement| settlement.unmatched.iter().map(row).collect::<Vec<_>>())?);
    }
    let key = |row: &UnmatchedRow| format!("{} {} {}", row.budget_line, row.posted_on, row.entry_id);
    Ok(page_of(limit, rows, &after, key))
}

/// List overpayments.
pub fn list_overpayments(write: &mut Write<'_>, profile: &Profile, wanted: PaymentParams) -> Result<Page<Overpayment>, Error> {
    let PaymentParams { year, budget_line, limit, cursor } = wanted;
    let after = cursor.after();
    let rows = overpayments(write.connection, profile, year, budget_line.as_ref())?;
    let key = |row: &Overpayment| format!("{} {:?} {}", row.budget_line, row.paid_for, row.id.clone().unwrap_or_default());
    let page = page_of(limit, rows, &after, key);
    write.record(Event::new("list", "overpayments", year.as_str()))?;
    let arrangements = page.items.iter().filter(|row| row.paid_for == PaidFor::Arrangement);
    record_packages_read(write, arrangements.filter_map(|row| row.id.as_deref()))?;
    Ok(page)
}
