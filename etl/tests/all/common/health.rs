//! Shares of health, and its invoices.

use super::{Fixture, day};
use db::new_id;
use db::schema::{
    health_credit_note_lines, health_credit_notes, health_invoice_lines, health_invoices, health_receipts, joint_fundings, package_lines,
};
use diesel::prelude::*;

/// A version of a share, as a test wants it.
#[derive(Clone)]
pub struct ShareVersion {
    pub funding_id: String,
    pub version: i64,
    pub line: String,
    pub provider: String,
    pub percentage: Option<i64>,
    /// Pence a week.
    pub weekly: Option<i64>,
    pub from: &'static str,
    pub to: Option<&'static str>,
    pub state: &'static str,
}

impl ShareVersion {
    /// Half of a line from 1 April 2024, without end.
    pub fn half(line: &str, provider: &str) -> Self {
        ShareVersion {
            funding_id: new_id(),
            version: 1,
            line: line.to_owned(),
            provider: provider.to_owned(),
            percentage: Some(500_000),
            weekly: None,
            from: "2024-04-01",
            to: None,
            state: "recorded",
        }
    }
}

impl Fixture {
    pub fn share(&self, share: &ShareVersion) {
        self.write(|write| {
            let package: String = package_lines::table.find(&share.line).select(package_lines::package_id).first(write.connection).unwrap();
            diesel::insert_into(joint_fundings::table)
                .values((
                    joint_fundings::id.eq(if share.version == 1 { share.funding_id.clone() } else { new_id() }),
                    joint_fundings::funding_id.eq(&share.funding_id),
                    joint_fundings::version.eq(share.version),
                    joint_fundings::line_id.eq(&share.line),
                    joint_fundings::package_id.eq(package),
                    joint_fundings::provider_id.eq(&share.provider),
                    joint_fundings::budget_line.eq("chc_income"),
                    joint_fundings::percentage_ten_thousandths.eq(share.percentage),
                    joint_fundings::amount_pence.eq(share.weekly),
                    joint_fundings::amount_frequency.eq(share.weekly.map(|_| "weekly")),
                    joint_fundings::valid_from.eq(day(share.from)),
                    joint_fundings::valid_to.eq(share.to.map(day)),
                    joint_fundings::agreement_reference.eq("AGREEMENT-NOBODY-READS"),
                    joint_fundings::state.eq(share.state),
                    joint_fundings::reason.eq("a reason nobody should read"),
                    joint_fundings::recorded_by.eq(&write.actor.id),
                    joint_fundings::recorded_at.eq(write.at),
                    joint_fundings::recorded_seq.eq(write.seq()),
                ))
                .execute(write.connection)
                .unwrap();
        });
    }

    /// An invoice for a share; answers with the invoice's id and its line's.
    pub fn health_invoice(&self, share: &ShareVersion, issued_on: &str, from: &str, to: &str, pence: i64) -> (String, String) {
        let (id, line) = (new_id(), new_id());
        self.write(|write| {
            diesel::insert_into(health_invoices::table)
                .values((
                    health_invoices::id.eq(&id),
                    health_invoices::number.eq(format!("NUMBER-NOBODY-READS {id}")),
                    health_invoices::provider_id.eq(&share.provider),
                    health_invoices::budget_line.eq("chc_income"),
                    health_invoices::issued_on.eq(day(issued_on)),
                    health_invoices::due_on.eq(day(issued_on)),
                    health_invoices::period_from.eq(day(from)),
                    health_invoices::period_to.eq(day(to)),
                    health_invoices::recorded_by.eq(&write.actor.id),
                    health_invoices::recorded_at.eq(write.at),
                    health_invoices::recorded_seq.eq(write.seq()),
                ))
                .execute(write.connection)
                .unwrap();
            diesel::insert_into(health_invoice_lines::table)
                .values((
                    health_invoice_lines::id.eq(&line),
                    health_invoice_lines::invoice_id.eq(&id),
                    health_invoice_lines::number.eq(1),
                    health_invoice_lines::funding_id.eq(&share.funding_id),
                    health_invoice_lines::period_from.eq(day(from)),
                    health_invoice_lines::period_to.eq(day(to)),
                    health_invoice_lines::expected_pence.eq(pence),
                    health_invoice_lines::amount_pence.eq(pence),
                    health_invoice_lines::recorded_at.eq(write.at),
                    health_invoice_lines::recorded_seq.eq(write.seq()),
                ))
                .execute(write.connection)
                .unwrap();
        });
        (id, line)
    }

    pub fn health_credit(&self, (invoice, line): &(String, String), issued_on: &str, pence: i64) {
        let id = new_id();
        self.write(|write| {
            diesel::insert_into(health_credit_notes::table)
                .values((
                    health_credit_notes::id.eq(&id),
                    health_credit_notes::number.eq(format!("NUMBER-NOBODY-READS {id}")),
                    health_credit_notes::invoice_id.eq(invoice),
                    health_credit_notes::cause.eq("error"),
                    health_credit_notes::issued_on.eq(day(issued_on)),
                    health_credit_notes::reason.eq("a reason nobody should read"),
                    health_credit_notes::recorded_by.eq(&write.actor.id),
                    health_credit_notes::recorded_at.eq(write.at),
                    health_credit_notes::recorded_seq.eq(write.seq()),
                ))
                .execute(write.connection)
                .unwrap();
            diesel::insert_into(health_credit_note_lines::table)
                .values((
                    health_credit_note_lines::id.eq(new_id()),
                    health_credit_note_lines::credit_note_id.eq(&id),
                    health_credit_note_lines::line_id.eq(line),
                    health_credit_note_lines::amount_pence.eq(pence),
                    health_credit_note_lines::recorded_at.eq(write.at),
                    health_credit_note_lines::recorded_seq.eq(write.seq()),
                ))
                .execute(write.connection)
                .unwrap();
        });
    }

    pub fn health_receipt(&self, (invoice, _): &(String, String), received_on: &str, pence: i64) {
        self.write(|write| {
            diesel::insert_into(health_receipts::table)
                .values((
                    health_receipts::id.eq(new_id()),
                    health_receipts::invoice_id.eq(invoice),
                    health_receipts::amount_pence.eq(pence),
                    health_receipts::received_on.eq(day(received_on)),
                    health_receipts::reference.eq("REFERENCE-NOBODY-READS"),
                    health_receipts::recorded_by.eq(&write.actor.id),
                    health_receipts::recorded_at.eq(write.at),
                    health_receipts::recorded_seq.eq(write.seq()),
                ))
                .execute(write.connection)
                .unwrap();
        });
    }
}
