//! Who may agree a variation, and the whole reasoning.
//!
//! What brings more is tested on the child's total with it, as a request is; so is whatever raises the total. What brings no more may
//! be agreed by anybody whose post has a limit. Where the profile lets only a panel agree a kind of support, or lets managers agree
//! small packages alone, more of it is agreed without a panel by that rule or not at all.

use super::{Effect, Variation, checks, find, step_of};
use crate::app::App;
use crate::auth::Caller;
use crate::auth::permission::PackagesRead;
use crate::problem::{Code, Problem};
use crate::routes::package_lines::{PackageLine, arrangement_lines};
use crate::routes::packages as packages_of;
use crate::routes::post_holdings::in_post_on;
use crate::routes::requests::authority::{AgreedWithoutPanel, agreed_without_panel};
use crate::routes::requests::care_package::{CarePackage, CarePackageLine, Changes, ChildRecord, Tested};
use crate::routes::requests::{self, ruled_out};
use crate::text::Id;
use actix_web::get;
use actix_web::web::{Data, Json, Path};
use chrono::NaiveDate;
use db::AnyConnection;
use db::schema::request_lines;
use diesel::prelude::*;
use domain::delegation::{Authority, Bar, Limit, PostHolder};
use domain::{Pence, Profile};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use utoipa::ToSchema;

/// The child's total care package before a variation and with it.
#[derive(Debug, Clone)]
pub struct Totals {
    /// Before.
    pub before: CarePackage,
    /// With it.
    pub after: CarePackage,
}

impl Totals {
    /// As they are on a day.
    pub(super) fn of(
        connection: &mut AnyConnection,
        profile: &Profile,
        child_id: &str,
        variation: &Variation,
        changes: &Changes,
        on: NaiveDate,
    ) -> Result<Self, Problem> {
        let record = ChildRecord::load(connection, profile, child_id, Tested::Variation(&variation.id), on)?;
        Ok(Totals { before: record.with(profile, &[], &Changes::default())?, after: record.with(profile, &[], changes)? })
    }
}

/// Who may agree a variation, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({
    "variation_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a81", "on": "2024-06-10", "lines": [{
        "origin": "this_variation", "id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a82", "request_id": null, "service": "home_care",
        "budget_line": "home_care", "unit": "hour", "quantity_thousandths": 5000, "frequency": "weekly", "valid_from": "2024-05-06",
        "valid_to": null, "full_year_pence": 557700
    }],
    "total_before_pence": 390390, "total_after_pence": 557700, "is_tested": true,
    "tier_before": [{ "post": "service_unit_manager", "up_to_pence": 500000, "any_amount": false, "clause": "4.2" }],
    "tier": [{ "post": "head_of_service", "up_to_pence": 900000, "any_amount": false, "clause": "4.2" }], "people": [],
    "ruled_out": { "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a11": ["proposed_it"] }, "needs_panel": false, "demanded_by": [], "without_panel": null
}))]
pub struct VariationAuthority {
    /// The variation.
    pub variation_id: String,
    /// The day it is looked at from.
    pub on: NaiveDate,
    /// Every line of the child's total care package with it.
    pub lines: Vec<CarePackageLine>,
    /// The total without it, gross, in a full year.
    #[schema(value_type = i64)]
    pub total_before_pence: Pence,
    /// The total with it.
    #[schema(value_type = i64)]
    pub total_after_pence: Pence,
    /// Whether the total with it is tested: it brings more, or raises the total. If not, any post with a limit agrees it.
    pub is_tested: bool,
    /// The posts responsible for the total without it.
    pub tier_before: Vec<Limit>,
    /// The posts responsible for it, with their limit and clause, and everybody in a post.
    #[serde(flatten)]
    pub authority: Authority,
    /// Whoever is ruled out whatever their post: the user's id, of a panel member without an account the member's, and why.
    pub ruled_out: BTreeMap<String, Vec<Bar>>,
    /// Whether no post may agree it: it is asked for in a request, and goes to panel.
    pub needs_panel: bool,
    /// The clauses that let only a panel agree such support.
    pub demanded_by: Vec<String>,
    /// The rule by which a manager may agree it without a panel.
    pub without_panel: Option<AgreedWithoutPanel>,
}

/// Explain who may agree a variation
///
/// Adds up the child's total care package before the variation and with it, with what else is proposed or asked for and not decided,
/// and says which post is responsible, by which clause, who may agree it today, and who may not and why.
#[utoipa::path(tag = "packages", params(("id" = Id, Path, description = "The variation's id")), security(("bearer" = ["packages:read"])),
    responses((status = 200, description = "The reasoning", body = VariationAuthority),
        (status = 409, description = "It is not proposed any more, or its line has changed since", body = Problem,
            content_type = "application/problem+json")))]
