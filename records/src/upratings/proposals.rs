//! Proposing an uprating: what somebody looked at and would raise, until somebody else in a post agrees it, or it is withdrawn.

use crate::error::Error;
use crate::text::Text;
use crate::upratings::matching::Now;
use crate::upratings::proposal::{Proposal, ProposalState, UpratingProposal, Withdrawal, find, require_open};
use crate::upratings::terms::NewUpratingProposal;
use crate::upratings::{matching, terms};
use db::schema::{open_uprating_proposals, uprating_proposal_withdrawals, uprating_proposals};
use db::{Event, Write, new_id};
use diesel::prelude::*;
use domain::upratings::refuse_other_than_looked_at;
use domain::{FieldError, Profile};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

/// A withdrawal.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewUpratingProposalWithdrawal, example = json!({ "reason": "The provider asks for another rate" }))]
pub struct NewWithdrawal {
    /// Why, in words.
    pub reason: Text<500>,
}

/// Proposes a rise as a preview showed it; it raises nothing before somebody else agrees it.
pub fn propose(write: &mut Write<'_>, profile: &Profile, new: NewUpratingProposal) -> Result<UpratingProposal, Error> {
    let terms = terms::sound(write.connection, &new)?;
    let Some(looked_at) = &new.preview_sha256 else {
        let detail = "look at it first, at POST /v1/uprating-previews, and repeat what that gives";
        return Err(Error::invalid(vec![FieldError::new("/preview_sha256", "missing", detail)]));
    };
    let (_, preview) = matching::preview(write.connection, profile, &terms, Now { today: write.today(), at: write.at })?;
    refuse_other_than_looked_at(&preview.raised()?, looked_at)?;
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

/// A proposal waits no more; what became of it is on record.
pub(crate) fn close(write: &mut Write<'_>, proposal: &Proposal) -> Result<(), Error> {
    diesel::delete(open_uprating_proposals::table.find(&proposal.id)).execute(write.connection)?;
    Ok(())
}

/// Withdraws a proposal of an uprating.
pub fn withdraw(write: &mut Write<'_>, id: &str, new: NewWithdrawal) -> Result<UpratingProposal, Error> {
    let found = find(write.connection, id)?.ok_or_else(|| Error::not_found("uprating proposal"))?;
    require_open(&found, write.zone)?;
    let withdrawal = Withdrawal {
        proposal_id: found.proposal.id.clone(),
        reason: new.reason.0,
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    };
    diesel::insert_into(uprating_proposal_withdrawals::table).values(&withdrawal).execute(write.connection)?;
    close(write, &found.proposal)?;
    write.record(Event::new("withdraw", "uprating_proposals", &found.proposal.id))?;
    Ok(UpratingProposal { state: ProposalState::Withdrawn, withdrawal: Some(withdrawal), ..found })
}
