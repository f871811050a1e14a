//! What a snapshot holds of invoices to funders, read back from its facts.

use super::facts::{CREDITED_DAYS, ENTRY_RECEIPTS, INVOICED_DAYS};
use super::owners::{Places, every_owner};
use super::rows::{Rows, find, whole};
use crate::error::Error;
use crate::manifest::Table;
use domain::Pence;
use domain::commitments::{Recorded, RecordedCredit, RecordedInvoiceLine, RecordedReceipt};
use std::path::Path;

/// Lines of invoices, credits and receipts; nothing else. A snapshot from before they were in it knows none.
pub(super) fn read(directory: &Path, tables: &[Table], places: &Places<'_>) -> Result<Recorded, Error> {
    if find(tables, INVOICED_DAYS).is_err() {
        return Ok(Recorded::default());
    }
    let of = |name: &str| -> Result<Rows, Error> { Ok(Rows(whole(directory, find(tables, name)?)?)) };
    Ok(Recorded {
        invoice_lines: invoice_lines(&of(INVOICED_DAYS)?, places)?,
        credits: credits(&of(CREDITED_DAYS)?)?,
        receipts: receipts(&of(ENTRY_RECEIPTS)?)?,
        ..Recorded::default()
    })
}

fn invoice_lines(rows: &Rows, places: &Places<'_>) -> Result<Vec<RecordedInvoiceLine>, Error> {
    let owners = every_owner(rows, places)?;
    let words = |column: &str| rows.words::<String>(column);
    let (ids, invoices, fundings) = (words("invoice_line_key")?, words("invoice_key")?, words("funding_key")?);
    let (providers, budget_lines, adjusts) = (words("provider_key")?, words("budget_line")?, rows.optional::<String>("adjusts_key")?);
    let (from, to) = (rows.days("from_on")?, rows.days("to_on")?);
    let (expected, asked) = (rows.numbers("expected_pence")?, rows.numbers("asked_pence")?);
    let (recorded_on, reversed_on) = (rows.days("recorded_on")?, rows.optional_days("reversed_on")?);
    let line = |row: usize| RecordedInvoiceLine {
        id: ids[row].clone(),
        invoice: invoices[row].clone(),
        funding_id: fundings[row].clone(),
        arrangement: owners[row].id.clone(),
        provider: providers[row].clone(),
        budget_line: budget_lines[row].clone(),
        from: from[row],
        to: to[row],
        adjusts: adjusts[row].clone(),
        expected: Pence(expected[row]),
        asked: Pence(asked[row]),
        recorded_on: recorded_on[row],
        reversed_on: reversed_on[row],
    };
    Ok((0..rows.len()).map(line).collect())
}

fn credits(rows: &Rows) -> Result<Vec<RecordedCredit>, Error> {
    let (adjustments, amounts, recorded_on) = (rows.numbers("is_adjustment")?, rows.numbers("amount_pence")?, rows.days("recorded_on")?);
    let credit = |(row, line): (usize, String)| RecordedCredit {
        line,
        is_adjustment: adjustments[row] != 0,
        amount: Pence(amounts[row]),
        recorded_on: recorded_on[row],
    };
    Ok(rows.words("invoice_line_key")?.into_iter().enumerate().map(credit).collect())
}

fn receipts(rows: &Rows) -> Result<Vec<RecordedReceipt>, Error> {
    let (amounts, recorded_on) = (rows.numbers("amount_pence")?, rows.days("recorded_on")?);
    let keys = rows.words("invoice_key")?.into_iter().zip(rows.words("entry_key")?);
    let receipt = |(row, (invoice, entry)): (usize, (String, String))| RecordedReceipt {
        invoice,
        entry,
        amount: Pence(amounts[row]),
        recorded_on: recorded_on[row],
    };
    Ok(keys.enumerate().map(receipt).collect())
}
