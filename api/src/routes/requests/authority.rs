//! Who may authorise a request, and the whole reasoning: the total tested, the tier, the clause, and every person in a post with
//! why they may or may not.

use super::care_package::{CarePackage, CarePackageLine, Origin, care_package, decided_revision};
use super::lines::{RequestLine, lines_of};
use super::paperwork::{costers, revision_of};
use super::{Request, find, record_read};
use crate::app::App;
use crate::auth::Caller;
use crate::auth::permission::RequestsRead;
use crate::problem::Problem;
use crate::routes::post_holdings::in_post_on;
use crate::text::Id;
use actix_web::get;
use actix_web::web::{Data, Json, Path};
use chrono::NaiveDate;
use db::AnyConnection;
use db::schema::{decisions, declared_interest_reversals, declared_interests, panel_members};
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use domain::delegation::{Authority, Bar, PostHolder};
use domain::{Pence, Profile, RequestState};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashSet};
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

/// Who may agree the request without a panel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AgreedWithoutPanel {
    /// The posts that may.
    pub posts: Vec<String>,
    /// The rules.
    pub clauses: Vec<String>,
    /// The users in those posts who may today.
    pub people: Vec<String>,
}

/// Explain who may authorise a request
///
/// Adds up the child's total care package (lines in force, lines agreed and not yet commissioned, other requests that are not decided,
/// and this one), gross, for a full year, and says which post is responsible, by which clause, who may authorise today, and who may
/// not and why.
#[utoipa::path(tag = "requests", params(("id" = Id, Path, description = "The request's id")), security(("bearer" = ["requests:read"])),
    responses((status = 200, description = "The reasoning", body = AuthorityExplanation)))]
#[get("/requests/{id}/authority")]
pub async fn explain_authority(app: Data<App>, caller: Caller<RequestsRead>, id: Path<Id>) -> Result<Json<AuthorityExplanation>, Problem> {
    let profile = app.profile.clone();
    app.write(caller.actor(), move |write| {
        let request = find(write.connection, &id.0)?;
        record_read(write, &request)?;
        let revision = decided_revision(write.connection, &request)?;
        let lines = lines_of(write.connection, &request.id, revision)?;
        let mut explanation = explain(write.connection, &profile, &request, &lines, write.at.date())?;
        if request.state == RequestState::AwaitingRatification {
            // Nobody's authority counts before that; whoever ratifies gives theirs with it.
            for person in &mut explanation.authority.people {
                person.may_authorise = false;
                person.why_not.push(Bar::AwaitsRatification);
            }
            explanation.ratification = ratification(write.connection, &profile, &explanation)?;
        }
        Ok(Json(explanation))
    })
    .await
}

/// The reasoning for a request with these lines, on a day.
pub fn explain(
    connection: &mut AnyConnection,
    profile: &Profile,
    request: &Request,
    lines: &[RequestLine],
    on: NaiveDate,
) -> Result<AuthorityExplanation, Problem> {
    let package = care_package(connection, profile, request, lines, on)?;
    let in_post = in_post_on(connection, on)?;
    let ruled_out = ruled_out(connection, request)?;
    let authority = profile.authority(package.total, on, &in_post, &ruled_out);
    let asked = package.lines.iter().filter(|line| line.origin == Origin::ThisRequest).map(|line| line.full_year_pence);
    let demands = profile.delegation.demands.iter();
    let demands: Vec<_> = demands.filter(|demand| lines.iter().any(|line| demand.is_for(&line.budget_line, line.unit))).collect();
    let without_panel = match demands.iter().any(|demand| demand.panel_only) {
        true => None,
        false => agreed_without_panel(profile, &package, &in_post, &ruled_out),
    };
    let thresholds = profile.delegation.reporting_thresholds.iter().map(|threshold| threshold.above_pence);
    Ok(AuthorityExplanation {
        request_id: request.id.clone(),
        on,
        total_pence: package.total,
        request_pence: Pence::checked_sum(asked).map_err(Problem::internal)?,
        authority,
        ruled_out,
        above_reporting_thresholds_pence: thresholds.filter(|above| package.total > Pence(*above)).collect(),
        ratification: None,
        without_panel,
        demanded_by: demands.into_iter().map(|demand| demand.clause.clone()).collect(),
        lines: package.lines,
    })
}

fn ratification(
    connection: &mut AnyConnection,
    profile: &Profile,
    explanation: &AuthorityExplanation,
) -> Result<Option<Ratification>, Problem> {
    let Some(named) = &profile.panel.ratified_by else { return Ok(None) };
    let may = |person: &PostHolder| named.posts.contains(&person.post) && !explanation.ruled_out.contains_key(&person.user_id);
    let mut people: Vec<String> = in_post_on(connection, explanation.on)?.into_iter().filter(may).map(|person| person.user_id).collect();
    people.sort();
    people.dedup();
    Ok(Some(Ratification { posts: named.posts.clone(), clause: named.clause.clone(), people }))
}

/// Who may agree what is asked for without a panel; none, it goes to panel.
pub fn agreed_without_panel(
    profile: &Profile,
    package: &CarePackage,
    in_post: &[PostHolder],
    ruled_out: &BTreeMap<String, Vec<Bar>>,
) -> Option<AgreedWithoutPanel> {
    let asked = package.asked(Origin::is_asked);
    let others = package.asked(|origin| !origin.is_asked());
    let rules_for = |post: &String| profile.without_panel(std::slice::from_ref(post), &asked, &others);
    let mut posts: Vec<String> = profile.posts.iter().map(|post| post.code.clone()).collect();
    posts.retain(|post| rules_for(post).is_some());
    if posts.is_empty() {
        return None;
    }
    let mut clauses: Vec<String> = posts.iter().filter_map(rules_for).flatten().map(|rule| rule.clause.clone()).collect();
    let may = |person: &&PostHolder| posts.contains(&person.post) && !ruled_out.contains_key(&person.user_id);
    let mut people: Vec<String> = in_post.iter().filter(may).map(|person| person.user_id.clone()).collect();
    // One rule may name several posts, and one person may be in several.
    let (mut said, mut listed) = (HashSet::new(), HashSet::new());
    clauses.retain(|clause| said.insert(clause.clone()));
    people.retain(|person| listed.insert(person.clone()));
    Some(AgreedWithoutPanel { clauses, people, posts })
}

/// Whoever may not authorise the request whatever their post: presented or costed it, declared an interest, or decided it where it
/// now waits for another. By user's id; a panel member without an account by the member's.
pub fn ruled_out(connection: &mut AnyConnection, request: &Request) -> Result<BTreeMap<String, Vec<Bar>>, Problem> {
    let mut bars: BTreeMap<String, Vec<Bar>> = BTreeMap::new();
    for coster in costers(connection, &request.id)? {
        bars.entry(coster).or_default().push(Bar::CostedIt);
    }
    if let Some(presenter) = revision_of(connection, &request.id, request.revision)?.presenter_id {
        bars.entry(presenter).or_default().push(Bar::PresentsIt);
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
