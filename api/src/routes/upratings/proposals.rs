//! Proposals of upratings: what somebody looked at and would raise, until somebody else in a post agrees it, or it is withdrawn.

use super::matching;
use super::terms::{self, NewUpratingProposal};
use crate::app::{Answer, App, IdempotencyKey, Located, Once};
use crate::auth::Caller;
use crate::auth::permission::{PackagesRead, PackagesWrite};
use crate::extract::{Body, Params};
use crate::instant::Instant;
use crate::page::{After, Cursor, Limit, Page};
use crate::problem::{Code, FieldError, Problem};
use crate::text::{Id, Text};
use actix_web::web::{Data, Json, Path};
use actix_web::{get, post};
use chrono::NaiveDate;
use db::schema::{open_uprating_proposals, uprating_proposal_withdrawals, uprating_proposals, upratings};
use db::{AnyConnection, Event, Write, new_id};
use diesel::prelude::*;
use domain::{Pence, Profile, UnitRate};
use serde::{Deserialize, Serialize};
use serde_json::json;
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

impl Located for UpratingProposal {
    fn location(&self) -> String {
        format!("/v1/uprating-proposals/{}", self.proposal.id)
    }
}

/// A withdrawal.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewUpratingProposalWithdrawal, example = json!({ "reason": "The provider asks for another rate" }))]
pub struct NewWithdrawal {
    /// Why, in words.
    pub reason: Text<500>,
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

/// List proposals of upratings
#[utoipa::path(tag = "packages", params(ListUpratingProposals), security(("bearer" = ["packages:read"])),
    responses((status = 200, description = "A page of proposals, in the order recorded", body = Page<UpratingProposal>)))]
#[get("/uprating-proposals")]
pub async fn list_uprating_proposals(
    app: Data<App>,
    _: Caller<PackagesRead>,
    params: Params<ListUpratingProposals>,
) -> Result<Json<Page<UpratingProposal>>, Problem> {
    use open_uprating_proposals as open;
    let ListUpratingProposals { limit, cursor, to_agree } = params.0;
    let after = cursor.after_record()?;
    app.read(move |connection| {
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
        Ok(Json(Page { items: whole(connection, page.items)?, next_cursor: page.next_cursor }))
    })
    .await
}

/// Read a proposal of an uprating
#[utoipa::path(tag = "packages", params(("id" = Id, Path, description = "The proposal's id")), security(("bearer" = ["packages:read"])),
    responses((status = 200, description = "The proposal, and where it stands", body = UpratingProposal)))]
#[get("/uprating-proposals/{id}")]
pub async fn get_uprating_proposal(app: Data<App>, _: Caller<PackagesRead>, id: Path<Id>) -> Result<Json<UpratingProposal>, Problem> {
    app.read(move |connection| find(connection, &id.0)?.ok_or_else(|| Problem::not_found("uprating proposal")).map(Json)).await
}

/// Propose an uprating
///
/// As a preview showed it. It raises nothing before somebody else, in a post with a limit, agrees it at `POST /v1/upratings`.
#[utoipa::path(tag = "packages", request_body = NewUpratingProposal, security(("bearer" = ["packages:write"])),
    responses((status = 201, description = "The proposal", body = UpratingProposal)))]
#[post("/uprating-proposals")]
pub async fn create_uprating_proposal(
    app: Data<App>,
    caller: Caller<PackagesWrite>,
    key: IdempotencyKey,
    body: Body<NewUpratingProposal>,
) -> Answer {
    let (once, profile) = (Once { key, request_sha256: body.request_sha256 }, app.profile.clone());
    app.create(caller.actor(), once, move |write| propose(write, &profile, body.value)).await
}

/// Withdraw a proposal of an uprating
///
/// While it waits for an agreement; also one that can no longer be agreed, so that it can be proposed anew.
#[utoipa::path(tag = "packages", params(("id" = Id, Path, description = "The proposal's id")), request_body = NewWithdrawal,
    security(("bearer" = ["packages:write"])), responses((status = 201, description = "The proposal, withdrawn", body = UpratingProposal)))]
