//! What could be invoiced: days that no invoice asks for yet, and what changed for days that one does.

use super::billed::{Billed, billed_of};
use crate::app::App;
use crate::auth::Caller;
use crate::auth::permission::JointFundingRead;
use crate::extract::Body;
use crate::period;
use crate::problem::{FieldError, Problem};
use crate::routes::joint_fundings::{FundedArrangements, JointFunding, Of, last_versions, record_reads};
use crate::text::Id;
use actix_web::post;
use actix_web::web::{Data, Json};
use chrono::NaiveDate;
use db::schema::providers;
use db::{AnyConnection, Event};
use diesel::prelude::*;
use domain::joint_funding::FundingState;
use domain::{Pence, Profile};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use utoipa::ToSchema;

/// For whom, and which days.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "provider_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a13", "period_from": "2024-04-01", "period_to": "2024-05-01"
}))]
pub struct InvoiceProposalParams {
    /// The body that is to pay.
    pub provider_id: Id,
    /// The first day to invoice.
    pub period_from: NaiveDate,
    /// The first day after.
    pub period_to: NaiveDate,
}

/// Why a line is proposed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProposedKind {
    /// No invoice asks for these days yet.
    Charge,
    /// An invoice does, and another amount is expected now.
    Adjustment,
}

/// A line that could be invoiced.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProposedLine {
    /// Why.
    pub kind: ProposedKind,
    /// The joint funding.
    pub funding_id: String,
    /// The first line of the arrangement it pays for.
    pub line_id: String,
    /// Its package.
    pub package_id: String,
    /// The budget line that receives.
    pub budget_line: String,
    /// The agreement's own reference.
    pub agreement_reference: String,
    /// The first day.
    pub period_from: NaiveDate,
    /// The first day after.
    pub period_to: NaiveDate,
    /// Of an adjustment: the line that asked for these days.
    pub adjusts_line_id: Option<String>,
    /// Of an adjustment: the number of that line's invoice.
    pub adjusts_invoice_number: Option<String>,
    /// What is expected; of an adjustment, how much more, or less where it is negative, and never less than nothing is left asked for.
    /// Less goes on a credit note for that invoice, or takes something off the next.
    #[schema(value_type = i64)]
    pub expected_pence: Pence,
    /// What is cut off a fixed amount that is more than the cost of the days; nothing of an adjustment.
    #[schema(value_type = i64)]
    pub withheld_pence: Pence,
}

/// What could be invoiced.
#[derive(Debug, Serialize, ToSchema)]
pub struct InvoiceProposal {
    /// The body that is to pay.
    pub provider_id: String,
    /// The first day asked for.
    pub period_from: NaiveDate,
    /// The first day after.
    pub period_to: NaiveDate,
    /// By joint funding, in the order recorded, and by first day.
    pub lines: Vec<ProposedLine>,
    /// What is expected for days not invoiced yet.
    #[schema(value_type = i64)]
    pub charges_pence: Pence,
    /// What changed for days invoiced.
    #[schema(value_type = i64)]
    pub adjustments_pence: Pence,
    /// Both together.
    #[schema(value_type = i64)]
    pub total_pence: Pence,
}

/// Propose an invoice to health
///
/// Every joint funding's expected amounts of the period that no invoice asks for yet; and, of days that one asked for before the period's
/// end, what is expected differently now: a line that was changed back in time, a share that ended. Records nothing but that it was read.
#[utoipa::path(tag = "joint funding", request_body = InvoiceProposalParams, security(("bearer" = ["joint_funding:read"])),
    responses((status = 200, description = "What could be invoiced", body = InvoiceProposal)))]
#[post("/health-invoice-proposals")]
pub async fn propose_health_invoice(
    app: Data<App>,
    caller: Caller<JointFundingRead>,
    body: Body<InvoiceProposalParams>,
) -> Result<Json<InvoiceProposal>, Problem> {
    let (profile, asked) = (app.profile.clone(), body.value);
    app.write(caller.actor(), move |write| {
        let proposal = propose(write.connection, &profile, &asked)?;
        write.record(Event::new("read", "health_invoices", "proposal"))?;
        record_reads(write, proposal.lines.iter().map(|line| line.package_id.as_str()))?;
        Ok(Json(proposal))
    })
    .await
}

