//! What is invoiced of a joint funding already, and what was expected for those days.

use super::HealthInvoiceLine;
use crate::problem::Problem;
use crate::routes::joint_fundings::CHUNK;
use db::AnyConnection;
use db::schema::{health_credit_note_lines, health_credit_notes, health_invoice_lines, health_invoices};
use diesel::prelude::*;
use domain::Pence;
use domain::joint_funding::CreditCause;
use std::collections::{BTreeSet, HashMap, HashSet};

/// Days of a funding that an invoice asks for, which nobody took back.
#[derive(Debug, Clone)]
pub(super) struct Billed {
    /// The line that asks for them first.
    pub(super) line: HealthInvoiceLine,
    /// Its invoice's number.
    pub(super) invoice_number: String,
    /// What was expected for the days up to now: of the line, of later corrections of it, less what was credited because less was
    /// expected.
    pub(super) expected: Pence,
    /// What still stands asked for: by the line and later corrections of it, less everything credited of them.
    pub(super) asked: Pence,
    /// What of that each invoice asks for, by its number: the line's own first, then those of its corrections, which may be less than
    /// nothing.
    pub(super) by_invoice: Vec<(String, Pence)>,
}

/// By funding, what is billed of it, by the first day.
pub(super) fn billed_of(connection: &mut AnyConnection, funding_ids: &[String]) -> Result<HashMap<String, Vec<Billed>>, Problem> {
    billed_without(connection, funding_ids, None)
}

/// The same, as it would be without one of the invoices.
pub(super) fn billed_without(
    connection: &mut AnyConnection,
    funding_ids: &[String],
    invoice_id: Option<&str>,
) -> Result<HashMap<String, Vec<Billed>>, Problem> {
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
    lines.retain(|(line, _)| !reversed.contains(&line.invoice_id) && Some(line.invoice_id.as_str()) != invoice_id);
    let stands = |line: &HealthInvoiceLine| {
        let credited = credits.get(&line.id).copied().unwrap_or_default();
        (line.expected_pence.0 - credited.adjusted, line.amount_pence.0 - credited.all)
    };
    let mut corrected: HashMap<String, Vec<(i64, i64, String)>> = HashMap::new();
    for (line, number) in &lines {
        if let Some(first) = &line.adjusts_line_id {
            let (expected, asked) = stands(line);
            corrected.entry(first.clone()).or_default().push((expected, asked, number.clone()));
        }
    }
    let mut billed: HashMap<String, Vec<Billed>> = HashMap::new();
    for (line, invoice_number) in lines.into_iter().filter(|(line, _)| line.adjusts_line_id.is_none()) {
        let (mut expected, mut asked) = stands(&line);
        let mut by_invoice = vec![(invoice_number.clone(), Pence(asked))];
        for (more_expected, more_asked, number) in corrected.remove(&line.id).unwrap_or_default() {
            expected += more_expected;
            asked += more_asked;
            by_invoice.push((number, Pence(more_asked)));
        }
        let (expected, asked) = (Pence(expected), Pence(asked));
        billed.entry(line.funding_id.clone()).or_default().push(Billed { line, invoice_number, expected, asked, by_invoice });
    }
    Ok(billed)
}

/// Those of these invoices that were taken back.
pub(super) fn reversed_among(connection: &mut AnyConnection, invoice_ids: &[String]) -> Result<HashSet<String>, Problem> {
    let mut reversed = HashSet::new();
    for some in invoice_ids.chunks(CHUNK) {
        let query = health_credit_notes::table
            .filter(health_credit_notes::invoice_id.eq_any(some))
            .filter(health_credit_notes::cause.eq(CreditCause::Reversal))
            .select(health_credit_notes::invoice_id);
        reversed.extend(query.load::<String>(connection)?);
    }
    Ok(reversed)
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
fn credits_of(connection: &mut AnyConnection, invoice_ids: &[String]) -> Result<HashMap<String, Credits>, Problem> {
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
