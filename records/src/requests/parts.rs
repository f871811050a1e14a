//! Who made the parts of a request: whom its paperwork names, whose own hands recorded it, and who said by their own log-in that it is theirs.

use crate::assessments;
use crate::error::Error;
use crate::instant::Instant;
use crate::people::owners::behind;
use crate::requests::paperwork::{RequestRevision, revision_of};
use crate::requests::request::Request;
use db::AnyConnection;
use db::schema::{request_own_parts, request_revisions, request_transitions};
use diesel::prelude::*;
use domain::RequestAction;
use domain::requests::paperwork::Missing;
use domain::requests::parts::{NamedFor, Part, unconfirmed};
use serde::Serialize;
use std::collections::BTreeSet;
use utoipa::ToSchema;

/// Somebody's word, by their own log-in, that what a revision of the paperwork names them for is theirs.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = request_own_parts)]
#[schema(as = RequestOwnParts, example = json!({
    "id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a38", "request_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a31", "revision": 1,
    "recorded_by": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a13", "recorded_at": "2024-05-01T09:00:00Z", "recorded_seq": 614
}))]
pub struct OwnParts {
    /// The word's id.
    pub id: String,
    /// The request.
    pub request_id: String,
    /// The revision of its paperwork.
    pub revision: i64,
    /// Whose word it is: a user's id.
    pub recorded_by: String,
    /// When, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
}

/// Whom a revision of the paperwork names.
#[derive(Debug, Default)]
pub(crate) struct Named {
    parts: Vec<(Part, String, bool)>,
}

impl Named {
    /// As the rules take it.
    pub(crate) fn facts(&self) -> Vec<NamedFor<'_>> {
        self.parts.iter().map(|(part, user_id, is_own)| NamedFor { part: *part, user_id, is_their_own: *is_own }).collect()
    }
}

/// Whom a revision names as assessor, coster and presenter, and whether that part is their own.
pub(crate) fn named_in(connection: &mut AnyConnection, paperwork: &RequestRevision) -> Result<Named, Error> {
    let mut parts = Vec::new();
    let makers = match &paperwork.assessment_id {
        Some(id) => assessments::makers(connection, id)?,
        None => None,
    };
    if let Some(makers) = makers {
        let is_own = makers.is_assessors_own || has_confirmed_assessment(connection, paperwork, &makers.assessor_id)?;
        parts.push((Part::Assessment, makers.assessor_id, is_own));
    }
    if let Some(coster) = &paperwork.coster_id {
        let is_own = paperwork.recorded_by == *coster || has_confirmed(connection, paperwork, coster)?;
        parts.push((Part::Costing, coster.clone(), is_own));
    }
    if let Some(presenter) = &paperwork.presenter_id {
        let is_own = hands_in_paperwork(connection, &paperwork.request_id)?.contains(presenter)
            || has_confirmed_any(connection, &paperwork.request_id, presenter)?;
        parts.push((Part::Presentation, presenter.clone(), is_own));
    }
    Ok(Named { parts })
}

/// The parts of the paperwork of which whoever is named for them has not said a word. Of a revision that a decision made, those of the
/// revision that the worker wrote.
pub(crate) fn unconfirmed_parts(connection: &mut AnyConnection, paperwork: &RequestRevision) -> Result<Vec<Missing>, Error> {
    let written = match paperwork.decision_id {
        None => paperwork.revision,
        Some(_) => last_written(connection, paperwork)?,
    };
    let written = revision_of(connection, &paperwork.request_id, written)?;
    Ok(unconfirmed(&named_in(connection, &written)?.facts()))
}

/// The last revision before one that no decision made.
fn last_written(connection: &mut AnyConnection, paperwork: &RequestRevision) -> Result<i64, Error> {
    let last: Option<i64> = request_revisions::table
        .filter(request_revisions::request_id.eq(&paperwork.request_id))
        .filter(request_revisions::revision.lt(paperwork.revision))
        .filter(request_revisions::decision_id.is_null())
        .select(diesel::dsl::max(request_revisions::revision))
        .first(connection)?;
    last.ok_or_else(|| Error::fault("a revision of a decision's own without one before"))
}

/// Whether somebody said that this revision is theirs.
pub(crate) fn has_confirmed(connection: &mut AnyConnection, paperwork: &RequestRevision, user_id: &str) -> Result<bool, Error> {
    let own = request_own_parts::table
        .filter(request_own_parts::request_id.eq(&paperwork.request_id))
        .filter(request_own_parts::revision.eq(paperwork.revision))
        .filter(request_own_parts::recorded_by.eq(user_id));
    Ok(diesel::select(diesel::dsl::exists(own)).get_result(connection)?)
}

/// Whether somebody said so of any revision of a request.
fn has_confirmed_any(connection: &mut AnyConnection, request_id: &str, user_id: &str) -> Result<bool, Error> {
    let own =
        request_own_parts::table.filter(request_own_parts::request_id.eq(request_id)).filter(request_own_parts::recorded_by.eq(user_id));
    Ok(diesel::select(diesel::dsl::exists(own)).get_result(connection)?)
}

/// Whether somebody said so of a revision that rests on the same assessment.
fn has_confirmed_assessment(connection: &mut AnyConnection, paperwork: &RequestRevision, user_id: &str) -> Result<bool, Error> {
    let same_revision =
        request_revisions::request_id.eq(request_own_parts::request_id).and(request_revisions::revision.eq(request_own_parts::revision));
    let own = request_own_parts::table
        .inner_join(request_revisions::table.on(same_revision))
        .filter(request_revisions::assessment_id.eq(&paperwork.assessment_id))
        .filter(request_own_parts::recorded_by.eq(user_id));
    Ok(diesel::select(diesel::dsl::exists(own)).get_result(connection)?)
}

/// Whoever wrote the paperwork of a request in any revision, its lines with it, or submitted it. What a decision changed is the decision's.
fn hands_in_paperwork(connection: &mut AnyConnection, request_id: &str) -> Result<BTreeSet<String>, Error> {
    let wrote: Vec<String> = request_revisions::table
        .filter(request_revisions::request_id.eq(request_id))
        .filter(request_revisions::decision_id.is_null())
        .select(request_revisions::recorded_by)
        .distinct()
        .load(connection)?;
    let submitted: Vec<String> = request_transitions::table
        .filter(request_transitions::request_id.eq(request_id))
        .filter(request_transitions::action.eq_any([RequestAction::Submit, RequestAction::Revise]))
        .select(request_transitions::recorded_by)
        .distinct()
        .load(connection)?;
    Ok(wrote.into_iter().chain(submitted).collect())
}

/// Everybody who recorded or changed a part of what is decided on a request: the request, its paperwork and lines, its submission, the
/// assessment it rests on. Who answers for a tool that did is among them.
pub fn hands_in(connection: &mut AnyConnection, request: &Request) -> Result<BTreeSet<String>, Error> {
    let mut hands = hands_in_paperwork(connection, &request.id)?;
    hands.insert(request.recorded_by.clone());
    if let Some(assessment) = revision_of(connection, &request.id, request.revision)?.assessment_id {
        hands.extend(assessments::makers(connection, &assessment)?.into_iter().flat_map(|makers| makers.hands));
    }
    behind(connection, hands)
}
