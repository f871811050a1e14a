//! Variations of package lines: proposed, agreed, refused or withdrawn, and what each did to its line.
//!
//! A variation is a row that stays as it was recorded, and one step that says what became of it. Agreed, it has added versions and
//! lines and changed none. What it adds to days that are over, or takes from them, follows from those versions.

mod adjusting;
mod authority;
mod checks;
mod effect;
mod preview;
mod proposing;
mod steps;

pub use adjusting::Adjustment;
pub use authority::explain_variation_authority;
pub use effect::{Effect, add};
pub use preview::preview_package_variation;
pub use proposing::create_package_variation;
pub use steps::{Taken, VariationStep, add_step, agree_package_variation, refuse_package_variation, withdraw_package_variation};

use super::packages as packages_of;
use crate::app::{App, Located};
use crate::auth::Caller;
use crate::auth::permission::PackagesRead;
use crate::extract::Params;
use crate::instant::Instant;
use crate::page::{After, Cursor, Limit, Page};
use crate::problem::Problem;
use crate::routes::commitments::BudgetCheck;
use crate::routes::package_lines::{PackageLine, arrangement_lines};
use crate::routes::requests::care_package::{Counting, Origin};
use crate::text::Id;
use actix_web::get;
use actix_web::web::{Data, Json, Path};
use chrono::NaiveDate;
use db::schema::{open_package_variations, package_variation_steps, package_variations};
use db::{AnyConnection, Event};
use diesel::prelude::*;
use domain::delegation::Limit as PostLimit;
use domain::variation::Change;
use domain::{Frequency, Pence, Profile, Quantity, UnitRate, VariationBasis, VariationKind, VariationState};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use utoipa::{IntoParams, ToSchema};

/// A variation as it was recorded.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = package_variations)]
#[schema(as = RecordedVariation)]
pub struct Variation {
    /// The variation's id.
    pub id: String,
    /// The package.
    pub package_id: String,
    /// The line that is varied.
    pub line_id: String,
    /// The version of it that the variation is of; once there is a later one, it cannot be agreed.
    pub line_version: i64,
    /// The first line of the arrangement.
    pub arrangement_id: String,
    /// What it does.
    pub kind: VariationKind,
    /// The day it starts: of an extension the line's end, of a correction the day the line really started.
    pub valid_from: NaiveDate,
    /// The first day after a change for a time; of an extension or a correction the line's end. Null: for good, and of a correction as
    /// it was.
    pub valid_to: Option<NaiveDate>,
    /// How many units each time, in thousandths; null, as before.
    pub quantity_thousandths: Option<Quantity>,
    /// How often; null, as before.
    pub frequency: Option<Frequency>,
    /// The price of a unit, in ten-thousandths of a pound; null, as before.
    pub unit_rate_ten_thousandths: Option<UnitRate>,
    /// Who provides it; null, as before.
    pub provider_id: Option<String>,
    /// What allows it.
    pub basis: VariationBasis,
    /// The line of an approved request that it carries out.
    pub request_line_id: Option<String>,
    /// The rise of rates that it is part of.
    pub uprating_id: Option<String>,
    /// The child's total care package before it, in a full year, on the day it was recorded.
    #[schema(value_type = i64)]
    pub total_before_pence: Pence,
    /// The same with it.
    #[schema(value_type = i64)]
    pub total_after_pence: Pence,
    /// The posts responsible for the total before, separated by commas; null, no post has the authority.
    pub tier_before: Option<String>,
    /// The posts responsible for the total with it.
    pub tier_after: Option<String>,
    /// In words.
    pub reason: String,
    /// Who recorded it: a user's or client's id.
    pub recorded_by: String,
    /// When, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
}

impl Variation {
    /// The change that it makes of a line.
    pub fn change(&self, line: &PackageLine) -> Change {
        let is_other = |new: &Option<String>, old: &Option<String>| new.is_some() && new != old;
        Change {
            kind: self.kind,
            valid_from: self.valid_from,
            valid_to: self.valid_to,
            quantity: self.quantity_thousandths,
            frequency: self.frequency,
            unit_rate: self.unit_rate_ten_thousandths,
            needs_new_line: is_other(&self.provider_id, &line.provider_id) || is_other(&self.request_line_id, &line.request_line_id),
        }
    }

    /// The first day on which a line is other than before. A correction may move its start, to a later day too.
    pub fn changes_from(&self, line: &PackageLine) -> NaiveDate {
        if self.kind == VariationKind::Correction { self.valid_from.min(line.valid_from) } else { self.valid_from }
    }

    /// What it asks for more of the line than that has, while it is not agreed; none, it asks for no more.
    pub fn asked_for(&self, profile: &Profile, line: &PackageLine) -> Result<Option<Counting>, Problem> {
        let (change, of) = (self.change(line), line.costed());
        if !change.is_increase(&profile.costing, &of).map_err(Problem::internal)? {
            return Ok(None);
        }
        let varied = change.of(&of);
        let asked = varied.changed.or(varied.original).map(|terms| Counting {
            line: effect::with_terms(
                PackageLine { line_id: self.id.clone(), continues_line_id: Some(self.arrangement_id.clone()), ..line.clone() },
                &terms,
            ),
            origin: Origin::OtherVariation,
            whatever_its_dates: true,
        });
        Ok(asked)
    }
}

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
    /// What it adds to its budget line in the current financial year, and in years before it that are not closed, against what that has
    /// available; only in the answer to an agreement that adds something.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub budget: Vec<BudgetCheck>,
}