fn propose(connection: &mut AnyConnection, profile: &Profile, asked: &InvoiceProposalParams) -> Result<InvoiceProposal, Problem> {
    let mut errors = period::mistakes(asked.period_from, asked.period_to);
    let exists: bool = diesel::select(diesel::dsl::exists(providers::table.find(&asked.provider_id.0))).get_result(connection)?;
    if !exists {
        errors.push(FieldError::new("/provider_id", "unknown_reference", "no provider has this id"));
    }
    if !errors.is_empty() {
        return Err(Problem::invalid(errors));
    }
    let fundings = last_versions(connection, Of::Provider(&asked.provider_id.0))?;
    let first_lines: BTreeSet<String> = fundings.iter().map(|funding| funding.line_id.clone()).collect();
    let first_lines: Vec<String> = first_lines.into_iter().collect();
    let known = FundedArrangements::of(connection, &profile.costing, &first_lines)?;
    let ids: Vec<String> = fundings.iter().map(|funding| funding.funding_id.clone()).collect();
    let billed = billed_of(connection, &ids)?;
    let mut lines = Vec::new();
    for funding in &fundings {
        let billed = billed.get(&funding.funding_id).map(Vec::as_slice).unwrap_or_default();
        lines.extend(charges(&known, funding, billed, asked)?);
        lines.extend(adjustments(&known, funding, billed, asked.period_to)?);
    }
    let sum = |kind: ProposedKind| {
        let of_kind = lines.iter().filter(|line| line.kind == kind).map(|line| line.expected_pence);
        Pence::checked_sum(of_kind).map_err(Problem::internal)
    };
    let (charges_pence, adjustments_pence) = (sum(ProposedKind::Charge)?, sum(ProposedKind::Adjustment)?);
    Ok(InvoiceProposal {
        provider_id: asked.provider_id.0.clone(),
        period_from: asked.period_from,
        period_to: asked.period_to,
        charges_pence,
        adjustments_pence,
        total_pence: charges_pence.checked_add(adjustments_pence).map_err(Problem::internal)?,
        lines,
    })
}

/// The days of the period, within the funding's own, that no invoice asks for.
fn charges(
    known: &FundedArrangements<'_>,
    funding: &JointFunding,
    billed: &[Billed],
    asked: &InvoiceProposalParams,
) -> Result<Vec<ProposedLine>, Problem> {
    let mut lines = Vec::new();
    if funding.state == FundingState::Reversed {
        return Ok(lines);
    }
    let to = funding.valid_to.map_or(asked.period_to, |ends| ends.min(asked.period_to));
    for (from, to) in gaps(billed, asked.period_from.max(funding.valid_from), to) {
        let Some(arrangement) = known.get(&funding.line_id) else { continue };
        let part = arrangement.part(&funding.funding_id, from, to).map_err(Problem::internal)?;
        if part.income != Pence::ZERO {
            let line = proposed(ProposedKind::Charge, funding, (from, to), part.income);
            lines.push(ProposedLine { withheld_pence: part.withheld, ..line });
        }
    }
    Ok(lines)
}

/// What is left of the days from `from` to the day before `to`; what is billed is in order and does not overlap.
fn gaps(billed: &[Billed], from: NaiveDate, to: NaiveDate) -> Vec<(NaiveDate, NaiveDate)> {
    let (mut gaps, mut at) = (Vec::new(), from);
    for line in billed.iter().map(|billed| &billed.line).filter(|line| line.period_to > from && line.period_from < to) {
        if line.period_from > at {
            gaps.push((at, line.period_from));
        }
        at = at.max(line.period_to);
    }
    if at < to {
        gaps.push((at, to));
    }
    gaps
}

fn adjustments(
    known: &FundedArrangements<'_>,
    funding: &JointFunding,
    billed: &[Billed],
    before: NaiveDate,
) -> Result<Vec<ProposedLine>, Problem> {
    let mut lines = Vec::new();
    for billed in billed.iter().filter(|billed| billed.line.period_from < before) {
        let change = correction_of(known, &funding.line_id, billed)?;
        if change != Pence::ZERO {
            let line = proposed(ProposedKind::Adjustment, funding, (billed.line.period_from, billed.line.period_to), change);
            lines.push(ProposedLine {
                adjusts_line_id: Some(billed.line.id.clone()),
                adjusts_invoice_number: Some(billed.invoice_number.clone()),
                ..line
            });
        }
    }
    Ok(lines)
}

/// How much more, or less, is expected for days billed than was.
pub(super) fn change_of(known: &FundedArrangements<'_>, first_line: &str, billed: &Billed) -> Result<Pence, Problem> {
    let Some(arrangement) = known.get(first_line) else { return Ok(Pence::ZERO) };
    let line = &billed.line;
    let now = arrangement.part(&line.funding_id, line.period_from, line.period_to).map_err(Problem::internal)?.income;
    now.checked_sub(billed.expected).map_err(Problem::internal)
}

/// What a correction of days billed would be now: the change, but never so much less that less than nothing would be asked for.
pub(super) fn correction_of(known: &FundedArrangements<'_>, first_line: &str, billed: &Billed) -> Result<Pence, Problem> {
    let least = billed.asked.max(Pence::ZERO).checked_neg().map_err(Problem::internal)?;
    Ok(change_of(known, first_line, billed)?.max(least))
}

fn proposed(kind: ProposedKind, funding: &JointFunding, (from, to): (NaiveDate, NaiveDate), expected: Pence) -> ProposedLine {
    ProposedLine {
        kind,
        funding_id: funding.funding_id.clone(),
        line_id: funding.line_id.clone(),
        package_id: funding.package_id.clone(),
        budget_line: funding.budget_line.clone(),
        agreement_reference: funding.agreement_reference.clone(),
        period_from: from,
        period_to: to,
        adjusts_line_id: None,
        adjusts_invoice_number: None,
        expected_pence: expected,
        withheld_pence: Pence::ZERO,
    }
}
