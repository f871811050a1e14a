//! Accounts: one an arrangement that a family is paid for.

use super::{check_text, check_year, invalid_if_any, location_of, record_read, standings};
use crate::app::{Answer, App, IdempotencyKey, Located, Once};
use crate::auth::Caller;
use crate::auth::permission::{DirectPaymentsRead, DirectPaymentsWrite};
use crate::extract::{Body, Params};
use crate::instant::Instant;
use crate::page::{After, Cursor, Limit, Page};
use crate::problem::{Code, FieldError, Problem};
use crate::routes::package_lines::arrangement_lines;
use crate::text::Id;
use actix_web::web::{Data, Json};
use actix_web::{get, post};
use chrono::{Months, NaiveDate, NaiveDateTime, TimeDelta};
use db::schema::{children, direct_payment_accounts, direct_payment_standings, package_lines, packages};
use db::{AnyConnection, Event, Write, arrangement_versions, new_id};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use domain::direct_payment::{AccountState, FinanceReference, Precondition};
use domain::profile::{DirectPaymentPolicy, Number};
use domain::{Frequency, Profile};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// An account that a family is paid through, for one arrangement of its child's package.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = direct_payment_accounts)]
#[schema(example = json!({
    "id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a51", "reference": "DP-0412", "child_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a12",
    "package_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a14", "line_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a21", "opened_on": "2024-06-03",
    "starts_on": "2024-06-17", "weeks_per_payment": 4, "set_up_due_at": "2024-06-04T09:00:00Z",
    "recorded_by": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a11", "recorded_at": "2024-06-03T09:00:00Z", "recorded_seq": 412
}))]
pub struct DirectPaymentAccount {
    /// The account's id.
    pub id: String,
    /// As the pay file names it.
    pub reference: String,
    /// The child it is for.
    pub child_id: String,
    /// The package with the arrangement.
    pub package_id: String,
    /// The first line of the arrangement that is paid.
    pub line_id: String,
    /// When it was opened.
    pub opened_on: NaiveDate,
    /// The first day paid for.
    pub starts_on: NaiveDate,
    /// Weeks that one payment is for.
    pub weeks_per_payment: i64,
    /// When everything that is needed has to be on record; null, the policy names no time.
    pub set_up_due_at: Option<Instant>,
    /// Who recorded it: a user's or client's id.
    pub recorded_by: String,
    /// When, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
}

impl Located for DirectPaymentAccount {
    fn location(&self) -> String {
        location_of(&self.id)
    }
}

/// An account to open.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reference": "DP-0412", "line_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a21", "starts_on": "2024-06-17" }))]
pub struct NewDirectPaymentAccount {
    /// As the pay file will name it: nothing of the child, so not its case reference.
    pub reference: FinanceReference,
    /// The first line of an arrangement on the budget line of direct payments; one-off lines are added as set-up payments.
    pub line_id: Id,
    /// The first day paid for, not before the line's, nor before the day from which it is paid here as a post confirmed it; none, the
    /// first day possible.
    pub starts_on: Option<NaiveDate>,
}

/// What to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListDirectPaymentAccounts {
    /// Records on a page.
    #[serde(default)]
    #[param(value_type = Option<u16>, minimum = 1, maximum = 500, default = 50)]
    limit: Limit,
    /// Where the last page ended.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    cursor: Cursor,
    /// Only this child's.
    child_id: Option<Id>,
    /// Only those that stand so today.
    state: Option<AccountState>,
    /// Only those whose family's return should have come.
    #[serde(default)]
    #[param(value_type = Option<bool>)]
    returns_overdue: bool,
    /// Only those that should be audited by today.
    #[serde(default)]
    #[param(value_type = Option<bool>)]
    audit_due: bool,
    /// Only those with something missing after the time within which it should be on record: the policy's hours, counted from the
    /// record of the package line.
    #[serde(default)]
    #[param(value_type = Option<bool>)]
    set_up_overdue: bool,
}

