//! Reading requests, decisions and authorisations, as known before an instant.
//!
//! Where a request stood then comes from its transitions: the state in its own row is only that of now.

use crate::error::Error;
use crate::manifest::{DecisionTotal, RequestTotal, RequestTotals};
use chrono::{NaiveDate, NaiveDateTime};
use db::AnyConnection;
use db::schema::{
    appeal_outcomes, appeals, assessment_steps, assessments, authorisations, decision_lines, decisions, package_lines, panels,
    request_lines, request_revisions, request_transitions, requests,
};
use diesel::dsl::{count_star, sql};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text, Timestamp};
use domain::panel::{
    AppealOutcome, AssessmentKind, AssessmentStep, AuthorisationKind, AuthorisationOutcome, Capacity, DecisionKind, DecisionRoute,
    DeclineReason,
};
use domain::{FinancialYear, LineState, Pence, RequestAction, RequestState};
use std::collections::BTreeMap;

/// Requests and what was decided on them.
pub(crate) struct Requests {
    pub(crate) requests: Vec<Request>,
    /// By request and number.
    pub(crate) transitions: Vec<Transition>,
    /// By request and revision.
    pub(crate) revisions: Vec<Revision>,
    /// The day each assessment was authorised, where it was.
    pub(crate) authorised: BTreeMap<String, NaiveDate>,
    /// By request and number.
    pub(crate) decisions: Vec<Decision>,
    /// By decision and number.
    pub(crate) lines: Vec<DecidedLine>,
    pub(crate) authorisations: Vec<Authorisation>,
    /// By decision: what became of the appeal against it; none, it is still open.
    pub(crate) appeals: BTreeMap<String, Option<AppealOutcome>>,
    /// By request and revision: the first day of the support that its lines brought.
    pub(crate) starts: BTreeMap<(String, i64), NaiveDate>,
}

#[derive(Queryable)]
pub(crate) struct Request {
    pub(crate) id: String,
    pub(crate) child_id: String,
    pub(crate) recorded_at: NaiveDateTime,
}

#[derive(Queryable)]
pub(crate) struct Transition {
    pub(crate) request_id: String,
    pub(crate) action: RequestAction,
    pub(crate) to: RequestState,
    pub(crate) recorded_at: NaiveDateTime,
}

/// A revision of the paperwork, and the assessment it rests on.
#[derive(Queryable)]
pub(crate) struct Revision {
    pub(crate) request_id: String,
    pub(crate) revision: i64,
    pub(crate) assessment: Option<(String, AssessmentKind)>,
}

#[derive(Queryable)]
pub(crate) struct Decision {
    pub(crate) id: String,
    pub(crate) request_id: String,
    pub(crate) child_id: String,
    pub(crate) number: i64,
    pub(crate) route: DecisionRoute,
    pub(crate) panel_on: Option<NaiveDate>,
    pub(crate) kind: DecisionKind,
    pub(crate) decided_as: String,
    pub(crate) decided_on: NaiveDate,
    pub(crate) revision: i64,
    pub(crate) deferred_until: Option<NaiveDate>,
    pub(crate) decline_reason: Option<DeclineReason>,
    pub(crate) total: Pence,
    pub(crate) full_year: Pence,
    pub(crate) this_year: Pence,
    pub(crate) tier: Option<String>,
    pub(crate) recorded_at: NaiveDateTime,
}

/// A line that a decision was about.
#[derive(Queryable)]
pub(crate) struct DecidedLine {
    pub(crate) decision_id: String,
    pub(crate) decided_on: NaiveDate,
    pub(crate) number: i64,
    pub(crate) service: String,
    pub(crate) budget_line: String,
    /// As it was costed when it was decided on.
    pub(crate) full_year: Pence,
    pub(crate) this_year: Pence,
}

#[derive(Queryable)]
pub(crate) struct Authorisation {
    pub(crate) id: String,
    pub(crate) decision_id: String,
    pub(crate) request_id: String,
    pub(crate) kind: AuthorisationKind,
    pub(crate) outcome: AuthorisationOutcome,
    pub(crate) decline_reason: Option<DeclineReason>,
    pub(crate) post: String,
    pub(crate) capacity: Capacity,
    pub(crate) authorised_on: NaiveDate,
    pub(crate) total: Pence,
}

