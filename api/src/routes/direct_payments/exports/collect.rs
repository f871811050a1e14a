//! What goes into a pay file: everything due by its day that is in none, of accounts that lack nothing.

use super::file::{self, Header, LAYOUT, Payee};
use super::{DirectPaymentExport, DirectPaymentExported, LeftOut, NewDirectPaymentExport};
use crate::problem::{Code, FieldError, Problem};
use crate::routes::direct_payments::DirectPaymentAccount;
use crate::routes::direct_payments::book::{AccountBook, load};
use crate::routes::direct_payments::paid::said_repaid_by;
use crate::routes::direct_payments::payments::DirectPayment;
use crate::routes::direct_payments::{check_text, check_year, invalid_if_any};
use chrono::{Days, NaiveDate};
use db::schema::{direct_payment_accounts, direct_payment_exports, direct_payments};
use db::{AnyConnection, Event, Write, new_id};
use diesel::dsl::max;
use diesel::prelude::*;
use domain::direct_payment::{PaymentKind, Precondition, corrections};
use domain::{Pence, Profile};
use serde_json::json;
use std::collections::HashSet;

/// The most payments in one file: more wait for a file of their own, so that memory is bounded.
const MOST_PAYMENTS: usize = 20_000;
/// Accounts that are looked at together.
const CHUNK: i64 = 200;
/// Accounts that a refusal names at once.
const MOST_NAMED: usize = 50;

/// A file in the making.
struct Collected {
    payments: Vec<DirectPayment>,
    details: String,
    accounts: i64,
    left_out: Vec<LeftOut>,
}

/// Makes the export and freezes its payments, all in the caller's transaction.
pub fn export(write: &mut Write<'_>, profile: &Profile, new: NewDirectPaymentExport) -> Result<DirectPaymentExported, Problem> {
    invalid_if_any(mistakes(profile, &new, write.at.date()))?;
    let export_id = new_id();
    let collected = collect(write, profile, &export_id, &new)?;
    if collected.payments.is_empty() {
        return Err(nothing_due(write.connection, new.pay_on, &collected.left_out)?);
    }
    let Collected { payments, details, accounts, left_out } = collected;
    let total_pence = Pence::checked_sum(payments.iter().map(|payment| payment.amount_pence)).map_err(Problem::internal)?;
    let number = last(write.connection)?.map_or(0, |(number, _)| number) + 1;
    let count = i64::try_from(payments.len()).map_err(Problem::internal)?;
    let header = Header { layout: LAYOUT, number, authority: &profile.authority, pay_on: new.pay_on, payments: count, total: total_pence };
    let text = file::whole(&header, &details);
    let export = DirectPaymentExport {
        id: export_id,
        number,
        layout: LAYOUT.to_owned(),
        pay_on: new.pay_on,
        reason: new.reason.map(|reason| reason.0),
        accounts,
        payments: count,
        total_pence,
        details_sha256: file::sha256(&details),
        file_sha256: file::sha256(&text),
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    };
    let told = serde_json::to_string(&left_out).map_err(Problem::internal)?;
    diesel::insert_into(direct_payment_exports::table)
        .values((&export, direct_payment_exports::file.eq(&text), direct_payment_exports::left_out.eq(&told)))
        .execute(write.connection)?;
    for payment in &payments {
        diesel::insert_into(direct_payments::table).values(payment).execute(write.connection)?;
    }
    let counts = json!({ "number": number, "accounts": accounts, "payments": count, "total_pence": total_pence });
    write.record(Event::new("export", "direct_payment_exports", &export.id).with(counts))?;
    Ok(DirectPaymentExported { export, left_out, copies: Vec::new() })
}

/// A file is made for today or for a day of the next period: one far ahead would pay years in advance.
fn mistakes(profile: &Profile, new: &NewDirectPaymentExport, today: NaiveDate) -> Vec<FieldError> {
    let mut errors = Vec::new();
    check_year(&mut errors, "/pay_on", new.pay_on);
    if new.pay_on < today {
        errors.push(FieldError::new("/pay_on", "past", format!("today is {today}")));
    }
    let weeks = profile.direct_payments.weeks_per_payment.as_ref().map_or(0, |weeks| u64::from(weeks.value));
    let latest = today.checked_add_days(Days::new(weeks * 7)).unwrap_or(today);
    if new.pay_on > latest {
        errors.push(FieldError::new("/pay_on", "too_far_ahead", format!("payments are made one period in advance: up to {latest}")));
    }
    if let Some(reason) = &new.reason {
        check_text(&mut errors, "/reason", &reason.0);
    }
    errors
}