impl Located for PackageVariation {
    fn location(&self) -> String {
        format!("/v1/package-variations/{}", self.variation.id)
    }
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

/// List variations
#[utoipa::path(tag = "packages", params(ListVariations), security(("bearer" = ["packages:read"])),
    responses((status = 200, description = "A page of variations, in the order recorded", body = Page<PackageVariation>)))]
#[get("/package-variations")]
pub async fn list_package_variations(
    app: Data<App>,
    caller: Caller<PackagesRead>,
    params: Params<ListVariations>,
) -> Result<Json<Page<PackageVariation>>, Problem> {
    let (profile, params) = (app.profile.clone(), params.0);
    let limit = params.limit;
    app.write(caller.actor(), move |write| {
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
        let today = write.at.date();
        let whole = |row| whole(write.connection, &profile, row, today);
        let items = page.items.into_iter().map(whole).collect::<Result<_, _>>()?;
        Ok(Json(Page { items, next_cursor: page.next_cursor }))
    })
    .await
}

/// The rows of a page and one more. Those of a state are found by their own index, so that a page costs what is on it.
fn rows_of_page(connection: &mut AnyConnection, params: ListVariations) -> Result<Vec<Variation>, Problem> {
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
fn open_ids(connection: &mut AnyConnection, package: Option<&Id>, after: &After, wanted: i64) -> Result<Vec<String>, Problem> {
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

/// Read a variation
#[utoipa::path(tag = "packages", params(("id" = Id, Path, description = "The variation's id")), security(("bearer" = ["packages:read"])),
    responses((status = 200, description = "The variation, where it stands and what it did", body = PackageVariation)))]
#[get("/package-variations/{id}")]
pub async fn get_package_variation(app: Data<App>, caller: Caller<PackagesRead>, id: Path<Id>) -> Result<Json<PackageVariation>, Problem> {
    let profile = app.profile.clone();
    app.write(caller.actor(), move |write| {
        let variation = find(write.connection, &id.0)?;
        let package = packages_of::find(write.connection, &variation.package_id)?;
        packages_of::record_read(write, &package)?;
        whole(write.connection, &profile, variation, write.at.date()).map(Json)
    })
    .await
}

/// The variation with that id.
pub fn find(connection: &mut AnyConnection, id: &str) -> Result<Variation, Problem> {
    let variation = package_variations::table.find(id).select(Variation::as_select()).first(connection).optional()?;
    variation.ok_or_else(|| Problem::not_found("package variation"))
}

/// The variations of these packages that are not agreed yet, in the order recorded.
pub fn open_variations_of(connection: &mut AnyConnection, packages: &[String]) -> Result<Vec<Variation>, Problem> {
    Ok(open_package_variations::table
        .inner_join(package_variations::table.on(package_variations::id.eq(open_package_variations::variation_id)))
        .filter(open_package_variations::package_id.eq_any(packages))
        .select(Variation::as_select())
        .order((open_package_variations::variation_seq, open_package_variations::variation_id))
        .load(connection)?)
}

/// The step of a variation, if it had one.
pub fn step_of(connection: &mut AnyConnection, variation_id: &str) -> Result<Option<VariationStep>, Problem> {
    Ok(package_variation_steps::table
        .filter(package_variation_steps::variation_id.eq(variation_id))
        .select(VariationStep::as_select())
        .first(connection)
        .optional()?)
}

/// A variation with where it stands, on a day.
pub fn whole(
    connection: &mut AnyConnection,
    profile: &Profile,
    variation: Variation,
    today: NaiveDate,
) -> Result<PackageVariation, Problem> {
    let step = step_of(connection, &variation.id)?;
    let state = step.as_ref().map_or(VariationState::Proposed, |step| step.state);
    let made = effect::made_by(connection, &variation.id)?;
    let mut later_lines = arrangement_lines(connection, &variation.arrangement_id)?;
    let is_own = |line: &PackageLine| line.line_id == variation.line_id || made.iter().any(|own| own.line_id == line.line_id);
    later_lines.retain(|line| line.valid_from > variation.valid_from && !is_own(line));
    let adjustment = match &step {
        Some(step) if state == VariationState::Agreed => adjusting::of_versions(connection, profile, &made, step.taken_on)?,
        Some(step) => Adjustment::none(step.taken_on),
        None => adjusting::of_proposal(connection, profile, &variation, today)?,
    };
    Ok(PackageVariation { variation, state, step, made, later_lines, adjustment, budget: Vec::new() })
}

/// The posts responsible, as a variation keeps them.
pub fn tier_text(tier: &[PostLimit]) -> Option<String> {
    let posts: Vec<&str> = tier.iter().map(|limit| limit.post.as_str()).collect();
    (!posts.is_empty()).then(|| posts.join(","))
}
