//! Reading an invoice, and the children's records that it tells of.

use crate::error::Error;
use crate::joint_funding::invoices::invoice::find;
use crate::joint_funding::invoices::summaries::{HealthInvoiceDetail, detail_of};
use crate::joint_funding::shares::reading::record_reads;
use crate::joint_funding::shares::share::{Of, last_versions};
use db::{Event, Write};
use std::collections::BTreeSet;

/// Reads an invoice: it is on the trail, and so is every package that it is for.
///
/// # Errors
/// When there is no such invoice.
pub fn read(write: &mut Write<'_>, id: &str) -> Result<HealthInvoiceDetail, Error> {
    let invoice = find(write.connection, id)?;
    let detail = detail_of(write.connection, invoice)?;
    write.record(Event::new("read", "health_invoices", id))?;
    let fundings: BTreeSet<String> = detail.lines.iter().map(|line| line.line.funding_id.clone()).collect();
    let fundings: Vec<String> = fundings.into_iter().collect();
    let fundings = last_versions(write.connection, Of::Ids(&fundings))?;
    record_reads(write, fundings.iter().map(|funding| funding.package_id.as_str()))?;
    Ok(detail)
}
