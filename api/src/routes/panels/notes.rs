//! Notes of a panel: what was said apart from the items. Each writing is kept; the last counts.

use super::{ListOfPanel, find, find_standing};
use crate::app::{Answer, App, IdempotencyKey, Located, Once};
use crate::auth::Caller;
use crate::auth::permission::{PanelsRead, PanelsWrite};
use crate::extract::{Body, Params};
use crate::instant::Instant;
use crate::page::Page;
use crate::problem::Problem;
use crate::text::{Id, Paragraphs};
use actix_web::web::{Data, Json, Path};
use actix_web::{get, post};
use db::schema::panel_notes;
use db::{AnyConnection, Event, new_id};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

/// Notes of a panel, in one writing.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = panel_notes)]
pub struct PanelNotes {
    /// The writing's id.
    pub id: String,
    /// The panel.
    pub panel_id: String,
    /// 1, 2, 3 … The last counts.
    pub number: i64,
    /// The notes.
    pub notes: String,
    /// Who recorded it: a user's or client's id.
    pub recorded_by: String,
    /// When, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
}

impl Located for PanelNotes {
    fn location(&self) -> String {
        format!("/v1/panels/{}", self.panel_id)
    }
}

/// Notes to record.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "notes": "The terms of reference were gone through.\nThe next panel starts at 10:00." }))]
pub struct NewPanelNotes {
    /// All of them: they replace what was written before, which stays on record. Nothing about a child.
    pub notes: Paragraphs<8000>,
}

/// List a panel's notes
///
/// Every writing, the last of which counts.
#[utoipa::path(tag = "panels", params(("id" = Id, Path, description = "The panel's id"), ListOfPanel), security(("bearer" = ["panels:read"])),
    responses((status = 200, description = "A page of notes, by number", body = Page<PanelNotes>)))]
#[get("/panels/{id}/notes")]
pub async fn list_panel_notes(
    app: Data<App>,
    _: Caller<PanelsRead>,
    id: Path<Id>,
    params: Params<ListOfPanel>,
) -> Result<Json<Page<PanelNotes>>, Problem> {
    let ListOfPanel { limit, cursor } = params.0;
    let after = cursor.after_number()?;
    app.read(move |connection| {
        let panel = find(connection, &id.0)?;
        let rows = panel_notes::table
            .select(PanelNotes::as_select())
            .filter(panel_notes::panel_id.eq(panel.id).and(panel_notes::number.gt(after)))
            .order(panel_notes::number)
            .limit(limit.and_one())
            .load(connection)?;
        Ok(Json(limit.page(rows, |row: &PanelNotes| row.number.to_string())))
    })
    .await
}

/// Write a panel's notes
#[utoipa::path(tag = "panels", params(("id" = Id, Path, description = "The panel's id")), request_body = NewPanelNotes,
    security(("bearer" = ["panels:write"])), responses((status = 201, description = "The notes", body = PanelNotes)))]
#[post("/panels/{id}/notes")]
pub async fn create_panel_notes(
    app: Data<App>,
    caller: Caller<PanelsWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewPanelNotes>,
) -> Answer {
    let once = Once { key, request_sha256: body.request_sha256 };
    app.create(caller.actor(), once, move |write| {
        let panel = find_standing(write.connection, &id.0)?;
        let notes = PanelNotes {
            id: new_id(),
            number: latest_notes(write.connection, &panel.id)?.map_or(0, |last| last.number) + 1,
            panel_id: panel.id,
            notes: body.value.notes.0,
            recorded_by: write.actor.id.clone(),
            recorded_at: write.at.into(),
            recorded_seq: write.seq(),
        };
        diesel::insert_into(panel_notes::table).values(&notes).execute(write.connection)?;
        write.record(Event::new("record", "panel_notes", &notes.id).with(json!({ "panel_id": notes.panel_id })))?;
        Ok(notes)
    })
    .await
}

/// A panel's notes that count; none, nothing was written.
pub fn latest_notes(connection: &mut AnyConnection, panel_id: &str) -> Result<Option<PanelNotes>, Problem> {
    Ok(panel_notes::table
        .filter(panel_notes::panel_id.eq(panel_id))
        .select(PanelNotes::as_select())
        .order(panel_notes::number.desc())
        .first(connection)
        .optional()?)
}
