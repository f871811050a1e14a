//! Steps of an account: what was signed, verified and seen, pauses, set-up payments and the closure; and steps taken back.

use crate::direct_payments::account::{self, DirectPaymentAccount};
use crate::direct_payments::paid::paid_elsewhere;
use crate::direct_payments::record::AccountRecord;
use crate::direct_payments::state_rows;
use crate::direct_payments::step::{DirectPaymentStep, find};
use crate::error::Error;
use crate::money::carrying_again::{Changed, carrying_again};
use crate::reversal::already_reversed;
use crate::text::{Id, Text};
use chrono::NaiveDate;
use db::schema::{direct_payment_steps, package_lines, packages};
use db::{AnyConnection, Event, Write, new_id};
use diesel::prelude::*;
use domain::direct_payments::{
    FinanceReference, MaskedBankReference, NewStep, SetUpLine, StepKind, Stretch, refuse_bank_details_in_reason, refuse_resumed_pause,
    refuse_reversal_of_reversal, set_up_line_mistakes,
};
use domain::profile::DirectPaymentPolicy;
use domain::{FieldError, Frequency, LineState, Profile, Refusal};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

/// A step to record. Each kind has fields of its own, and takes no other's.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "kind": "bank_account_recorded", "taken_on": "2024-06-03", "bank_reference": "****4321", "payee_reference": "V-20417"
}))]
pub struct NewDirectPaymentStep {
    /// What happened.
    pub kind: StepKind,
    /// When, not in the future; of a pause, a resumption or a closure the first day it is about, which may be to come.
    pub taken_on: NaiveDate,
    /// Of a check the day it runs out, of a pause the first day paid for again; none, no such day is known.
    pub until_on: Option<NaiveDate>,
    /// Of a bank account, and needed there: its last four digits. No sort code and no whole number is taken.
    pub bank_reference: Option<MaskedBankReference>,
    /// Of a bank account, and needed there: what the finance system calls the payee.
    pub payee_reference: Option<FinanceReference>,
    /// Of a set-up payment, and needed there: a one-off line of the child's packages, on the budget line of direct payments.
    pub line_id: Option<Id>,
    /// In words; needed for a pause and a closure.
    pub reason: Option<Text<500>>,
}

impl NewDirectPaymentStep {
    /// As the rules see it.
    fn new_step(&self) -> NewStep<'_> {
        NewStep {
            kind: self.kind,
            on: self.taken_on,
            until: self.until_on,
            has_bank_reference: self.bank_reference.is_some(),
            has_payee_reference: self.payee_reference.is_some(),
            has_line: self.line_id.is_some(),
            reason: self.reason.as_ref().map(|reason| reason.0.as_str()),
        }
    }

    /// The line of a set-up payment.
    fn set_up_line(&self) -> Option<&str> {
        self.line_id.as_ref().filter(|_| self.kind == StepKind::SetUpPayment).map(|id| id.0.as_str())
    }
}

/// Records a step that the account's state allows.
pub fn take_step(
    write: &mut Write<'_>,
    profile: &Profile,
    account_id: &str,
    new: NewDirectPaymentStep,
) -> Result<DirectPaymentStep, Error> {
    let account = account::find(write.connection, account_id)?;
    let record = AccountRecord::of(write.connection, account.clone(), write.zone)?;
    let (said, today) = (new.new_step(), write.today());
    let mut errors = said.mistakes(today);
    if let Some(line_id) = new.set_up_line() {
        errors.extend(line_mistakes(write.connection, &profile.direct_payments, &account.child_id, line_id)?);
    }
    errors.extend(said.start_mistakes(account.starts_on));
    Refusal::unless_valid(errors)?;
    let elsewhere = paid_elsewhere(write.connection, &account.id, new.set_up_line())?;
    record.days.refuse_step(&said, &elsewhere, today)?;
    let step = DirectPaymentStep {
        id: new_id(),
        account_id: account.id.clone(),
        number: record.next_number(),
        kind: new.kind,
        taken_on: new.taken_on,
        until_on: new.until_on,
        bank_reference: new.bank_reference.map(|reference| reference.0),
        payee_reference: new.payee_reference.map(|reference| reference.0),
        line_id: new.line_id.map(|id| id.0),
        reverses_id: None,
        reason: new.reason.map(|reason| reason.0),
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    };
    carrying_again(write, profile, changed(profile, &account, &step, record.days.closed_on), |write| Ok(insert(write, &step)?))?;
    state_rows::write_anew(write, &profile.direct_payments, &account)?;
    write.record(Event::new("record", "direct_payment_steps", &step.id).with(json!({ "account_id": account.id, "kind": step.kind })))?;
    Ok(step)
}