#[get("/package-variations/{id}/authority")]
pub async fn explain_variation_authority(
    app: Data<App>,
    caller: Caller<PackagesRead>,
    id: Path<Id>,
) -> Result<Json<VariationAuthority>, Problem> {
    let profile = app.profile.clone();
    app.write(caller.actor(), move |write| {
        let variation = find(write.connection, &id.0)?;
        let package = packages_of::find(write.connection, &variation.package_id)?;
        packages_of::record_read(write, &package)?;
        require_proposed(write.connection, &variation)?;
        let line = checks::still_standing(write.connection, &profile, &variation)?;
        let effect = Effect::of(write.connection, &profile, &variation, &line)?;
        explain(write.connection, &profile, &variation, &line, &effect, write.at.date()).map(Json)
    })
    .await
}

/// Refuses what is no longer proposed.
pub(super) fn require_proposed(connection: &mut AnyConnection, variation: &Variation) -> Result<(), Problem> {
    match step_of(connection, &variation.id)? {
        None => Ok(()),
        Some(step) => Err(Problem::new(Code::StateConflict, format!("The variation is `{}` since {}.", step.state, step.taken_on))),
    }
}

/// The reasoning for a variation that is proposed, on a day.
pub(super) fn explain(
    connection: &mut AnyConnection,
    profile: &Profile,
    variation: &Variation,
    line: &PackageLine,
    effect: &Effect,
    on: NaiveDate,
) -> Result<VariationAuthority, Problem> {
    let child = packages_of::find(connection, &variation.package_id)?.child_id;
    let Totals { before, after } = Totals::of(connection, profile, &child, variation, &effect.changes(line), on)?;
    let in_post = in_post_on(connection, on)?;
    let ruled_out = bars(connection, variation)?;
    let is_tested = effect.is_increase || after.total > before.total;
    let mut authority = match is_tested {
        true => profile.authority(after.total, on, &in_post, &ruled_out),
        false => profile.authority_over_no_rise(on, &in_post, &ruled_out),
    };
    let demands = profile.delegation.demands.iter().filter(|demand| demand.panel_only && demand.is_for(&line.budget_line, line.unit));
    let demanded_by: Vec<String> = demands.filter(|_| is_tested).map(|demand| demand.clause.clone()).collect();
    let has_rules = is_tested && !profile.delegation.without_panel.is_empty();
    let without_panel = match has_rules && demanded_by.is_empty() {
        true => agreed_without_panel(profile, &after, &in_post, &ruled_out),
        false => None,
    };
    let needs_panel = !demanded_by.is_empty() || (has_rules && without_panel.is_none());
    if needs_panel || without_panel.is_some() {
        by_rule(&mut authority, without_panel.as_ref(), &in_post);
    }
    Ok(VariationAuthority {
        variation_id: variation.id.clone(),
        on,
        lines: after.lines,
        total_before_pence: before.total,
        total_after_pence: after.total,
        is_tested,
        tier_before: profile.tier(before.total, on),
        authority,
        ruled_out,
        needs_panel,
        demanded_by,
        without_panel,
    })
}

/// Lets those agree whom the rule of small packages names, and nobody else.
fn by_rule(authority: &mut Authority, rule: Option<&AgreedWithoutPanel>, in_post: &[PostHolder]) {
    for person in &mut authority.people {
        let is_named = rule.is_some_and(|rule| rule.posts.contains(&person.post) && rule.people.contains(&person.user_id));
        person.may_authorise = is_named && in_post.iter().any(|holder| holder.user_id == person.user_id);
        match is_named {
            true => person.why_not.clear(),
            false => person.why_not.push(Bar::PanelOnly),
        }
    }
}

/// Whoever may not agree it whatever their post: proposed it, or had a part in the requests that its arrangement carries out which rules
/// them out there.
fn bars(connection: &mut AnyConnection, variation: &Variation) -> Result<BTreeMap<String, Vec<Bar>>, Problem> {
    let lines = arrangement_lines(connection, &variation.arrangement_id)?;
    let agreed: BTreeSet<String> = lines.into_iter().filter_map(|line| line.request_line_id).collect();
    let of_lines: Vec<String> =
        request_lines::table.filter(request_lines::id.eq_any(agreed)).select(request_lines::request_id).distinct().load(connection)?;
    let mut bars: BTreeMap<String, Vec<Bar>> = BTreeMap::new();
    for request in of_lines {
        let request = requests::find(connection, &request)?;
        for (person, why) in ruled_out(connection, &request)? {
            bars.entry(person).or_default().extend(why);
        }
    }
    bars.entry(variation.recorded_by.clone()).or_default().push(Bar::ProposedIt);
    for why in bars.values_mut() {
        why.sort();
        why.dedup();
    }
    Ok(bars)
}
