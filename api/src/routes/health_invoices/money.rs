//! Where an invoice's money stands.

use crate::problem::Problem;
use db::AnyConnection;
use db::schema::{
    health_credit_note_lines, health_credit_notes, health_dispute_resolutions, health_disputes, health_invoice_lines, health_receipts,
};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use domain::Pence;
use domain::joint_funding::CreditCause;
use serde::Serialize;
use std::collections::HashMap;
use utoipa::ToSchema;

/// An invoice's money.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct InvoiceMoney {
    /// What its lines ask for.
    #[schema(value_type = i64)]
    pub invoiced_pence: Pence,
    /// What credit notes take off it.
    #[schema(value_type = i64)]
    pub credited_pence: Pence,
    /// What was received, less what was taken back or paid back.
    #[schema(value_type = i64)]
    pub received_pence: Pence,
    /// What of the outstanding amount is in open disputes.
    #[schema(value_type = i64)]
    pub disputed_pence: Pence,
    /// What is still owed; negative, the funder is in credit.
    #[schema(value_type = i64)]
    pub outstanding_pence: Pence,
}

/// Where an invoice stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum InvoiceStanding {
    /// Nothing was received.
    #[default]
    Unpaid,
    /// Some of it was received.
    PartPaid,
    /// Nothing is owed either way.
    Settled,
    /// More was received than is owed now.
    InCredit,
    /// It was taken back as a whole.
    Reversed,
}

/// The money of these invoices, at most a page of them.
pub(super) fn of_invoices(
    connection: &mut AnyConnection,
    ids: &[String],
) -> Result<HashMap<String, (InvoiceMoney, InvoiceStanding)>, Problem> {
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
        let (invoiced, credited, received) = (of(&invoiced, id), of(&credited, id), of(&received, id));
        let owed = invoiced.checked_sub(credited).and_then(|owed| owed.checked_sub(received)).map_err(Problem::internal)?;
        let money = InvoiceMoney {
            invoiced_pence: invoiced,
            credited_pence: credited,
            received_pence: received,
            disputed_pence: of(&disputed, id).min(owed.max(Pence::ZERO)),
            outstanding_pence: owed,
        };
        all.insert(id.clone(), (money, standing(&money, reversed.contains(id))));
    }
    Ok(all)
}

/// The money of one invoice.
pub(super) fn of_invoice(connection: &mut AnyConnection, id: &str) -> Result<(InvoiceMoney, InvoiceStanding), Problem> {
    let id = id.to_owned();
    Ok(of_invoices(connection, std::slice::from_ref(&id))?.remove(&id).unwrap_or_default())
}

/// Amounts of disputes without an outcome, by invoice.
pub(super) fn open_disputes(connection: &mut AnyConnection, ids: &[String]) -> Result<Vec<(String, i64)>, Problem> {
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

fn standing(money: &InvoiceMoney, is_reversed: bool) -> InvoiceStanding {
    match money.outstanding_pence.0 {
        _ if is_reversed => InvoiceStanding::Reversed,
        0 => InvoiceStanding::Settled,
        owed if owed < 0 => InvoiceStanding::InCredit,
        _ if money.received_pence.0 > 0 => InvoiceStanding::PartPaid,
        _ => InvoiceStanding::Unpaid,
    }
}
