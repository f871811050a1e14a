//! Post holdings: who is in which post, as its holder or deputy, from when to when.
//!
//! A holding is a row of versions, as a package line is. Ending or reversing it adds a version; nothing is changed.

use super::package_lines::date_mistakes;
use crate::app::{Answer, App, IdempotencyKey, Located, Once};
use crate::auth::Caller;
use crate::auth::permission::{PostsRead, PostsWrite};
use crate::extract::{Body, Params};
use crate::instant::Instant;
use crate::page::{After, Cursor, Limit, Page};
use crate::period::day_parameter;
use crate::problem::{Code, FieldError, Problem};
use crate::reversal::NewReversal;
use crate::text::{CodeText, Id, Text};
use actix_web::web::{Data, Json, Path};
use actix_web::{get, post};
use chrono::{NaiveDate, NaiveDateTime};
use db::schema::{post_holdings, users};
use db::{AnyConnection, Event, Write, new_id};
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use domain::delegation::PostHolder;
use domain::panel::{Capacity, HoldingState};
use domain::{FinancialYear, Permission, Profile, Role};
use serde::{Deserialize, Serialize};
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

impl Located for PostHolding {
    fn location(&self) -> String {
        format!("/v1/post-holdings/{}", self.holding_id)
    }
}

impl PostHolding {
    /// Whether both have a day in common.
    fn overlaps(&self, other: &PostHolding) -> bool {
        self.valid_to.is_none_or(|ends| other.valid_from < ends) && other.valid_to.is_none_or(|ends| self.valid_from < ends)
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
}

/// A holding to record.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "post": "head_of_service", "user_id": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a12", "capacity": "holder", "valid_from": "2023-04-01",
    "reason": "Appointed from 1 April 2023"
}))]
pub struct NewPostHolding {
    /// A post of the authority's profile.
    pub post: CodeText,
    /// Who is in it: a user whose account is not disabled, and not the caller.
    pub user_id: Id,
    /// Holder or deputy. Two may hold a post at once.
    pub capacity: Capacity,
    /// The first day in the post.
    pub valid_from: NaiveDate,
    /// The first day no longer in it; none, open-ended.
    pub valid_to: Option<NaiveDate>,
    /// In words.
    pub reason: Text<500>,
}

/// When a holding ends.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "valid_to": "2024-10-01", "reason": "Left the service" }))]
pub struct EndOfHolding {
    /// The first day no longer in the post, after the holding's start.
    pub valid_to: NaiveDate,
    /// In words.
    pub reason: Text<500>,
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
}

/// Every version of a holding.
#[derive(Debug, Serialize, ToSchema)]
pub struct HoldingHistory {
    /// The oldest first.
    pub versions: Vec<PostHolding>,
}

// The same table once more, to ask whether a version has a later one.
diesel::alias!(const LATER: Alias<Later> = post_holdings as later);

/// List post holdings
///
/// Each in its last version, in the order last recorded: one that is ended while a reader pages comes again. Reversed ones are left
/// out.
#[utoipa::path(tag = "posts", params(ListHoldings), security(("bearer" = ["posts:read"])),
    responses((status = 200, description = "A page of holdings", body = Page<ListedHolding>)))]
#[get("/post-holdings")]
pub async fn list_post_holdings(
    app: Data<App>,
    _: Caller<PostsRead>,
    params: Params<ListHoldings>,
) -> Result<Json<Page<ListedHolding>>, Problem> {
    let ListHoldings { limit, cursor, post, user_id, on } = params.0;
    if let Some(Err(error)) = on.map(FinancialYear::of) {
        return Err(Problem::with_errors(Code::InvalidParameter, vec![FieldError::new("?on", "out_of_range", error.to_string())]));
    }
    let after = cursor.after_record()?;
    app.read(move |connection| {
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
        if let Some(user) = user_id {
            query = query.filter(post_holdings::user_id.eq(user.0));
        }
        if let Some(day) = on {
            query = query
                .filter(post_holdings::valid_from.le(day))
                .filter(post_holdings::valid_to.is_null().or(post_holdings::valid_to.gt(day)));
        }
        let rows: Vec<(PostHolding, String)> =
            query.order((post_holdings::recorded_seq, post_holdings::id)).limit(limit.and_one()).load(connection)?;
        let rows = rows.into_iter().map(|(holding, username)| ListedHolding { holding, username }).collect();
        Ok(Json(limit.page(rows, |row: &ListedHolding| After::key(row.holding.recorded_seq, &row.holding.id))))
    })
    .await
}

/// Read a post holding's history
#[utoipa::path(tag = "posts", params(("id" = Id, Path, description = "The holding's id")), security(("bearer" = ["posts:read"])),
    responses((status = 200, description = "Every version of the holding", body = HoldingHistory)))]