/// An account and where it stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct ListedDirectPaymentAccount {
    /// The account.
    #[serde(flatten)]
    pub account: DirectPaymentAccount,
    /// Where it stands today.
    pub state: AccountState,
    /// When the family's next return is due; null, none is.
    pub return_due_on: Option<NaiveDate>,
    /// When the next audit is due; null, none is.
    pub audit_due_on: Option<NaiveDate>,
}

/// List direct payment accounts
#[utoipa::path(tag = "direct payments", params(ListDirectPaymentAccounts), security(("bearer" = ["direct_payments:read"])),
    responses((status = 200, description = "A page of accounts, in the order recorded", body = Page<ListedDirectPaymentAccount>)))]
#[get("/direct-payment-accounts")]
pub async fn list_direct_payment_accounts(
    app: Data<App>,
    caller: Caller<DirectPaymentsRead>,
    params: Params<ListDirectPaymentAccounts>,
) -> Result<Json<Page<ListedDirectPaymentAccount>>, Problem> {
    let (asked, profile) = (params.0, app.profile.clone());
    app.write(caller.actor(), move |write| {
        let page = listed(write, &profile.direct_payments, asked)?;
        for listed in &page.items {
            record_read(write, &listed.account)?;
        }
        if page.items.is_empty() {
            write.record(Event::new("list", "direct_payment_accounts", ""))?;
        }
        Ok(Json(page))
    })
    .await
}

/// Open a direct payment account
///
/// One an arrangement. Nothing is paid until everything that the policy demands is on record, and all support that is paid was agreed: by a
/// request, or confirmed by a post, which says from which day it is paid here. Days before that are not paid through the account.
#[utoipa::path(tag = "direct payments", request_body = NewDirectPaymentAccount, security(("bearer" = ["direct_payments:write"])),
    responses((status = 201, description = "The account", body = DirectPaymentAccount)))]
#[post("/direct-payment-accounts")]
pub async fn create_direct_payment_account(
    app: Data<App>,
    caller: Caller<DirectPaymentsWrite>,
    key: IdempotencyKey,
    body: Body<NewDirectPaymentAccount>,
) -> Answer {
    let (once, profile) = (Once { key, request_sha256: body.request_sha256 }, app.profile.clone());
    app.create(caller.actor(), once, move |write| record(write, &profile, body.value)).await
}

/// The account with that id, if there is one.
pub fn find(connection: &mut AnyConnection, id: &str) -> Result<Option<DirectPaymentAccount>, Problem> {
    Ok(direct_payment_accounts::table.find(id).select(DirectPaymentAccount::as_select()).first(connection).optional()?)
}

/// So many months after a day; none where the policy names no number.
pub fn months_after(day: NaiveDate, months: Option<&Number>) -> Option<NaiveDate> {
    day.checked_add_months(Months::new(u32::from(months?.value)))
}

