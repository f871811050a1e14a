//! The paperwork of a request, kept whole each time it is written.

use crate::error::Error;
use crate::instant::Instant;
use crate::requests::lines::NewRequestLine;
use crate::text::{Id, Paragraphs};
use db::AnyConnection;
use db::schema::request_revisions;
use diesel::prelude::*;
use domain::panel::PaperworkPart;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

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

/// The number of a request's last revision.
pub fn last_revision(connection: &mut AnyConnection, request_id: &str) -> Result<i64, Error> {
    let last: Option<i64> = request_revisions::table
        .filter(request_revisions::request_id.eq(request_id))
        .select(diesel::dsl::max(request_revisions::revision))
        .first(connection)?;
    Ok(last.unwrap_or_default())
}

/// One revision of a request's paperwork.
pub fn revision_of(connection: &mut AnyConnection, request_id: &str, revision: i64) -> Result<RequestRevision, Error> {
    let row = request_revisions::table.find((request_id, revision)).select(RequestRevision::as_select()).first(connection).optional()?;
    row.ok_or_else(|| Error::not_found("revision"))
}

/// Everybody who costed the request in any revision.
pub fn costers(connection: &mut AnyConnection, request_id: &str) -> Result<Vec<String>, Error> {
    let all: Vec<Option<String>> = request_revisions::table
        .filter(request_revisions::request_id.eq(request_id))
        .select(request_revisions::coster_id)
        .distinct()
        .load(connection)?;
    Ok(all.into_iter().flatten().collect())
}
