//! What an invoice's lines are held against, read from the store.

use crate::error::Error;
use crate::joint_funding::invoices::credit_notes::reversed_among;
use crate::joint_funding::invoices::invoice::HealthInvoiceLine;
use crate::joint_funding::shares::funded_arrangements::funded_arrangements;
use crate::joint_funding::shares::share::{CHUNK, JointFunding, Of, last_versions};
use db::AnyConnection;
use db::schema::{health_credit_note_lines, health_credit_notes, health_invoice_lines, health_invoices};
use diesel::prelude::*;
use domain::joint_funding::invoices::facts::billed_by_share;
use domain::joint_funding::invoices::{Billed, InvoiceFacts, InvoicedLine, LineShare};
use domain::joint_funding::{CreditCause, FundingState};
use domain::{Pence, Profile};
use std::collections::{BTreeSet, HashMap};

/// Everything about these shares' package lines, as it would stand without one of the invoices.
pub(crate) fn facts_of_shares<'p>(
    connection: &mut AnyConnection,
    profile: &'p Profile,
    funding_ids: BTreeSet<String>,
    without_invoice: Option<&str>,
) -> Result<InvoiceFacts<'p>, Error> {
    let ids: Vec<String> = funding_ids.into_iter().collect();
    let first_lines: BTreeSet<String> = last_versions(connection, Of::Ids(&ids))?.into_iter().map(|share| share.line_id).collect();
    let first_lines: Vec<String> = first_lines.into_iter().collect();
    let shares: HashMap<String, LineShare> = last_versions(connection, Of::Lines(&first_lines))?
        .into_iter()
        .map(|share| (share.funding_id.clone(), line_share(share)))
        .collect();
    let ids: Vec<String> = shares.keys().cloned().collect();
    let arrangements = funded_arrangements(connection, &profile.costing, &first_lines)?;
    Ok(InvoiceFacts { shares, arrangements, billed: billed_without(connection, &ids, without_invoice)? })
}

/// What invoices have to know of a share.
pub(crate) fn line_share(share: JointFunding) -> LineShare {
    LineShare {
        funding_id: share.funding_id,
        line_id: share.line_id,
        provider_id: share.provider_id,
        budget_line: share.budget_line,
        is_reversed: share.state == FundingState::Reversed,
        valid_from: share.valid_from,
        valid_to: share.valid_to,
    }
}

/// By share, what is billed of it, by the first day; as it would be without one of the invoices.
pub(crate) fn billed_without(
    connection: &mut AnyConnection,
    funding_ids: &[String],
    without_invoice: Option<&str>,
) -> Result<HashMap<String, Vec<Billed>>, Error> {
    let mut lines: Vec<(HealthInvoiceLine, String)> = Vec::new();
    for some in funding_ids.chunks(CHUNK) {
        lines.extend(
            health_invoice_lines::table
                .inner_join(health_invoices::table)
                .filter(health_invoice_lines::funding_id.eq_any(some))
                .order((health_invoice_lines::funding_id, health_invoice_lines::period_from, health_invoice_lines::id))
                .select((HealthInvoiceLine::as_select(), health_invoices::number))
                .load::<(HealthInvoiceLine, String)>(connection)?,
        );
    }
    let invoices: BTreeSet<String> = lines.iter().map(|(line, _)| line.invoice_id.clone()).collect();
    let invoices: Vec<String> = invoices.into_iter().collect();
    let (reversed, credits) = (reversed_among(connection, &invoices)?, credits_of(connection, &invoices)?);
    lines.retain(|(line, _)| !reversed.contains(&line.invoice_id) && Some(line.invoice_id.as_str()) != without_invoice);
    let standing = |(line, invoice_number): (HealthInvoiceLine, String)| {
        let credited = credits.get(&line.id).copied().unwrap_or_default();
        InvoicedLine {
            expected: Pence(line.expected_pence.0 - credited.adjusted),
            asked: Pence(line.amount_pence.0 - credited.all),
            invoice_number,
            id: line.id,
            funding_id: line.funding_id,
            from: line.period_from,
            to: line.period_to,
            adjusts_line_id: line.adjusts_line_id,
        }
    };
    Ok(billed_by_share(lines.into_iter().map(standing).collect()))
}

/// What was credited of a line, in pence.
#[derive(Clone, Copy, Default)]
struct Credits {
    /// Because less was expected.
    adjusted: i64,
    /// For whatever cause.
    all: i64,
}

/// By line of these invoices, what was credited.
fn credits_of(connection: &mut AnyConnection, invoice_ids: &[String]) -> Result<HashMap<String, Credits>, Error> {
    let mut credits: HashMap<String, Credits> = HashMap::new();
    for some in invoice_ids.chunks(CHUNK) {
        let rows: Vec<(String, CreditCause, i64)> = health_credit_note_lines::table
            .inner_join(health_credit_notes::table)
            .filter(health_credit_notes::invoice_id.eq_any(some))
            .select((health_credit_note_lines::line_id, health_credit_notes::cause, health_credit_note_lines::amount_pence))
            .load(connection)?;
        for (line, cause, pence) in rows {
            let credited = credits.entry(line).or_default();
            credited.all += pence;
            if cause == CreditCause::Adjustment {
                credited.adjusted += pence;
            }
        }
    }
    Ok(credits)
}
