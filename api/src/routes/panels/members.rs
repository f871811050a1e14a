//! Members of the panel: a role of the profile and a job title, with the account of whoever has one. No names.

use super::signatures::{PanelSignature, lacking, may_sit_until, signatures_of};
use crate::app::{Answer, App, IdempotencyKey, Located, Once};
use crate::auth::Caller;
use crate::auth::permission::{PanelsRead, PanelsWrite};
use crate::extract::{Body, Params};
use crate::instant::Instant;
use crate::page::{After, Cursor, Limit, Page};
use crate::problem::{FieldError, Problem};
use crate::text::{CodeText, Id, Text};
use actix_web::web::{Data, Json, Path};
use actix_web::{get, post};
use chrono::NaiveDate;
use db::schema::{panel_members, users};
use db::{AnyConnection, Event, Write, new_id};
use diesel::dsl::exists;
use diesel::prelude::*;
use domain::Profile;
use domain::panel::SignedDocument;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A member of the panel.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = panel_members)]
#[schema(example = json!({
    "id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a53", "role": "health_representative", "title": "Community children's nurse",
    "user_id": null, "recorded_by": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a11", "recorded_at": "2024-05-01T09:00:00Z",
    "recorded_seq": 630
}))]
pub struct PanelMember {
    /// The member's id.
    pub id: String,
    /// The role on the panel, by its code in the profile.
    pub role: String,
    /// The job title.
    pub title: String,
    /// The member's account; null, the member has none.
    pub user_id: Option<String>,
    /// Who recorded it: a user's or client's id.
    pub recorded_by: String,
    /// When, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
}

impl Located for PanelMember {
    fn location(&self) -> String {
        format!("/v1/panel-members/{}", self.id)
    }
}

/// A member with what was signed.
#[derive(Debug, Serialize, ToSchema)]
pub struct PanelMemberWithSignatures {
    /// The member.
    #[serde(flatten)]
    pub member: PanelMember,
    /// Every signature, the oldest first.
    pub signatures: Vec<PanelSignature>,
    /// The first day on which a document will need another signature; null where one was never signed, and where the profile asks
    /// for no signature.
    pub may_sit_until: Option<NaiveDate>,
    /// The documents without a current signature today; empty, the member may sit.
    pub lacks: Vec<SignedDocument>,
}

/// A member to record.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "role": "health_representative", "title": "Community children's nurse" }))]
pub struct NewPanelMember {
    /// A role of the authority's profile.
    pub role: CodeText,
    /// The job title, not a name: it is on every agenda.
    pub title: Text<100>,
    /// The member's account, needed to chair; none, the member has none.
    pub user_id: Option<Id>,
}

/// What to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListPanelMembers {
    /// Records on a page.
    #[serde(default)]
    #[param(value_type = Option<u16>, minimum = 1, maximum = 500, default = 50)]
    limit: Limit,
    /// Where the last page ended.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    cursor: Cursor,
}

/// List panel members
#[utoipa::path(tag = "panels", params(ListPanelMembers), security(("bearer" = ["panels:read"])),
    responses((status = 200, description = "A page of members with their signatures, in the order recorded",
        body = Page<PanelMemberWithSignatures>)))]
#[get("/panel-members")]
pub async fn list_panel_members(
    app: Data<App>,
    _: Caller<PanelsRead>,
    params: Params<ListPanelMembers>,
) -> Result<Json<Page<PanelMemberWithSignatures>>, Problem> {
    let ListPanelMembers { limit, cursor } = params.0;
    let after = cursor.after_record()?;
    let (profile, today) = (app.profile.clone(), app.store.clock().now().date());
    app.read(move |connection| {
        let rows: Vec<PanelMember> = panel_members::table
            .select(PanelMember::as_select())
            .filter(panel_members::recorded_seq.ge(after.seq))
            .filter(panel_members::recorded_seq.gt(after.seq).or(panel_members::id.gt(after.id)))
            .order((panel_members::recorded_seq, panel_members::id))
            .limit(limit.and_one())
            .load(connection)?;
        let rows = with_signatures(connection, &profile, rows, today)?;
        Ok(Json(limit.page(rows, |row: &PanelMemberWithSignatures| After::key(row.member.recorded_seq, &row.member.id))))
    })
    .await
}

