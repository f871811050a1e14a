//! Children: a case reference and a date of birth, nothing more. Every read leaves an audit event.

use crate::app::{Answer, App, IdempotencyKey, Located, Once};
use crate::auth::Caller;
use crate::auth::permission::{ChildrenRead, ChildrenWrite};
use crate::extract::{Body, Params};
use crate::instant::Instant;
use crate::page::{After, Cursor, Limit, Page};
use crate::problem::{FieldError, Problem};
use crate::text::Id;
use actix_web::web::{Data, Json, Path};
use actix_web::{get, post};
use chrono::NaiveDate;
use db::schema::children;
use db::{Event, Write, new_id};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};

/// Nobody older has an education, health and care plan (Children and Families Act 2014 s.46); a birth before is a slip.
const OLDEST_YEARS: u32 = 25;

/// A child known to the service.
#[derive(Debug, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = children)]
#[schema(example = json!({
    "id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a11", "case_reference": "CWD-00412", "date_of_birth": "2014-06-30",
    "recorded_at": "2023-04-01T09:00:00Z", "recorded_seq": 412
}))]
pub struct Child {
    /// The child's id.
    pub id: String,
    /// The case management system's reference.
    pub case_reference: String,
    /// For age bands and transitions.
    pub date_of_birth: NaiveDate,
    /// When the child was recorded, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
}

impl Located for Child {
    fn location(&self) -> String {
        format!("/v1/children/{}", self.id)
    }
}

/// The case management system's reference: capitals, digits, hyphens and slashes, and so never a name in words.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = String, pattern = "^[A-Z0-9/-]*[0-9][A-Z0-9/-]*$", min_length = 2, max_length = 40, example = "CWD-00412")]
pub struct CaseReference(String);

/// A child to record.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "case_reference": "CWD-00412", "date_of_birth": "2014-06-30" }))]
pub struct NewChild {
    /// The case management system's reference.
    pub case_reference: CaseReference,
    /// Not in the future.
    pub date_of_birth: NaiveDate,
}

/// A child to find. Asked for in a body, since a URL ends up in logs.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "case_reference": "CWD-00412" }))]
pub struct ChildLookup {
    /// The case management system's reference.
    pub case_reference: CaseReference,
}

/// What to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListChildren {
    /// Records on a page.
    #[serde(default)]
    #[param(value_type = Option<u16>, minimum = 1, maximum = 500, default = 50)]
    limit: Limit,
    /// Where the last page ended.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    cursor: Cursor,
}

/// List children
#[utoipa::path(tag = "children", params(ListChildren), security(("bearer" = ["children:read"])),
    responses((status = 200, description = "A page of children, in the order recorded", body = Page<Child>)))]
#[get("/children")]
pub async fn list_children(
    app: Data<App>,
    caller: Caller<ChildrenRead>,
    params: Params<ListChildren>,
) -> Result<Json<Page<Child>>, Problem> {
    let ListChildren { limit, cursor } = params.0;
    let after = cursor.after_record()?;
    app.write(caller.actor(), move |write| {
        let rows = children::table
            .select(Child::as_select())
            .filter(children::recorded_seq.ge(after.seq))
            .filter(children::recorded_seq.gt(after.seq).or(children::id.gt(after.id)))
            .order((children::recorded_seq, children::id))
            .limit(limit.and_one())
            .load(write.connection)?;
        let page = limit.page(rows, |row: &Child| After::key(row.recorded_seq, &row.id));
        // One event a child, so that the trail answers who read this one.
        for child in &page.items {
            write.record(Event::new("read", "children", &child.id).with(json!({ "in": "list" })))?;
        }
        if page.items.is_empty() {
            write.record(Event::new("list", "children", ""))?;
        }
        Ok(Json(page))
    })
    .await
}

/// Read a child
#[utoipa::path(tag = "children", params(("id" = Id, Path, description = "The child's id")), security(("bearer" = ["children:read"])),
    responses((status = 200, description = "The child", body = Child)))]
#[get("/children/{id}")]
pub async fn get_child(app: Data<App>, caller: Caller<ChildrenRead>, id: Path<Id>) -> Result<Json<Child>, Problem> {
    app.write(caller.actor(), move |write| {
        let child: Child = children::table
            .find(&id.0)
            .select(Child::as_select())
            .first(write.connection)
            .optional()?
            .ok_or_else(|| Problem::not_found("child"))?;
        write.record(Event::new("read", "children", &child.id))?;
        Ok(Json(child))
    })
    .await
}

/// Find a child by case reference
///
/// Asked for in the body, so that no reference stands in a URL. Changes nothing but the audit trail.
#[utoipa::path(tag = "children", request_body = ChildLookup, security(("bearer" = ["children:read"])),
    responses((status = 200, description = "The child", body = Child), (status = 404, description = "No child has this reference", body = Problem, content_type = "application/problem+json")))]
#[post("/child-lookups")]
pub async fn look_up_child(app: Data<App>, caller: Caller<ChildrenRead>, body: Body<ChildLookup>) -> Result<Json<Child>, Problem> {
    app.write(caller.actor(), move |write| {
        let reference = body.value.case_reference.0;
        let child =
            children::table.filter(children::case_reference.eq(reference)).select(Child::as_select()).first(write.connection).optional()?;
        match &child {
            Some(child) => write.record(Event::new("read", "children", &child.id))?,
            // Kept, so that guessing leaves a trace.
            None => write.record(Event::new("look_up_in_vain", "children", ""))?,
        }
        Ok(child)
    })
    .await?
    .map(Json)
    .ok_or_else(|| Problem::not_found("child"))
}

/// Record a child
#[utoipa::path(tag = "children", request_body = NewChild, security(("bearer" = ["children:write"])),
    responses((status = 201, description = "The child", body = Child)))]
#[post("/children")]
pub async fn create_child(app: Data<App>, caller: Caller<ChildrenWrite>, key: IdempotencyKey, body: Body<NewChild>) -> Answer {
    let once = Once { key, request_sha256: body.request_sha256 };
    app.create(caller.actor(), once, move |write| record(write, body.value)).await
}

fn record(write: &mut Write<'_>, new: NewChild) -> Result<Child, Problem> {
    let today = write.at.date();
    if new.date_of_birth > today || today.years_since(new.date_of_birth).is_none_or(|age| age > OLDEST_YEARS) {
        let detail = format!("a date of birth is not in the future, and not more than {OLDEST_YEARS} years ago");
        return Err(Problem::invalid(vec![FieldError::new("/date_of_birth", "out_of_range", detail)]));
    }
    let child = Child {
        id: new_id(),
        case_reference: new.case_reference.0,
        date_of_birth: new.date_of_birth,
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    };
    diesel::insert_into(children::table).values(&child).execute(write.connection)?;
    write.record(Event::new("record", "children", &child.id))?;
    Ok(child)
}
