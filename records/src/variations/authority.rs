//! Who may agree a variation, and the whole reasoning.
//!
//! What brings more is tested on the child's total with it, as a request is; so is whatever raises the total. What brings no more may
//! be agreed by anybody whose post has a limit. Where the profile lets only a panel agree a kind of support or any increase, or lets
//! managers agree small packages alone, more of it is agreed without a panel by that rule or not at all. What is agreed without one
//! needs the assessment that the profile demands.

use crate::authority::ruled_out;
use crate::care_package::{CarePackage, CarePackageLine, Changes, ChildRecord, Counting, Origin, Tested};
use crate::error::Error;
use crate::packages as packages_of;
use crate::packages::lines::{PackageLine, arrangement_lines};
use crate::people::owners::behind;
use crate::people::post_holdings::in_post_on;
use crate::requests;
use crate::variations::checks;
use crate::variations::effect::Effect;
use crate::variations::steps::require_proposed;
use crate::variations::variation::{Variation, find};
use chrono::NaiveDate;
use db::schema::request_lines;
use db::{AnyConnection, Write};
use diesel::prelude::*;
use domain::authority::{AgreedWithoutPanel, Authority, Bar, Case, Limit, Occasion, Question};
use domain::{LineState, Pence, Profile};
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
    pub fn of(
        connection: &mut AnyConnection,
        profile: &Profile,
        child_id: &str,
        variation: &Variation,
        changes: &Changes,
        on: NaiveDate,
    ) -> Result<Self, Error> {
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

/// The reasoning for a variation that is proposed, on a day.
pub(crate) fn explain(
    connection: &mut AnyConnection,
    profile: &Profile,
    variation: &Variation,
    line: &PackageLine,
    effect: &Effect,
    on: NaiveDate,
) -> Result<VariationAuthority, Error> {
    let child = packages_of::find(connection, &variation.package_id)?.child_id;
    let Totals { before, after } = Totals::of(connection, profile, &child, variation, &changes_of(effect, line), on)?;
    let in_post = in_post_on(connection, on)?;
    let ruled_out = bars(connection, variation)?;
    let is_tested = effect.is_increase || after.total > before.total;
    let answer = profile.who_may(&Question {
        occasion: if is_tested { Occasion::More } else { Occasion::NoRise },
        total: after.total,
        on,
        in_post: &in_post,
        barred: &ruled_out,
        kinds: &[(&line.budget_line, line.unit)],
        asked: &after.asked(Origin::is_asked),
        others: &after.asked(|origin| !origin.is_asked()),
    });
    Ok(VariationAuthority {
        variation_id: variation.id.clone(),
        on,
        lines: after.lines,
        total_before_pence: before.total,
        total_after_pence: after.total,
        is_tested,
        tier_before: profile.tier(before.total, on),
        authority: answer.authority,
        ruled_out,
        needs_panel: answer.needs_panel,
        demanded_by: answer.demanded_by,
        without_panel: answer.without_panel,
    })
}

impl VariationAuthority {
    /// What was answered, for whoever may not agree it.
    pub(crate) fn case(&self) -> Case<'_> {
        Case {
            total: self.total_after_pence,
            authority: &self.authority,
            barred: &self.ruled_out,
            needs_panel: self.needs_panel,
            demanded_by: &self.demanded_by,
            without_panel: self.without_panel.as_ref(),
        }
    }
}

/// Whoever may not agree it whatever their post: proposed it, or had a part in the requests that its arrangement carries out which rules
/// them out there.
fn bars(connection: &mut AnyConnection, variation: &Variation) -> Result<BTreeMap<String, Vec<Bar>>, Error> {
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
    for person in behind(connection, BTreeSet::from([variation.recorded_by.clone()]))? {
        bars.entry(person).or_default().push(Bar::ProposedIt);
    }
    for why in bars.values_mut() {
        why.sort();
        why.dedup();
    }
    Ok(bars)
}

/// What a variation changes in the child's total care package.
pub(crate) fn changes_of(effect: &Effect, line: &PackageLine) -> Changes {
    let mut changes = Changes::default();
    let mut add = |line: &PackageLine, origin: Origin, whatever_its_dates: bool| {
        changes.lines.push(Counting { line: line.clone(), origin, whatever_its_dates });
    };
    if let Some(original) = &effect.original {
        changes.gone.insert(line.line_id.clone());
        match original.state {
            LineState::Reversed => {}
            _ if effect.is_longer() => add(original, Origin::ThisVariation, true),
            _ => add(original, Origin::Package, false),
        }
    }
    if let Some(changed) = &effect.changed {
        add(changed, Origin::ThisVariation, effect.is_increase);
    }
    if let Some(resumed) = &effect.resumed {
        add(resumed, Origin::Package, false);
    }
    changes
}

/// Who may agree a proposed variation today, and why; that its package was read is recorded.
pub fn read(write: &mut Write<'_>, profile: &Profile, id: &str) -> Result<VariationAuthority, Error> {
    let variation = find(write.connection, id)?;
    let package = packages_of::find(write.connection, &variation.package_id)?;
    packages_of::record_read(write, &package)?;
    require_proposed(write.connection, &variation)?;
    let line = checks::still_standing(write, profile, &variation)?;
    let effect = Effect::of(write.connection, profile, &variation, &line)?;
    explain(write.connection, profile, &variation, &line, &effect, write.today())
}