/// Everything wrong with the line of a set-up payment.
fn line_mistakes(
    connection: &mut AnyConnection,
    policy: &DirectPaymentPolicy,
    child_id: &str,
    line_id: &str,
) -> Result<Vec<FieldError>, Error> {
    let line: Option<(String, String, Frequency, LineState, Option<String>)> = package_lines::table
        .inner_join(packages::table)
        .filter(package_lines::line_id.eq(line_id))
        .order(package_lines::version.desc())
        .select((
            packages::child_id,
            package_lines::budget_line,
            package_lines::frequency,
            package_lines::state,
            package_lines::continues_line_id,
        ))
        .first(connection)
        .optional()?;
    let line = line.as_ref().map(|(of, budget_line, frequency, state, continues)| SetUpLine {
        child_id: of,
        budget_line,
        frequency: *frequency,
        state: *state,
        carries_on: continues.is_some(),
    });
    Ok(set_up_line_mistakes(policy, child_id, line.as_ref()))
}

/// Takes a step back.
pub fn reverse_step(write: &mut Write<'_>, profile: &Profile, id: &str, reason: String) -> Result<DirectPaymentStep, Error> {
    refuse_bank_details_in_reason(&reason)?;
    let step = find(write.connection, id)?;
    refuse_reversal_of_reversal(step.reverses_id.as_deref(), "step")?;
    let account = account::find(write.connection, &step.account_id)?;
    let record = AccountRecord::of(write.connection, account.clone(), write.zone)?;
    if step.kind == StepKind::Pause {
        let later = record.standing_steps().filter(|other| other.kind == StepKind::Resume && other.number > step.number);
        let resumptions = later.map(|resumption| (resumption.id.as_str(), resumption.taken_on));
        refuse_resumed_pause(Stretch { from: step.taken_on, to: step.until_on }, resumptions)?;
    }
    let reversing = DirectPaymentStep {
        id: new_id(),
        number: record.next_number(),
        reverses_id: Some(step.id),
        reason: Some(reason),
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
        ..step
    };
    carrying_again(write, profile, changed(profile, &account, &reversing, record.days.closed_on), |write| {
        insert(write, &reversing).map_err(|error| already_reversed(error, "direct_payment_steps_reverses_id_key"))
    })?;
    let today = write.today();
    AccountRecord::of(write.connection, account.clone(), write.zone)?.days.refuse_two_pauses(today)?;
    state_rows::write_anew(write, &profile.direct_payments, &account)?;
    write.record(Event::new("reverse", "direct_payment_steps", id).with(json!({ "account_id": account.id, "kind": reversing.kind })))?;
    Ok(reversing)
}

/// That what the account pays will be other than before from a step's day on: a pause or a closure releases what it leaves unpaid, also
/// in a closed year. A set-up line that is taken off a closed account is no longer left unpaid by it.
fn changed<'a>(
    profile: &'a Profile,
    account: &'a DirectPaymentAccount,
    step: &DirectPaymentStep,
    closed_on: Option<NaiveDate>,
) -> Changed<'a> {
    let budget_line = profile.direct_payments.budget_line.as_ref().map(|line| line.code.as_str()).unwrap_or_default();
    let from = match step.kind {
        StepKind::Pause | StepKind::Resume | StepKind::Close => step.taken_on,
        StepKind::SetUpPayment => closed_on.unwrap_or(NaiveDate::MAX),
        StepKind::AgreementSigned | StepKind::BankAccountRecorded | StepKind::DbsSeen => NaiveDate::MAX,
    };
    Changed { id: &account.line_id, budget_line, from }
}

fn insert(write: &mut Write<'_>, step: &DirectPaymentStep) -> Result<(), db::Error> {
    diesel::insert_into(direct_payment_steps::table).values(step).execute(write.connection)?;
    Ok(())
}
