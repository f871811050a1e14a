//! Children: a case reference and a date of birth, nothing more. Every read leaves an audit event.

pub mod ages;
pub mod leaving;

use crate::error::Error;
use crate::instant::Instant;
use crate::page::{After, Cursor, Limit, Page};
use chrono::NaiveDate;
use db::schema::children;
use db::{Event, Write, new_id};
use diesel::prelude::*;
use domain::Refusal;
use domain::children::birth_mistake;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};

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
    /// It bounds the days for which support may be bought.
    pub date_of_birth: NaiveDate,
    /// When the child was recorded, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
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

/// Records a child.
pub fn record(write: &mut Write<'_>, new: NewChild) -> Result<Child, Error> {
    Refusal::unless_valid(birth_mistake(new.date_of_birth, write.today()).into_iter().collect())?;
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

/// List children.
pub fn list(write: &mut Write<'_>, wanted: ListChildren) -> Result<Page<Child>, Error> {
    let ListChildren { limit, cursor } = wanted;
    let after = cursor.after_record()?;
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
    Ok(page)
}

/// Read a child.
pub fn read(write: &mut Write<'_>, id: &str) -> Result<Child, Error> {
    let child: Child =
        children::table.find(id).select(Child::as_select()).first(write.connection).optional()?.ok_or_else(|| Error::not_found("child"))?;
    write.record(Event::new("read", "children", &child.id))?;
    Ok(child)
}

/// The child with a case reference, if there is one. A guess leaves a trace.
pub fn look_up(write: &mut Write<'_>, asked: ChildLookup) -> Result<Option<Child>, Error> {
    let reference = asked.case_reference.0;
    let child =
        children::table.filter(children::case_reference.eq(reference)).select(Child::as_select()).first(write.connection).optional()?;
    match &child {
        Some(child) => write.record(Event::new("read", "children", &child.id))?,
        None => write.record(Event::new("look_up_in_vain", "children", ""))?,
    }
    Ok(child)
}
