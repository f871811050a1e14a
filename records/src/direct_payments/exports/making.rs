//! Making a pay file of everything due by its day that is in none, of accounts that lack nothing.

use crate::children::leaving;
use crate::direct_payments::account;
use crate::direct_payments::exports::export::{DirectPaymentExport, DirectPaymentExported, last, sha256};
use crate::direct_payments::payment::DirectPayment;
use crate::direct_payments::record::{AccountRecord, load};
use crate::direct_payments::said_back::said_repaid_by;
use crate::error::Error;
use crate::people::owners::hands_of;
use crate::text::{Id, Text};
use chrono::NaiveDate;
use db::schema::{direct_payment_exports, direct_payments};
use db::{Event, Write, new_id};
use diesel::prelude::*;
use domain::direct_payments::pay_file::{Detail, Header, LAYOUT, Payee};
use domain::direct_payments::{
    LeftOut, PayersHand, ToPay, nothing_to_pay, pay_file_mistakes, pays_until, refuse_named_left_out, refuse_too_many,
    refuse_unknown_accounts,
};
use domain::{BankHolidays, Pence, Profile, Refusal};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

/// Accounts that are looked at together.
const CHUNK: i64 = 200;

/// A pay file to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "pay_on": "2024-06-24" }))]
pub struct NewDirectPaymentExport {
    /// The day on which the finance system pays: a working day, today or later, at most one period ahead. What is due by then is in the file;
    /// where the profile says so, also what falls due before the next working day.
    pub pay_on: NaiveDate,
    /// In words.
    pub reason: Option<Text<500>>,
    /// Only these accounts, and refused if one of them may not be paid; none, all of them.
    #[schema(min_items = 1, max_items = 500)]
    pub account_ids: Option<Vec<Id>>,
}

/// A file in the making.
struct Collected {
    payments: Vec<DirectPayment>,
    details: String,
    accounts: i64,
    left_out: Vec<LeftOut>,
}

/// Makes the pay file and freezes its payments, all in the caller's transaction.
pub fn make_pay_file(write: &mut Write<'_>, profile: &Profile, new: NewDirectPaymentExport) -> Result<DirectPaymentExported, Error> {
    let reason = new.reason.as_ref().map(|reason| reason.0.as_str());
    let holidays = BankHolidays::bundled().map_err(Error::fault)?;
    Refusal::unless_valid(pay_file_mistakes(&profile.direct_payments, holidays, new.pay_on, reason, write.today()))?;
    let until = pays_until(&profile.direct_payments, holidays, new.pay_on);
    let export_id = new_id();
    let collected = collect(write, profile, (&export_id, until), &new)?;
    let before = last(write.connection)?;
    if collected.payments.is_empty() {
        return Err(nothing_to_pay(new.pay_on, &collected.left_out, before).into());
    }
    let Collected { payments, details, accounts, left_out } = collected;
    let total_pence = Pence::checked_sum(payments.iter().map(|payment| payment.amount_pence)).map_err(Error::fault)?;
    let number = before.map_or(0, |(number, _)| number) + 1;
    let count = i64::try_from(payments.len()).map_err(Error::fault)?;
    let header = Header { layout: LAYOUT, number, authority: &profile.authority, pay_on: new.pay_on, payments: count, total: total_pence };
    let details_sha256 = sha256(&details);
    let text = header.file(&details, &details_sha256);
    let export = DirectPaymentExport {
        id: export_id,
        number,
        layout: LAYOUT.to_owned(),
        pay_on: new.pay_on,
        reason: new.reason.map(|reason| reason.0),
        accounts,
        payments: count,
        total_pence,
        details_sha256,
        file_sha256: sha256(&text),
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    };
    keep(write, &export, &text, &left_out, &payments)?;
    Ok(DirectPaymentExported { export, left_out, copies: Vec::new() })
}

/// Writes the file down with whom it leaves out, and its payments.
fn keep(
    write: &mut Write<'_>,
    export: &DirectPaymentExport,
    text: &str,
    left_out: &[LeftOut],
    payments: &[DirectPayment],
) -> Result<(), Error> {
    let told = serde_json::to_string(left_out).map_err(Error::fault)?;
    diesel::insert_into(direct_payment_exports::table)
        .values((export, direct_payment_exports::file.eq(text), direct_payment_exports::left_out.eq(&told)))
        .execute(write.connection)?;
    for payment in payments {
        diesel::insert_into(direct_payments::table).values(payment).execute(write.connection)?;
    }
    let DirectPaymentExport { number, accounts, payments, total_pence, .. } = export;
    let counts = json!({ "number": number, "accounts": accounts, "payments": payments, "total_pence": total_pence });
    write.record(Event::new("export", "direct_payment_exports", &export.id).with(counts))?;
    Ok(())
}

