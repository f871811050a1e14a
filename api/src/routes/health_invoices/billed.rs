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
}

/// By funding, what is billed of it, by the first day.
pub(super) fn billed_of(connection: &mut AnyConnection, funding_ids: &[String]) -> Result<HashMap<String, Vec<Billed>>, Problem> {
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
    let (reversed, credited) = (reversed_among(connection, &invoices)?, adjusted_by_credit(connection, &invoices)?);
    lines.retain(|(line, _)| !reversed.contains(&line.invoice_id));
    let change = |line: &HealthInvoiceLine| line.expected_pence.0 - credited.get(&line.id).copied().unwrap_or_default();
    let mut corrected: HashMap<String, i64> = HashMap::new();
    for (line, _) in &lines {
        if let Some(first) = &line.adjusts_line_id {
            *corrected.entry(first.clone()).or_default() += change(line);
        }
    }
    let mut billed: HashMap<String, Vec<Billed>> = HashMap::new();
    for (line, invoice_number) in lines.into_iter().filter(|(line, _)| line.adjusts_line_id.is_none()) {
        let expected = Pence(change(&line) + corrected.get(&line.id).copied().unwrap_or_default());
        billed.entry(line.funding_id.clone()).or_default().push(Billed { line, invoice_number, expected });
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

/// By line of these invoices, what was credited because less was expected.
fn adjusted_by_credit(connection: &mut AnyConnection, invoice_ids: &[String]) -> Result<HashMap<String, i64>, Problem> {
    let mut credited: HashMap<String, i64> = HashMap::new();
    for some in invoice_ids.chunks(CHUNK) {
        let rows: Vec<(String, i64)> = health_credit_note_lines::table
            .inner_join(health_credit_notes::table)
            .filter(health_credit_notes::invoice_id.eq_any(some))
            .filter(health_credit_notes::cause.eq(CreditCause::Adjustment))
            .select((health_credit_note_lines::line_id, health_credit_note_lines::amount_pence))
            .load(connection)?;
        for (line, pence) in rows {
            *credited.entry(line).or_default() += pence;
        }
    }
    Ok(credited)
}
