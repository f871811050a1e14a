//! Declared interests: whoever has one in a request stands down for it.

use super::members::find_named;
use crate::app::{Answer, App, IdempotencyKey, Located, Once};
use crate::auth::permission::{PanelsWrite, RequestsRead};
use crate::auth::{Caller, CallerKind};
use crate::extract::Body;
use crate::instant::Instant;
use crate::problem::{Code, Problem};
use crate::reversal::NewReversal;
use crate::routes::requests::{self, Request};
use crate::text::Id;
use actix_web::web::{Data, Json, Path};
use actix_web::{get, post};
use db::schema::{declared_interest_reversals, declared_interests, panel_members};
use db::{AnyConnection, Event, Write, new_id};
use diesel::dsl::exists;
use diesel::prelude::*;
use domain::RequestState;
use domain::panel::InterestNature;
use serde::{Deserialize, Serialize};
use serde_json::json;
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

impl Located for DeclaredInterest {
    fn location(&self) -> String {
        format!("/v1/requests/{}/interests", self.request_id)
    }
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

impl Located for InterestWithReversal {
    fn location(&self) -> String {
        self.interest.location()
    }
}

/// The interests that were declared in a request.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeclaredInterests {
    /// The oldest first, those that were reversed too.
    pub items: Vec<InterestWithReversal>,
}

/// A member's interest to record.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "member_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a53", "nature": "knows_family" }))]
pub struct NewInterest {
    /// The member who stands down.
    pub member_id: Id,
    /// Of what kind.
    pub nature: InterestNature,
}

/// An interest of the caller's own.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "nature": "colleague" }))]
pub struct NewOwnInterest {
    /// Of what kind.
    pub nature: InterestNature,
}

/// List the interests in a request
#[utoipa::path(tag = "panels", params(("id" = Id, Path, description = "The request's id")), security(("bearer" = ["requests:read"])),
    responses((status = 200, description = "Every interest declared, the oldest first", body = DeclaredInterests)))]
#[get("/requests/{id}/interests")]
pub async fn list_interests(app: Data<App>, caller: Caller<RequestsRead>, id: Path<Id>) -> Result<Json<DeclaredInterests>, Problem> {
    app.write(caller.actor(), move |write| {
        let request = requests::find(write.connection, &id.0)?;
        requests::record_read(write, &request)?;
        Ok(Json(DeclaredInterests { items: every_interest_of(write.connection, &request.id)? }))
    })
    .await
}

/// Declare a panel member's interest
///
/// The member stands down for the request: does not count, vote, chair or authorise.
#[utoipa::path(tag = "panels", params(("id" = Id, Path, description = "The request's id")), request_body = NewInterest,
    security(("bearer" = ["panels:write"])), responses((status = 201, description = "The interest", body = DeclaredInterest)))]
#[post("/requests/{id}/interests")]
pub async fn create_interest(
    app: Data<App>,
    caller: Caller<PanelsWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewInterest>,
) -> Answer {
    let once = Once { key, request_sha256: body.request_sha256 };
    app.create(caller.actor(), once, move |write| {
        let request = requests::find(write.connection, &id.0)?;
        let member = find_named(write.connection, &body.value.member_id)?;
        declare(write, &request, Some(member.id), member.user_id, body.value.nature)
    })
    .await
}

/// Declare an interest of one's own
///
/// For people only: whoever declares one may not decide or authorise the request, whatever their post.
#[utoipa::path(tag = "panels", params(("id" = Id, Path, description = "The request's id")), request_body = NewOwnInterest,
    security(("bearer" = ["requests:read"])), responses((status = 201, description = "The interest", body = DeclaredInterest)))]
#[post("/requests/{id}/own-interest")]
pub async fn create_own_interest(
    app: Data<App>,
    caller: Caller<RequestsRead>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewOwnInterest>,
) -> Answer {
    let (once, kind) = (Once { key, request_sha256: body.request_sha256 }, caller.claims.kind);
    app.create(caller.actor(), once, move |write| {
        let request = requests::find(write.connection, &id.0)?;
        if kind != CallerKind::User {
            return Err(Problem::new(Code::NotAllowed, "A tool has no interest to declare; a person declares it, logged in."));
        }
        let user = write.actor.id.clone();
        declare(write, &request, None, Some(user), body.value.nature)
    })
    .await
}

