//! Issuing an invoice: its lines fit, and no day is asked for twice.

use crate::error::Error;
use crate::joint_funding::invoices::facts::facts_of_shares;
use crate::joint_funding::invoices::invoice::{HealthInvoice, HealthInvoiceLine};
use crate::joint_funding::invoices::summaries::{HealthInvoiceDetail, detail_of};
use crate::money::carrying_again::{Changed, carrying_again};
use crate::packages::unconfirmed::door_mistakes;
use crate::text::{Id, Text};
use chrono::NaiveDate;
use db::schema::{health_invoice_lines, health_invoices, providers};
use db::{AnyConnection, Event, Write, new_id};
use diesel::dsl::exists;
use diesel::prelude::*;
use domain::joint_funding::invoices::lines::{budget_line_of, expected_lines, period_of, refuse_asked_before, total_mistake};
use domain::joint_funding::invoices::{AskedLine, InvoiceFacts, dates_mistakes, due_day};
use domain::packages::unconfirmed::{Asked, Door};
use domain::{Code, FieldError, Pence, Profile};
use serde::Deserialize;
use utoipa::ToSchema;

/// A line to invoice.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewHealthInvoiceLine {
    /// The joint funding.
    pub funding_id: Id,
    /// The first day it is for.
    pub period_from: NaiveDate,
    /// The first day after.
    pub period_to: NaiveDate,
    /// The line of an earlier invoice that this one corrects, over the same days; none, the days are invoiced for the first time.
    pub adjusts_line_id: Option<Id>,
    /// What to ask for: never more than the days cost. A correction may be negative, leaves at least nothing asked for, and is not 0.
    #[schema(value_type = i64, minimum = -100000000000i64, maximum = 100000000000i64)]
    pub amount_pence: Pence,
    /// Why another amount than the expected one.
    pub reason: Option<Text<500>>,
}

/// An invoice to issue.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "number": "CHC-0042", "provider_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a13", "issued_on": "2024-05-02", "lines": [{
        "funding_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a51", "period_from": "2024-04-01", "period_to": "2024-05-01", "amount_pence": 123450
    }]
}))]
pub struct NewHealthInvoice {
    /// The authority's own number for it.
    pub number: Text<60>,
    /// The body that is to pay.
    pub provider_id: Id,
    /// The day it is dated, not after today.
    pub issued_on: NaiveDate,
    /// The day by which it is to be paid; none, by the profile's terms.
    pub due_on: Option<NaiveDate>,
    /// What is invoiced, of one budget line.
    #[schema(min_items = 1, max_items = 1000)]
    pub lines: Vec<NewHealthInvoiceLine>,
}

/// Issues an invoice to health.
///
/// # Errors
/// When a line does not fit, or asks for days that are asked for already.
pub fn issue(write: &mut Write<'_>, profile: &Profile, new: NewHealthInvoice) -> Result<HealthInvoiceDetail, Error> {
    let NewHealthInvoice { number, provider_id, issued_on, due_on, lines } = new;
    let mut errors = Vec::new();
    let exists: bool = diesel::select(exists(providers::table.find(&provider_id.0))).get_result(write.connection)?;
    if !exists {
        errors.push(FieldError::new("/provider_id", "unknown_reference", "no provider has this id"));
    }
    let due_on = due_day(issued_on, due_on, profile.joint_funding.payment_terms_days.as_ref().map(|terms| terms.value));
    errors.extend(dates_mistakes(issued_on, due_on, write.today()));
    let facts = facts_of_shares(write.connection, profile, lines.iter().map(|line| line.funding_id.0.clone()).collect(), None)?;
    let asked: Vec<AskedLine> = lines.iter().map(NewHealthInvoiceLine::asked).collect();
    errors.extend(unconfirmed_mistakes(write.connection, &facts, &asked)?);
    let budget_line = budget_line_of(&facts, &asked, &mut errors);
    let expected = expected_lines(&facts, &provider_id.0, asked, &mut errors).map_err(Error::fault)?;
    let total_mistake = total_mistake(&expected).map_err(Error::fault)?;
    if errors.is_empty() {
        errors.extend(total_mistake);
    }
    let (Some((period_from, period_to)), Some(due_on), true) = (period_of(&expected), due_on, errors.is_empty()) else {
        return Err(Error::invalid(errors));
    };
    // Exact, because writers take turns.
    refuse_asked_before(&facts, &expected).map_err(Error::fault)??;
    let invoice = HealthInvoice {
        id: new_id(),
        number: number.0,
        provider_id: provider_id.0,
        budget_line,
        issued_on,
        due_on,
        period_from,
        period_to,
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    };
    // Every line fitted, so each has what is expected of it.
    // A correction may give up what was expected of closed years, or ask for it again.
    let corrects = lines.iter().any(|line| line.adjusts_line_id.is_some());
    let changed = Changed { id: &invoice.id, budget_line: &invoice.budget_line, from: if corrects { period_from } else { NaiveDate::MAX } };
    let lines = lines.into_iter().zip(expected.into_iter().map(|line| line.expected));
    carrying_again(write, profile, changed, |write| insert(write, &invoice, lines))?;
    detail_of(write.connection, invoice)
}