#[get("/post-holdings/{id}")]
pub async fn get_post_holding(app: Data<App>, _: Caller<PostsRead>, id: Path<Id>) -> Result<Json<HoldingHistory>, Problem> {
    app.read(move |connection| Ok(Json(HoldingHistory { versions: history(connection, &id.0)? }))).await
}

/// Put somebody in a post
///
/// Two people may hold a post at once; nobody puts themselves in one.
#[utoipa::path(tag = "posts", request_body = NewPostHolding, security(("bearer" = ["posts:write"])),
    responses((status = 201, description = "The holding", body = PostHolding)))]
#[post("/post-holdings")]
pub async fn create_post_holding(app: Data<App>, caller: Caller<PostsWrite>, key: IdempotencyKey, body: Body<NewPostHolding>) -> Answer {
    let (once, profile) = (Once { key, request_sha256: body.request_sha256 }, app.profile.clone());
    app.create(caller.actor(), once, move |write| record(write, &profile, body.value)).await
}

/// End a post holding
///
/// Sets or moves the end of somebody's time in a post. What was known before stays on record as an earlier version.
#[utoipa::path(tag = "posts", params(("id" = Id, Path, description = "The holding's id")), request_body = EndOfHolding,
    security(("bearer" = ["posts:write"])), responses((status = 201, description = "The holding's new version", body = PostHolding)))]
#[post("/post-holdings/{id}/end")]
pub async fn end_post_holding(
    app: Data<App>,
    caller: Caller<PostsWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<EndOfHolding>,
) -> Answer {
    let once = Once { key, request_sha256: body.request_sha256 };
    app.create(caller.actor(), once, move |write| end(write, &id.0, body.value)).await
}

/// Reverse a post holding
///
/// For one recorded by mistake: it no longer counts on any day, and stays on record.
#[utoipa::path(tag = "posts", params(("id" = Id, Path, description = "The holding's id")), request_body = NewReversal,
    security(("bearer" = ["posts:write"])), responses((status = 201, description = "The holding's last version", body = PostHolding)))]
#[post("/post-holdings/{id}/reversal")]
pub async fn reverse_post_holding(
    app: Data<App>,
    caller: Caller<PostsWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewReversal>,
) -> Answer {
    let once = Once { key, request_sha256: body.request_sha256 };
    app.create(caller.actor(), once, move |write| {
        let latest = standing(write.connection, &id.0)?;
        refuse_oneself(write, &latest.user_id)?;
        add_version(write, PostHolding { state: HoldingState::Reversed, reason: body.value.reason.0, ..latest }, "reverse")
    })
    .await
}

/// Everybody in a post on a day, as known now: by post, then username. Those whose account is disabled are left out, and those whose
/// role lets them decide nothing: whoever cannot act must not keep the next post from standing in.
pub fn in_post_on(connection: &mut AnyConnection, day: NaiveDate) -> Result<Vec<PostHolder>, Problem> {
    let later = LATER.filter(LATER.field(post_holdings::holding_id).eq(post_holdings::holding_id));
    let rows: Vec<(String, String, Role, String, Capacity)> = post_holdings::table
        .inner_join(users::table)
        .filter(not(exists(later.filter(LATER.field(post_holdings::version).gt(post_holdings::version)))))
        .filter(post_holdings::state.ne(HoldingState::Reversed))
        .filter(post_holdings::valid_from.le(day))
        .filter(post_holdings::valid_to.is_null().or(post_holdings::valid_to.gt(day)))
        .filter(users::disabled_at.is_null())
        .order((post_holdings::post, users::username))
        .select((users::id, users::username, users::role, post_holdings::post, post_holdings::capacity))
        .load(connection)?;
    let deciding = rows.into_iter().filter(|(_, _, role, ..)| role.permissions().contains(&Permission::DecisionsWrite));
    Ok(deciding.map(|(user_id, username, _, post, capacity)| PostHolder { user_id, username, post, capacity }).collect())
}

fn history(connection: &mut AnyConnection, holding_id: &str) -> Result<Vec<PostHolding>, Problem> {
    let versions: Vec<PostHolding> = post_holdings::table
        .select(PostHolding::as_select())
        .filter(post_holdings::holding_id.eq(holding_id))
        .order(post_holdings::version)
        .load(connection)?;
    if versions.is_empty() { Err(Problem::not_found("post holding")) } else { Ok(versions) }
}

