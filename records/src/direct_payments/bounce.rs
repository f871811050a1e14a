//! What the bank returned.

use crate::error::Error;
use crate::instant::Instant;
use chrono::NaiveDate;
use db::AnyConnection;
use db::schema::direct_payment_bounces;
use diesel::prelude::*;
use domain::Pence;
use serde::Serialize;
use std::collections::{HashMap, HashSet};
use utoipa::ToSchema;

/// A payment that the bank returned, with all that its pay file sent to the account, or the row that takes that back.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = direct_payment_bounces)]
#[schema(example = json!({
    "id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a91", "account_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a51",
    "export_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a71", "bounced_on": "2024-06-06", "amount_pence": 40000, "reverses_id": null,
    "reason": "The account is closed", "recorded_by": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a11", "recorded_at": "2024-06-06T09:00:00Z",
    "recorded_seq": 412
}))]
pub struct DirectPaymentBounce {
    /// The record's id.
    pub id: String,
    /// The account that it was sent to.
    pub account_id: String,
    /// The pay file that sent it.
    pub export_id: String,
    /// When it came back.
    pub bounced_on: NaiveDate,
    /// How much; negative where it takes a record back.
    pub amount_pence: Pence,
    /// The record that this row takes back.
    pub reverses_id: Option<String>,
    /// In words.
    pub reason: String,
    /// Who recorded it: a user's or client's id.
    pub recorded_by: String,
    /// When, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
}

/// The row with that id.
pub fn find(connection: &mut AnyConnection, id: &str) -> Result<DirectPaymentBounce, Error> {
    let row = direct_payment_bounces::table.find(id).select(DirectPaymentBounce::as_select()).first(connection).optional()?;
    row.ok_or_else(|| Error::not_found("direct payment that the bank returned"))
}

/// Every row of these accounts, in the order recorded.
pub fn of_accounts<'a>(
    connection: &mut AnyConnection,
    accounts: impl IntoIterator<Item = &'a str>,
) -> Result<Vec<DirectPaymentBounce>, Error> {
    Ok(direct_payment_bounces::table
        .filter(direct_payment_bounces::account_id.eq_any(accounts.into_iter().collect::<Vec<_>>()))
        .order((direct_payment_bounces::recorded_seq, direct_payment_bounces::id))
        .select(DirectPaymentBounce::as_select())
        .load(connection)?)
}

/// Those that nothing took back.
pub fn standing(rows: &[DirectPaymentBounce]) -> impl Iterator<Item = &DirectPaymentBounce> {
    let reversed: HashSet<&str> = rows.iter().filter_map(|row| row.reverses_id.as_deref()).collect();
    rows.iter().filter(move |row| row.reverses_id.is_none() && !reversed.contains(row.id.as_str()))
}

/// When each pay file's payments to an account came back, by account and pay file.
pub fn days(rows: &[DirectPaymentBounce]) -> HashMap<(&str, &str), NaiveDate> {
    standing(rows).map(|row| ((row.account_id.as_str(), row.export_id.as_str()), row.bounced_on)).collect()
}