/// Health is asked for nothing on what nobody with the authority has agreed. Less than was asked for may be said.
fn unconfirmed_mistakes(connection: &mut AnyConnection, facts: &InvoiceFacts<'_>, asked: &[AskedLine]) -> Result<Vec<FieldError>, Error> {
    let line = |(place, line): (usize, &AskedLine)| {
        let share = facts.shares.get(&line.funding_id).filter(|_| line.amount > Pence::ZERO)?;
        let (pointer, days) = (format!("/lines/{place}/funding_id"), Some((line.from, line.to)));
        Some((pointer, share.line_id.clone(), days))
    };
    let lines: Vec<_> = asked.iter().enumerate().filter_map(line).collect();
    let asked: Vec<_> =
        lines.iter().map(|(pointer, line, days)| Asked { pointer: pointer.clone(), arrangement: line.as_str(), days: *days }).collect();
    door_mistakes(connection, Door::HealthInvoice, &asked)
}

impl NewHealthInvoiceLine {
    /// The line as the rules take it.
    fn asked(&self) -> AskedLine {
        AskedLine {
            funding_id: self.funding_id.0.clone(),
            from: self.period_from,
            to: self.period_to,
            adjusts_line_id: self.adjusts_line_id.as_ref().map(|id| id.0.clone()),
            amount: self.amount_pence,
            has_reason: self.reason.is_some(),
        }
    }
}

fn insert(write: &mut Write<'_>, invoice: &HealthInvoice, lines: impl Iterator<Item = (NewHealthInvoiceLine, Pence)>) -> Result<(), Error> {
    let held: i64 = health_invoices::table.filter(health_invoices::number.eq(&invoice.number)).count().get_result(write.connection)?;
    if held > 0 {
        return Err(Error::refused(Code::AlreadyExists, "Another invoice has this number."));
    }
    diesel::insert_into(health_invoices::table).values(invoice).execute(write.connection)?;
    for (number, (line, expected)) in (1..).zip(lines) {
        let row = HealthInvoiceLine {
            id: new_id(),
            invoice_id: invoice.id.clone(),
            number,
            funding_id: line.funding_id.0,
            period_from: line.period_from,
            period_to: line.period_to,
            adjusts_line_id: line.adjusts_line_id.map(|id| id.0),
            expected_pence: expected,
            amount_pence: line.amount_pence,
            reason: line.reason.map(|reason| reason.0),
            recorded_at: write.at.into(),
            recorded_seq: write.seq(),
        };
        diesel::insert_into(health_invoice_lines::table).values(&row).execute(write.connection)?;
    }
    Ok(write.record(Event::new("issue", "health_invoices", &invoice.id))?)
}
