//! The paperwork of a request, kept whole each time it is written.

use super::lines::{NewRequestLine, RequestLine, insert_lines, line_mistakes, lines_of};
use super::{Request, find, record_read, require, transition};
use crate::app::{Answer, App, IdempotencyKey, Located, Once};
use crate::auth::Caller;
use crate::auth::permission::{RequestsRead, RequestsWrite};
use crate::extract::{Body, Params};
use crate::instant::Instant;
use crate::page::{Cursor, Limit, Page};
use crate::problem::{FieldError, Problem};
use crate::routes::assessments;
use crate::text::{Id, Paragraphs};
use actix_web::web::{Data, Json, Path};
use actix_web::{get, post};
use db::schema::{request_revisions, users};
use db::{AnyConnection, Event, Write};
use diesel::prelude::*;
use domain::panel::PaperworkPart;
use domain::{Profile, RequestAction, RequestState};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// The paperwork of a request, in one of its revisions.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = request_revisions)]
pub struct RequestRevision {
    /// The request.
    pub request_id: String,
    /// 1, 2, 3 …
    pub revision: i64,
    /// The assessment it rests on.
    pub assessment_id: Option<String>,
    /// Who brings it to the panel: a user's id.
    pub presenter_id: Option<String>,
    /// Who costed it: a user's id.
    pub coster_id: Option<String>,
    /// What is going well.
    pub strengths: Option<String>,
    /// What people are worried about.
    pub worries: Option<String>,
    /// The need that the panel is asked to meet.
    pub unmet_need: Option<String>,
    /// What the support is to achieve.
    pub outcomes: Option<String>,
    /// How success will be measured.
    pub outcome_measures: Option<String>,
    /// What support is in place.
    pub in_place: Option<String>,
    /// What difference it makes.
    pub impact: Option<String>,
    /// What of the local offer the family uses.
    pub local_offer_used: Option<String>,
    /// What keeps it from using more.
    pub local_offer_barrier: Option<String>,
    /// The decision that changed the lines; null, the worker wrote it.
    pub decision_id: Option<String>,
    /// Who wrote it.
    pub recorded_by: String,
    /// When, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
}

impl Located for RequestRevision {
    fn location(&self) -> String {
        format!("/v1/requests/{}", self.request_id)
    }
}

/// A revision of the paperwork, with what it asked for.
#[derive(Debug, Serialize, ToSchema)]
pub struct RevisionWithLines {
    /// The paperwork.
    #[serde(flatten)]
    pub paperwork: RequestRevision,
    /// Its lines, in their order.
    pub lines: Vec<RequestLine>,
}

impl RequestRevision {
    /// Whether a part of the paperwork is filled in.
    pub fn has(&self, part: PaperworkPart) -> bool {
        match part {
            PaperworkPart::Strengths => self.strengths.is_some(),
            PaperworkPart::Worries => self.worries.is_some(),
            PaperworkPart::UnmetNeed => self.unmet_need.is_some(),
            PaperworkPart::Outcomes => self.outcomes.is_some(),
            PaperworkPart::OutcomeMeasures => self.outcome_measures.is_some(),
            PaperworkPart::InPlace => self.in_place.is_some(),
            PaperworkPart::Impact => self.impact.is_some(),
            PaperworkPart::LocalOffer => self.local_offer_used.is_some() || self.local_offer_barrier.is_some(),
        }
    }
}

