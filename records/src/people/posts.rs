//! Who is in which post, as known now: the versions of post holdings, and what is asked of them.

use crate::error::Error;
use crate::instant::Instant;
use crate::page::{After, Cursor, Limit, Page};
use crate::period::day_parameter;
use crate::text::{CodeText, Id};
use chrono::NaiveDate;
use db::AnyConnection;
use db::schema::{post_holdings, users, waiting_post_holdings};
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use domain::authority::PostHolder;
use domain::panel::{Capacity, HoldingState};
use domain::people::post_holdings::{TimeInPost, acts_in_post};
use domain::{Code, FieldError, FinancialYear, Role};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use utoipa::{IntoParams, ToSchema};

/// Somebody's time in a post, in one of its versions.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = post_holdings)]
#[schema(example = json!({
    "id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a31", "holding_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a31", "version": 1,
    "post": "head_of_service", "user_id": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a12", "capacity": "holder", "valid_from": "2023-04-01",
    "valid_to": null, "state": "recorded", "reason": "Appointed from 1 April 2023", "recorded_by": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a11",
    "recorded_at": "2023-04-01T09:00:00Z", "recorded_seq": 412
}))]
pub struct PostHolding {
    /// This version's id.
    pub id: String,
    /// The holding's id, the same in every version.
    pub holding_id: String,
    /// 1, 2, 3 …
    pub version: i64,
    /// A post of the authority's profile.
    pub post: String,
    /// Who is in it.
    pub user_id: String,
    /// Holder or deputy.
    pub capacity: Capacity,
    /// The first day in the post.
    pub valid_from: NaiveDate,
    /// The first day no longer in it; null, open-ended.
    pub valid_to: Option<NaiveDate>,
    /// What this version says.
    pub state: HoldingState,
    /// In words.
    pub reason: String,
    /// Who recorded it: a user's or client's id.
    pub recorded_by: String,
    /// When, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
}

impl PostHolding {
    /// Its days.
    pub(crate) fn time(&self) -> TimeInPost {
        TimeInPost { holding_id: self.holding_id.clone(), valid_from: self.valid_from, valid_to: self.valid_to }
    }
}

/// Somebody's time in a post, with what they log in with.
#[derive(Debug, Serialize, ToSchema)]
pub struct ListedHolding {
    /// The holding.
    #[serde(flatten)]
    pub holding: PostHolding,
    /// What they log in with.
    #[schema(example = "head.of.service")]
    pub username: String,
    /// Whether it waits for another administrator's agreement: until then it does not count.
    pub waits_for_agreement: bool,
}

/// What to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListHoldings {
    /// Records on a page.
    #[serde(default)]
    #[param(value_type = Option<u16>, minimum = 1, maximum = 500, default = 50)]
    limit: Limit,
    /// Where the last page ended.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    cursor: Cursor,
    /// Only this post.
    post: Option<CodeText>,
    /// Only this person.
    user_id: Option<Id>,
    /// Only those in a post on this day.
    #[serde(default, deserialize_with = "day_parameter")]
    on: Option<NaiveDate>,
    /// Only those that wait for another administrator's agreement, or only those that do not.
    waiting: Option<bool>,
}

/// Every version of a holding.
#[derive(Debug, Serialize, ToSchema)]
pub struct HoldingHistory {
    /// The oldest first.
    pub versions: Vec<PostHolding>,
}

// The same table once more, to ask whether a version has a later one.
diesel::alias!(const LATER: Alias<Later> = post_holdings as later);

/// Everybody in a post on a day, as known now: by post, then username. Those who wait for an agreement are left out, those whose log-in is
/// disabled, and those whose role lets them decide nothing: whoever cannot act must not keep the next post from standing in.
pub fn in_post_on(connection: &mut AnyConnection, day: NaiveDate) -> Result<Vec<PostHolder>, Error> {
    let later = LATER.filter(LATER.field(post_holdings::holding_id).eq(post_holdings::holding_id));
    let rows: Vec<(String, String, Role, String, Capacity)> = post_holdings::table
        .inner_join(users::table)
        .filter(not(exists(later.filter(LATER.field(post_holdings::version).gt(post_holdings::version)))))
        .filter(post_holdings::state.ne(HoldingState::Reversed))
        .filter(not(exists(waiting_post_holdings::table.filter(waiting_post_holdings::holding_id.eq(post_holdings::holding_id)))))
        .filter(post_holdings::valid_from.le(day))
        .filter(post_holdings::valid_to.is_null().or(post_holdings::valid_to.gt(day)))
        .filter(users::disabled_at.is_null())
        .order((post_holdings::post, users::username))
        .select((users::id, users::username, users::role, post_holdings::post, post_holdings::capacity))
        .load(connection)?;
    let acting = rows.into_iter().filter(|(_, _, role, ..)| acts_in_post(*role));
    Ok(acting.map(|(user_id, username, _, post, capacity)| PostHolder { user_id, username, post, capacity }).collect())
}