fn collect(write: &mut Write<'_>, profile: &Profile, export_id: &str, new: &NewDirectPaymentExport) -> Result<Collected, Problem> {
    let named: Vec<String> = new.account_ids.iter().flatten().map(|id| id.0.clone()).collect();
    let mut collected = Collected { payments: Vec::new(), details: String::new(), accounts: 0, left_out: Vec::new() };
    let (mut after, mut found) = ((0, String::new()), Vec::new());
    loop {
        let accounts = next_accounts(write.connection, &after, new.account_ids.is_some().then_some(named.as_slice()))?;
        let Some(last) = accounts.last() else { break };
        after = (last.recorded_seq, last.id.clone());
        found.extend(named.iter().filter(|id| accounts.iter().any(|account| account.id == **id)).cloned());
        let said_repaid = said_repaid_by(write.connection, &accounts, &write.actor.id)?;
        for book in load(write.connection, accounts)? {
            let barred = barred(write, &book, &said_repaid);
            take(write, profile, export_id, new.pay_on, (&book, barred), &mut collected)?;
        }
    }
    let unknown = named
        .iter()
        .enumerate()
        .filter(|(_, id)| !found.contains(id))
        .map(|(place, _)| FieldError::new(&format!("/account_ids/{place}"), "unknown_reference", "no account has this id"));
    invalid_if_any(unknown.take(MOST_NAMED).collect())?;
    if new.account_ids.is_some() && !collected.left_out.is_empty() {
        // Whoever names accounts wants them paid, all of them.
        return Err(not_ready(&collected.left_out, |account| {
            named.iter().position(|id| id == account).map_or_else(String::new, |place| format!("/account_ids/{place}"))
        }));
    }
    Ok(collected)
}

fn next_accounts(
    connection: &mut AnyConnection,
    after: &(i64, String),
    named: Option<&[String]>,
) -> Result<Vec<DirectPaymentAccount>, Problem> {
    let mut query = direct_payment_accounts::table
        .select(DirectPaymentAccount::as_select())
        .filter(direct_payment_accounts::recorded_seq.ge(after.0))
        .filter(direct_payment_accounts::recorded_seq.gt(after.0).or(direct_payment_accounts::id.gt(after.1.clone())))
        .into_boxed();
    if let Some(named) = named {
        query = query.filter(direct_payment_accounts::id.eq_any(named.to_vec()));
    }
    Ok(query.order((direct_payment_accounts::recorded_seq, direct_payment_accounts::id)).limit(CHUNK).load(connection)?)
}

/// What another than the caller has to have done before they pay the account: nobody both says where the money goes and sends it there,
/// nor both says that money came back and sends it out again.
fn barred(write: &Write<'_>, book: &AccountBook, said_repaid: &HashSet<String>) -> Vec<Precondition> {
    let bank = book.bank_is_by(&write.actor.id).then_some(Precondition::BankAccountByAnother);
    let repayment = said_repaid.contains(&book.account.child_id).then_some(Precondition::RepaymentByAnother);
    bank.into_iter().chain(repayment).collect()
}

/// Takes one account's payments into the file, or notes why not.
fn take(
    write: &Write<'_>,
    profile: &Profile,
    export_id: &str,
    pay_on: NaiveDate,
    (book, barred): (&AccountBook, Vec<Precondition>),
    collected: &mut Collected,
) -> Result<(), Problem> {
    let due = of_account(write, profile, export_id, pay_on, book)?;
    if due.is_empty() {
        return Ok(());
    }
    let mut missing = book.missing(profile, pay_on);
    missing.extend(barred);
    let (Some(bank), true) = (book.bank(), missing.is_empty()) else {
        let due_pence = Pence::checked_sum(due.iter().map(|payment| payment.amount_pence)).map_err(Problem::internal)?;
        let (account_id, reference) = (book.account.id.clone(), book.account.reference.clone());
        collected.left_out.push(LeftOut { account_id, reference, missing, due_pence });
        return Ok(());
    };
    if collected.payments.len() + due.len() > MOST_PAYMENTS {
        let detail = format!("more than {MOST_PAYMENTS} payments are due by then: export by an earlier day, or fewer accounts");
        return Err(Problem::invalid(vec![FieldError::new("/pay_on", "too_many", detail)]));
    }
    let payee = Payee {
        account: &book.account.reference,
        bank: bank.bank_reference.as_deref().unwrap_or_default(),
        payee: bank.payee_reference.as_deref().unwrap_or_default(),
    };
    for payment in due {
        collected.details.push_str(&file::detail(&payee, &payment));
        collected.payments.push(payment);
    }
    collected.accounts += 1;
    Ok(())
}

