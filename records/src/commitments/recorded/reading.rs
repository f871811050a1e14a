//! Reading all of it.

use crate::commitments::recorded::asked_for::Asked;
use crate::commitments::recorded::{accounts, carried, funded, invoices, ledger, lines, orders, taken_back};
use crate::error::Error;
use db::AnyConnection;
use domain::commitments::Recorded;

/// Reads all that is asked for, but for the ledger's entries.
pub fn read(connection: &mut AnyConnection, asked: &Asked<'_>) -> Result<Recorded, Error> {
    let fundings = funded::fundings(connection, asked)?;
    let mut versions = lines::versions(connection, asked)?;
    if asked.book.is_some() && !fundings.is_empty() {
        versions.extend(lines::versions_funded(connection, asked, &fundings)?);
        versions.sort_by(|a, b| (&a.line_id, a.version).cmp(&(&b.line_id, b.version)));
        versions.dedup_by(|a, b| (&a.line_id, a.version) == (&b.line_id, b.version));
    }
    // Nobody is invoiced but for a share.
    let receipts = if fundings.is_empty() { Vec::new() } else { invoices::receipts(connection, asked)? };
    let invoice_lines = if fundings.is_empty() { Vec::new() } else { invoices::lines(connection, asked, &receipts)? };
    let credits = if fundings.is_empty() { Vec::new() } else { invoices::credits(connection, asked)? };
    Ok(Recorded {
        versions,
        awards: funded::awards(connection, asked)?,
        fundings,
        orders: orders::orders(connection, asked)?,
        order_lines: orders::order_lines(connection, asked)?,
        matches: taken_back::matches(connection, asked)?,
        releases: taken_back::releases(connection, asked)?,
        carried: carried::carried_forward(connection, asked)?,
        closures: ledger::closures(connection, asked)?,
        account_steps: accounts::account_steps(connection, asked)?,
        invoice_lines,
        credits,
        receipts,
    })
}