/// Paperwork to record, as far as it has come. It replaces what was written before, which stays on record.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "assessment_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a41", "presenter_id": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a11",
    "coster_id": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a11", "strengths": "Two adults who share the care", "worries": "Broken nights",
    "unmet_need": "A break at weekends", "outcomes": "The family rests one day a week", "outcome_measures": "Asked at each review",
    "in_place": "None", "impact": "None", "local_offer_used": "Saturday club", "lines": [{
        "service": "targeted_outreach", "budget_line": "targeted_outreach", "unit": "hour", "quantity_thousandths": 3000,
        "frequency": "weekly", "unit_rate_ten_thousandths": 198000, "valid_from": "2024-06-03" }]
}))]
pub struct NewPaperwork {
    /// The assessment it rests on.
    pub assessment_id: Option<Id>,
    /// Who brings it to the panel.
    pub presenter_id: Option<Id>,
    /// Who costed it.
    pub coster_id: Option<Id>,
    /// What is going well.
    pub strengths: Option<Paragraphs<4000>>,
    /// What people are worried about.
    pub worries: Option<Paragraphs<4000>>,
    /// The need that the panel is asked to meet.
    pub unmet_need: Option<Paragraphs<4000>>,
    /// What the support is to achieve.
    pub outcomes: Option<Paragraphs<4000>>,
    /// How success will be measured.
    pub outcome_measures: Option<Paragraphs<4000>>,
    /// What support is in place.
    pub in_place: Option<Paragraphs<4000>>,
    /// What difference it makes.
    pub impact: Option<Paragraphs<4000>>,
    /// What of the local offer the family uses.
    pub local_offer_used: Option<Paragraphs<4000>>,
    /// What keeps it from using more.
    pub local_offer_barrier: Option<Paragraphs<4000>>,
    /// What is asked for, at most 50 lines.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub lines: Vec<NewRequestLine>,
}

/// What to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListRevisions {
    /// Records on a page.
    #[serde(default)]
    #[param(value_type = Option<u16>, minimum = 1, maximum = 500, default = 50)]
    limit: Limit,
    /// Where the last page ended.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    cursor: Cursor,
}

/// List the revisions of a request's paperwork
///
/// Every writing with its lines, the oldest first; the request says which of them counts.
#[utoipa::path(tag = "requests", params(("id" = Id, Path, description = "The request's id"), ListRevisions),
    security(("bearer" = ["requests:read"])),
    responses((status = 200, description = "A page of revisions, by number", body = Page<RevisionWithLines>)))]
#[get("/requests/{id}/revisions")]
pub async fn list_request_revisions(
    app: Data<App>,
    caller: Caller<RequestsRead>,
    id: Path<Id>,
    params: Params<ListRevisions>,
) -> Result<Json<Page<RevisionWithLines>>, Problem> {
    let ListRevisions { limit, cursor } = params.0;
    let after = cursor.after_number()?;
    app.write(caller.actor(), move |write| {
        let request = find(write.connection, &id.0)?;
        record_read(write, &request)?;
        let rows: Vec<RequestRevision> = request_revisions::table
            .select(RequestRevision::as_select())
            .filter(request_revisions::request_id.eq(&request.id).and(request_revisions::revision.gt(after)))
            .order(request_revisions::revision)
            .limit(limit.and_one())
            .load(write.connection)?;
        let Page { items, next_cursor } = limit.page(rows, |row: &RequestRevision| row.revision.to_string());
        let with_lines = |paperwork: RequestRevision| {
            Ok(RevisionWithLines { lines: lines_of(write.connection, &request.id, paperwork.revision)?, paperwork })
        };
        Ok(Json(Page { items: items.into_iter().map(with_lines).collect::<Result<_, Problem>>()?, next_cursor }))
    })
    .await
}

/// Write a request's paperwork anew
///
/// The whole of it, lines too. A request that was submitted becomes a draft again.
#[utoipa::path(tag = "requests", params(("id" = Id, Path, description = "The request's id")), request_body = NewPaperwork,
    security(("bearer" = ["requests:write"])), responses((status = 201, description = "The new revision", body = RequestRevision)))]
#[post("/requests/{id}/revisions")]
pub async fn revise_request(
    app: Data<App>,
    caller: Caller<RequestsWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewPaperwork>,
) -> Answer {
    let (once, profile) = (Once { key, request_sha256: body.request_sha256 }, app.profile.clone());
    app.create(caller.actor(), once, move |write| {
        let request = find(write.connection, &id.0)?;
        require(write.connection, &request, RequestAction::Revise)?;
        let errors = mistakes(write.connection, &profile, &request.child_id, &body.value, "")?;
        if !errors.is_empty() {
            return Err(Problem::invalid(errors));
        }
        let number = last_revision(write.connection, &request.id)? + 1;
        let written = add_revision(write, revision(write, &request.id, number, &body.value), &body.value.lines)?;
        transition(
            write,
            &request,
            RequestAction::Revise,
            Request { state: RequestState::Draft, revision: number, ..request.clone() },
            None,
        )?;
        Ok(written)
    })
    .await
}

