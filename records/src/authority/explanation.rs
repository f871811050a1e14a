//! The reasoning about a request: what is tested, who may authorise it, and who may not, and why.

use crate::assessments::{makers, progress};
use crate::care_package::{CarePackage, CarePackageLine, Origin, care_package};
use crate::error::Error;
use crate::people::post_holdings::in_post_on;
use crate::requests::Request;
use crate::requests::lines::RequestLine;
use crate::requests::paperwork::{costers, revision_of};
use crate::requests::readiness::Missing;
use crate::requests::{hands_in, late_updates};
use chrono::NaiveDate;
use db::AnyConnection;
use db::schema::{decisions, declared_interest_reversals, declared_interests, panel_members};
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use domain::authority::{AgreedWithoutPanel, Authority, Bar, Case, Occasion, Question, who_ratifies};
use domain::requests::assessed::{Increase, updated_assessment};
use domain::{Pence, Profile, RequestState};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Who may authorise a request, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({
    "request_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a31", "on": "2024-06-10",
    "lines": [{
        "origin": "this_request", "id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a32", "request_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a31",
        "service": "home_care", "budget_line": "home_care", "unit": "hour", "quantity_thousandths": 1500, "frequency": "weekly",
        "valid_from": "2024-07-01", "valid_to": null, "full_year_pence": 156000
    }],
    "total_pence": 156000, "request_pence": 156000,
    "tier": [{ "post": "service_unit_manager", "up_to_pence": 500000, "any_amount": false, "clause": "4.2" }],
    "people": [{
        "user_id": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a11", "username": "manager.one", "post": "service_unit_manager",
        "capacity": "holder",
        "limit": { "post": "service_unit_manager", "up_to_pence": 500000, "any_amount": false, "clause": "4.2" },
        "may_authorise": false, "why_not": ["costed_it"]
    }],
    "ruled_out": { "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a11": ["costed_it"] },
    "above_reporting_thresholds_pence": [], "ratification": null, "without_panel": null, "demanded_by": []
}))]
pub struct AuthorityExplanation {
    /// The request.
    pub request_id: String,
    /// The day it is looked at from.
    pub on: NaiveDate,
    /// Every line of the child's total care package.
    pub lines: Vec<CarePackageLine>,
    /// What they cost together, gross, in a full year: this is tested.
    #[schema(value_type = i64)]
    pub total_pence: Pence,
    /// Of which this request asks for.
    #[schema(value_type = i64)]
    pub request_pence: Pence,
    /// The posts responsible, with their limit and clause, and everybody in a post.
    #[serde(flatten)]
    pub authority: Authority,
    /// Whoever is ruled out whatever their post: the user's id, of a panel member without an account the member's, and why.
    pub ruled_out: BTreeMap<String, Vec<Bar>>,
    /// The profile's reporting thresholds that the total is above, in pence; the authority is the same.
    pub above_reporting_thresholds_pence: Vec<i64>,
    /// Who may ratify what a deputy decided; null, nothing waits for that.
    pub ratification: Option<Ratification>,
    /// How the support asked for may be agreed without a panel; null, it goes to panel.
    pub without_panel: Option<AgreedWithoutPanel>,
    /// The clauses that demand a panel, or a kind of assessment, for support that is asked for.
    pub demanded_by: Vec<String>,
    /// The assessment that so large an increase lacks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub lacks: Vec<Missing>,
    /// Updates of the child's assessments that are late, where the profile lets support be agreed all the same.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub late_updates: Vec<Missing>,
}

/// Who may ratify a deputy's decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Ratification {
    /// The posts that ratify.
    pub posts: Vec<String>,
    /// Where the authority says so.
    pub clause: String,
    /// The users in those posts who may today.
    pub people: Vec<String>,
}

impl AuthorityExplanation {
    /// What was answered, for whoever may not authorise it. The panel has heard it, so that the tier is responsible.
    pub(crate) fn case(&self) -> Case<'_> {
        Case {
            total: self.total_pence,
            authority: &self.authority,
            barred: &self.ruled_out,
            needs_panel: false,
            demanded_by: &self.demanded_by,
            without_panel: None,
        }
    }
}