/// Goes through the accounts, all of them or those named, some at a time.
fn collect(
    write: &mut Write<'_>,
    profile: &Profile,
    (export_id, until): (&str, NaiveDate),
    new: &NewDirectPaymentExport,
) -> Result<Collected, Error> {
    let named: Option<Vec<String>> = new.account_ids.as_ref().map(|ids| ids.iter().map(|id| id.0.clone()).collect());
    let mut collected = Collected { payments: Vec::new(), details: String::new(), accounts: 0, left_out: Vec::new() };
    let hands = hands_of(write.connection, &write.actor.id)?;
    let (mut after, mut found) = ((0, String::new()), Vec::new());
    loop {
        let accounts = account::next(write.connection, &after, named.as_deref(), CHUNK)?;
        let Some(last) = accounts.last() else { break };
        after = (last.recorded_seq, last.id.clone());
        if named.is_some() {
            found.extend(accounts.iter().map(|account| account.id.clone()));
        }
        let said_repaid = said_repaid_by(write.connection, &accounts, &hands)?;
        let brought_back = leaving::taken_back_by(write.connection, accounts.iter().map(|account| account.child_id.as_str()), &hands)?;
        for record in load(write.connection, accounts, write.zone)? {
            let child = &record.account.child_id;
            let hand = record.hand_of(&hands, said_repaid.contains(child), brought_back.get(child).copied());
            take(write, profile, (export_id, new.pay_on, until), (&record, hand), &mut collected)?;
        }
    }
    if let Some(named) = named {
        refuse_unknown_accounts(&named, &found)?;
        refuse_named_left_out(&named, &collected.left_out)?;
    }
    Ok(collected)
}

/// Takes one account's payments into the file, or notes why not.
fn take(
    write: &Write<'_>,
    profile: &Profile,
    (export_id, pay_on, until): (&str, NaiveDate, NaiveDate),
    (record, hand): (&AccountRecord, PayersHand),
    collected: &mut Collected,
) -> Result<(), Error> {
    let due = record.money.to_pay(&profile.costing, pay_on, until).map_err(Error::fault)?;
    if due.is_empty() {
        return Ok(());
    }
    let account = &record.account;
    let mut missing = record.days.lacks(&profile.direct_payments, pay_on);
    missing.extend(hand.needed_of_another());
    let (Some(bank), true) = (record.bank(), missing.is_empty()) else {
        let due_pence = Pence::checked_sum(due.iter().map(|payment| payment.amount)).map_err(Error::fault)?;
        let (account_id, reference) = (account.id.clone(), account.reference.clone());
        collected.left_out.push(LeftOut { account_id, reference, missing, due_pence });
        return Ok(());
    };
    refuse_too_many(collected.payments.len() + due.len())?;
    let payee = Payee {
        account: &account.reference,
        bank: bank.bank_reference.as_deref().unwrap_or_default(),
        payee: bank.payee_reference.as_deref().unwrap_or_default(),
    };
    for payment in due {
        let ToPay { kind, from, to, due_on, amount, .. } = payment;
        collected.details.push_str(&Detail { kind, from, to, due_on, amount }.record(&payee));
        let came_back = record.money.bounced_before(kind, from, payment.line_id.as_deref());
        let attempt = 1 + i64::try_from(came_back).map_err(Error::fault)?;
        collected.payments.push(DirectPayment { attempt, ..frozen(write, export_id, pay_on, &account.id, payment) });
    }
    collected.accounts += 1;
    Ok(())
}

/// A payment as the file makes it.
fn frozen(write: &Write<'_>, export_id: &str, pay_on: NaiveDate, account_id: &str, payment: ToPay) -> DirectPayment {
    DirectPayment {
        id: new_id(),
        account_id: account_id.to_owned(),
        export_id: Some(export_id.to_owned()),
        repayment_id: None,
        kind: payment.kind,
        line_id: payment.line_id,
        corrects_id: payment.corrects_id,
        period_from: payment.from,
        period_to: payment.to,
        due_on: payment.due_on,
        paid_on: pay_on,
        amount_pence: payment.amount,
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
        attempt: 1,
    }
}
