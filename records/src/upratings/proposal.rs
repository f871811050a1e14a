//! Proposals of upratings, as they are on record, and where each stands.

use crate::error::Error;
use crate::instant::Instant;
use crate::page::{After, Cursor, Limit, Page};
use chrono::NaiveDate;
use db::AnyConnection;
use db::schema::{open_uprating_proposals, uprating_proposal_withdrawals, uprating_proposals, upratings};
use diesel::prelude::*;
use domain::upratings::Raised;
use domain::{Code, Pence, TimeZone, UnitRate};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use utoipa::{IntoParams, ToSchema};

/// A rise of rates as it was proposed.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = uprating_proposals)]
#[schema(as = RecordedUpratingProposal)]
pub struct Proposal {
    /// The proposal's id.
    pub id: String,
    /// Lines of this provider; null, of any.
    pub provider_id: Option<String>,
    /// Lines of this service; null, of any.
    pub service: Option<String>,
    /// The day from which the new rates would apply.
    pub valid_from: NaiveDate,
    /// By how much, in ten-thousandths of one per cent; null, there is a new rate.
    pub percentage_ten_thousandths: Option<i64>,
    /// The new price of a unit, in ten-thousandths of a pound.
    pub unit_rate_ten_thousandths: Option<UnitRate>,
    /// How many lines it would raise.
    pub lines: i64,
    /// What a full year of those lines costs before.
    #[schema(value_type = i64)]
    pub full_year_before_pence: Pence,
    /// What it would cost after.
    #[schema(value_type = i64)]
    pub full_year_after_pence: Pence,
    /// Of the preview that was looked at.
    pub preview_sha256: String,
    /// In words.
    pub reason: String,
    /// Who proposed it, and so does not agree it: a user's or client's id.
    pub recorded_by: String,
    /// When, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
}

/// That a proposal was withdrawn.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = uprating_proposal_withdrawals)]
#[schema(as = UpratingProposalWithdrawal)]
pub struct Withdrawal {
    /// The proposal.
    pub proposal_id: String,
    /// Why, in words.
    pub reason: String,
    /// Who recorded it: a user's or client's id.
    pub recorded_by: String,
    /// When, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
}

/// Where a proposal stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = UpratingProposalState)]
pub enum ProposalState {
    /// It waits for somebody's agreement.
    Proposed,
    /// Somebody agreed it, and the rates were raised.
    Agreed,
    /// It was withdrawn.
    Withdrawn,
}

/// A proposal, and where it stands.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a92", "provider_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a13", "service": null,
    "valid_from": "2024-04-01", "percentage_ten_thousandths": 42500, "unit_rate_ten_thousandths": null, "lines": 31,
    "full_year_before_pence": 12102090, "full_year_after_pence": 12616429,
    "preview_sha256": "5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9", "reason": "Contract, clause 12",
    "recorded_by": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a13", "recorded_at": "2024-03-18T09:00:00Z", "recorded_seq": 902,
    "state": "proposed", "uprating_id": null, "withdrawal": null
}))]
pub struct UpratingProposal {
    /// The proposal.
    #[serde(flatten)]
    pub proposal: Proposal,
    /// Where it stands.
    pub state: ProposalState,
    /// The uprating that it became.
    pub uprating_id: Option<String>,
    /// How it was withdrawn.
    pub withdrawal: Option<Withdrawal>,
}

impl Proposal {
    /// What it would do in all, as it was looked at.
    pub(crate) fn raised(&self) -> Raised<'_> {
        Raised {
            lines: self.lines,
            full_year_before: self.full_year_before_pence,
            full_year_after: self.full_year_after_pence,
            sha256: &self.preview_sha256,
        }
    }
}

/// What to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListUpratingProposals {
    /// Records on a page.
    #[serde(default)]
    #[param(value_type = Option<u16>, minimum = 1, maximum = 500, default = 50)]
    limit: Limit,
    /// Where the last page ended.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    cursor: Cursor,
    /// Only those that wait for an agreement.
    #[serde(default)]
    to_agree: bool,
}

