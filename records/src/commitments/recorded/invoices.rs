//! What funders were asked for, credited with, and what the ledger brought of it.

use crate::commitments::recorded::asked_for::{Asked, recorded_before};
use crate::error::Error;
use chrono::{NaiveDate, NaiveDateTime};
use db::AnyConnection;
use db::schema::{
    health_credit_note_lines, health_credit_notes, health_invoice_lines, health_invoices, health_receipts, joint_fundings, ledger_entries,
};
use diesel::prelude::*;
use domain::Pence;
use domain::commitments::{RecordedCredit, RecordedInvoiceLine, RecordedReceipt};
use domain::joint_funding::CreditCause;
use std::collections::{BTreeSet, HashMap};

/// Values bound in one statement; both databases take many more.
const CHUNK: usize = 500;

type LineColumns =
    ((String, String, String, String, String, String), (NaiveDate, NaiveDate, Option<String>), (Pence, Pence), NaiveDateTime);

/// The columns of an invoice's line, with its invoice and share.
macro_rules! line_columns {
    () => {
        (
            (
                health_invoice_lines::id,
                health_invoice_lines::invoice_id,
                health_invoice_lines::funding_id,
                joint_fundings::line_id,
                health_invoices::provider_id,
                health_invoices::budget_line,
            ),
            (health_invoice_lines::period_from, health_invoice_lines::period_to, health_invoice_lines::adjusts_line_id),
            (health_invoice_lines::expected_pence, health_invoice_lines::amount_pence),
            health_invoices::recorded_at,
        )
    };
}

/// Lines of invoices; of a book those with days in its year, and those of the invoices that its receipts are for.
pub(super) fn lines(
    connection: &mut AnyConnection,
    asked: &Asked<'_>,
    receipts: &[RecordedReceipt],
) -> Result<Vec<RecordedInvoiceLine>, Error> {
    let all = || {
        let joined = health_invoice_lines::table.inner_join(health_invoices::table).inner_join(joint_fundings::table);
        let query = joined.select(line_columns!()).order(health_invoice_lines::id).into_boxed();
        recorded_before!(query, health_invoices, asked)
    };
    let mut rows: Vec<LineColumns> = match asked.book {
        None => all().load(connection)?,
        Some((year, budget_line)) => all()
            .filter(health_invoices::budget_line.eq(budget_line.to_owned()))
            .filter(health_invoice_lines::period_from.lt(year.next_starts_on()))
            .filter(health_invoice_lines::period_to.gt(year.starts_on()))
            .load(connection)?,
    };
    if asked.book.is_some() {
        let known: BTreeSet<String> = rows.iter().map(|row| row.0.0.clone()).collect();
        let paid: BTreeSet<&str> = receipts.iter().map(|receipt| receipt.invoice.as_str()).collect();
        for chunk in paid.into_iter().collect::<Vec<_>>().chunks(CHUNK) {
            let more: Vec<LineColumns> = all().filter(health_invoice_lines::invoice_id.eq_any(chunk.to_vec())).load(connection)?;
            rows.extend(more.into_iter().filter(|row| !known.contains(&row.0.0)));
        }
    }
    let reversals: Vec<(String, NaiveDateTime)> = recorded_before!(
        health_credit_notes::table
            .filter(health_credit_notes::cause.eq(CreditCause::Reversal))
            .select((health_credit_notes::invoice_id, health_credit_notes::recorded_at))
            .into_boxed(),
        health_credit_notes,
        asked
    )
    .load(connection)?;
    let reversed_on: HashMap<String, NaiveDate> = reversals.into_iter().map(|(invoice, at)| (invoice, asked.zone.day_of(at))).collect();
    let line = |(ids, (from, to, adjusts), (expected, amount), recorded_at): LineColumns| {
        let (id, invoice, funding_id, arrangement, provider, budget_line) = ids;
        let (reversed_on, recorded_on) = (reversed_on.get(&invoice).copied(), asked.zone.day_of(recorded_at));
        RecordedInvoiceLine {
            id,
            invoice,
            funding_id,
            arrangement,
            provider,
            budget_line,
            from,
            to,
            adjusts,
            expected,
            asked: amount,
            recorded_on,
            reversed_on,
        }
    };
    Ok(rows.into_iter().map(line).collect())
}

/// What credit notes take off lines, but for reversals; of a book off those with days in its year.
pub(super) fn credits(connection: &mut AnyConnection, asked: &Asked<'_>) -> Result<Vec<RecordedCredit>, Error> {
    let mut query = health_credit_note_lines::table
        .inner_join(health_credit_notes::table)
        .inner_join(health_invoice_lines::table.inner_join(health_invoices::table))
        .filter(health_credit_notes::cause.ne(CreditCause::Reversal))
        .select((
            health_credit_note_lines::line_id,
            health_credit_notes::cause,
            health_credit_note_lines::amount_pence,
            health_credit_notes::recorded_at,
        ))
        .order(health_credit_note_lines::id)
        .into_boxed();
    if let Some((year, budget_line)) = asked.book {
        query = query
            .filter(health_invoices::budget_line.eq(budget_line.to_owned()))
            .filter(health_invoice_lines::period_from.lt(year.next_starts_on()))
            .filter(health_invoice_lines::period_to.gt(year.starts_on()));
    }
    let rows: Vec<(String, CreditCause, Pence, NaiveDateTime)> = recorded_before!(query, health_credit_notes, asked).load(connection)?;
    let credit = |(line, cause, amount, recorded_at): (String, CreditCause, Pence, NaiveDateTime)| {
        let (is_adjustment, recorded_on) = (cause == CreditCause::Adjustment, asked.zone.day_of(recorded_at));
        RecordedCredit { line, is_adjustment, amount, recorded_on }
    };
    Ok(rows.into_iter().map(credit).collect())
}

/// What ledger entries brought of invoices; of a book its own entries and those that they reverse.
pub(super) fn receipts(connection: &mut AnyConnection, asked: &Asked<'_>) -> Result<Vec<RecordedReceipt>, Error> {
    let mut query = health_receipts::table
        .filter(health_receipts::ledger_entry_id.is_not_null())
        .select((
            health_receipts::invoice_id,
            health_receipts::ledger_entry_id.assume_not_null(),
            health_receipts::amount_pence,
            health_receipts::recorded_at,
        ))
        .order(health_receipts::id)
        .into_boxed();
    if let Some((year, budget_line)) = asked.book {
        let of_book =
            || ledger_entries::table.filter(ledger_entries::year.eq(year).and(ledger_entries::budget_line.eq(budget_line.to_owned())));
        let own = of_book().select(ledger_entries::id.nullable());
        let reversed = of_book().filter(ledger_entries::reverses_id.is_not_null()).select(ledger_entries::reverses_id);
        query = query.filter(health_receipts::ledger_entry_id.eq_any(own).or(health_receipts::ledger_entry_id.eq_any(reversed)));
    }
    let rows: Vec<(String, String, Pence, NaiveDateTime)> = recorded_before!(query, health_receipts, asked).load(connection)?;
    let receipt = |(invoice, entry, amount, recorded_at): (String, String, Pence, NaiveDateTime)| {
        let recorded_on = asked.zone.day_of(recorded_at);
        RecordedReceipt { invoice, entry, amount, recorded_on }
    };
    Ok(rows.into_iter().map(receipt).collect())
}
