//! Where an invoice's money stands.

use crate::error::Error;
use db::AnyConnection;
use db::schema::{
    health_credit_note_lines, health_credit_notes, health_dispute_resolutions, health_disputes, health_invoice_lines, health_receipts,
};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use domain::Pence;
use domain::joint_funding::CreditCause;
use domain::joint_funding::invoices::{InvoiceMoney, InvoiceState};
use std::collections::HashMap;

/// The money of these invoices, at most a page of them.
pub(crate) fn of_invoices(connection: &mut AnyConnection, ids: &[String]) -> Result<HashMap<String, (InvoiceMoney, InvoiceState)>, Error> {
    let invoiced = sums(
        health_invoice_lines::table
            .filter(health_invoice_lines::invoice_id.eq_any(ids))
            .group_by(health_invoice_lines::invoice_id)
            .select((health_invoice_lines::invoice_id, sql::<BigInt>("CAST(SUM(amount_pence) AS BIGINT)")))
            .load(connection)?,
    );
    let credited = sums(
        health_credit_note_lines::table
            .inner_join(health_credit_notes::table)
            .filter(health_credit_notes::invoice_id.eq_any(ids))
            .group_by(health_credit_notes::invoice_id)
            .select((health_credit_notes::invoice_id, sql::<BigInt>("CAST(SUM(amount_pence) AS BIGINT)")))
            .load(connection)?,
    );
    let received = sums(
        health_receipts::table
            .filter(health_receipts::invoice_id.eq_any(ids))
            .group_by(health_receipts::invoice_id)
            .select((health_receipts::invoice_id, sql::<BigInt>("CAST(SUM(amount_pence) AS BIGINT)")))
            .load(connection)?,
    );
    let reversed: Vec<String> = health_credit_notes::table
        .filter(health_credit_notes::invoice_id.eq_any(ids))
        .filter(health_credit_notes::cause.eq(CreditCause::Reversal))
        .select(health_credit_notes::invoice_id)
        .load(connection)?;
    let disputed = sums(open_disputes(connection, ids)?);
    let of = |sums: &HashMap<String, i64>, id: &String| Pence(sums.get(id).copied().unwrap_or_default());
    let mut all = HashMap::new();
    for id in ids {
        let money = InvoiceMoney::of(of(&invoiced, id), of(&credited, id), of(&received, id), of(&disputed, id)).map_err(Error::fault)?;
        all.insert(id.clone(), (money, money.state_of(reversed.contains(id))));
    }
    Ok(all)
}

/// The money of one invoice.
pub(crate) fn of_invoice(connection: &mut AnyConnection, id: &str) -> Result<(InvoiceMoney, InvoiceState), Error> {
    let id = id.to_owned();
    Ok(of_invoices(connection, std::slice::from_ref(&id))?.remove(&id).unwrap_or_default())
}

/// Amounts of disputes without an outcome, by invoice.
pub(crate) fn open_disputes(connection: &mut AnyConnection, ids: &[String]) -> Result<Vec<(String, i64)>, Error> {
    Ok(health_disputes::table
        .left_join(health_dispute_resolutions::table)
        .filter(health_disputes::invoice_id.eq_any(ids))
        .filter(health_dispute_resolutions::dispute_id.nullable().is_null())
        .select((health_disputes::invoice_id, health_disputes::amount_pence))
        .load(connection)?)
}

fn sums(rows: Vec<(String, i64)>) -> HashMap<String, i64> {
    let mut sums = HashMap::new();
    for (id, pence) in rows {
        *sums.entry(id).or_default() += pence;
    }
    sums
}