/// Read a panel member
#[utoipa::path(tag = "panels", params(("id" = Id, Path, description = "The member's id")), security(("bearer" = ["panels:read"])),
    responses((status = 200, description = "The member with every signature", body = PanelMemberWithSignatures)))]
#[get("/panel-members/{id}")]
pub async fn get_panel_member(app: Data<App>, _: Caller<PanelsRead>, id: Path<Id>) -> Result<Json<PanelMemberWithSignatures>, Problem> {
    let (profile, today) = (app.profile.clone(), app.store.clock().now().date());
    app.read(move |connection| {
        let member = find(connection, &id.0)?.ok_or_else(|| Problem::not_found("panel member"))?;
        let one = with_signatures(connection, &profile, vec![member], today)?.pop();
        one.map(Json).ok_or_else(|| Problem::not_found("panel member"))
    })
    .await
}

/// Record a panel member
#[utoipa::path(tag = "panels", request_body = NewPanelMember, security(("bearer" = ["panels:write"])),
    responses((status = 201, description = "The member", body = PanelMember)))]
#[post("/panel-members")]
pub async fn create_panel_member(app: Data<App>, caller: Caller<PanelsWrite>, key: IdempotencyKey, body: Body<NewPanelMember>) -> Answer {
    let (once, profile) = (Once { key, request_sha256: body.request_sha256 }, app.profile.clone());
    app.create(caller.actor(), once, move |write| record(write, &profile, body.value)).await
}

/// The member with that id; none, there is none.
pub(super) fn find(connection: &mut AnyConnection, id: &str) -> Result<Option<PanelMember>, Problem> {
    Ok(panel_members::table.find(id).select(PanelMember::as_select()).first(connection).optional()?)
}

/// The member that a body names; the field is refused where there is none.
pub(super) fn find_named(connection: &mut AnyConnection, id: &Id) -> Result<PanelMember, Problem> {
    let unknown = || Problem::invalid(vec![FieldError::new("/member_id", "unknown_reference", "no panel member has this id")]);
    find(connection, &id.0)?.ok_or_else(unknown)
}

fn with_signatures(
    connection: &mut AnyConnection,
    profile: &Profile,
    members: Vec<PanelMember>,
    today: NaiveDate,
) -> Result<Vec<PanelMemberWithSignatures>, Problem> {
    let ids: Vec<&str> = members.iter().map(|member| member.id.as_str()).collect();
    let all = signatures_of(connection, &ids)?;
    let with = members.into_iter().map(|member| {
        let signatures: Vec<PanelSignature> = all.iter().filter(|signature| signature.member_id == member.id).cloned().collect();
        let lacks = lacking(profile, &signatures, today).into_iter().map(|lack| lack.document).collect();
        PanelMemberWithSignatures { may_sit_until: may_sit_until(&signatures), lacks, signatures, member }
    });
    Ok(with.collect())
}

fn record(write: &mut Write<'_>, profile: &Profile, new: NewPanelMember) -> Result<PanelMember, Problem> {
    let mut errors = Vec::new();
    if !profile.panel.members.iter().any(|role| role.code == new.role.0) {
        let known: Vec<_> = profile.panel.members.iter().map(|role| role.code.as_str()).collect();
        let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
        let detail = format!("the profile's panel has no role `{}`; it has {known}", new.role.0);
        errors.push(FieldError::new("/role", "unknown_reference", detail));
    }
    if let Some(user) = &new.user_id {
        let known: bool = diesel::select(exists(users::table.find(&user.0))).get_result(write.connection)?;
        if !known {
            errors.push(FieldError::new("/user_id", "unknown_reference", "no user has this id"));
        }
    }
    if !errors.is_empty() {
        return Err(Problem::invalid(errors));
    }
    let member = PanelMember {
        id: new_id(),
        role: new.role.0,
        title: new.title.0,
        user_id: new.user_id.map(|id| id.0),
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    };
    diesel::insert_into(panel_members::table).values(&member).execute(write.connection)?;
    write.record(Event::new("record", "panel_members", &member.id))?;
    Ok(member)
}
