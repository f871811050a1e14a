//! A post's word that a limit is passed knowingly, and who may give it.

use crate::error::Error;
use crate::instant::Instant;
use crate::people::post_holdings::in_post_on;
use chrono::NaiveDate;
use db::AnyConnection;
use db::schema::{declared_interest_reversals, declared_interests, night_acknowledgements, panel_members, requests};
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use domain::authority::PostHolder;
use domain::panel::Capacity;
use domain::profile::Posts;
use serde::Serialize;
use utoipa::ToSchema;

/// A post's word that a limit is passed knowingly.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = night_acknowledgements)]
#[schema(example = json!({
    "id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a51", "passing_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a41",
    "user_id": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a12", "post": "head_of_service", "capacity": "holder", "acknowledged_on": "2024-05-01",
    "clause": "SI 2010/959 reg 2(1)", "reason": "Looked-after review is booked", "recorded_by": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a12",
    "recorded_at": "2024-05-01T09:00:00Z", "recorded_seq": 412
}))]
pub struct NightAcknowledgement {
    /// The acknowledgement's id.
    pub id: String,
    /// What is acknowledged.
    pub passing_id: String,
    /// Who acknowledges it.
    pub user_id: String,
    /// In which post.
    pub post: String,
    /// As its holder or deputy.
    pub capacity: Capacity,
    /// On which day.
    pub acknowledged_on: NaiveDate,
    /// Where the authority says that the post may.
    pub clause: String,
    /// In words.
    pub reason: String,
    /// Who recorded it: the same person.
    pub recorded_by: String,
    /// When, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
}

/// Everybody who is on a day in one of these posts.
pub fn in_named_post(connection: &mut AnyConnection, named: &Posts, on: NaiveDate) -> Result<Vec<PostHolder>, Error> {
    let mut people = in_post_on(connection, on)?;
    people.retain(|person| named.posts.contains(&person.post));
    Ok(people)
}

/// Whether somebody declared an interest in a request of the child's, as a user or as a member of the panel, and it stands.
pub fn has_interest(connection: &mut AnyConnection, user_id: &str, child_id: &str) -> Result<bool, Error> {
    let declared = declared_interests::table
        .inner_join(requests::table.on(declared_interests::request_id.eq(requests::id)))
        .left_join(panel_members::table.on(declared_interests::member_id.eq(panel_members::id.nullable())))
        .filter(requests::child_id.eq(child_id))
        .filter(declared_interests::user_id.eq(user_id).or(panel_members::user_id.nullable().eq(user_id)))
        .filter(not(exists(declared_interest_reversals::table.find(declared_interests::id))))
        .select(declared_interests::id)
        .first::<String>(connection)
        .optional()?;
    Ok(declared.is_some())
}
