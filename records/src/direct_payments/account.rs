//! An account: one an arrangement that a family is paid for.

use crate::error::Error;
use crate::instant::Instant;
use chrono::NaiveDate;
use db::AnyConnection;
use db::schema::direct_payment_accounts;
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

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

/// The account with that id.
pub fn find(connection: &mut AnyConnection, id: &str) -> Result<DirectPaymentAccount, Error> {
    let account = direct_payment_accounts::table.find(id).select(DirectPaymentAccount::as_select()).first(connection).optional()?;
    account.ok_or_else(|| Error::not_found("direct payment account"))
}

/// The account that is for an arrangement, by its id.
pub fn of_arrangement(connection: &mut AnyConnection, line_id: &str) -> Result<Option<String>, Error> {
    Ok(direct_payment_accounts::table
        .filter(direct_payment_accounts::line_id.eq(line_id))
        .select(direct_payment_accounts::id)
        .first(connection)
        .optional()?)
}

/// Accounts of a page in the order recorded, after one; only those named, if any are.
pub fn next(
    connection: &mut AnyConnection,
    after: &(i64, String),
    named: Option<&[String]>,
    most: i64,
) -> Result<Vec<DirectPaymentAccount>, Error> {
    let mut query = direct_payment_accounts::table
        .select(DirectPaymentAccount::as_select())
        .filter(direct_payment_accounts::recorded_seq.ge(after.0))
        .filter(direct_payment_accounts::recorded_seq.gt(after.0).or(direct_payment_accounts::id.gt(after.1.clone())))
        .into_boxed();
    if let Some(named) = named {
        query = query.filter(direct_payment_accounts::id.eq_any(named.to_vec()));
    }
    Ok(query.order((direct_payment_accounts::recorded_seq, direct_payment_accounts::id)).limit(most).load(connection)?)
}
