//! What keeps a package line from carrying out an agreed line, and an order from being raised: a step that comes first and is missing.

use crate::commissioning::approval::approval_of;
use crate::error::Error;
use crate::requests::RequestLine;
use db::AnyConnection;
use db::schema::{request_lines, requests};
use diesel::prelude::*;
use domain::commissioning::approval::is_approved;
use domain::commissioning::before_start as rules;
use domain::{FieldError, Profile, RequestState};
use std::collections::BTreeSet;

/// The steps before the start that an agreed line lacks, and a provider that is not the one they were taken with.
pub fn before_start_mistakes(
    connection: &mut AnyConnection,
    profile: &Profile,
    agreed: &RequestLine,
    provider_id: Option<&str>,
) -> Result<Vec<FieldError>, Error> {
    let policy = &profile.commissioning;
    if !rules::has_step_before_start(policy, &agreed.budget_line) {
        return Ok(Vec::new());
    }
    let decision: Option<String> = requests::table.find(&agreed.request_id).select(requests::decision_id).first(connection)?;
    let decision = decision.ok_or_else(|| Error::fault("an approved request without a decision"))?;
    let approval = approval_of(connection, &decision, profile.time_zone)?;
    Ok(rules::before_start_mistakes(policy, &approval, &agreed.id, provider_id))
}

/// Refuses an order for package lines that carry these request lines out while a step that comes before it is missing; answers with
/// their requests, whose step the order is.
pub fn refuse_early_order(
    connection: &mut AnyConnection,
    profile: &Profile,
    carried_out: &BTreeSet<String>,
) -> Result<BTreeSet<String>, Error> {
    let mut of_requests = BTreeSet::new();
    let mut mistakes = Vec::new();
    for line in carried_out {
        let (request, state, decision): (String, RequestState, Option<String>) = request_lines::table
            .inner_join(requests::table.on(requests::id.eq(request_lines::request_id)))
            .filter(request_lines::id.eq(line))
            .select((requests::id, requests::state, requests::decision_id))
            .first(connection)?;
        if let Some(decision) = decision.filter(|_| is_approved(state)) {
            let approval = approval_of(connection, &decision, profile.time_zone)?;
            mistakes.extend(rules::early_order_mistakes(&profile.commissioning, &approval, line));
        }
        of_requests.insert(request);
    }
    rules::refuse_early_order(mistakes)?;
    Ok(of_requests)
}
