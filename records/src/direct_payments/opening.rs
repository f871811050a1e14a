//! Opening an account.

use crate::direct_payments::account::{DirectPaymentAccount, of_arrangement};
use crate::direct_payments::paid::net_paid;
use crate::direct_payments::state_rows;
use crate::direct_payments::step::paying_account;
use crate::error::Error;
use crate::instant::Instant;
use crate::packages::lines::arrangement_lines;
use crate::text::Id;
use chrono::{NaiveDate, NaiveDateTime};
use db::schema::{children, direct_payment_accounts, package_lines, packages};
use db::{AnyConnection, Event, Write, arrangement_versions, new_id};
use diesel::prelude::*;
use domain::direct_payments::{FinanceReference, LineToPay, PaidElsewhere, opening_mistakes, set_up_due_at, weeks_per_payment};
use domain::{Code, Frequency, Profile, Refusal, TimeZone};
use serde::Deserialize;
use utoipa::ToSchema;

/// An account to open.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reference": "DP-0412", "line_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a21", "starts_on": "2024-06-17" }))]
pub struct NewDirectPaymentAccount {
    /// As the pay file will name it: nothing of the child, so not its case reference.
    pub reference: FinanceReference,
    /// The first line of an arrangement on the budget line of direct payments. What is bought once may have an account of its own, or be added
    /// to another as a set-up payment.
    pub line_id: Id,
    /// The first day paid for, not before the line's, nor before the day from which it is paid here as a post confirmed it; none, the
    /// first day possible.
    pub starts_on: Option<NaiveDate>,
}

/// What of a package line decides whether an account may be opened for it.
#[derive(Queryable)]
struct PaidLine {
    package_id: String,
    child_id: String,
    case_reference: String,
    budget_line: String,
    frequency: Frequency,
    continues_line_id: Option<String>,
    valid_from: NaiveDate,
    valid_to: Option<NaiveDate>,
}

impl PaidLine {
    /// As the rules see it.
    fn to_pay(&self, payable_from: Option<NaiveDate>) -> LineToPay<'_> {
        LineToPay {
            case_reference: &self.case_reference,
            budget_line: &self.budget_line,
            frequency: self.frequency,
            continues_line_id: self.continues_line_id.as_deref(),
            valid_from: self.valid_from,
            valid_to: self.valid_to,
            payable_from,
        }
    }
}

/// The line, if anything of it stands, with the days of the lines that carry it on. A first line that a variation reversed stands as
/// those.
fn standing_line(connection: &mut AnyConnection, line_id: &str) -> Result<Option<PaidLine>, Error> {
    let Some(line) = paid_line(connection, line_id)? else { return Ok(None) };
    // Named by another of its lines, an arrangement has that one here.
    let lines = arrangement_lines(connection, line_id)?;
    let (Some(first), Some(last)) = (lines.first(), lines.last()) else { return Ok(None) };
    Ok(Some(PaidLine { frequency: first.frequency, valid_from: first.valid_from, valid_to: last.valid_to, ..line }))
}

/// The first day of an arrangement that is paid here, as far as it is confirmed; none, nothing of it is.
fn payable_from(connection: &mut AnyConnection, line_id: &str, zone: TimeZone) -> Result<Option<NaiveDate>, Error> {
    let versions = arrangement_versions(connection, &[line_id.to_owned()], None, zone)?;
    Ok(versions.lines(line_id).iter().map(|line| line.valid_from).min())
}

fn paid_line(connection: &mut AnyConnection, line_id: &str) -> Result<Option<PaidLine>, Error> {
    Ok(package_lines::table
        .inner_join(packages::table.inner_join(children::table))
        .filter(package_lines::line_id.eq(line_id))
        .order(package_lines::version.desc())
        .select((
            package_lines::package_id,
            packages::child_id,
            children::case_reference,
            package_lines::budget_line,
            package_lines::frequency,
            package_lines::continues_line_id,
            package_lines::valid_from,
            package_lines::valid_to,
        ))
        .first(connection)
        .optional()?)
}

/// When a line was first recorded.
fn recorded_at(connection: &mut AnyConnection, line_id: &str) -> Result<NaiveDateTime, Error> {
    Ok(package_lines::table
        .filter(package_lines::line_id.eq(line_id).and(package_lines::version.eq(1)))
        .select(package_lines::recorded_at)
        .first(connection)?)
}

/// Opens an account for an arrangement that has none.
pub fn open_account(write: &mut Write<'_>, profile: &Profile, new: NewDirectPaymentAccount) -> Result<DirectPaymentAccount, Error> {
    let policy = &profile.direct_payments;
    let weeks = weeks_per_payment(policy)?;
    let line = standing_line(write.connection, &new.line_id.0)?;
    let payable_from = payable_from(write.connection, &new.line_id.0, write.zone)?;
    let to_pay = line.as_ref().map(|line| line.to_pay(payable_from));
    Refusal::unless_valid(opening_mistakes(policy, &new.reference.0, new.starts_on, to_pay.as_ref()))?;
    let (Some(line), Some(to_pay)) = (&line, to_pay) else { return Err(Error::not_found("package line")) };
    let line_recorded_at = recorded_at(write.connection, &new.line_id.0)?;
    if let Some(other) = of_arrangement(write.connection, &new.line_id.0)? {
        return Err(Error::refused(Code::AlreadyExists, format!("Account {other} is for this arrangement already.")));
    }
    // What is bought once may be, or have been, the set-up payment of another account.
    let account_id = paying_account(write.connection, &new.line_id.0)?;
    PaidElsewhere { account_id, net_paid: net_paid(write.connection, &new.line_id.0, None)? }.refuse()?;
    let account = DirectPaymentAccount {
        id: new_id(),
        reference: new.reference.0,
        child_id: line.child_id.clone(),
        package_id: line.package_id.clone(),
        line_id: new.line_id.0,
        opened_on: write.today(),
        starts_on: to_pay.starts_on(new.starts_on),
        weeks_per_payment: i64::from(weeks),
        set_up_due_at: set_up_due_at(policy, line_recorded_at).map(Instant),
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    };
    diesel::insert_into(direct_payment_accounts::table).values(&account).execute(write.connection)?;
    state_rows::write_anew(write, policy, &account)?;
    write.record(Event::new("record", "direct_payment_accounts", &account.id))?;
    Ok(account)
}
