//! Steps of an account: what was signed, verified and seen, pauses, set-up payments and the closure; and steps taken back.

use super::book::AccountBook;
use super::{account, check_past_day, check_text, check_year, invalid_if_any, location_of, net_paid, standings};
use crate::app::{Answer, App, IdempotencyKey, Located, Once};
use crate::auth::Caller;
use crate::auth::permission::DirectPaymentsWrite;
use crate::extract::Body;
use crate::instant::Instant;
use crate::problem::{Code, FieldError, Problem};
use crate::reversal::{NewReversal, already_reversed};
use crate::text::{Id, Text};
use actix_web::post;
use actix_web::web::{Data, Path};
use chrono::NaiveDate;
use db::schema::{direct_payment_steps, package_lines, packages};
use db::{AnyConnection, Event, Write, new_id};
use diesel::prelude::*;
use domain::direct_payment::{FinanceReference, MaskedBankReference, StandingStep, StepKind, Stretch};
use domain::profile::DirectPaymentPolicy;
use domain::{Frequency, LineState, Pence, Profile};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

/// Something that happened to an account, or the row that takes a step back.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = direct_payment_steps)]
#[schema(example = json!({
    "id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a55", "account_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a51", "number": 2,
    "kind": "bank_account_recorded", "taken_on": "2024-06-03", "until_on": null, "bank_reference": "****4321",
    "payee_reference": "V-20417", "line_id": null, "reverses_id": null, "reason": null,
    "recorded_by": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a11", "recorded_at": "2024-06-03T09:00:00Z", "recorded_seq": 412
}))]
pub struct DirectPaymentStep {
    /// The step's id.
    pub id: String,
    /// The account.
    pub account_id: String,
    /// 1, 2, 3 … of the account.
    pub number: i64,
    /// What happened.
    pub kind: StepKind,
    /// When; of a pause, a resumption or a closure the first day it is about.
    pub taken_on: NaiveDate,
    /// The first day on which it no longer holds: a check's expiry, a pause's end.
    pub until_on: Option<NaiveDate>,
    /// The bank account by its last four digits.
    pub bank_reference: Option<String>,
    /// What the finance system calls the payee.
    pub payee_reference: Option<String>,
    /// The one-off package line that a set-up payment pays.
    pub line_id: Option<String>,
    /// The step that this row takes back.
    pub reverses_id: Option<String>,
    /// In words.
    pub reason: Option<String>,
    /// Who recorded it: a user's or client's id.
    pub recorded_by: String,
    /// When, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
}

impl Located for DirectPaymentStep {
    fn location(&self) -> String {
        location_of(&self.account_id)
    }
}

impl DirectPaymentStep {
    /// As far as it decides where the account stands.
    pub fn standing(&self) -> StandingStep {
        StandingStep { kind: self.kind, on: self.taken_on, until: self.until_on }
    }
}

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

/// Record a step of a direct payment account
///
/// Payments leave out the days of a pause, and all days from a closure on, whether they are past or to come. What was paid for such
/// days already is set off against the next payment, or asked back.
#[utoipa::path(tag = "direct payments", params(("id" = Id, Path, description = "The account's id")), request_body = NewDirectPaymentStep,
    security(("bearer" = ["direct_payments:write"])), responses((status = 201, description = "The step", body = DirectPaymentStep)))]
#[post("/direct-payment-accounts/{id}/steps")]
pub async fn create_direct_payment_step(
    app: Data<App>,
    caller: Caller<DirectPaymentsWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewDirectPaymentStep>,
) -> Answer {
    let (once, profile) = (Once { key, request_sha256: body.request_sha256 }, app.profile.clone());
    app.create(caller.actor(), once, move |write| record(write, &profile, &id.0, body.value)).await
}

/// Reverse a step of a direct payment account
///
/// For one recorded by mistake. A closure that is reversed opens the account again, from the day it was closed.
#[utoipa::path(tag = "direct payments", params(("id" = Id, Path, description = "The step's id")), request_body = NewReversal,
    security(("bearer" = ["direct_payments:write"])),
    responses((status = 201, description = "The row that takes it back", body = DirectPaymentStep)))]
#[post("/direct-payment-steps/{id}/reversal")]
pub async fn reverse_direct_payment_step(
    app: Data<App>,
    caller: Caller<DirectPaymentsWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewReversal>,
) -> Answer {
    let (once, profile) = (Once { key, request_sha256: body.request_sha256 }, app.profile.clone());
    app.create(caller.actor(), once, move |write| reverse(write, &profile, &id.0, body.value.reason.0)).await
}

