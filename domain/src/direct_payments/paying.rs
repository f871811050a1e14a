//! What goes into a pay file, and which accounts are left out of it, and why.

use super::pay_day::pay_day_mistake;
use super::{Account, AccountDays, PaymentKind, Precondition, check_text, check_year, corrections};
use crate::costing::CannotCost;
use crate::profile::{CostingPolicy, DirectPaymentPolicy};
use crate::{BankHolidays, Code, FieldError, Pence, Refusal};
use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The most payments in one file: more wait for a file of their own, so that memory is bounded.
pub const MOST_PAYMENTS: usize = 20_000;

/// Accounts that a refusal names at once.
const MOST_NAMED: usize = 50;

/// An account with something due that may not be paid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = LeftOutOfDirectPaymentExport)]
pub struct LeftOut {
    /// The account.
    pub account_id: String,
    /// As a pay file would name it.
    pub reference: String,
    /// What it lacks.
    pub missing: Vec<Precondition>,
    /// What would be paid.
    pub due_pence: Pence,
}

/// A payment that a pay file is to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToPay {
    /// What it is.
    pub kind: PaymentKind,
    /// The one-off line that a set-up payment pays.
    pub line_id: Option<String>,
    /// The payment that an adjustment corrects.
    pub corrects_id: Option<String>,
    /// The first day it pays.
    pub from: NaiveDate,
    /// The first day it no longer pays.
    pub to: NaiveDate,
    /// When it is due.
    pub due_on: NaiveDate,
    /// How much; an adjustment may be negative.
    pub amount: Pence,
}

impl Account {
    /// What is to be paid on a day: what falls due until another, and what earlier payments should have been more or less. Its sum is never
    /// below nought.
    pub fn to_pay(&self, costing: &CostingPolicy, pay_on: NaiveDate, until: NaiveDate) -> Result<Vec<ToPay>, CannotCost> {
        let mut due = self.due(costing, until)?;
        due.retain(|due| due.amount > Pence::ZERO);
        let sum = Pence::checked_sum(due.iter().map(|due| due.amount))?;
        let differences = self.differences(costing)?;
        let amounts: Vec<_> = differences.iter().map(|difference| difference.pence).collect();
        let corrected = corrections(sum, &amounts)?;
        let due = due.into_iter().map(|due| ToPay {
            kind: due.kind,
            line_id: due.line_id,
            corrects_id: None,
            from: due.from,
            to: due.to,
            due_on: due.from,
            amount: due.amount,
        });
        let adjustments =
            differences.iter().zip(corrected).filter(|(_, amount)| *amount != Pence::ZERO).map(|(difference, amount)| ToPay {
                kind: PaymentKind::Adjustment,
                line_id: difference.of.line_id.clone(),
                corrects_id: Some(difference.of.id.clone()),
                from: difference.of.from,
                to: difference.of.to,
                due_on: pay_on,
                amount,
            });
        Ok(due.chain(adjustments).collect())
    }
}

impl AccountDays {
    /// What keeps the account from being paid on a day, in the order of preconditions.
    pub fn lacks(&self, policy: &DirectPaymentPolicy, day: NaiveDate) -> Vec<Precondition> {
        let mut missing = self.missing(policy.needs(), day);
        missing.sort();
        missing
    }
}

/// Everything wrong with a file to be made: it is made for today or for a day of the next period, since one far ahead would pay years in advance.
pub fn pay_file_mistakes(
    policy: &DirectPaymentPolicy,
    holidays: &BankHolidays,
    pay_on: NaiveDate,
    reason: Option<&str>,
    today: NaiveDate,
) -> Vec<FieldError> {
    let mut errors = Vec::new();
    errors.extend(pay_day_mistake(policy, holidays, pay_on, today));
    check_year(&mut errors, "/pay_on", pay_on);
    if pay_on < today {
        errors.push(FieldError::new("/pay_on", "past", format!("today is {today}")));
    }
    let weeks = policy.weeks_per_payment.as_ref().map_or(0, |weeks| u64::from(weeks.value));
    let latest = today.checked_add_days(Days::new(weeks * 7)).unwrap_or(today);
    if pay_on > latest {
        errors.push(FieldError::new("/pay_on", "too_far_ahead", format!("payments are made one period in advance: up to {latest}")));
    }
    if let Some(reason) = reason {
        check_text(&mut errors, "/reason", reason);
    }
    errors
}

/// Refuses a file that would have more payments than one holds.
pub fn refuse_too_many(payments: usize) -> Result<(), Refusal> {
    if payments <= MOST_PAYMENTS {
        return Ok(());
    }
    let detail = format!("more than {MOST_PAYMENTS} payments are due by then: export by an earlier day, or fewer accounts");
    Err(Refusal::invalid(vec![FieldError::new("/pay_on", "too_many", detail)]))
}

/// Refuses accounts that were named and are not on record.
pub fn refuse_unknown_accounts(named: &[String], found: &[String]) -> Result<(), Refusal> {
    let unknown = named.iter().enumerate().filter(|(_, id)| !found.contains(id));
    let mistake =
        |(place, _): (usize, &String)| FieldError::new(&format!("/account_ids/{place}"), "unknown_reference", "no account has this id");
    Refusal::unless_valid(unknown.map(mistake).take(MOST_NAMED).collect())
}

/// Refuses to leave out accounts that were named: whoever names accounts wants them paid, all of them.
pub fn refuse_named_left_out(named: &[String], left_out: &[LeftOut]) -> Result<(), Refusal> {
    if left_out.is_empty() {
        return Ok(());
    }
    Err(not_ready(left_out, |account| {
        named.iter().position(|id| id == account).map_or_else(String::new, |place| format!("/account_ids/{place}"))
    }))
}

/// Why a file would be empty: something is due and cannot be paid, or nothing is due at all. `last` is the last file's number and day.
pub fn nothing_to_pay(pay_on: NaiveDate, left_out: &[LeftOut], last: Option<(i64, NaiveDate)>) -> Refusal {
    if !left_out.is_empty() {
        return not_ready(left_out, |_| "/account_ids".to_owned());
    }
    let detail = match last {
        Some((number, day)) => format!("Everything due by {pay_on} is in a pay file already. Export {number}, for {day}, took the last."),
        None => format!("Nothing is due by {pay_on}, and no pay file was made yet."),
    };
    Refusal::new(Code::StateConflict, detail)
}

/// Accounts with something due that cannot be paid, each with what it lacks.
fn not_ready(left_out: &[LeftOut], pointer: impl Fn(&str) -> String) -> Refusal {
    let errors = left_out.iter().take(MOST_NAMED).map(|left| {
        let missing: Vec<_> = left.missing.iter().map(Precondition::as_str).collect();
        let detail = format!("account {} lacks {}", left.reference, missing.join(", "));
        FieldError::new(&pointer(&left.account_id), "missing", detail)
    });
    let detail = match left_out.len() {
        1 => "1 account has a payment due and cannot be paid yet. `errors` says what it lacks.".to_owned(),
        count => format!("{count} accounts have a payment due and cannot be paid yet. `errors` says what each lacks."),
    };
    Refusal::with_errors(Code::NotReady, errors.collect()).detailed(detail)
}

#[cfg(test)]
mod tests;