/// What is to be paid to an account: what is due, and what earlier payments should have been more or less. Its sum is never below
/// nought.
fn of_account(
    write: &Write<'_>,
    profile: &Profile,
    export_id: &str,
    pay_on: NaiveDate,
    book: &AccountBook,
) -> Result<Vec<DirectPayment>, Problem> {
    let costing = &profile.costing;
    let payment = |kind, amount_pence, from, to, due_on| DirectPayment {
        id: new_id(),
        account_id: book.account.id.clone(),
        export_id: Some(export_id.to_owned()),
        repayment_id: None,
        kind,
        line_id: None,
        corrects_id: None,
        period_from: from,
        period_to: to,
        due_on,
        paid_on: pay_on,
        amount_pence,
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    };
    let mut due = book.money.due(costing, pay_on).map_err(Problem::internal)?;
    due.retain(|due| due.amount > Pence::ZERO);
    let sum = Pence::checked_sum(due.iter().map(|due| due.amount)).map_err(Problem::internal)?;
    let differences = book.money.differences(costing).map_err(Problem::internal)?;
    let amounts: Vec<_> = differences.iter().map(|difference| difference.pence).collect();
    let corrected = corrections(sum, &amounts).map_err(Problem::internal)?;
    let due =
        due.into_iter().map(|due| DirectPayment { line_id: due.line_id, ..payment(due.kind, due.amount, due.from, due.to, due.from) });
    let adjustments = differences.iter().zip(corrected).filter(|(_, amount)| *amount != Pence::ZERO).map(|(difference, amount)| {
        let of = difference.of;
        DirectPayment {
            line_id: of.line_id.clone(),
            corrects_id: Some(of.id.clone()),
            ..payment(PaymentKind::Adjustment, amount, of.from, of.to, pay_on)
        }
    });
    Ok(due.chain(adjustments).collect())
}

/// Number and day of the last export.
fn last(connection: &mut AnyConnection) -> Result<Option<(i64, NaiveDate)>, Problem> {
    let number: Option<i64> = direct_payment_exports::table.select(max(direct_payment_exports::number)).first(connection)?;
    let Some(number) = number else { return Ok(None) };
    let pay_on = direct_payment_exports::table
        .filter(direct_payment_exports::number.eq(number))
        .select(direct_payment_exports::pay_on)
        .first(connection)?;
    Ok(Some((number, pay_on)))
}

fn nothing_due(connection: &mut AnyConnection, pay_on: NaiveDate, left_out: &[LeftOut]) -> Result<Problem, Problem> {
    if !left_out.is_empty() {
        return Ok(not_ready(left_out, |_| "/account_ids".to_owned()));
    }
    let before = match last(connection)? {
        Some((number, day)) => format!("Export {number}, for {day}, took the last."),
        None => "No pay file was made yet.".to_owned(),
    };
    Ok(Problem::new(Code::StateConflict, format!("Nothing is due on or before {pay_on} that is in no pay file. {before}")))
}

/// Accounts with something due that cannot be paid, each with what it lacks.
fn not_ready(left_out: &[LeftOut], pointer: impl Fn(&str) -> String) -> Problem {
    let errors = left_out.iter().take(MOST_NAMED).map(|left| {
        let missing: Vec<_> = left.missing.iter().map(Precondition::as_str).collect();
        let detail = format!("account {} lacks {}", left.reference, missing.join(", "));
        FieldError::new(&pointer(&left.account_id), "missing", detail)
    });
    let detail = match left_out.len() {
        1 => "1 account with a payment due lacks something, and is not paid before.".to_owned(),
        count => format!("{count} accounts with a payment due lack something, and are not paid before."),
    };
    Problem::with_errors(Code::NotReady, errors.collect()).detailed(detail)
}
