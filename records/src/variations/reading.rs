//! Reading variations, each with where it stands and what it did; that their packages were read is recorded.

use crate::commitments::BudgetHeld;
use crate::error::Error;
use crate::packages as packages_of;
use crate::packages::lines::{PackageLine, arrangement_lines};
use crate::page::{After, Cursor, Limit, Page};
use crate::text::Id;
use crate::variations::adjusting;
use crate::variations::adjusting::Adjustment;
use crate::variations::steps::{VariationStep, step_of};
use crate::variations::variation::{Variation, find, made_by};
use chrono::NaiveDate;
use db::schema::{open_package_variations, package_variation_steps, package_variations};
use db::{AnyConnection, Event, Write};
use diesel::prelude::*;
use domain::{Profile, VariationState};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use utoipa::{IntoParams, ToSchema};

/// A variation, where it stands, and what it did.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a81", "package_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a11",
    "line_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a21", "line_version": 1, "arrangement_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a21",
    "kind": "increase", "valid_from": "2024-05-06", "valid_to": null, "quantity_thousandths": 5000, "frequency": null,
    "unit_rate_ten_thousandths": null, "provider_id": null, "basis": "agreement", "request_line_id": null, "uprating_id": null,
    "total_before_pence": 390390, "total_after_pence": 557700, "tier_before": "service_unit_manager", "tier_after": "service_unit_manager",
    "reason": "His mother is in hospital", "recorded_by": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a13", "recorded_at": "2024-06-03T09:00:00Z",
    "recorded_seq": 812, "state": "proposed", "step": null, "made": [], "later_lines": [],
    "adjustment": { "up_to": "2024-06-03", "months": [
        { "month": "2024-05-01", "before_pence": 33159, "after_pence": 45078, "difference_pence": 11919 }
    ], "difference_pence": 11919 }
}))]
pub struct PackageVariation {
    /// The variation.
    #[serde(flatten)]
    pub variation: Variation,
    /// Where it stands.
    pub state: VariationState,
    /// The step that brought it there; null, it is proposed.
    pub step: Option<VariationStep>,
    /// The versions of lines that it made.
    pub made: Vec<PackageLine>,
    /// Lines of the same arrangement that start after its first day: it leaves them as they are.
    pub later_lines: Vec<PackageLine>,
    /// What it adds to days that were over when it was agreed, or would today.
    pub adjustment: Adjustment,
    /// What it does to its budget line; only in the answer to an agreement that adds something.
    #[serde(flatten)]
    pub held: BudgetHeld,
}

/// What to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListVariations {
    /// Records on a page.
    #[serde(default)]
    #[param(value_type = Option<u16>, minimum = 1, maximum = 500, default = 50)]
    limit: Limit,
    /// Where the last page ended.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    cursor: Cursor,
    /// Only this package's.
    package_id: Option<Id>,
    /// Only those that a rise of rates is made of.
    uprating_id: Option<Id>,
    /// Only those that stand so.
    state: Option<VariationState>,
}

/// The rows of a page and one more. Those of a state are found by their own index, so that a page costs what is on it.
fn rows_of_page(connection: &mut AnyConnection, params: ListVariations) -> Result<Vec<Variation>, Error> {
    use package_variation_steps as steps;
    let after = params.cursor.after_record()?;
    let wanted = params.limit.and_one();
    let mut query = package_variations::table.select(Variation::as_select()).into_boxed();
    match params.state {
        Some(VariationState::Proposed) => {
            let ids = open_ids(connection, params.package_id.as_ref(), &after, wanted)?;
            query = query.filter(package_variations::id.eq_any(ids));
        }
        Some(state) if params.package_id.is_none() && params.uprating_id.is_none() => {
            let ids: Vec<String> = steps::table
                .filter(steps::state.eq(state).and(steps::variation_seq.ge(after.seq)))
                .filter(steps::variation_seq.gt(after.seq).or(steps::variation_id.gt(&after.id)))
                .order((steps::variation_seq, steps::variation_id))
                .select(steps::variation_id)
                .limit(wanted)
                .load(connection)?;
            query = query.filter(package_variations::id.eq_any(ids));
        }
        Some(state) => {
            let taken = steps::table.filter(steps::state.eq(state)).select(steps::variation_id);
            query = query.filter(package_variations::id.eq_any(taken));
        }
        None => {}
    }
    if let Some(package) = params.package_id {
        query = query.filter(package_variations::package_id.eq(package.0));
    }
    if let Some(uprating) = params.uprating_id {
        query = query.filter(package_variations::uprating_id.eq(uprating.0));
    }
    let query = query
        .filter(package_variations::recorded_seq.ge(after.seq))
        .filter(package_variations::recorded_seq.gt(after.seq).or(package_variations::id.gt(after.id)))
        .order((package_variations::recorded_seq, package_variations::id));
    Ok(query.limit(wanted).load(connection)?)
}