fn record(write: &mut Write<'_>, profile: &Profile, account_id: &str, new: NewDirectPaymentStep) -> Result<DirectPaymentStep, Problem> {
    let account = account(write.connection, account_id)?;
    let book = AccountBook::of(write.connection, account.clone())?;
    let mut errors = mistakes(&new, write.at.date());
    if let Some(line_id) = new.line_id.as_ref().filter(|_| new.kind == StepKind::SetUpPayment) {
        errors.extend(line_mistakes(write.connection, &profile.direct_payments, &book, &line_id.0)?);
    }
    if matches!(new.kind, StepKind::Pause | StepKind::Close) && new.taken_on < account.starts_on {
        errors.push(FieldError::new("/taken_on", "before_start", format!("the account starts on {}", account.starts_on)));
    }
    invalid_if_any(errors)?;
    refuse_in_this_state(write.connection, &book, &new, write.at.date())?;
    let step = DirectPaymentStep {
        id: new_id(),
        account_id: account.id.clone(),
        number: book.steps.last().map_or(0, |step| step.number) + 1,
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
    insert(write, &step)?;
    standings::write_anew(write, &profile.direct_payments, &account)?;
    write.record(Event::new("record", "direct_payment_steps", &step.id).with(json!({ "account_id": account.id, "kind": step.kind })))?;
    Ok(step)
}

/// Fields that are missing, or are another step's, and days that cannot be.
fn mistakes(new: &NewDirectPaymentStep, today: NaiveDate) -> Vec<FieldError> {
    use StepKind as K;
    let mut errors = Vec::new();
    if matches!(new.kind, K::Pause | K::Resume | K::Close) {
        check_year(&mut errors, "/taken_on", new.taken_on);
    } else {
        check_past_day(&mut errors, "/taken_on", new.taken_on, today);
    }
    let is_bank = new.kind == K::BankAccountRecorded;
    for (pointer, is_given, is_needed, is_taken) in [
        ("/bank_reference", new.bank_reference.is_some(), is_bank, is_bank),
        ("/payee_reference", new.payee_reference.is_some(), is_bank, is_bank),
        ("/line_id", new.line_id.is_some(), new.kind == K::SetUpPayment, new.kind == K::SetUpPayment),
        ("/until_on", new.until_on.is_some(), false, matches!(new.kind, K::DbsSeen | K::Pause)),
        ("/reason", new.reason.is_some(), matches!(new.kind, K::Pause | K::Close), true),
    ] {
        if is_needed && !is_given {
            errors.push(FieldError::new(pointer, "required", format!("the step `{}` needs it", new.kind)));
        }
        if is_given && !is_taken {
            errors.push(FieldError::new(pointer, "not_of_this_step", format!("the step `{}` does not take it", new.kind)));
        }
    }
    if let Some(until) = new.until_on {
        check_year(&mut errors, "/until_on", until);
        if until <= new.taken_on {
            errors.push(FieldError::new("/until_on", "before_start", "it is the first day after, so it is later than the step"));
        }
    }
    if let Some(reason) = &new.reason {
        check_text(&mut errors, "/reason", &reason.0);
    }
    errors
}

/// A set-up payment is for a one-off line of the same child.
fn line_mistakes(
    connection: &mut AnyConnection,
    policy: &DirectPaymentPolicy,
    book: &AccountBook,
    line_id: &str,
) -> Result<Vec<FieldError>, Problem> {
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
    let mut errors = Vec::new();
    let mut refuse = |code: &str, detail: &str| errors.push(FieldError::new("/line_id", code, detail));
    match line.filter(|(child_id, _, _, state, _)| *child_id == book.account.child_id && *state != LineState::Reversed) {
        None => refuse("unknown_reference", "the account's child has no package line with this id"),
        Some((_, budget_line, frequency, _, continues)) => {
            if policy.budget_line.as_ref().is_none_or(|paying| paying.code != budget_line) {
                refuse("other_budget_line", "the line is not on the budget line of direct payments");
            }
            if frequency != Frequency::OneOff || continues.is_some() {
                refuse("not_one_off", "a set-up payment is for a one-off line that carries on no other");
            }
        }
    }
    Ok(errors)
}

/// What an account's earlier steps do not allow.
fn refuse_in_this_state(
    connection: &mut AnyConnection,
    book: &AccountBook,
    new: &NewDirectPaymentStep,
    today: NaiveDate,
) -> Result<(), Problem> {
    let conflict = |detail: String| Err(Problem::new(Code::StateConflict, detail));
    if let Some(closed) = book.standing.closed_on {
        return conflict(format!("The account is closed from {closed} on; reverse that step to open it again."));
    }
    match new.kind {
        StepKind::Pause => {
            let pause = Stretch { from: new.taken_on, to: new.until_on };
            if let Some(other) = book.standing.pauses.iter().find(|other| other.overlaps(&pause)) {
                return Err(Problem::new(Code::PeriodOverlaps, format!("The account is paused from {} already.", other.from)));
            }
            let is_unfinished = pause.to.is_none_or(|to| to > today);
            if let Some(other) = book.standing.unfinished_pause(today).filter(|_| is_unfinished) {
                // One at a time keeps lists exact: they know the pause that is not over.
                return conflict(format!("The pause from {} is not over; record another when it is.", other.from));
            }
        }
        StepKind::Resume if !book.standing.pauses.iter().any(|pause| pause.holds(new.taken_on)) => {
            return conflict(format!("The account is not paused on {}.", new.taken_on));
        }
        StepKind::SetUpPayment => {
            let line_id = new.line_id.as_ref().map(|id| id.0.as_str()).unwrap_or_default();
            if let Some(account) = paying_account(connection, line_id)? {
                return conflict(format!("Account {account} pays this line already."));
            }
            let paid = net_paid(connection, line_id, Some(&book.account.id))?;
            if paid > Pence::ZERO {
                return conflict(format!("Another account was paid {paid} for this line, which was not paid back."));
            }
        }
        _ => {}
    }
    Ok(())
}

/// The account that a one-off line is paid through.
fn paying_account(connection: &mut AnyConnection, line_id: &str) -> Result<Option<String>, Problem> {
    use direct_payment_steps as steps;
    let rows: Vec<(String, String, Option<String>)> =
        steps::table.filter(steps::line_id.eq(line_id)).select((steps::id, steps::account_id, steps::reverses_id)).load(connection)?;
    let reversed: Vec<_> = rows.iter().filter_map(|(_, _, reverses)| reverses.as_deref()).collect();
    let standing = rows.iter().find(|(id, _, reverses)| reverses.is_none() && !reversed.contains(&id.as_str()));
    Ok(standing.map(|(_, account, _)| account.clone()))
}

fn reverse(write: &mut Write<'_>, profile: &Profile, id: &str, reason: String) -> Result<DirectPaymentStep, Problem> {
    let mut errors = Vec::new();
    check_text(&mut errors, "/reason", &reason);
    invalid_if_any(errors)?;
    let step = direct_payment_steps::table.find(id).select(DirectPaymentStep::as_select()).first(write.connection).optional()?;
    let step: DirectPaymentStep = step.ok_or_else(|| Problem::not_found("step of a direct payment account"))?;
    if step.reverses_id.is_some() {
        return Err(Problem::new(Code::StateConflict, "This is a reversal itself; record the step again instead."));
    }
    let account = account(write.connection, &step.account_id)?;
    let book = AccountBook::of(write.connection, account.clone())?;
    if step.kind == StepKind::Pause {
        let paused = Stretch { from: step.taken_on, to: step.until_on };
        let mut resumptions = book.standing_steps().filter(|other| other.kind == StepKind::Resume && other.number > step.number);
        if let Some(resumption) = resumptions.find(|resumption| paused.holds(resumption.taken_on)) {
            let detail = format!("The resumption of {} ended this pause: reverse it first, step {}.", resumption.taken_on, resumption.id);
            return Err(Problem::new(Code::StateConflict, detail));
        }
    }
    let reversing = DirectPaymentStep {
        id: new_id(),
        number: book.steps.last().map_or(0, |step| step.number) + 1,
        reverses_id: Some(step.id),
        reason: Some(reason),
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
        ..step
    };
    insert(write, &reversing).map_err(|error| already_reversed(error, "direct_payment_steps_reverses_id_key"))?;
    refuse_two_pauses(write, account.clone())?;
    standings::write_anew(write, &profile.direct_payments, &account)?;
    write.record(Event::new("reverse", "direct_payment_steps", id).with(json!({ "account_id": account.id, "kind": reversing.kind })))?;
    Ok(reversing)
}

/// A pause whose resumption is taken back goes on: perhaps into the next, or to come beside one that is to come.
fn refuse_two_pauses(write: &mut Write<'_>, account: super::DirectPaymentAccount) -> Result<(), Problem> {
    let today = write.at.date();
    let pauses = AccountBook::of(write.connection, account)?.standing.pauses;
    let is_unfinished = |pause: &Stretch| pause.to.is_none_or(|to| to > today);
    match pauses.windows(2).find(|pair| pair[0].overlaps(&pair[1]) || pair.iter().all(is_unfinished)) {
        None => Ok(()),
        Some(pair) => {
            let detail = format!("The pause from {} would stand beside the one from {}; reverse that first.", pair[0].from, pair[1].from);
            Err(Problem::new(Code::PeriodOverlaps, detail))
        }
    }
}

fn insert(write: &mut Write<'_>, step: &DirectPaymentStep) -> Result<(), db::Error> {
    diesel::insert_into(direct_payment_steps::table).values(step).execute(write.connection)?;
    Ok(())
}
