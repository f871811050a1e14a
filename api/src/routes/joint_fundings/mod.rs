//! Joint fundings: what health pays of a package line, from when to when.
//!
//! A share belongs to an arrangement, named by its first line, so it goes on when a variation carries the line on. It is a row of
//! versions: ending or reversing it adds one. Delegated authority is tested on the gross cost; a share takes nothing off it.

mod checks;
mod known;
mod line_funding;
mod recording;

pub use known::{CHUNK, FundedArrangement, FundedArrangements, Of, funding_of, last_versions};
pub use line_funding::{FundedLine, FundingSplit, funded_lines};

use super::packages as packages_of;
use crate::app::{Answer, App, IdempotencyKey, Located, Once};
use crate::auth::Caller;
use crate::auth::permission::{JointFundingRead, JointFundingWrite};
use crate::extract::{Body, Params};
use crate::instant::Instant;
use crate::page::{After, Cursor, Limit, Page};
use crate::problem::Problem;
use crate::reversal::NewReversal;
use crate::text::{CodeText, Id, Text};
use actix_web::web::{Data, Json, Path};
use actix_web::{get, post};
use chrono::NaiveDate;
use db::schema::{joint_fundings, packages};
use db::{Event, Write};
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use domain::joint_funding::{FundingState, Share, ShareFrequency};
use domain::{FinancialYear, Pence};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use utoipa::{IntoParams, ToSchema};

/// What a funder pays of a package line, in one of its versions.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = joint_fundings)]
#[schema(example = json!({
    "id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a51", "funding_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a51", "version": 1,
    "line_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a21", "package_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a11",
    "provider_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a13", "budget_line": "chc_income", "percentage_ten_thousandths": 500000,
    "amount_pence": null, "amount_frequency": null, "valid_from": "2024-04-01", "valid_to": null, "agreement_reference": "JF-2024-017",
    "state": "recorded", "reason": "Continuing care panel of 14 March 2024", "recorded_by": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a11",
    "recorded_at": "2024-04-01T09:00:00Z", "recorded_seq": 412
}))]
pub struct JointFunding {
    /// This version's id.
    pub id: String,
    /// The funding's id, the same in every version.
    pub funding_id: String,
    /// 1, 2, 3 …
    pub version: i64,
    /// The first line of the arrangement that is paid for.
    pub line_id: String,
    /// The package it belongs to.
    pub package_id: String,
    /// The body that pays.
    pub provider_id: String,
    /// The budget line that receives.
    pub budget_line: String,
    /// Of the cost, in ten-thousandths of a per cent: 1000000 is all of it. Null for an amount.
    pub percentage_ten_thousandths: Option<i64>,
    /// A fixed amount, so often. Null for a percentage.
    #[schema(value_type = Option<i64>)]
    pub amount_pence: Option<Pence>,
    /// How often the amount.
    pub amount_frequency: Option<ShareFrequency>,
    /// The first day it pays for.
    pub valid_from: NaiveDate,
    /// The first day it no longer pays for; null, open-ended.
    pub valid_to: Option<NaiveDate>,
    /// The agreement's own reference.
    pub agreement_reference: String,
    /// What this version says.
    pub state: FundingState,
    /// In words.
    pub reason: String,
    /// Who recorded it: a user's or client's id.
    pub recorded_by: String,
    /// When, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
}

impl JointFunding {
    /// What of it decides the income; none for a row that says neither a percentage nor an amount, which the table refuses.
    pub fn share(&self) -> Option<Share> {
        match (self.percentage_ten_thousandths, self.amount_pence, self.amount_frequency) {
            (Some(share), None, None) => Some(Share::Percentage(share)),
            (None, Some(amount), Some(every)) => Some(Share::Fixed { amount, every }),
            _ => None,
        }
    }
}

/// What a share comes to, beside the other shares of the line.
#[derive(Debug, Serialize, ToSchema)]
pub struct FundingCost {
    /// What a whole year of the line costs.
    #[schema(value_type = i64)]
    pub full_year_gross_pence: Pence,
    /// What the funder pays of it.
    #[schema(value_type = i64)]
    pub full_year_income_pence: Pence,
    /// What is cut off a fixed amount that is more than the cost left.
    #[schema(value_type = i64)]
    pub full_year_withheld_pence: Pence,
    /// The financial year of today.
    pub year: FinancialYear,
    /// What the funder pays in that year.
    #[schema(value_type = i64)]
    pub this_year_income_pence: Pence,
    /// What is cut off in that year.
    #[schema(value_type = i64)]
    pub this_year_withheld_pence: Pence,
}

