//! What could be invoiced: days that no invoice asks for yet, and what changed for days that one does.

use crate::error::Error;
use crate::joint_funding::invoices::facts::{billed_without, line_share};
use crate::joint_funding::shares::funded_arrangements::funded_arrangements;
use crate::joint_funding::shares::reading::record_reads;
use crate::joint_funding::shares::share::{JointFunding, Of, last_versions};
use crate::packages::unconfirmed::door_mistakes;
use crate::period;
use crate::text::Id;
use chrono::NaiveDate;
use db::schema::providers;
use db::{AnyConnection, Event, Write};
use diesel::dsl::exists;
use diesel::prelude::*;
use domain::joint_funding::invoices::proposal::{ProposedDays, ProposedKind, proposed};
use domain::packages::unconfirmed::{Asked, Door};
use domain::{FieldError, Pence, Profile, Refusal};
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
    /// Whether somebody with the authority has yet to confirm a package line of these days: then nothing more is asked for them.
    pub is_unconfirmed: bool,
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
    /// What is in neither, since nobody with the authority has confirmed a package line of the days.
    #[schema(value_type = i64)]
    pub unconfirmed_pence: Pence,
}

impl ProposedLine {
    fn of(funding: &JointFunding, days: &ProposedDays<'_>) -> Self {
        ProposedLine {
            kind: days.kind(),
            funding_id: funding.funding_id.clone(),
            line_id: funding.line_id.clone(),
            package_id: funding.package_id.clone(),
            budget_line: funding.budget_line.clone(),
            agreement_reference: funding.agreement_reference.clone(),
            period_from: days.from,
            period_to: days.to,
            adjusts_line_id: days.corrects.map(|billed| billed.line_id.clone()),
            adjusts_invoice_number: days.corrects.map(|billed| billed.invoice_number.clone()),
            expected_pence: days.expected,
            is_unconfirmed: false,
            withheld_pence: days.withheld,
        }
    }
}

/// What could be invoiced to a funder.
fn proposal_of(connection: &mut AnyConnection, profile: &Profile, asked: &InvoiceProposalParams) -> Result<InvoiceProposal, Error> {
    let mut errors = period::mistakes(asked.period_from, asked.period_to);
    let exists: bool = diesel::select(exists(providers::table.find(&asked.provider_id.0))).get_result(connection)?;
    if !exists {
        errors.push(FieldError::new("/provider_id", "unknown_reference", "no provider has this id"));
    }
    Refusal::unless_valid(errors)?;
    let fundings = last_versions(connection, Of::Provider(&asked.provider_id.0))?;
    let first_lines: BTreeSet<String> = fundings.iter().map(|funding| funding.line_id.clone()).collect();
    let first_lines: Vec<String> = first_lines.into_iter().collect();
    let arrangements = funded_arrangements(connection, &profile.costing, &first_lines)?;
    let ids: Vec<String> = fundings.iter().map(|funding| funding.funding_id.clone()).collect();
    let billed = billed_without(connection, &ids, None)?;
    let mut lines = Vec::new();
    for funding in fundings {
        let billed = billed.get(&funding.funding_id).map(Vec::as_slice).unwrap_or_default();
        let period = (asked.period_from, asked.period_to);
        let days = proposed(&arrangements, &line_share(funding.clone()), billed, period).map_err(Error::fault)?;
        lines.extend(days.into_iter().map(|days| ProposedLine::of(&funding, &days)));
    }
    mark_unconfirmed(connection, &mut lines)?;
    let sum = |is_meant: &dyn Fn(&ProposedLine) -> bool| {
        Pence::checked_sum(lines.iter().filter(|line| is_meant(line)).map(|line| line.expected_pence)).map_err(Error::fault)
    };
    let of_kind = |kind: ProposedKind| sum(&|line: &ProposedLine| line.kind == kind && !line.is_unconfirmed);
    let (charges_pence, adjustments_pence) = (of_kind(ProposedKind::Charge)?, of_kind(ProposedKind::Adjustment)?);
    let unconfirmed_pence = sum(&|line: &ProposedLine| line.is_unconfirmed)?;
    Ok(InvoiceProposal {
        provider_id: asked.provider_id.0.clone(),
        period_from: asked.period_from,
        period_to: asked.period_to,
        charges_pence,
        adjustments_pence,
        total_pence: charges_pence.checked_add(adjustments_pence).map_err(Error::fault)?,
        unconfirmed_pence,
        lines,
    })
}

/// Marks the lines that could not be invoiced: more for days of which a package line is unconfirmed.
fn mark_unconfirmed(connection: &mut AnyConnection, lines: &mut [ProposedLine]) -> Result<(), Error> {
    let more = lines.iter().enumerate().filter(|(_, line)| line.expected_pence > Pence::ZERO);
    let asked = more.map(|(place, line)| Asked {
        pointer: place.to_string(),
        arrangement: &line.line_id,
        days: Some((line.period_from, line.period_to)),
    });
    let asked: Vec<_> = asked.collect();
    let shut = door_mistakes(connection, Door::HealthInvoice, &asked)?;
    let shut: BTreeSet<usize> = shut.iter().filter_map(|mistake| mistake.pointer.parse().ok()).collect();
    lines.iter_mut().enumerate().for_each(|(place, line)| line.is_unconfirmed = shut.contains(&place));
    Ok(())
}

/// Proposes an invoice to a funder. It records nothing but that it was read, and every package that it tells of.
///
/// # Errors
/// When the period or the funder is not valid.
pub fn propose(write: &mut Write<'_>, profile: &Profile, asked: &InvoiceProposalParams) -> Result<InvoiceProposal, Error> {
    let proposal = proposal_of(write.connection, profile, asked)?;
    write.record(Event::new("read", "health_invoices", "proposal"))?;
    record_reads(write, proposal.lines.iter().map(|line| line.package_id.as_str()))?;
    Ok(proposal)
}