/// Reads all of it. `before` is the instant from which on nothing recorded counts.
pub(crate) fn read(connection: &mut AnyConnection, before: NaiveDateTime) -> Result<Requests, Error> {
    Ok(Requests {
        requests: requests::table
            .filter(requests::recorded_at.lt(before))
            .select((requests::id, requests::child_id, requests::recorded_at))
            .order(requests::id)
            .load(connection)?,
        transitions: request_transitions::table
            .filter(request_transitions::recorded_at.lt(before))
            .select((
                request_transitions::request_id,
                request_transitions::action,
                request_transitions::to_state,
                request_transitions::recorded_at,
            ))
            .order((request_transitions::request_id, request_transitions::number))
            .load(connection)?,
        revisions: request_revisions::table
            .left_join(assessments::table.on(request_revisions::assessment_id.eq(assessments::id.nullable())))
            .filter(request_revisions::recorded_at.lt(before))
            .select((request_revisions::request_id, request_revisions::revision, (assessments::id, assessments::kind).nullable()))
            .order((request_revisions::request_id, request_revisions::revision))
            .load(connection)?,
        authorised: authorised(connection, before)?,
        decisions: decisions_before(connection, before)?,
        lines: decided_lines(connection, before)?,
        authorisations: authorisations_before(connection, before)?,
        appeals: appeals_before(connection, before)?,
        starts: starts_before(connection, before)?,
    })
}

/// The day of the first authorisation counts: the assessment was ready for panel from then on.
fn authorised(connection: &mut AnyConnection, before: NaiveDateTime) -> Result<BTreeMap<String, NaiveDate>, Error> {
    let steps: Vec<(String, NaiveDate)> = assessment_steps::table
        .filter(assessment_steps::step.eq(AssessmentStep::Authorised))
        .filter(assessment_steps::recorded_at.lt(before))
        .select((assessment_steps::assessment_id, assessment_steps::taken_on))
        .order((assessment_steps::assessment_id, assessment_steps::number))
        .load(connection)?;
    let mut authorised = BTreeMap::new();
    for (assessment, day) in steps {
        authorised.entry(assessment).or_insert(day);
    }
    Ok(authorised)
}

fn decisions_before(connection: &mut AnyConnection, before: NaiveDateTime) -> Result<Vec<Decision>, Error> {
    Ok(decisions::table
        .inner_join(requests::table)
        .left_join(panels::table.on(decisions::panel_id.eq(panels::id.nullable())))
        .filter(decisions::recorded_at.lt(before))
        .select((
            decisions::id,
            decisions::request_id,
            requests::child_id,
            decisions::number,
            decisions::route,
            panels::held_on.nullable(),
            decisions::kind,
            decisions::decided_as,
            decisions::decided_on,
            decisions::revision,
            decisions::deferred_until,
            decisions::decline_reason,
            decisions::total_pence,
            decisions::full_year_pence,
            decisions::this_year_pence,
            decisions::tier,
            decisions::recorded_at,
        ))
        .order((decisions::request_id, decisions::number))
        .load(connection)?)
}

fn decided_lines(connection: &mut AnyConnection, before: NaiveDateTime) -> Result<Vec<DecidedLine>, Error> {
    Ok(decision_lines::table
        .inner_join(request_lines::table)
        .inner_join(decisions::table)
        .filter(decisions::recorded_at.lt(before))
        .select((
            decisions::id,
            decisions::decided_on,
            request_lines::number,
            request_lines::service,
            request_lines::budget_line,
            decision_lines::full_year_pence,
            decision_lines::this_year_pence,
        ))
        .order((decisions::id, request_lines::number))
        .load(connection)?)
}

fn authorisations_before(connection: &mut AnyConnection, before: NaiveDateTime) -> Result<Vec<Authorisation>, Error> {
    Ok(authorisations::table
        .inner_join(decisions::table)
        .filter(authorisations::recorded_at.lt(before))
        .select((
            authorisations::id,
            authorisations::decision_id,
            decisions::request_id,
            authorisations::kind,
            authorisations::outcome,
            authorisations::decline_reason,
            authorisations::post,
            authorisations::capacity,
            authorisations::authorised_on,
            authorisations::total_pence,
        ))
        .order(authorisations::id)
        .load(connection)?)
}

fn appeals_before(connection: &mut AnyConnection, before: NaiveDateTime) -> Result<BTreeMap<String, Option<AppealOutcome>>, Error> {
    let decided = appeal_outcomes::appeal_id.eq(appeals::id).and(appeal_outcomes::recorded_at.lt(before));
    let appeals: Vec<(String, Option<AppealOutcome>)> = appeals::table
        .left_join(appeal_outcomes::table.on(decided))
        .filter(appeals::recorded_at.lt(before))
        .select((appeals::decision_id, appeal_outcomes::outcome.nullable()))
        .load(connection)?;
    Ok(appeals.into_iter().collect())
}

