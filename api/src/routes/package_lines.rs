//! Package lines: what is bought for a child, how often, at what rate, from when to when.
//!
//! A line is a row of versions. Ending or reversing it adds a version; nothing is changed, so a line can be read as it was known
//! on any earlier day. A new rate is a new line that starts where the old one ends.
//!
//! An *arrangement* is a first line and the lines that carry it on after variations; none of them is in force with another.

mod checks;
pub mod confirmations;
mod versions;

pub use checks::{arrangement_of, date_mistakes, date_mistakes_at, mistakes, within_agreed};
pub use versions::{KnownOn, add_version, arrangement_lines, history, insert, known_lines, latest_lines, latest_lines_of, standing};

use super::commissioning::settle_line;
use super::packages as packages_of;
use super::year_closures::{Changed, carrying_again};
use crate::app::{Answer, App, IdempotencyKey, Located, Once};
use crate::auth::Caller;
use crate::auth::permission::{PackagesRead, PackagesWrite};
use crate::extract::{Body, Params};
use crate::instant::Instant;
use crate::period::day_parameter;
use crate::problem::{Code, FieldError, Problem};
use crate::reversal::NewReversal;
use crate::text::{CodeText, Id, Text};
use actix_web::web::{Data, Json, Path};
use actix_web::{get, post};
use chrono::NaiveDate;
use db::schema::package_lines;
use db::{Event, Write, new_id};
use diesel::prelude::*;
use domain::costing::Line;
use domain::{FinancialYear, Frequency, LineState, Profile, Quantity, Unit, UnitRate};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A line of a package, in one of its versions.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = package_lines)]
#[schema(example = json!({
    "id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a21", "line_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a21", "version": 1,
    "package_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a11", "service": "home_care", "budget_line": "home_care",
    "provider_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a13", "statement_category": null, "unit": "hour", "quantity_thousandths": 3500,
    "frequency": "weekly", "unit_rate_ten_thousandths": 214500, "valid_from": "2023-04-01", "valid_to": null, "state": "recorded",
    "reason": "Panel of 14 March 2023", "recorded_by": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a11", "recorded_at": "2023-04-01T09:00:00Z", "recorded_seq": 412,
    "request_line_id": null, "continues_line_id": null, "variation_id": null
}))]
pub struct PackageLine {
    /// This version's id.
    pub id: String,
    /// The line's id, the same in every version.
    pub line_id: String,
    /// 1, 2, 3 …
    pub version: i64,
    /// The package it belongs to.
    pub package_id: String,
    /// What is provided, as a code.
    pub service: String,
    /// The budget line that pays.
    pub budget_line: String,
    /// Who provides it; none for a direct payment, which the parent spends.
    pub provider_id: Option<String>,
    /// What the statement counts it as, apart from its budget line.
    pub statement_category: Option<String>,
    /// What is bought one of.
    pub unit: Unit,
    /// How many units each time, in thousandths.
    pub quantity_thousandths: Quantity,
    /// How often.
    pub frequency: Frequency,
    /// The price of a unit, in ten-thousandths of a pound.
    pub unit_rate_ten_thousandths: UnitRate,
    /// The first day in force.
    pub valid_from: NaiveDate,
    /// The first day no longer in force; null, open-ended.
    pub valid_to: Option<NaiveDate>,
    /// What this version says.
    pub state: LineState,
    /// In words.
    pub reason: String,
    /// Who recorded it: a user's or client's id.
    pub recorded_by: String,
    /// When, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
    /// The request line that it carries out; null, it was agreed before requests were kept here, or a variation went beyond it.
    pub request_line_id: Option<String>,
    /// The first line of the arrangement that this one carries on after a variation; null, it is the first.
    pub continues_line_id: Option<String>,
    /// The variation that made this version; null, none did.
    pub variation_id: Option<String>,
}

impl Located for PackageLine {
    fn location(&self) -> String {
        format!("/v1/package-lines/{}", self.line_id)
    }
}

impl PackageLine {
    /// The first line of its arrangement.
    pub fn arrangement(&self) -> &str {
        self.continues_line_id.as_deref().unwrap_or(&self.line_id)
    }

    /// What of it decides its cost.
    pub fn costed(&self) -> Line {
        Line {
            quantity: self.quantity_thousandths,
            frequency: self.frequency,
            unit_rate: self.unit_rate_ten_thousandths,
            valid_from: self.valid_from,
            valid_to: self.valid_to,
        }
    }

    /// That it will be other than before, from a day on.
    pub fn changed(&self, from: NaiveDate) -> Changed<'_> {
        Changed { id: &self.line_id, budget_line: &self.budget_line, from }
    }
}

