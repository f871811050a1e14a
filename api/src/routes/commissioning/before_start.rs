//! What keeps a package line from carrying out an agreed line, and an order from being raised: a step that comes first and is missing.

use super::Approval;
use super::outstanding::is_approved;
use crate::problem::{Code, FieldError, Problem};
use crate::routes::requests::RequestLine;
use db::AnyConnection;
use db::schema::{request_lines, requests};
use diesel::prelude::*;
use domain::commissioning::CommissioningStep;
use domain::{Profile, RequestState};
use std::collections::BTreeSet;

/// The steps before the start that an agreed line lacks, and a provider that is not the one they were taken with. A step that was
/// taken late keeps nothing: it is a fact, and shown as late.
pub fn before_start_mistakes(
    connection: &mut AnyConnection,
    profile: &Profile,
    agreed: &RequestLine,
    provider_id: Option<&str>,
) -> Result<Vec<FieldError>, Problem> {
    let policy = &profile.commissioning;
    if !policy.steps.iter().any(|demand| demand.before_start && demand.takes(&agreed.budget_line)) {
        return Ok(Vec::new());
    }
    let decision: Option<String> = requests::table.find(&agreed.request_id).select(requests::decision_id).first(connection)?;
    let decision = decision.ok_or_else(|| Problem::internal("an approved request without a decision"))?;
    let approval = Approval::of(connection, &decision)?;
    let mut errors = Vec::new();
    for needed in approval.needed(policy) {
        if !needed.demand.before_start || needed.line.is_some_and(|line| line != agreed.id) {
            continue;
        }
        let (name, clause) = (&needed.demand.name, &needed.demand.clause);
        match approval.taken(needed.demand.step, needed.line) {
            None => {
                let detail = format!("a step before the start is missing: {name} ({clause})");
                errors.push(FieldError::new("/request_line_id", "step_missing", detail));
            }
            Some(taken) if taken.provider_id.as_deref().is_some_and(|named| Some(named) != provider_id) => {
                let named = taken.provider_id.as_deref().unwrap_or_default();
                let detail = format!("this is with provider {named}: {name} ({clause})");
                errors.push(FieldError::new("/provider_id", "another_provider", detail));
            }
            Some(_) => {}
        }
    }
    Ok(errors)
}

/// Refuses an order for package lines that carry these request lines out while a step that comes before it is missing; answers with
/// their requests, whose step the order is.
pub fn refuse_early_order(
    connection: &mut AnyConnection,
    profile: &Profile,
    carried_out: &BTreeSet<String>,
) -> Result<BTreeSet<String>, Problem> {
    let mut of_requests = BTreeSet::new();
    let mut errors = Vec::new();
    for line in carried_out {
        let (request, state, decision): (String, RequestState, Option<String>) = request_lines::table
            .inner_join(requests::table.on(requests::id.eq(request_lines::request_id)))
            .filter(request_lines::id.eq(line))
            .select((requests::id, requests::state, requests::decision_id))
            .first(connection)?;
        if let Some(decision) = decision.filter(|_| is_approved(state)) {
            let approval = Approval::of(connection, &decision)?;
            for earlier in approval.missing_before(&profile.commissioning, CommissioningStep::PurchaseOrder, Some(line)) {
                let detail = format!("this comes first: {} ({})", earlier.demand.name, earlier.demand.clause);
                errors.push(FieldError::new("/line_ids", "step_missing", detail));
            }
        }
        of_requests.insert(request);
    }
    if errors.is_empty() {
        return Ok(of_requests);
    }
    Err(Problem::with_errors(Code::NotReady, errors).detailed("The order rests on a step that is missing."))
}
