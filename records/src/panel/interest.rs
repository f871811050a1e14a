//! Declared interests, as they were recorded.

use crate::error::Error;
use crate::instant::Instant;
use db::AnyConnection;
use db::schema::{declared_interest_reversals, declared_interests, panel_members};
use diesel::prelude::*;
use domain::panel::InterestNature;
use domain::panel::interests::InterestOf;
use serde::Serialize;
use utoipa::ToSchema;

/// An interest in a request.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = declared_interests)]
#[schema(example = json!({
    "id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a56", "request_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a31",
    "member_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a53", "user_id": null, "nature": "knows_family",
    "recorded_by": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a11", "recorded_at": "2024-06-10T09:30:00Z", "recorded_seq": 705
}))]
pub struct DeclaredInterest {
    /// The interest's id.
    pub id: String,
    /// The request.
    pub request_id: String,
    /// The panel member who stands down; null where a person declared it without one.
    pub member_id: Option<String>,
    /// The user who stands down; null for a member without an account.
    pub user_id: Option<String>,
    /// Of what kind. The chair knows more; it is not written down.
    pub nature: InterestNature,
    /// Who recorded it: a user's or client's id.
    pub recorded_by: String,
    /// When, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
}

/// The reversal of an interest: it was declared by mistake, and rules nobody out any more.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = declared_interest_reversals)]
pub struct InterestReversal {
    /// The interest.
    pub interest_id: String,
    /// In words.
    pub reason: String,
    /// Who recorded it: a user's or client's id.
    pub recorded_by: String,
    /// When, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
}

/// An interest, whether it counts or not.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct InterestWithReversal {
    /// The interest.
    #[serde(flatten)]
    pub interest: DeclaredInterest,
    /// Its reversal; null, it counts.
    pub reversal: Option<InterestReversal>,
}

/// The interests that were declared in a request.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeclaredInterests {
    /// The oldest first, those that were reversed too.
    pub items: Vec<InterestWithReversal>,
}

impl DeclaredInterest {
    /// Whose it is.
    pub fn of(&self) -> InterestOf<'_> {
        InterestOf { member_id: self.member_id.as_deref(), user_id: self.user_id.as_deref() }
    }
}

/// The members who stand down for a request, by id: those put down themselves, and those whose account declared an interest.
pub fn stood_down(connection: &mut AnyConnection, request_id: &str) -> Result<Vec<String>, Error> {
    let interests = interests_of(connection, request_id)?;
    let users: Vec<&str> = interests.iter().filter_map(|interest| interest.user_id.as_deref()).collect();
    let by_account: Vec<String> =
        panel_members::table.filter(panel_members::user_id.eq_any(users)).select(panel_members::id).load(connection)?;
    let mut members: Vec<String> = interests.into_iter().filter_map(|interest| interest.member_id).chain(by_account).collect();
    members.sort();
    members.dedup();
    Ok(members)
}

/// Every interest that was declared in a request, the oldest first.
pub fn every_interest_of(connection: &mut AnyConnection, request_id: &str) -> Result<Vec<InterestWithReversal>, Error> {
    let rows: Vec<(DeclaredInterest, Option<InterestReversal>)> = declared_interests::table
        .left_join(declared_interest_reversals::table)
        .filter(declared_interests::request_id.eq(request_id))
        .select((DeclaredInterest::as_select(), Option::<InterestReversal>::as_select()))
        .order((declared_interests::recorded_seq, declared_interests::id))
        .load(connection)?;
    Ok(rows.into_iter().map(|(interest, reversal)| InterestWithReversal { interest, reversal }).collect())
}

/// Those of them that count.
pub fn interests_of(connection: &mut AnyConnection, request_id: &str) -> Result<Vec<DeclaredInterest>, Error> {
    let every = every_interest_of(connection, request_id)?.into_iter();
    Ok(every.filter(|row| row.reversal.is_none()).map(|row| row.interest).collect())
}
