//! Joint fundings in their versions, as known now.

use crate::error::Error;
use crate::instant::Instant;
use chrono::NaiveDate;
use db::AnyConnection;
use db::schema::joint_fundings;
use diesel::prelude::*;
use domain::Pence;
use domain::joint_funding::shares::share_of;
use domain::joint_funding::{Funding, FundingState, Share, ShareFrequency};
use serde::Serialize;
use utoipa::ToSchema;

/// Ids in one query: well below what either database takes.
pub const CHUNK: usize = 500;

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
        share_of(self.percentage_ten_thousandths, self.amount_pence, self.amount_frequency)
    }
}

/// Which fundings.
#[derive(Debug, Clone, Copy)]
pub enum Of<'a> {
    /// Of these arrangements, by their first lines.
    Lines(&'a [String]),
    /// Of a package.
    Package(&'a str),
    /// By a funder.
    Provider(&'a str),
    /// These fundings.
    Ids(&'a [String]),
}

/// Fundings in their last version, reversed ones too, in the order first recorded.
pub fn last_versions(connection: &mut AnyConnection, of: Of<'_>) -> Result<Vec<JointFunding>, Error> {
    let mut versions = Vec::new();
    let chunks: Vec<&[String]> = match of {
        Of::Lines(ids) | Of::Ids(ids) => ids.chunks(CHUNK).collect(),
        Of::Package(_) | Of::Provider(_) => vec![&[]],
    };
    for some in chunks {
        let mut query = joint_fundings::table.select(JointFunding::as_select()).into_boxed();
        query = match of {
            Of::Lines(_) => query.filter(joint_fundings::line_id.eq_any(some)),
            Of::Ids(_) => query.filter(joint_fundings::funding_id.eq_any(some)),
            Of::Package(package) => query.filter(joint_fundings::package_id.eq(package)),
            Of::Provider(provider) => query.filter(joint_fundings::provider_id.eq(provider)),
        };
        versions.extend(query.order((joint_fundings::funding_id, joint_fundings::version)).load::<JointFunding>(connection)?);
    }
    let mut last: Vec<(i64, JointFunding)> = Vec::new();
    for version in versions {
        match last.last_mut() {
            Some((_, known)) if known.funding_id == version.funding_id => *known = version,
            _ => last.push((version.recorded_seq, version)),
        }
    }
    last.sort_by(|(a_seq, a), (b_seq, b)| (a_seq, &a.funding_id).cmp(&(b_seq, &b.funding_id)));
    Ok(last.into_iter().map(|(_, funding)| funding).collect())
}

/// What of a funding decides its income.
pub fn funding_of(row: &JointFunding) -> Option<Funding> {
    Some(Funding { share: row.share()?, valid_from: row.valid_from, valid_to: row.valid_to })
}

/// Every version of a funding, the oldest first.
pub(crate) fn history(connection: &mut AnyConnection, funding_id: &str) -> Result<Vec<JointFunding>, Error> {
    let versions: Vec<JointFunding> = joint_fundings::table
        .select(JointFunding::as_select())
        .filter(joint_fundings::funding_id.eq(funding_id))
        .order(joint_fundings::version)
        .load(connection)?;
    if versions.is_empty() { Err(Error::not_found("joint funding")) } else { Ok(versions) }
}