/// Reverse an interest
///
/// For one that was declared by mistake: it rules nobody out any more, and stays on record. Somebody else than the person whose
/// interest it is reverses it, while the request is not decided for good.
#[utoipa::path(tag = "panels", params(("id" = Id, Path, description = "The interest's id")), request_body = NewReversal,
    security(("bearer" = ["panels:write"])), responses((status = 201, description = "The interest and its reversal", body = InterestWithReversal)))]
#[post("/interests/{id}/reversal")]
pub async fn reverse_interest(
    app: Data<App>,
    caller: Caller<PanelsWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewReversal>,
) -> Answer {
    let once = Once { key, request_sha256: body.request_sha256 };
    app.create(caller.actor(), once, move |write| reverse(write, &id.0, body.value.reason.0)).await
}

/// The members who stand down for a request, by id: those put down themselves, and those whose account declared an interest.
pub fn stood_down(connection: &mut AnyConnection, request_id: &str) -> Result<Vec<String>, Problem> {
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
fn every_interest_of(connection: &mut AnyConnection, request_id: &str) -> Result<Vec<InterestWithReversal>, Problem> {
    let rows: Vec<(DeclaredInterest, Option<InterestReversal>)> = declared_interests::table
        .left_join(declared_interest_reversals::table)
        .filter(declared_interests::request_id.eq(request_id))
        .select((DeclaredInterest::as_select(), Option::<InterestReversal>::as_select()))
        .order((declared_interests::recorded_seq, declared_interests::id))
        .load(connection)?;
    Ok(rows.into_iter().map(|(interest, reversal)| InterestWithReversal { interest, reversal }).collect())
}

/// Those of them that count.
fn interests_of(connection: &mut AnyConnection, request_id: &str) -> Result<Vec<DeclaredInterest>, Problem> {
    let every = every_interest_of(connection, request_id)?.into_iter();
    Ok(every.filter(|row| row.reversal.is_none()).map(|row| row.interest).collect())
}

/// Once it is decided for good there is nothing to stand down for, and who stood down is part of what happened.
fn refuse_decided(request: &Request) -> Result<(), Problem> {
    use RequestState as S;
    if request.state.is_undecided() || matches!(request.state, S::Draft | S::UnderAppeal) {
        return Ok(());
    }
    Err(Problem::new(Code::StateConflict, format!("The request is `{}`: nothing is left to stand down for.", request.state)))
}

fn reverse(write: &mut Write<'_>, id: &str, reason: String) -> Result<InterestWithReversal, Problem> {
    let interest = declared_interests::table.find(id).select(DeclaredInterest::as_select()).first(write.connection).optional()?;
    let interest = interest.ok_or_else(|| Problem::not_found("interest"))?;
    if interest.user_id.as_ref() == Some(&write.actor.id) {
        return Err(Problem::new(Code::NotAllowed, "It is your own interest; somebody else reverses it."));
    }
    let reversed = declared_interest_reversals::table.find(&interest.id);
    if diesel::select(exists(reversed)).get_result(write.connection)? {
        return Err(Problem::new(Code::StateConflict, "It was reversed before."));
    }
    let request = requests::find(write.connection, &interest.request_id)?;
    refuse_decided(&request)?;
    let reversal = InterestReversal {
        interest_id: interest.id.clone(),
        reason,
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    };
    diesel::insert_into(declared_interest_reversals::table).values(&reversal).execute(write.connection)?;
    write.record(Event::new("reverse", "declared_interests", &interest.id).with(json!({ "request_id": request.id })))?;
    Ok(InterestWithReversal { interest, reversal: Some(reversal) })
}

fn declare(
    write: &mut Write<'_>,
    request: &Request,
    member_id: Option<String>,
    user_id: Option<String>,
    nature: InterestNature,
) -> Result<DeclaredInterest, Problem> {
    refuse_decided(request)?;
    let is_same = |one: &Option<String>, other: &Option<String>| one.is_some() && one == other;
    let declared = interests_of(write.connection, &request.id)?;
    if declared.iter().any(|other| is_same(&other.member_id, &member_id) || is_same(&other.user_id, &user_id)) {
        return Err(Problem::new(Code::AlreadyExists, "This person's interest in the request is declared."));
    }
    let interest = DeclaredInterest {
        id: new_id(),
        request_id: request.id.clone(),
        member_id,
        user_id,
        nature,
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    };
    diesel::insert_into(declared_interests::table).values(&interest).execute(write.connection)?;
    write.record(Event::new("record", "declared_interests", &interest.id).with(json!({ "request_id": request.id })))?;
    Ok(interest)
}