/// A line to record.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "package_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a11", "service": "home_care", "budget_line": "home_care",
    "provider_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a13", "unit": "hour", "quantity_thousandths": 3500, "frequency": "weekly",
    "unit_rate_ten_thousandths": 214500, "valid_from": "2023-04-01", "reason": "Panel of 14 March 2023"
}))]
pub struct NewPackageLine {
    /// The package it belongs to.
    pub package_id: Id,
    /// What is provided, as a code: it reaches reports, so it has no room for a name.
    pub service: CodeText,
    /// The budget line that pays: one of expenditure.
    pub budget_line: CodeText,
    /// Who provides it.
    pub provider_id: Option<Id>,
    /// What the statement counts it as: a category of the authority's profile.
    pub statement_category: Option<CodeText>,
    /// What is bought one of.
    pub unit: Unit,
    /// How many units each time, in thousandths.
    pub quantity_thousandths: Quantity,
    /// How often.
    pub frequency: Frequency,
    /// The price of a unit, in ten-thousandths of a pound.
    pub unit_rate_ten_thousandths: UnitRate,
    /// The first day in force.
    pub valid_from: NaiveDate,
    /// The first day no longer in force; none, open-ended.
    pub valid_to: Option<NaiveDate>,
    /// In words.
    pub reason: Text<500>,
    /// The line of an approved request that it carries out, as it was agreed: the same service, budget line and unit, within its dates, at
    /// no more a year nor over its own days, and bought once only if that was agreed. It then counts once in the child's total care
    /// package. No other package line carries it out, and what its decision replaces has its end. What was paid for a line that carried
    /// it out and was reversed was paid back.
    pub request_line_id: Option<Id>,
}

/// When a line ends.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "valid_to": "2023-10-01", "reason": "Moved to a direct payment" }))]
pub struct EndOfLine {
    /// The first day no longer in force, after the line's start.
    pub valid_to: NaiveDate,
    /// In words.
    pub reason: Text<500>,
}

/// Which lines, and as known when.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListLines {
    /// The package.
    package_id: Id,
    /// Only lines in force on this day.
    #[serde(default, deserialize_with = "day_parameter")]
    as_at: Option<NaiveDate>,
    /// As the store knew them at the end of this day, UTC.
    #[serde(default, deserialize_with = "day_parameter")]
    as_known_on: Option<NaiveDate>,
}

/// A package's lines.
#[derive(Debug, Serialize, ToSchema)]
pub struct PackageLines {
    /// In the order first recorded; reversed ones not.
    pub items: Vec<PackageLine>,
}

/// Every version of a line.
#[derive(Debug, Serialize, ToSchema)]
pub struct LineHistory {
    /// The oldest first.
    pub versions: Vec<PackageLine>,
}

/// List a package's lines
///
/// As known now or at the end of an earlier day; all of them or those in force on a day.
#[utoipa::path(tag = "packages", params(ListLines), security(("bearer" = ["packages:read"])),
    responses((status = 200, description = "The lines", body = PackageLines),
        (status = 404, description = "There is no such package", body = Problem, content_type = "application/problem+json")))]
#[get("/package-lines")]
pub async fn list_package_lines(
    app: Data<App>,
    caller: Caller<PackagesRead>,
    params: Params<ListLines>,
) -> Result<Json<PackageLines>, Problem> {
    let ListLines { package_id, as_at, as_known_on } = params.0;
    if let Some(Err(error)) = as_known_on.map(FinancialYear::of) {
        let error = FieldError::new("?as_known_on", "out_of_range", error.to_string());
        return Err(Problem::with_errors(Code::InvalidParameter, vec![error]));
    }
    app.write(caller.actor(), move |write| {
        let known_on = as_known_on.map_or(KnownOn::Now, KnownOn::Day);
        let package = packages_of::find(write.connection, &package_id.0)?;
        let mut items = known_lines(write.connection, &package_id.0, known_on)?;
        if let Some(day) = as_at {
            items.retain(|line| line.valid_from <= day && line.valid_to.is_none_or(|ends| day < ends));
        }
        packages_of::record_read(write, &package)?;
        Ok(Json(PackageLines { items }))
    })
    .await
}

/// Read a package line's history
#[utoipa::path(tag = "packages", params(("id" = Id, Path, description = "The line's id")), security(("bearer" = ["packages:read"])),
    responses((status = 200, description = "Every version of the line", body = LineHistory)))]
#[get("/package-lines/{id}")]
pub async fn get_package_line(app: Data<App>, caller: Caller<PackagesRead>, id: Path<Id>) -> Result<Json<LineHistory>, Problem> {
    app.write(caller.actor(), move |write| {
        let versions = history(write.connection, &id.0)?;
        if let Some(version) = versions.first() {
            let package = packages_of::find(write.connection, &version.package_id)?;
            packages_of::record_read(write, &package)?;
        }
        Ok(Json(LineHistory { versions }))
    })
    .await
}

/// Record a package line
///
/// One that carries out no request is planned like any other, and is paid to a family only once a post has confirmed it.
#[utoipa::path(tag = "packages", request_body = NewPackageLine, security(("bearer" = ["packages:write"])),
    responses((status = 201, description = "The line", body = PackageLine)))]