/// The holding's last version, unless it was reversed.
fn standing(connection: &mut AnyConnection, holding_id: &str) -> Result<PostHolding, Problem> {
    let latest = history(connection, holding_id)?.pop().ok_or_else(|| Problem::not_found("post holding"))?;
    if latest.state == HoldingState::Reversed {
        return Err(Problem::new(Code::StateConflict, "The holding was reversed."));
    }
    Ok(latest)
}

fn record(write: &mut Write<'_>, profile: &Profile, new: NewPostHolding) -> Result<PostHolding, Problem> {
    refuse_oneself(write, &new.user_id.0)?;
    let errors = mistakes(write.connection, profile, &new)?;
    if !errors.is_empty() {
        return Err(Problem::invalid(errors));
    }
    let id = new_id();
    let holding = PostHolding {
        holding_id: id.clone(),
        id,
        version: 1,
        post: new.post.0,
        user_id: new.user_id.0,
        capacity: new.capacity,
        valid_from: new.valid_from,
        valid_to: new.valid_to,
        state: HoldingState::Recorded,
        reason: new.reason.0,
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    };
    refuse_overlap(write.connection, &holding)?;
    insert(write, &holding)?;
    write.record(Event::new("record", "post_holdings", &holding.holding_id))?;
    Ok(holding)
}

fn end(write: &mut Write<'_>, id: &str, new: EndOfHolding) -> Result<PostHolding, Problem> {
    let latest = standing(write.connection, id)?;
    refuse_oneself(write, &latest.user_id)?;
    let errors = date_mistakes(latest.valid_from, Some(new.valid_to));
    if !errors.is_empty() {
        return Err(Problem::invalid(errors));
    }
    if latest.valid_to == Some(new.valid_to) {
        return Err(Problem::new(Code::StateConflict, format!("The holding ends on {} already.", new.valid_to)));
    }
    let ended = PostHolding { valid_to: Some(new.valid_to), state: HoldingState::Ended, reason: new.reason.0, ..latest };
    // An end that is moved on may reach into a later holding.
    refuse_overlap(write.connection, &ended)?;
    add_version(write, ended, "end")
}

/// Everything that keeps a holding from being recorded, whatever others are on record.
fn mistakes(connection: &mut AnyConnection, profile: &Profile, new: &NewPostHolding) -> Result<Vec<FieldError>, Problem> {
    let mut errors = Vec::new();
    if !profile.posts.iter().any(|post| post.code == new.post.0) {
        let known: Vec<_> = profile.posts.iter().map(|post| post.code.as_str()).collect();
        let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
        errors.push(FieldError::new("/post", "unknown_reference", format!("the profile has no post `{}`; it has {known}", new.post.0)));
    }
    let disabled_at: Option<Option<NaiveDateTime>> =
        users::table.find(&new.user_id.0).select(users::disabled_at).first(connection).optional()?;
    match disabled_at {
        None => errors.push(FieldError::new("/user_id", "unknown_reference", "no user has this id")),
        Some(Some(_)) => errors.push(FieldError::new("/user_id", "disabled", "the user's account is disabled")),
        Some(None) => {}
    }
    errors.extend(date_mistakes(new.valid_from, new.valid_to));
    Ok(errors)
}

/// Whoever fills posts gives nobody's authority to themselves, and rids themselves of no post.
fn refuse_oneself(write: &Write<'_>, user_id: &str) -> Result<(), Problem> {
    if write.actor.id == user_id {
        let detail = "Nobody puts themselves in a post, or ends or reverses their own time in one; somebody else does it.";
        return Err(Problem::new(Code::NotAllowed, detail));
    }
    Ok(())
}

/// Refuses a person twice in one post on the same day. Exact, because writers take turns.
fn refuse_overlap(connection: &mut AnyConnection, holding: &PostHolding) -> Result<(), Problem> {
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
    let Some(other) = others.iter().find(|other| other.overlaps(holding)) else { return Ok(()) };
    let until = other.valid_to.map_or_else(|| "on".to_owned(), |ends| format!("up to but not including {ends}"));
    let detail = format!("Holding {} has the same person in the same post from {} {until}.", other.holding_id, other.valid_from);
    Err(Problem::new(Code::PeriodOverlaps, detail))
}

fn add_version(write: &mut Write<'_>, version: PostHolding, action: &'static str) -> Result<PostHolding, Problem> {
    let next = PostHolding {
        id: new_id(),
        version: version.version + 1,
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
        ..version
    };
    insert(write, &next)?;
    write.record(Event::new(action, "post_holdings", &next.holding_id))?;
    Ok(next)
}

fn insert(write: &mut Write<'_>, holding: &PostHolding) -> Result<(), db::Error> {
    diesel::insert_into(post_holdings::table).values(holding).execute(write.connection)?;
    Ok(())
}