/// Refuses what no longer waits for an agreement.
pub(crate) fn require_open(found: &UpratingProposal, zone: TimeZone) -> Result<(), Error> {
    let since = match (found.state, &found.withdrawal) {
        (ProposalState::Proposed, _) => return Ok(()),
        (_, Some(withdrawal)) => format!("The proposal was withdrawn on {}.", zone.day_of(withdrawal.recorded_at.0)),
        (_, None) => "The proposal was agreed before, and is used once.".to_owned(),
    };
    Err(Error::refused(Code::StateConflict, since))
}

/// The proposal with that id, if there is one.
pub fn find(connection: &mut AnyConnection, id: &str) -> Result<Option<UpratingProposal>, Error> {
    let row = uprating_proposals::table.find(id).select(Proposal::as_select()).load(connection)?;
    Ok(whole(connection, row)?.pop())
}

/// Proposals with where they stand.
fn whole(connection: &mut AnyConnection, rows: Vec<Proposal>) -> Result<Vec<UpratingProposal>, Error> {
    let ids: Vec<&String> = rows.iter().map(|row| &row.id).collect();
    let agreed: Vec<(Option<String>, String)> = upratings::table
        .filter(upratings::proposal_id.eq_any(ids.clone()))
        .select((upratings::proposal_id, upratings::id))
        .load(connection)?;
    let mut agreed: HashMap<String, String> = agreed.into_iter().filter_map(|(proposal, uprating)| Some((proposal?, uprating))).collect();
    let withdrawn: Vec<Withdrawal> = uprating_proposal_withdrawals::table
        .filter(uprating_proposal_withdrawals::proposal_id.eq_any(ids))
        .select(Withdrawal::as_select())
        .load(connection)?;
    let mut withdrawn: HashMap<String, Withdrawal> = withdrawn.into_iter().map(|row| (row.proposal_id.clone(), row)).collect();
    let standing = |proposal: Proposal| {
        let (uprating_id, withdrawal) = (agreed.remove(&proposal.id), withdrawn.remove(&proposal.id));
        let state = match (&uprating_id, &withdrawal) {
            (Some(_), _) => ProposalState::Agreed,
            (None, Some(_)) => ProposalState::Withdrawn,
            (None, None) => ProposalState::Proposed,
        };
        UpratingProposal { proposal, state, uprating_id, withdrawal }
    };
    Ok(rows.into_iter().map(standing).collect())
}

/// List proposals of upratings.
pub fn list(connection: &mut AnyConnection, wanted: ListUpratingProposals) -> Result<Page<UpratingProposal>, Error> {
    use open_uprating_proposals as open;
    let ListUpratingProposals { limit, cursor, to_agree } = wanted;
    let after = cursor.after_record()?;
    let mut query = uprating_proposals::table.select(Proposal::as_select()).into_boxed();
    if to_agree {
        let ids: Vec<String> = open::table
            .filter(open::proposal_seq.ge(after.seq))
            .filter(open::proposal_seq.gt(after.seq).or(open::proposal_id.gt(&after.id)))
            .order((open::proposal_seq, open::proposal_id))
            .select(open::proposal_id)
            .limit(limit.and_one())
            .load(connection)?;
        query = query.filter(uprating_proposals::id.eq_any(ids));
    }
    let rows = query
        .filter(uprating_proposals::recorded_seq.ge(after.seq))
        .filter(uprating_proposals::recorded_seq.gt(after.seq).or(uprating_proposals::id.gt(after.id)))
        .order((uprating_proposals::recorded_seq, uprating_proposals::id))
        .limit(limit.and_one())
        .load(connection)?;
    let page = limit.page(rows, |row: &Proposal| After::key(row.recorded_seq, &row.id));
    Ok(Page { items: whole(connection, page.items)?, next_cursor: page.next_cursor })
}

/// A proposal of an uprating.
pub fn read(connection: &mut AnyConnection, id: &str) -> Result<UpratingProposal, Error> {
    find(connection, id)?.ok_or_else(|| Error::not_found("uprating proposal"))
}