/// Of the variations that are not agreed yet, those of a page and one more.
fn open_ids(connection: &mut AnyConnection, package: Option<&Id>, after: &After, wanted: i64) -> Result<Vec<String>, Error> {
    use open_package_variations as open;
    let mut query = open::table
        .filter(open::variation_seq.ge(after.seq))
        .filter(open::variation_seq.gt(after.seq).or(open::variation_id.gt(after.id.clone())))
        .order((open::variation_seq, open::variation_id))
        .select(open::variation_id)
        .limit(wanted)
        .into_boxed();
    if let Some(package) = package {
        query = query.filter(open::package_id.eq(package.0.clone()));
    }
    Ok(query.load(connection)?)
}

/// A variation with where it stands, on a day.
pub fn whole(connection: &mut AnyConnection, profile: &Profile, variation: Variation, today: NaiveDate) -> Result<PackageVariation, Error> {
    let step = step_of(connection, &variation.id)?;
    let state = step.as_ref().map_or(VariationState::Proposed, |step| step.state);
    let made = made_by(connection, &variation.id)?;
    let mut later_lines = arrangement_lines(connection, &variation.arrangement_id)?;
    let is_own = |line: &PackageLine| line.line_id == variation.line_id || made.iter().any(|own| own.line_id == line.line_id);
    later_lines.retain(|line| line.valid_from > variation.valid_from && !is_own(line));
    let adjustment = match &step {
        Some(step) if state == VariationState::Agreed => adjusting::of_versions(connection, profile, &made, step.taken_on)?,
        Some(step) => Adjustment::none(step.taken_on),
        None => adjusting::of_proposal(connection, profile, &variation, today)?,
    };
    Ok(PackageVariation { variation, state, step, made, later_lines, adjustment, held: BudgetHeld::default() })
}

/// List variations.
pub fn list(write: &mut Write<'_>, profile: &Profile, wanted: ListVariations) -> Result<Page<PackageVariation>, Error> {
    let params = wanted;
    let limit = params.limit;
    let rows = rows_of_page(write.connection, params)?;
    let page = limit.page(rows, |row: &Variation| After::key(row.recorded_seq, &row.id));
    let packages: BTreeSet<&str> = page.items.iter().map(|row| row.package_id.as_str()).collect();
    for package in packages {
        let package = packages_of::find(write.connection, package)?;
        packages_of::record_read(write, &package)?;
    }
    if page.items.is_empty() {
        write.record(Event::new("list", "package_variations", ""))?;
    }
    let today = write.today();
    let whole = |row| whole(write.connection, profile, row, today);
    let items = page.items.into_iter().map(whole).collect::<Result<_, _>>()?;
    Ok(Page { items, next_cursor: page.next_cursor })
}

/// Read a variation.
pub fn read(write: &mut Write<'_>, profile: &Profile, id: &str) -> Result<PackageVariation, Error> {
    let variation = find(write.connection, id)?;
    let package = packages_of::find(write.connection, &variation.package_id)?;
    packages_of::record_read(write, &package)?;
    whole(write.connection, profile, variation, write.today())
}