/// A joint funding, and what it comes to.
#[derive(Debug, Serialize, ToSchema)]
pub struct CostedFunding {
    /// The funding.
    #[serde(flatten)]
    pub funding: JointFunding,
    /// What it comes to; null once it is reversed.
    pub cost: Option<FundingCost>,
}

impl Located for CostedFunding {
    fn location(&self) -> String {
        format!("/v1/joint-fundings/{}", self.funding.funding_id)
    }
}

/// Every version of a joint funding.
#[derive(Debug, Serialize, ToSchema)]
pub struct FundingHistory {
    /// The oldest first.
    pub versions: Vec<JointFunding>,
    /// What it comes to; null once it is reversed.
    pub cost: Option<FundingCost>,
}

/// A joint funding to record: either a percentage, or an amount and how often.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "line_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a21", "provider_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a13",
    "budget_line": "chc_income", "percentage_ten_thousandths": 500000, "valid_from": "2024-04-01", "agreement_reference": "JF-2024-017",
    "reason": "Continuing care panel of 14 March 2024"
}))]
pub struct NewJointFunding {
    /// The line that is paid for: the first of its arrangement.
    pub line_id: Id,
    /// The body that pays: a provider of the sector `other_public`.
    pub provider_id: Id,
    /// The budget line that receives: one of income.
    pub budget_line: CodeText,
    /// Of the cost, in ten-thousandths of a per cent: 500000 is half, 1000000 all of it.
    #[schema(minimum = 1, maximum = 1000000)]
    pub percentage_ten_thousandths: Option<i64>,
    /// A fixed amount, so often.
    #[schema(value_type = Option<i64>, minimum = 1, maximum = 100000000000i64)]
    pub amount_pence: Option<Pence>,
    /// How often the amount.
    pub amount_frequency: Option<ShareFrequency>,
    /// The first day it pays for.
    pub valid_from: NaiveDate,
    /// The first day it no longer pays for; none, open-ended.
    pub valid_to: Option<NaiveDate>,
    /// The agreement's own reference.
    pub agreement_reference: Text<60>,
    /// In words.
    pub reason: Text<500>,
}

/// When a funder's share ends.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "valid_to": "2024-10-01", "reason": "No longer eligible" }))]
pub struct EndOfFunding {
    /// The first day it no longer pays for, after its start.
    pub valid_to: NaiveDate,
    /// In words.
    pub reason: Text<500>,
}

/// What to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListJointFundings {
    /// Records on a page.
    #[serde(default)]
    #[param(value_type = Option<u16>, minimum = 1, maximum = 500, default = 50)]
    limit: Limit,
    /// Where the last page ended.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    cursor: Cursor,
    /// Only of this arrangement, by its first line.
    line_id: Option<Id>,
    /// Only of this package.
    package_id: Option<Id>,
    /// Only by this funder.
    provider_id: Option<Id>,
}

// The same table once more, to ask whether a version has a later one.
diesel::alias!(const LATER: Alias<Later> = joint_fundings as later);

/// List joint fundings
///
/// Each in its last version, in the order last recorded: one that is ended while a reader pages comes again. Reversed ones are left
/// out.
#[utoipa::path(tag = "joint funding", params(ListJointFundings), security(("bearer" = ["joint_funding:read"])),
    responses((status = 200, description = "A page of joint fundings", body = Page<JointFunding>)))]
#[get("/joint-fundings")]
pub async fn list_joint_fundings(
    app: Data<App>,
    caller: Caller<JointFundingRead>,
    params: Params<ListJointFundings>,
) -> Result<Json<Page<JointFunding>>, Problem> {
    let ListJointFundings { limit, cursor, line_id, package_id, provider_id } = params.0;
    let after = cursor.after_record()?;
    app.write(caller.actor(), move |write| {
        let later = LATER.filter(LATER.field(joint_fundings::funding_id).eq(joint_fundings::funding_id));
        let mut query = joint_fundings::table
            .select(JointFunding::as_select())
            .filter(not(exists(later.filter(LATER.field(joint_fundings::version).gt(joint_fundings::version)))))
            .filter(joint_fundings::state.ne(FundingState::Reversed))
            .filter(joint_fundings::recorded_seq.ge(after.seq))
            .filter(joint_fundings::recorded_seq.gt(after.seq).or(joint_fundings::id.gt(after.id)))
            .into_boxed();
        if let Some(line) = line_id {
            query = query.filter(joint_fundings::line_id.eq(line.0));
        }
        if let Some(package) = package_id {
            query = query.filter(joint_fundings::package_id.eq(package.0));
        }
        if let Some(provider) = provider_id {
            query = query.filter(joint_fundings::provider_id.eq(provider.0));
        }
        let rows = query.order((joint_fundings::recorded_seq, joint_fundings::id)).limit(limit.and_one()).load(write.connection)?;
        let page = limit.page(rows, |row: &JointFunding| After::key(row.recorded_seq, &row.id));
        write.record(Event::new("list", "joint_fundings", ""))?;
        record_reads(write, page.items.iter().map(|row| row.package_id.as_str()))?;
        Ok(Json(page))
    })
    .await
}