/// The number of a request's last revision.
pub fn last_revision(connection: &mut AnyConnection, request_id: &str) -> Result<i64, Problem> {
    let last: Option<i64> = request_revisions::table
        .filter(request_revisions::request_id.eq(request_id))
        .select(diesel::dsl::max(request_revisions::revision))
        .first(connection)?;
    Ok(last.unwrap_or_default())
}

/// One revision of a request's paperwork.
pub fn revision_of(connection: &mut AnyConnection, request_id: &str, revision: i64) -> Result<RequestRevision, Problem> {
    let row = request_revisions::table.find((request_id, revision)).select(RequestRevision::as_select()).first(connection).optional()?;
    row.ok_or_else(|| Problem::not_found("revision"))
}

/// Everybody who costed the request in any revision.
pub fn costers(connection: &mut AnyConnection, request_id: &str) -> Result<Vec<String>, Problem> {
    let all: Vec<Option<String>> = request_revisions::table
        .filter(request_revisions::request_id.eq(request_id))
        .select(request_revisions::coster_id)
        .distinct()
        .load(connection)?;
    Ok(all.into_iter().flatten().collect())
}

/// Adds a revision with its lines.
pub fn add_revision(write: &mut Write<'_>, row: RequestRevision, lines: &[NewRequestLine]) -> Result<RequestRevision, Problem> {
    diesel::insert_into(request_revisions::table).values(&row).execute(write.connection)?;
    insert_lines(write, &row.request_id, row.revision, lines)?;
    write.record(Event::new("write_paperwork", "requests", &row.request_id))?;
    Ok(row)
}

/// The row of paperwork as it was written.
pub(super) fn revision(write: &Write<'_>, request_id: &str, revision: i64, new: &NewPaperwork) -> RequestRevision {
    let text = |text: &Option<Paragraphs<4000>>| text.as_ref().map(|text| text.0.clone());
    let id = |id: &Option<Id>| id.as_ref().map(|id| id.0.clone());
    RequestRevision {
        request_id: request_id.to_owned(),
        revision,
        assessment_id: id(&new.assessment_id),
        presenter_id: id(&new.presenter_id),
        coster_id: id(&new.coster_id),
        strengths: text(&new.strengths),
        worries: text(&new.worries),
        unmet_need: text(&new.unmet_need),
        outcomes: text(&new.outcomes),
        outcome_measures: text(&new.outcome_measures),
        in_place: text(&new.in_place),
        impact: text(&new.impact),
        local_offer_used: text(&new.local_offer_used),
        local_offer_barrier: text(&new.local_offer_barrier),
        decision_id: None,
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    }
}

/// Everything wrong with paperwork to record for a child; pointers start with `at`.
pub(super) fn mistakes(
    connection: &mut AnyConnection,
    profile: &Profile,
    child_id: &str,
    new: &NewPaperwork,
    at: &str,
) -> Result<Vec<FieldError>, Problem> {
    let mut errors = Vec::new();
    if let Some(assessment) = &new.assessment_id {
        let found = assessments::standing(connection, &assessment.0)?;
        if found.is_none_or(|found| found.assessment.child_id != child_id) {
            errors.push(FieldError::new(&format!("{at}/assessment_id"), "unknown_reference", "the child has no assessment with this id"));
        }
    }
    for (field, person) in [("presenter_id", &new.presenter_id), ("coster_id", &new.coster_id)] {
        if let Some(person) = person {
            let exists: bool = diesel::select(diesel::dsl::exists(users::table.find(&person.0))).get_result(connection)?;
            if !exists {
                errors.push(FieldError::new(&format!("{at}/{field}"), "unknown_reference", "no user has this id"));
            }
        }
    }
    errors.extend(line_mistakes(connection, profile, child_id, &new.lines, &format!("{at}/lines"))?);
    Ok(errors)
}