/// The reasoning for a request with these lines, on a day.
pub fn explain(
    connection: &mut AnyConnection,
    profile: &Profile,
    request: &Request,
    lines: &[RequestLine],
    on: NaiveDate,
) -> Result<AuthorityExplanation, Error> {
    let package = care_package(connection, profile, request, lines, on)?;
    let in_post = in_post_on(connection, on)?;
    let ruled_out = ruled_out(connection, request)?;
    let kinds: Vec<_> = lines.iter().map(|line| (line.budget_line.as_str(), line.unit)).collect();
    let answer = profile.who_may(&Question {
        occasion: Occasion::Request,
        total: package.total,
        on,
        in_post: &in_post,
        barred: &ruled_out,
        kinds: &kinds,
        asked: &package.asked(Origin::is_asked),
        others: &package.asked(|origin| !origin.is_asked()),
    });
    let late_updates = late_updates(connection, profile, &request.child_id, &kinds, on)?.marked;
    let lacks = updated_assessment_lacking(connection, profile, request, &package, on)?;
    let asked = package.lines.iter().filter(|line| line.origin == Origin::ThisRequest).map(|line| line.full_year_pence);
    let thresholds = profile.delegation.reporting_thresholds.iter().map(|threshold| threshold.above_pence);
    Ok(AuthorityExplanation {
        request_id: request.id.clone(),
        on,
        total_pence: package.total,
        request_pence: Pence::checked_sum(asked).map_err(Error::fault)?,
        authority: answer.authority,
        ruled_out,
        above_reporting_thresholds_pence: thresholds.filter(|above| package.total > Pence(*above)).collect(),
        ratification: None,
        without_panel: answer.without_panel,
        demanded_by: answer.demanded_by,
        late_updates,
        lacks,
        lines: package.lines,
    })
}

/// The assessment that a larger increase lacks, where the profile asks for one that is brought up to date.
fn updated_assessment_lacking(
    connection: &mut AnyConnection,
    profile: &Profile,
    request: &Request,
    package: &CarePackage,
    on: NaiveDate,
) -> Result<Vec<Missing>, Error> {
    if profile.delegation.increases.is_none() {
        return Ok(Vec::new());
    }
    // What the request replaces stands aside in the total with it.
    let without = care_package(connection, profile, request, &[], on)?;
    let in_force = without.lines.iter().filter(|line| line.origin == Origin::Package && line.valid_from <= on);
    let begun_on = in_force.map(|line| line.valid_from).max();
    let assessment = match revision_of(connection, &request.id, request.revision)?.assessment_id {
        Some(id) => progress(connection, &id)?.map(|found| found.facts()),
        None => None,
    };
    let increase = Increase { before: without.total, after: package.total, begun_on };
    Ok(updated_assessment(profile, increase, assessment.as_ref()).into_iter().collect())
}

/// Who may ratify what a deputy decided; none, the profile names nobody.
pub(crate) fn ratification(
    connection: &mut AnyConnection,
    profile: &Profile,
    explanation: &AuthorityExplanation,
) -> Result<Option<Ratification>, Error> {
    let Some(named) = &profile.panel.ratified_by else { return Ok(None) };
    let people = who_ratifies(named, &in_post_on(connection, explanation.on)?, &explanation.ruled_out);
    Ok(Some(Ratification { posts: named.posts.clone(), clause: named.clause.clone(), people }))
}

/// Whoever may not authorise the request whatever their post: assessed, presented or costed it, recorded or changed a part of it, declared
/// an interest, or decided it where it now waits for another. By user's id; a panel member without an account by the member's.
pub fn ruled_out(connection: &mut AnyConnection, request: &Request) -> Result<BTreeMap<String, Vec<Bar>>, Error> {
    let mut bars: BTreeMap<String, Vec<Bar>> = BTreeMap::new();
    for coster in costers(connection, &request.id)? {
        bars.entry(coster).or_default().push(Bar::CostedIt);
    }
    let paperwork = revision_of(connection, &request.id, request.revision)?;
    if let Some(presenter) = paperwork.presenter_id {
        bars.entry(presenter).or_default().push(Bar::PresentsIt);
    }
    if let Some(assessment) = paperwork.assessment_id {
        let assessor = makers(connection, &assessment)?.map(|makers| makers.assessor_id);
        assessor.into_iter().for_each(|assessor| bars.entry(assessor).or_default().push(Bar::AssessedIt));
    }
    for hand in hands_in(connection, request)? {
        bars.entry(hand).or_default().push(Bar::RecordedPart);
    }
    if matches!(request.state, RequestState::AwaitingRatification | RequestState::AwaitingAuthority)
        && let Some(decision) = &request.decision_id
    {
        let decided_by: String = decisions::table.find(decision).select(decisions::decided_by).first(connection)?;
        bars.entry(decided_by).or_default().push(Bar::DecidedIt);
    }
    let interests: Vec<(Option<String>, Option<String>, Option<String>)> = declared_interests::table
        .left_join(panel_members::table.on(declared_interests::member_id.eq(panel_members::id.nullable())))
        .filter(declared_interests::request_id.eq(&request.id))
        .filter(not(exists(declared_interest_reversals::table.find(declared_interests::id))))
        .select((declared_interests::user_id, panel_members::user_id.nullable(), declared_interests::member_id))
        .load(connection)?;
    for person in interests.into_iter().filter_map(|(user, account, member)| user.or(account).or(member)) {
        let of_person = bars.entry(person).or_default();
        if !of_person.contains(&Bar::DeclaredInterest) {
            of_person.push(Bar::DeclaredInterest);
        }
    }
    Ok(bars)
}
