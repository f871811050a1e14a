//! Accounts of direct payments, written as the program would have written them.

use super::{Fixture, LineVersion, day};
use db::new_id;
use db::schema::{
    direct_payment_accounts, direct_payment_audits, direct_payment_bounces, direct_payment_exports, direct_payment_repayments,
    direct_payment_returns, direct_payment_steps, direct_payments, package_line_confirmations, packages,
};
use diesel::prelude::*;

/// A payment of a pay file: account, kind, the first day and the first day after, pence, and the payment it corrects.
pub type Paid<'p> = (&'p str, &'p str, &'p str, &'p str, i64, Option<&'p str>);

impl Fixture {
    /// An account for a line of a package; returns its id.
    pub fn direct_payment_account(&self, line: &LineVersion, starts_on: &str) -> String {
        let id = new_id();
        self.write(|write| {
            let child: String = packages::table.find(&line.package).select(packages::child_id).first(write.connection).unwrap();
            diesel::insert_into(direct_payment_accounts::table)
                .values((
                    direct_payment_accounts::id.eq(&id),
                    direct_payment_accounts::reference.eq(format!("ACCOUNT-REFERENCE-{id}")),
                    direct_payment_accounts::child_id.eq(child),
                    direct_payment_accounts::package_id.eq(&line.package),
                    direct_payment_accounts::line_id.eq(&line.line_id),
                    direct_payment_accounts::opened_on.eq(day(starts_on)),
                    direct_payment_accounts::starts_on.eq(day(starts_on)),
                    direct_payment_accounts::weeks_per_payment.eq(4),
                    direct_payment_accounts::recorded_by.eq(&write.actor.id),
                    direct_payment_accounts::recorded_at.eq(write.at),
                    direct_payment_accounts::recorded_seq.eq(write.seq()),
                ))
                .execute(write.connection)
                .unwrap();
        });
        self.confirmation(&line.line_id, line.version, starts_on);
        for (number, kind) in [(1, "agreement_signed"), (2, "bank_account_recorded"), (3, "dbs_seen")] {
            self.direct_payment_step(&id, number, kind, starts_on);
        }
        id
    }

    /// A post's word that a version of a line is agreed.
    pub fn confirmation(&self, line_id: &str, version: i64, on: &str) {
        self.write(|write| {
            diesel::insert_into(package_line_confirmations::table)
                .values((
                    package_line_confirmations::id.eq(new_id()),
                    (package_line_confirmations::line_id.eq(line_id), package_line_confirmations::version.eq(version)),
                    package_line_confirmations::confirmed_on.eq(day(on)),
                    package_line_confirmations::post.eq("service_unit_manager"),
                    package_line_confirmations::capacity.eq("holder"),
                    package_line_confirmations::clause.eq("a clause"),
                    package_line_confirmations::total_pence.eq(1),
                    package_line_confirmations::explanation.eq("an explanation nobody should read"),
                    package_line_confirmations::reason.eq("a reason nobody should read"),
                    package_line_confirmations::recorded_by.eq(&write.actor.id),
                    package_line_confirmations::recorded_at.eq(write.at),
                    package_line_confirmations::recorded_seq.eq(write.seq()),
                ))
                .execute(write.connection)
                .unwrap();
        });
    }

    pub fn direct_payment_step(&self, account: &str, number: i64, kind: &str, taken_on: &str) {
        self.write(|write| {
            diesel::insert_into(direct_payment_steps::table)
                .values((
                    direct_payment_steps::id.eq(new_id()),
                    direct_payment_steps::account_id.eq(account),
                    direct_payment_steps::number.eq(number),
                    direct_payment_steps::kind.eq(kind),
                    direct_payment_steps::taken_on.eq(day(taken_on)),
                    direct_payment_steps::reason.eq("a reason nobody should read"),
                    direct_payment_steps::recorded_by.eq(&write.actor.id),
                    direct_payment_steps::recorded_at.eq(write.at),
                    direct_payment_steps::recorded_seq.eq(write.seq()),
                ))
                .execute(write.connection)
                .unwrap();
        });
    }

    /// The bank returned what a pay file sent to an account.
    pub fn direct_payment_bounce(&self, account: &str, file_number: i64, on: &str, pence: i64) {
        self.write(|write| {
            let file: String = direct_payment_exports::table
                .filter(direct_payment_exports::number.eq(file_number))
                .select(direct_payment_exports::id)
                .first(write.connection)
                .unwrap();
            diesel::insert_into(direct_payment_bounces::table)
                .values((
                    direct_payment_bounces::id.eq(new_id()),
                    direct_payment_bounces::account_id.eq(account),
                    direct_payment_bounces::export_id.eq(&file),
                    direct_payment_bounces::bounced_on.eq(day(on)),
                    direct_payment_bounces::amount_pence.eq(pence),
                    direct_payment_bounces::reason.eq("a reason nobody should read"),
                    direct_payment_bounces::recorded_by.eq(&write.actor.id),
                    direct_payment_bounces::recorded_at.eq(write.at),
                    direct_payment_bounces::recorded_seq.eq(write.seq()),
                ))
                .execute(write.connection)
                .unwrap();
        });
    }