#[post("/uprating-proposals/{id}/withdrawal")]
pub async fn withdraw_uprating_proposal(
    app: Data<App>,
    caller: Caller<PackagesWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewWithdrawal>,
) -> Answer {
    let once = Once { key, request_sha256: body.request_sha256 };
    app.create(caller.actor(), once, move |write| {
        let found = find(write.connection, &id.0)?.ok_or_else(|| Problem::not_found("uprating proposal"))?;
        require_open(&found)?;
        let withdrawal = Withdrawal {
            proposal_id: found.proposal.id.clone(),
            reason: body.value.reason.0,
            recorded_by: write.actor.id.clone(),
            recorded_at: write.at.into(),
            recorded_seq: write.seq(),
        };
        diesel::insert_into(uprating_proposal_withdrawals::table).values(&withdrawal).execute(write.connection)?;
        close(write, &found.proposal)?;
        write.record(Event::new("withdraw", "uprating_proposals", &found.proposal.id))?;
        Ok(UpratingProposal { state: ProposalState::Withdrawn, withdrawal: Some(withdrawal), ..found })
    })
    .await
}

fn propose(write: &mut Write<'_>, profile: &Profile, new: NewUpratingProposal) -> Result<UpratingProposal, Problem> {
    let terms = terms::sound(write.connection, &new)?;
    let Some(looked_at) = &new.preview_sha256 else {
        let detail = "look at it first, at POST /v1/uprating-previews, and repeat what that gives";
        return Err(Problem::invalid(vec![FieldError::new("/preview_sha256", "missing", detail)]));
    };
    let (_, preview) = matching::preview(write.connection, profile, &terms, write.at.date())?;
    if preview.preview_sha256 != *looked_at {
        let detail = "The lines or their costs are not what they were, or something else was looked at. Look again.";
        return Err(Problem::new(Code::StateConflict, detail));
    }
    if preview.lines.is_empty() {
        return Err(Problem::new(Code::StateConflict, "No line is raised: see what the preview skips."));
    }
    let proposal = Proposal {
        id: new_id(),
        provider_id: terms.provider_id,
        service: terms.service,
        valid_from: terms.from,
        percentage_ten_thousandths: terms.percentage_ten_thousandths,
        unit_rate_ten_thousandths: terms.unit_rate_ten_thousandths,
        lines: preview.line_count()?,
        full_year_before_pence: preview.full_year_before_pence,
        full_year_after_pence: preview.full_year_after_pence,
        preview_sha256: preview.preview_sha256,
        reason: new.reason.0,
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    };
    diesel::insert_into(uprating_proposals::table).values(&proposal).execute(write.connection)?;
    let open = (open_uprating_proposals::proposal_id.eq(&proposal.id), open_uprating_proposals::proposal_seq.eq(proposal.recorded_seq));
    diesel::insert_into(open_uprating_proposals::table).values(open).execute(write.connection)?;
    write.record(Event::new("propose", "uprating_proposals", &proposal.id).with(json!({ "lines": proposal.lines })))?;
    Ok(UpratingProposal { proposal, state: ProposalState::Proposed, uprating_id: None, withdrawal: None })
}

/// Refuses what no longer waits for an agreement.
pub(super) fn require_open(found: &UpratingProposal) -> Result<(), Problem> {
    let since = match (found.state, &found.withdrawal) {
        (ProposalState::Proposed, _) => return Ok(()),
        (_, Some(withdrawal)) => format!("The proposal was withdrawn on {}.", withdrawal.recorded_at.0.date()),
        (_, None) => "The proposal was agreed before, and is used once.".to_owned(),
    };
    Err(Problem::new(Code::StateConflict, since))
}

/// A proposal waits no more; what became of it is on record.
pub(super) fn close(write: &mut Write<'_>, proposal: &Proposal) -> Result<(), Problem> {
    diesel::delete(open_uprating_proposals::table.find(&proposal.id)).execute(write.connection)?;
    Ok(())
}

/// The proposal with that id, if there is one.
pub(super) fn find(connection: &mut AnyConnection, id: &str) -> Result<Option<UpratingProposal>, Problem> {
    let row = uprating_proposals::table.find(id).select(Proposal::as_select()).load(connection)?;
    Ok(whole(connection, row)?.pop())
}

/// Proposals with where they stand.
fn whole(connection: &mut AnyConnection, rows: Vec<Proposal>) -> Result<Vec<UpratingProposal>, Problem> {
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
