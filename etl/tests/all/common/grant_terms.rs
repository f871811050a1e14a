//! Terms of grants.

use super::{Fixture, day};
use db::new_id;
use db::schema::{grant_instalment_payments, grant_instalments, grant_returns_due};
use diesel::prelude::*;

impl Fixture {
    /// A grant's instalment; returns its id.
    pub fn instalment(&self, grant: &str, number: i64, due_on: &str, pence: i64) -> String {
        let id = new_id();
        self.write(|write| {
            diesel::insert_into(grant_instalments::table)
                .values((
                    grant_instalments::id.eq(&id),
                    grant_instalments::grant_id.eq(grant),
                    grant_instalments::number.eq(number),
                    grant_instalments::due_on.eq(day(due_on)),
                    grant_instalments::amount_pence.eq(pence),
                    grant_instalments::recorded_at.eq(write.at),
                    grant_instalments::recorded_seq.eq(write.seq()),
                ))
                .execute(write.connection)
                .unwrap();
        });
        id
    }

    /// A payment of an instalment; one taken back when it names one. Returns its id.
    pub fn grant_payment(&self, instalment: &str, paid_on: &str, pence: i64, reverses: Option<&str>) -> String {
        let id = new_id();
        self.write(|write| {
            diesel::insert_into(grant_instalment_payments::table)
                .values((
                    grant_instalment_payments::id.eq(&id),
                    grant_instalment_payments::instalment_id.eq(instalment),
                    grant_instalment_payments::paid_on.eq(day(paid_on)),
                    grant_instalment_payments::reference.eq("PAY-1"),
                    grant_instalment_payments::amount_pence.eq(pence),
                    grant_instalment_payments::reverses_id.eq(reverses),
                    grant_instalment_payments::reason.eq(reverses.map(|_| "a reason nobody should read")),
                    grant_instalment_payments::recorded_by.eq(&write.actor.id),
                    grant_instalment_payments::recorded_at.eq(write.at),
                    grant_instalment_payments::recorded_seq.eq(write.seq()),
                ))
                .execute(write.connection)
                .unwrap();
        });
        id
    }

    pub fn return_due(&self, grant: &str, number: i64, from: &str, to: &str, due_on: &str) {
        self.write(|write| {
            diesel::insert_into(grant_returns_due::table)
                .values((
                    grant_returns_due::id.eq(new_id()),
                    grant_returns_due::grant_id.eq(grant),
                    grant_returns_due::number.eq(number),
                    grant_returns_due::period_from.eq(day(from)),
                    grant_returns_due::period_to.eq(day(to)),
                    grant_returns_due::due_on.eq(day(due_on)),
                    grant_returns_due::recorded_at.eq(write.at),
                    grant_returns_due::recorded_seq.eq(write.seq()),
                ))
                .execute(write.connection)
                .unwrap();
        });
    }
}