/// Read a joint funding's history
#[utoipa::path(tag = "joint funding", params(("id" = Id, Path, description = "The funding's id")), security(("bearer" = ["joint_funding:read"])),
    responses((status = 200, description = "Every version of the funding, and what it comes to", body = FundingHistory)))]
#[get("/joint-fundings/{id}")]
pub async fn get_joint_funding(app: Data<App>, caller: Caller<JointFundingRead>, id: Path<Id>) -> Result<Json<FundingHistory>, Problem> {
    let profile = app.profile.clone();
    app.write(caller.actor(), move |write| {
        let versions = recording::history(write.connection, &id.0)?;
        let latest = versions.last().cloned().ok_or_else(|| Problem::not_found("joint funding"))?;
        write.record(Event::new("read", "joint_fundings", &latest.funding_id))?;
        record_reads(write, [latest.package_id.as_str()])?;
        Ok(Json(FundingHistory { versions, cost: recording::cost_of(write, &profile, &latest)? }))
    })
    .await
}

/// Record a joint funding
///
/// Percentages of one line together are never more than 100 %. A fixed amount that is more than the cost of a month is cut to it, and
/// the answer says by how much.
#[utoipa::path(tag = "joint funding", request_body = NewJointFunding, security(("bearer" = ["joint_funding:write"])),
    responses((status = 201, description = "The funding, and what it comes to", body = CostedFunding)))]
#[post("/joint-fundings")]
pub async fn create_joint_funding(
    app: Data<App>,
    caller: Caller<JointFundingWrite>,
    key: IdempotencyKey,
    body: Body<NewJointFunding>,
) -> Answer {
    let (once, profile) = (Once { key, request_sha256: body.request_sha256 }, app.profile.clone());
    app.create(caller.actor(), once, move |write| recording::record(write, &profile, body.value)).await
}

/// End a joint funding
///
/// Sets or moves the end of a funder's share. What was invoiced for days past it stays as it is: the next proposal shows the difference.
#[utoipa::path(tag = "joint funding", params(("id" = Id, Path, description = "The funding's id")), request_body = EndOfFunding,
    security(("bearer" = ["joint_funding:write"])), responses((status = 201, description = "The funding's new version", body = CostedFunding)))]
#[post("/joint-fundings/{id}/end")]
pub async fn end_joint_funding(
    app: Data<App>,
    caller: Caller<JointFundingWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<EndOfFunding>,
) -> Answer {
    let (once, profile) = (Once { key, request_sha256: body.request_sha256 }, app.profile.clone());
    app.create(caller.actor(), once, move |write| recording::end(write, &profile, &id.0, body.value)).await
}

/// Reverse a joint funding
///
/// For one recorded by mistake: it no longer counts on any day, and stays on record.
#[utoipa::path(tag = "joint funding", params(("id" = Id, Path, description = "The funding's id")), request_body = NewReversal,
    security(("bearer" = ["joint_funding:write"])), responses((status = 201, description = "The funding's last version", body = CostedFunding)))]
#[post("/joint-fundings/{id}/reversal")]
pub async fn reverse_joint_funding(
    app: Data<App>,
    caller: Caller<JointFundingWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewReversal>,
) -> Answer {
    let (once, profile) = (Once { key, request_sha256: body.request_sha256 }, app.profile.clone());
    app.create(caller.actor(), once, move |write| recording::reverse(write, &profile, &id.0, body.value.reason.0)).await
}

/// Puts it on the trail that these packages were read, each once, and with it the record of its child.
pub fn record_reads<'a>(write: &mut Write<'_>, package_ids: impl IntoIterator<Item = &'a str>) -> Result<(), Problem> {
    let ids: BTreeSet<&str> = package_ids.into_iter().collect();
    let ids: Vec<&str> = ids.into_iter().collect();
    for some in ids.chunks(CHUNK) {
        let read: Vec<packages_of::Package> = packages::table
            .filter(packages::id.eq_any(some))
            .order(packages::id)
            .select(packages_of::Package::as_select())
            .load(write.connection)?;
        for package in &read {
            packages_of::record_read(write, package)?;
        }
    }
    Ok(())
}
