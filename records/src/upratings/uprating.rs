//! Rises of rates, as they are on record.

use crate::commitments::BudgetHeld;
use crate::error::Error;
use crate::instant::Instant;
use crate::page::{After, Cursor, Limit, Page};
use crate::text::{CodeText, Id};
use chrono::NaiveDate;
use db::AnyConnection;
use db::schema::upratings;
use diesel::prelude::*;
use domain::panel::Capacity;
use domain::{Pence, UnitRate};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A rise of rates that was recorded.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = upratings)]
#[schema(example = json!({
    "id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a91", "provider_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a13", "service": null,
    "valid_from": "2024-04-01", "percentage_ten_thousandths": 42500, "unit_rate_ten_thousandths": null, "lines": 31,
    "full_year_before_pence": 12102090, "full_year_after_pence": 12616429,
    "preview_sha256": "5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9", "reason": "Contract, clause 12",
    "proposal_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a92", "post": "head_of_service", "capacity": "holder", "clause": "4.2",
    "recorded_by": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a13", "recorded_at": "2024-03-18T09:00:00Z", "recorded_seq": 902
}))]
pub struct Uprating {
    /// The uprating's id.
    pub id: String,
    /// Lines of this provider; null, of any.
    pub provider_id: Option<String>,
    /// Lines of this service; null, of any.
    pub service: Option<String>,
    /// The day from which the new rates apply.
    pub valid_from: NaiveDate,
    /// By how much, in ten-thousandths of one per cent; null, there is a new rate.
    pub percentage_ten_thousandths: Option<i64>,
    /// The new price of a unit, in ten-thousandths of a pound.
    pub unit_rate_ten_thousandths: Option<UnitRate>,
    /// How many lines it raised.
    pub lines: i64,
    /// What a full year of those lines cost before.
    #[schema(value_type = i64)]
    pub full_year_before_pence: Pence,
    /// What it costs after.
    #[schema(value_type = i64)]
    pub full_year_after_pence: Pence,
    /// Of the preview that was proposed.
    pub preview_sha256: String,
    /// In words.
    pub reason: String,
    /// The proposal that was agreed; null of one recorded before upratings were proposed.
    pub proposal_id: Option<String>,
    /// The post that agreed it; null likewise.
    pub post: Option<String>,
    /// As its holder, or standing in.
    pub capacity: Option<Capacity>,
    /// Where the limit of the post is written.
    pub clause: Option<String>,
    /// Who agreed it: a user's or client's id.
    pub recorded_by: String,
    /// When, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
}

/// An uprating as it is made: with what it does to its budgets.
#[derive(Debug, Serialize, ToSchema)]
pub struct UpratingMade {
    /// The uprating.
    #[serde(flatten)]
    pub uprating: Uprating,
    /// What it does to the budget lines that it adds to.
    #[serde(flatten)]
    pub held: BudgetHeld,
}

/// The agreement of an uprating.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "proposal_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a92", "post": "head_of_service" }))]
pub struct NewUprating {
    /// The proposal, which somebody else recorded.
    pub proposal_id: Id,
    /// The caller's post, in which they agree it.
    pub post: CodeText,
}

/// What to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListUpratings {
    /// Records on a page.
    #[serde(default)]
    #[param(value_type = Option<u16>, minimum = 1, maximum = 500, default = 50)]
    limit: Limit,
    /// Where the last page ended.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    cursor: Cursor,
}

/// List upratings.
pub fn list(connection: &mut AnyConnection, wanted: ListUpratings) -> Result<Page<Uprating>, Error> {
    let ListUpratings { limit, cursor } = wanted;
    let after = cursor.after_record()?;
    let rows = upratings::table
        .select(Uprating::as_select())
        .filter(upratings::recorded_seq.ge(after.seq))
        .filter(upratings::recorded_seq.gt(after.seq).or(upratings::id.gt(after.id)))
        .order((upratings::recorded_seq, upratings::id))
        .limit(limit.and_one())
        .load(connection)?;
    Ok(limit.page(rows, |row: &Uprating| After::key(row.recorded_seq, &row.id)))
}

/// Read an uprating.
pub fn read(connection: &mut AnyConnection, id: &str) -> Result<Uprating, Error> {
    let uprating = upratings::table.find(id).select(Uprating::as_select()).first(connection).optional()?;
    uprating.ok_or_else(|| Error::not_found("uprating"))
}