    /// A pay file for a day; returns the payments' ids.
    pub fn pay_file(&self, number: i64, pay_on: &str, paid: &[Paid<'_>]) -> Vec<String> {
        let (file, ids) = (new_id(), paid.iter().map(|_| new_id()).collect::<Vec<_>>());
        self.write(|write| {
            diesel::insert_into(direct_payment_exports::table)
                .values((
                    direct_payment_exports::id.eq(&file),
                    direct_payment_exports::number.eq(number),
                    direct_payment_exports::layout.eq("v1"),
                    direct_payment_exports::pay_on.eq(day(pay_on)),
                    direct_payment_exports::accounts.eq(1),
                    direct_payment_exports::payments.eq(i64::try_from(paid.len()).unwrap()),
                    direct_payment_exports::total_pence.eq(paid.iter().map(|payment| payment.4).sum::<i64>()),
                    direct_payment_exports::details_sha256.eq("-"),
                    direct_payment_exports::file_sha256.eq("-"),
                    direct_payment_exports::file.eq("a file nobody should read"),
                    direct_payment_exports::left_out.eq("[]"),
                    direct_payment_exports::recorded_by.eq(&write.actor.id),
                    direct_payment_exports::recorded_at.eq(write.at),
                    direct_payment_exports::recorded_seq.eq(write.seq()),
                ))
                .execute(write.connection)
                .unwrap();
            for (id, (account, kind, from, to, pence, corrects)) in ids.iter().zip(paid) {
                diesel::insert_into(direct_payments::table)
                    .values((
                        direct_payments::id.eq(id),
                        direct_payments::account_id.eq(account),
                        direct_payments::export_id.eq(&file),
                        direct_payments::kind.eq(kind),
                        direct_payments::corrects_id.eq(*corrects),
                        direct_payments::period_from.eq(day(from)),
                        direct_payments::period_to.eq(day(to)),
                        direct_payments::due_on.eq(day(from)),
                        direct_payments::paid_on.eq(day(pay_on)),
                        direct_payments::amount_pence.eq(pence),
                        direct_payments::recorded_by.eq(&write.actor.id),
                        direct_payments::recorded_at.eq(write.at),
                        direct_payments::recorded_seq.eq(write.seq()),
                    ))
                    .execute(write.connection)
                    .unwrap();
            }
        });
        ids
    }

    /// What a family spent, returned for a period.
    pub fn direct_payment_return(&self, account: &str, from: &str, to: &str, pence: i64) {
        self.write(|write| {
            diesel::insert_into(direct_payment_returns::table)
                .values((
                    direct_payment_returns::id.eq(new_id()),
                    direct_payment_returns::account_id.eq(account),
                    direct_payment_returns::period_from.eq(day(from)),
                    direct_payment_returns::period_to.eq(day(to)),
                    direct_payment_returns::evidenced_pence.eq(pence),
                    direct_payment_returns::balance_pence.eq(0),
                    direct_payment_returns::received_on.eq(day(to)),
                    direct_payment_returns::recorded_by.eq(&write.actor.id),
                    direct_payment_returns::recorded_at.eq(write.at),
                    direct_payment_returns::recorded_seq.eq(write.seq()),
                ))
                .execute(write.connection)
                .unwrap();
        });
    }

    /// What an audit of a period found was spent, and asks back.
    pub fn direct_payment_audit(&self, account: &str, from: &str, to: &str, spent: i64, required: i64) {
        self.write(|write| {
            diesel::insert_into(direct_payment_audits::table)
                .values((
                    direct_payment_audits::id.eq(new_id()),
                    direct_payment_audits::account_id.eq(account),
                    direct_payment_audits::audited_on.eq(day(to)),
                    (direct_payment_audits::period_from.eq(day(from)), direct_payment_audits::period_to.eq(day(to))),
                    (direct_payment_audits::brought_forward_pence.eq(0), direct_payment_audits::paid_pence.eq(0)),
                    (direct_payment_audits::claimed_pence.eq(0), direct_payment_audits::contingency_pence.eq(0)),
                    (direct_payment_audits::surplus_pence.eq(required), direct_payment_audits::carried_pence.eq(0)),
                    (direct_payment_audits::evidenced_pence.eq(spent), direct_payment_audits::required_pence.eq(required)),
                    direct_payment_audits::finding.eq("surplus"),
                    direct_payment_audits::recorded_by.eq(&write.actor.id),
                    direct_payment_audits::recorded_at.eq(write.at),
                    direct_payment_audits::recorded_seq.eq(write.seq()),
                ))
                .execute(write.connection)
                .unwrap();
        });
    }

    /// What a family paid back.
    pub fn direct_payment_repayment(&self, account: &str, on: &str, pence: i64) {
        self.write(|write| {
            diesel::insert_into(direct_payment_repayments::table)
                .values((
                    direct_payment_repayments::id.eq(new_id()),
                    direct_payment_repayments::account_id.eq(account),
                    direct_payment_repayments::received_on.eq(day(on)),
                    direct_payment_repayments::amount_pence.eq(pence),
                    direct_payment_repayments::reference.eq("REPAYMENT-REFERENCE"),
                    direct_payment_repayments::recorded_by.eq(&write.actor.id),
                    direct_payment_repayments::recorded_at.eq(write.at),
                    direct_payment_repayments::recorded_seq.eq(write.seq()),
                ))
                .execute(write.connection)
                .unwrap();
        });
    }
}