#[post("/package-lines")]
pub async fn create_package_line(app: Data<App>, caller: Caller<PackagesWrite>, key: IdempotencyKey, body: Body<NewPackageLine>) -> Answer {
    let (once, profile) = (Once { key, request_sha256: body.request_sha256 }, app.profile.clone());
    app.create(caller.actor(), once, move |write| record(write, &profile, body.value)).await
}

/// End a package line
///
/// Sets the line's end, or moves it to an earlier day; a later one is a variation, which needs agreement. What was known before stays
/// on record as an earlier version.
#[utoipa::path(tag = "packages", params(("id" = Id, Path, description = "The line's id")), request_body = EndOfLine,
    security(("bearer" = ["packages:write"])), responses((status = 201, description = "The line's new version", body = PackageLine)))]
#[post("/package-lines/{id}/end")]
pub async fn end_package_line(
    app: Data<App>,
    caller: Caller<PackagesWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<EndOfLine>,
) -> Answer {
    let (once, profile) = (Once { key, request_sha256: body.request_sha256 }, app.profile.clone());
    app.create(caller.actor(), once, move |write| {
        let EndOfLine { valid_to, reason } = body.value;
        let latest = standing(write.connection, &id.0)?;
        if valid_to <= latest.valid_from {
            let detail = format!("the line starts on {}; one that should never have counted is reversed", latest.valid_from);
            return Err(Problem::invalid(vec![FieldError::new("/valid_to", "before_start", detail)]));
        }
        FinancialYear::of(valid_to)
            .map_err(|error| Problem::invalid(vec![FieldError::new("/valid_to", "out_of_range", error.to_string())]))?;
        if latest.valid_to == Some(valid_to) {
            return Err(Problem::new(Code::StateConflict, format!("The line ends on {valid_to} already.")));
        }
        if let Some(ends) = latest.valid_to.filter(|ends| valid_to > *ends) {
            let detail =
                format!("the line ends on {ends}; a later end is a variation of the kind `extension`: POST /v1/package-variations");
            return Err(Problem::invalid(vec![FieldError::new("/valid_to", "later_end", detail)]));
        }
        let ended = PackageLine { valid_to: Some(valid_to), state: LineState::Ended, reason: reason.0, variation_id: None, ..latest };
        let changed = ended.clone();
        carrying_again(write, &profile, changed.changed(valid_to), |write| add_version(write, ended, "end"))
    })
    .await
}

/// Reverse a package line
///
/// For a line recorded by mistake: it no longer counts on any day, and stays on record.
#[utoipa::path(tag = "packages", params(("id" = Id, Path, description = "The line's id")), request_body = NewReversal,
    security(("bearer" = ["packages:write"])), responses((status = 201, description = "The line's last version", body = PackageLine)))]
#[post("/package-lines/{id}/reversal")]
pub async fn reverse_package_line(
    app: Data<App>,
    caller: Caller<PackagesWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewReversal>,
) -> Answer {
    let (once, profile) = (Once { key, request_sha256: body.request_sha256 }, app.profile.clone());
    app.create(caller.actor(), once, move |write| {
        let latest = standing(write.connection, &id.0)?;
        let reversed = PackageLine { state: LineState::Reversed, reason: body.value.reason.0, variation_id: None, ..latest };
        let changed = reversed.clone();
        carrying_again(write, &profile, changed.changed(changed.valid_from), |write| {
            let reversed = add_version(write, reversed, "reverse")?;
            settle_line(write, &profile, reversed.request_line_id.as_deref())?;
            Ok(reversed)
        })
    })
    .await
}

fn record(write: &mut Write<'_>, profile: &Profile, new: NewPackageLine) -> Result<PackageLine, Problem> {
    let id = new_id();
    let line = PackageLine {
        line_id: id.clone(),
        id,
        version: 1,
        package_id: new.package_id.0,
        service: new.service.0,
        budget_line: new.budget_line.0,
        provider_id: new.provider_id.map(|id| id.0),
        statement_category: new.statement_category.map(|code| code.0),
        unit: new.unit,
        quantity_thousandths: new.quantity_thousandths,
        frequency: new.frequency,
        unit_rate_ten_thousandths: new.unit_rate_ten_thousandths,
        valid_from: new.valid_from,
        valid_to: new.valid_to,
        state: LineState::Recorded,
        reason: new.reason.0,
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
        request_line_id: new.request_line_id.map(|id| id.0),
        continues_line_id: None,
        variation_id: None,
    };
    let errors = checks::mistakes(write.connection, profile, &line)?;
    if !errors.is_empty() {
        return Err(Problem::invalid(errors));
    }
    carrying_again(write, profile, line.changed(line.valid_from), |write| {
        insert(write, &line)?;
        write.record(Event::new("record", "package_lines", &line.line_id))?;
        settle_line(write, profile, line.request_line_id.as_deref())
    })?;
    Ok(line)
}