fn listed(
    write: &mut Write<'_>,
    policy: &DirectPaymentPolicy,
    asked: ListDirectPaymentAccounts,
) -> Result<Page<ListedDirectPaymentAccount>, Problem> {
    use direct_payment_standings as standing;
    let after = asked.cursor.after_record()?;
    let today = write.at.date();
    let demands = |precondition| sql::<Bool>(if policy.demands().any(|demand| demand == precondition) { "1 = 1" } else { "1 = 0" });
    // Somebody to pay, and support that was agreed, are needed whatever the policy demands.
    let missing = || {
        standing::bank_on
            .is_null()
            .or(standing::support_agreed_on.is_null())
            .or(demands(Precondition::AgreementSigned).and(standing::agreement_on.is_null()))
            .or(demands(Precondition::DbsSeen)
                .and(standing::dbs_on.is_null().or(standing::dbs_until.is_not_null().and(standing::dbs_until.assume_not_null().le(today)))))
    };
    let closed = || standing::closed_on.is_not_null().and(standing::closed_on.assume_not_null().le(today));
    let paused = || {
        standing::paused_from
            .is_not_null()
            .and(standing::paused_from.assume_not_null().le(today))
            .and(standing::paused_until.is_null().or(standing::paused_until.assume_not_null().gt(today)))
    };
    let mut query = direct_payment_accounts::table
        .inner_join(standing::table.on(standing::account_id.eq(direct_payment_accounts::id)))
        .select((DirectPaymentAccount::as_select(), standings::Row::as_select()))
        .filter(direct_payment_accounts::recorded_seq.ge(after.seq))
        .filter(direct_payment_accounts::recorded_seq.gt(after.seq).or(direct_payment_accounts::id.gt(after.id)))
        .into_boxed();
    if let Some(child) = asked.child_id {
        query = query.filter(direct_payment_accounts::child_id.eq(child.0));
    }
    query = match asked.state {
        None => query,
        Some(AccountState::Closed) => query.filter(closed()),
        Some(AccountState::SettingUp) => query.filter(diesel::dsl::not(closed())).filter(missing()),
        Some(AccountState::Paused) => query.filter(diesel::dsl::not(closed())).filter(diesel::dsl::not(missing())).filter(paused()),
        Some(AccountState::Active) => {
            query.filter(diesel::dsl::not(closed())).filter(diesel::dsl::not(missing())).filter(diesel::dsl::not(paused()))
        }
    };
    if asked.returns_overdue {
        query = query.filter(standing::return_due_on.lt(today));
    }
    if asked.audit_due {
        query = query.filter(standing::audit_due_on.le(today));
    }
    if asked.set_up_overdue {
        query = query.filter(direct_payment_accounts::set_up_due_at.lt(write.at)).filter(diesel::dsl::not(closed())).filter(missing());
    }
    let rows: Vec<(DirectPaymentAccount, standings::Row)> = query
        .order((direct_payment_accounts::recorded_seq, direct_payment_accounts::id))
        .limit(asked.limit.and_one())
        .load(write.connection)?;
    let rows = rows.into_iter().map(|(account, row)| ListedDirectPaymentAccount {
        state: row.state(policy, today),
        return_due_on: row.return_due_on,
        audit_due_on: row.audit_due_on,
        account,
    });
    Ok(asked.limit.page(rows.collect(), |row: &ListedDirectPaymentAccount| After::key(row.account.recorded_seq, &row.account.id)))
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

/// The line, if anything of it stands, with the days of the lines that carry it on. A first line that a variation reversed stands as
/// those.
fn standing_line(connection: &mut AnyConnection, line_id: &str) -> Result<Option<PaidLine>, Problem> {
    let Some(line) = paid_line(connection, line_id)? else { return Ok(None) };
    // Named by another of its lines, an arrangement has that one here.
    let lines = arrangement_lines(connection, line_id)?;
    let (Some(first), Some(last)) = (lines.first(), lines.last()) else { return Ok(None) };
    Ok(Some(PaidLine { frequency: first.frequency, valid_from: first.valid_from, valid_to: last.valid_to, ..line }))
}

/// The first day of an arrangement that is paid here, as far as it is confirmed; none, nothing of it is.
fn payable_from(connection: &mut AnyConnection, line_id: &str) -> Result<Option<NaiveDate>, Problem> {
    let versions = arrangement_versions(connection, &[line_id.to_owned()], None)?;
    Ok(versions.lines(line_id).iter().map(|line| line.valid_from).min())
}

fn paid_line(connection: &mut AnyConnection, line_id: &str) -> Result<Option<PaidLine>, Problem> {
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

fn mistakes(
    policy: &DirectPaymentPolicy,
    new: &NewDirectPaymentAccount,
    line: Option<&PaidLine>,
    payable_from: Option<NaiveDate>,
) -> Vec<FieldError> {
    let mut errors = Vec::new();
    check_text(&mut errors, "/reference", &new.reference.0);
    let Some(line) = line else {
        errors.push(FieldError::new("/line_id", "unknown_reference", "no package line has this id, or it was reversed"));
        return errors;
    };
    if new.reference.0.to_lowercase().contains(&line.case_reference.to_lowercase()) {
        errors.push(FieldError::new(
            "/reference",
            "names_child",
            "the pay file leaves the council, so an account has a reference of its own",
        ));
    }
    let budget_line = policy.budget_line.as_ref().map(|paying| paying.code.as_str()).unwrap_or_default();
    if line.budget_line != budget_line {
        let detail = format!("direct payments are paid from `{budget_line}`, and the line is on `{}`", line.budget_line);
        errors.push(FieldError::new("/line_id", "other_budget_line", detail));
    }
    if let Some(first) = &line.continues_line_id {
        errors.push(FieldError::new("/line_id", "not_first", format!("the line carries on an arrangement whose first line is {first}")));
    }
    if line.frequency == Frequency::OneOff {
        let detail = "a one-off line is paid as the set-up payment of an account for another line";
        errors.push(FieldError::new("/line_id", "one_off", detail));
    }
    let starts_on = new.starts_on.or(payable_from).unwrap_or(line.valid_from);
    check_year(&mut errors, "/starts_on", starts_on);
    if starts_on < line.valid_from {
        errors.push(FieldError::new("/starts_on", "before_line", format!("the line starts on {}", line.valid_from)));
    } else if let Some(from) = payable_from.filter(|from| starts_on < *from) {
        let detail = format!("it is paid here from {from}, as a post confirmed it: another system paid what came before");
        errors.push(FieldError::new("/starts_on", "paid_before", detail));
    }
    if line.valid_to.is_some_and(|ends| starts_on >= ends) {
        errors.push(FieldError::new("/starts_on", "after_line", "the line has ended by then"));
    }
    errors
}

fn record(write: &mut Write<'_>, profile: &Profile, new: NewDirectPaymentAccount) -> Result<DirectPaymentAccount, Problem> {
    let policy = &profile.direct_payments;
    let Some(weeks) = policy.weeks_per_payment.as_ref().filter(|_| policy.budget_line.is_some() && !policy.preconditions.is_empty()) else {
        let detail = "The authority's profile has no rule of direct payments, and without one nothing is paid.";
        return Err(Problem::new(Code::NotReady, detail));
    };
    let line = standing_line(write.connection, &new.line_id.0)?;
    let payable_from = payable_from(write.connection, &new.line_id.0)?;
    invalid_if_any(mistakes(policy, &new, line.as_ref(), payable_from))?;
    let Some(line) = line else { return Err(Problem::not_found("package line")) };
    let agreed_at: NaiveDateTime = package_lines::table
        .filter(package_lines::line_id.eq(&new.line_id.0).and(package_lines::version.eq(1)))
        .select(package_lines::recorded_at)
        .first(write.connection)?;
    let other: Option<String> = direct_payment_accounts::table
        .filter(direct_payment_accounts::line_id.eq(&new.line_id.0))
        .select(direct_payment_accounts::id)
        .first(write.connection)
        .optional()?;
    if let Some(other) = other {
        return Err(Problem::new(Code::AlreadyExists, format!("Account {other} is for this arrangement already.")));
    }
    let hours = policy.set_up_within_hours.as_ref().map(|hours| TimeDelta::hours(i64::from(hours.value)));
    let account = DirectPaymentAccount {
        id: new_id(),
        reference: new.reference.0,
        child_id: line.child_id,
        package_id: line.package_id,
        line_id: new.line_id.0,
        opened_on: write.at.date(),
        starts_on: new.starts_on.or(payable_from).unwrap_or(line.valid_from),
        weeks_per_payment: i64::from(weeks.value),
        set_up_due_at: hours.and_then(|hours| agreed_at.checked_add_signed(hours)).map(Instant),
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    };
    diesel::insert_into(direct_payment_accounts::table).values(&account).execute(write.connection)?;
    standings::write_anew(write, policy, &account)?;
    write.record(Event::new("record", "direct_payment_accounts", &account.id))?;
    Ok(account)
}
