//! People: whom a record may name as coster, presenter, owner of an action or member of the panel, and in which posts they are today.

use crate::error::Error;
use crate::page::{After, Page};
use crate::page::{Cursor, Limit};
use chrono::NaiveDate;
use db::AnyConnection;
use db::schema::{post_holdings, users, waiting_post_holdings};
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use domain::panel::{Capacity, HoldingState};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use utoipa::{IntoParams, ToSchema};

/// Somebody with an account. What they log in with and the posts they are in, nothing else.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ListedPerson, example = json!({
    "id": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a12", "username": "head.of.service",
    "posts": [{ "post": "head_of_service", "capacity": "holder" }]
}))]
pub struct Person {
    /// The user's id, as records have it.
    pub id: String,
    /// What they log in with.
    pub username: String,
    /// The posts they are in today, by code.
    pub posts: Vec<PostHeld>,
}

/// A post that somebody is in.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PostHeld {
    /// A post of the authority's profile.
    pub post: String,
    /// Holder or deputy.
    pub capacity: Capacity,
}

/// What to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListPeople {
    /// Records on a page.
    #[serde(default)]
    #[param(value_type = Option<u16>, minimum = 1, maximum = 500, default = 50)]
    limit: Limit,
    /// Where the last page ended.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    cursor: Cursor,
}

// The same table once more, to ask whether a version has a later one.
diesel::alias!(const LATER: Alias<LaterHolding> = post_holdings as later);

/// The posts that these users are in on a day, as known now, by user's id; by code. Whether they may decide anything is not asked.
pub fn posts_on(connection: &mut AnyConnection, day: NaiveDate, user_ids: &[&str]) -> Result<HashMap<String, Vec<PostHeld>>, Error> {
    let later = LATER.filter(LATER.field(post_holdings::holding_id).eq(post_holdings::holding_id));
    let rows: Vec<(String, String, Capacity)> = post_holdings::table
        .filter(not(exists(later.filter(LATER.field(post_holdings::version).gt(post_holdings::version)))))
        .filter(post_holdings::state.ne(HoldingState::Reversed))
        .filter(not(exists(waiting_post_holdings::table.filter(waiting_post_holdings::holding_id.eq(post_holdings::holding_id)))))
        .filter(post_holdings::valid_from.le(day))
        .filter(post_holdings::valid_to.is_null().or(post_holdings::valid_to.gt(day)))
        .filter(post_holdings::user_id.eq_any(user_ids))
        .order(post_holdings::post)
        .select((post_holdings::user_id, post_holdings::post, post_holdings::capacity))
        .load(connection)?;
    let mut held: HashMap<String, Vec<PostHeld>> = HashMap::new();
    for (user, post, capacity) in rows {
        held.entry(user).or_default().push(PostHeld { post, capacity });
    }
    Ok(held)
}

/// Lists who may be named, with the posts they hold today.
pub fn list(connection: &mut AnyConnection, today: NaiveDate, wanted: ListPeople) -> Result<Page<Person>, Error> {
    let ListPeople { limit, cursor } = wanted;
    let after = cursor.after_record()?;
    let rows: Vec<(String, String, i64)> = users::table
        .filter(users::disabled_at.is_null())
        .filter(users::recorded_seq.ge(after.seq))
        .filter(users::recorded_seq.gt(after.seq).or(users::id.gt(after.id)))
        .select((users::id, users::username, users::recorded_seq))
        .order((users::recorded_seq, users::id))
        .limit(limit.and_one())
        .load(connection)?;
    let Page { items, next_cursor } = limit.page(rows, |(id, _, seq)| After::key(*seq, id));
    let ids: Vec<&str> = items.iter().map(|(id, ..)| id.as_str()).collect();
    let mut held = posts_on(connection, today, &ids)?;
    let with_posts = |(id, username, _)| Person { posts: held.remove(&id).unwrap_or_default(), id, username };
    Ok(Page { items: items.into_iter().map(with_posts).collect(), next_cursor })
}