/// Every version of a holding, the oldest first.
pub fn history(connection: &mut AnyConnection, holding_id: &str) -> Result<Vec<PostHolding>, Error> {
    let versions: Vec<PostHolding> = post_holdings::table
        .select(PostHolding::as_select())
        .filter(post_holdings::holding_id.eq(holding_id))
        .order(post_holdings::version)
        .load(connection)?;
    if versions.is_empty() { Err(Error::not_found("post holding")) } else { Ok(versions) }
}

/// The holding's last version, unless it was reversed.
pub(crate) fn standing(connection: &mut AnyConnection, holding_id: &str) -> Result<PostHolding, Error> {
    let latest = history(connection, holding_id)?.pop().ok_or_else(|| Error::not_found("post holding"))?;
    if latest.state == HoldingState::Reversed {
        return Err(Error::refused(Code::StateConflict, "The holding was reversed."));
    }
    Ok(latest)
}

/// The days of a person's other times in one post, as known now, in order. Exact, because writers take turns.
pub(crate) fn other_times(connection: &mut AnyConnection, holding: &PostHolding) -> Result<Vec<TimeInPost>, Error> {
    let later = LATER.filter(LATER.field(post_holdings::holding_id).eq(post_holdings::holding_id));
    let others: Vec<PostHolding> = post_holdings::table
        .select(PostHolding::as_select())
        .filter(not(exists(later.filter(LATER.field(post_holdings::version).gt(post_holdings::version)))))
        .filter(post_holdings::state.ne(HoldingState::Reversed))
        .filter(post_holdings::user_id.eq(&holding.user_id))
        .filter(post_holdings::post.eq(&holding.post))
        .filter(post_holdings::holding_id.ne(&holding.holding_id))
        .order((post_holdings::valid_from, post_holdings::id))
        .load(connection)?;
    Ok(others.iter().map(PostHolding::time).collect())
}

/// List post holdings.
pub fn list(connection: &mut AnyConnection, wanted: ListHoldings) -> Result<Page<ListedHolding>, Error> {
    let ListHoldings { limit, cursor, post, user_id, on, waiting } = wanted;
    if let Some(Err(error)) = on.map(FinancialYear::of) {
        return Err(Error::with_errors(Code::InvalidParameter, vec![FieldError::new("?on", "out_of_range", error.to_string())]));
    }
    let after = cursor.after_record()?;
    let later = LATER.filter(LATER.field(post_holdings::holding_id).eq(post_holdings::holding_id));
    let mut query = post_holdings::table
        .inner_join(users::table)
        .select((PostHolding::as_select(), users::username))
        .filter(not(exists(later.filter(LATER.field(post_holdings::version).gt(post_holdings::version)))))
        .filter(post_holdings::state.ne(HoldingState::Reversed))
        .filter(post_holdings::recorded_seq.ge(after.seq))
        .filter(post_holdings::recorded_seq.gt(after.seq).or(post_holdings::id.gt(after.id)))
        .into_boxed();
    if let Some(post) = post {
        query = query.filter(post_holdings::post.eq(post.0));
    }
    let waits = || waiting_post_holdings::table.filter(waiting_post_holdings::holding_id.eq(post_holdings::holding_id));
    match waiting {
        Some(true) => query = query.filter(exists(waits())),
        Some(false) => query = query.filter(not(exists(waits()))),
        None => {}
    }
    if let Some(user) = user_id {
        query = query.filter(post_holdings::user_id.eq(user.0));
    }
    if let Some(day) = on {
        query =
            query.filter(post_holdings::valid_from.le(day)).filter(post_holdings::valid_to.is_null().or(post_holdings::valid_to.gt(day)));
    }
    let rows: Vec<(PostHolding, String)> =
        query.order((post_holdings::recorded_seq, post_holdings::id)).limit(limit.and_one()).load(connection)?;
    let ids: Vec<&str> = rows.iter().map(|(holding, _)| holding.holding_id.as_str()).collect();
    let waiting: HashSet<String> = waiting_post_holdings::table
        .filter(waiting_post_holdings::holding_id.eq_any(ids))
        .select(waiting_post_holdings::holding_id)
        .load::<String>(connection)?
        .into_iter()
        .collect();
    let listed = |(holding, username): (PostHolding, String)| ListedHolding {
        waits_for_agreement: waiting.contains(&holding.holding_id),
        holding,
        username,
    };
    let rows = rows.into_iter().map(listed).collect();
    Ok(limit.page(rows, |row: &ListedHolding| After::key(row.holding.recorded_seq, &row.holding.id)))
}