/// Of each line its last version; lines that were taken back start nothing.
fn starts_before(connection: &mut AnyConnection, before: NaiveDateTime) -> Result<BTreeMap<(String, i64), NaiveDate>, Error> {
    let versions: Vec<(String, LineState, String, i64, NaiveDate)> = package_lines::table
        .inner_join(request_lines::table.on(package_lines::request_line_id.eq(request_lines::id.nullable())))
        .filter(package_lines::recorded_at.lt(before))
        .select((
            package_lines::line_id,
            package_lines::state,
            request_lines::request_id,
            request_lines::revision,
            package_lines::valid_from,
        ))
        .order((package_lines::line_id, package_lines::version))
        .load(connection)?;
    let mut starts: BTreeMap<(String, i64), NaiveDate> = BTreeMap::new();
    let last = versions.chunk_by(|a, b| a.0 == b.0).filter_map(<[_]>::last).filter(|version| version.1 != LineState::Reversed);
    for (_, _, request, revision, starts_on) in last {
        let first = starts.entry((request.clone(), *revision)).or_insert(*starts_on);
        *first = (*first).min(*starts_on);
    }
    Ok(starts)
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

#[derive(QueryableByName)]
struct InState {
    #[diesel(sql_type = Text)]
    state: String,
    #[diesel(sql_type = BigInt)]
    n: i64,
}

/// The store's own totals, computed by the database and by other SQL than the extraction. `is_now` says that nothing lies after
/// `before`: then the state in a request's own row is what its transitions must have led to.
pub(crate) fn totals(connection: &mut AnyConnection, before: NaiveDateTime, is_now: bool) -> Result<RequestTotals, Error> {
    let states = if is_now {
        diesel::sql_query("SELECT state, COUNT(*) AS n FROM requests WHERE recorded_at < $1 GROUP BY state ORDER BY state")
    } else {
        diesel::sql_query(
            "SELECT state, COUNT(*) AS n FROM (SELECT COALESCE((SELECT t.to_state FROM request_transitions t WHERE t.request_id = r.id \
             AND t.recorded_at < $1 AND NOT EXISTS (SELECT 1 FROM request_transitions later WHERE later.request_id = r.id \
             AND later.number > t.number AND later.recorded_at < $1)), 'draft') AS state FROM requests r WHERE r.recorded_at < $1) \
             AS stood GROUP BY state ORDER BY state",
        )
    };
    let states: Vec<InState> = states.bind::<Timestamp, _>(before).load(connection)?;
    let mut count = |query: &str| -> Result<i64, Error> {
        Ok(diesel::sql_query(query).bind::<Timestamp, _>(before).get_result::<Count>(connection)?.n)
    };
    let decision_lines = count(
        "SELECT CAST(COALESCE(SUM((SELECT COUNT(*) FROM request_lines l WHERE l.request_id = d.request_id AND l.revision = d.revision)), 0) \
         AS BIGINT) AS n FROM decisions d WHERE d.recorded_at < $1",
    )?;
    let authorisations = count("SELECT COUNT(*) AS n FROM authorisations WHERE recorded_at < $1")?;
    Ok(RequestTotals {
        requests: states.into_iter().map(|row| RequestTotal { state: row.state, requests: row.n }).collect(),
        decisions: decision_totals(connection, before)?,
        decision_lines,
        authorisations,
    })
}

/// By financial year and kind. The databases write dates in their own ways, so they add up by day and the years are made of days here.
fn decision_totals(connection: &mut AnyConnection, before: NaiveDateTime) -> Result<Vec<DecisionTotal>, Error> {
    let days: Vec<(NaiveDate, String, i64, i64, i64)> = decisions::table
        .filter(decisions::recorded_at.lt(before))
        .group_by((decisions::decided_on, decisions::kind))
        .select((
            decisions::decided_on,
            decisions::kind,
            count_star(),
            sql::<BigInt>("CAST(SUM(full_year_pence) AS BIGINT)"),
            sql::<BigInt>("CAST(SUM(this_year_pence) AS BIGINT)"),
        ))
        .load(connection)?;
    let mut totals: BTreeMap<(String, String), (i64, i64, i64)> = BTreeMap::new();
    for (day, kind, decisions, full_year, this_year) in days {
        let total = totals.entry((FinancialYear::of(day)?.as_str().to_owned(), kind)).or_default();
        *total = (total.0 + decisions, total.1 + full_year, total.2 + this_year);
    }
    let total = |((financial_year, kind), (decisions, full_year_pence, this_year_pence))| DecisionTotal {
        financial_year,
        kind,
        decisions,
        full_year_pence,
        this_year_pence,
    };
    Ok(totals.into_iter().map(total).collect())
}
