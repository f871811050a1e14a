//! Reading direct payments from the store, as known before an instant.

use crate::error::Error;
use crate::manifest::DirectPaymentTotal;
use chrono::{NaiveDate, NaiveDateTime};
use db::AnyConnection;
use db::schema::{
    direct_payment_accounts, direct_payment_audits, direct_payment_bounces, direct_payment_breaches, direct_payment_repayments,
    direct_payment_returns, direct_payment_steps, direct_payments,
};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use domain::direct_payments::{Account, AccountDays, Payment, PaymentKind, SetUp, StandingStep, StepKind, Stretch};
use domain::packages::support::agreed_on;
use domain::profile::CostingPolicy;
use domain::{FinancialYear, Pence, TimeZone};
use std::collections::{BTreeMap, HashMap, HashSet};

/// An audit: its day, the first day not audited, what was spent, and what is asked back.
type AuditRow = (NaiveDate, NaiveDate, Pence, Pence);

/// An account with all that was known of it.
pub(crate) struct KnownAccount {
    pub(super) id: String,
    pub(super) child_id: String,
    /// The first line of the arrangement that it pays.
    pub(crate) line_id: String,
    pub(crate) standing: AccountDays,
    pub(super) money: Account,
    /// The first day and what was spent.
    pub(super) returns: Vec<(NaiveDate, Pence)>,
    pub(super) audits: Vec<AuditRow>,
    /// The day, and what is asked back.
    pub(super) breaches: Vec<(NaiveDate, Pence)>,
    pub(super) repayments: Vec<(NaiveDate, Pence)>,
}

impl KnownAccount {
    /// What it leaves unpaid, by the first line of what it pays: its arrangement's pauses and closure, and of set-up lines the closure.
    pub(crate) fn unpaid(&self) -> impl Iterator<Item = (&str, Vec<Stretch>)> {
        let closure = move || self.standing.closed_on.map(|from| vec![Stretch { from, to: None }]);
        let set_ups = self.money.set_ups.iter().filter_map(move |set_up| Some((set_up.line_id.as_str(), closure()?)));
        set_ups.chain([(self.line_id.as_str(), self.standing.unpaid())])
    }
}

type Step = (String, String, StepKind, NaiveDate, Option<NaiveDate>, Option<String>, Option<String>);

/// Every account recorded before an instant, with what was recorded of it by then.
pub(crate) fn read(connection: &mut AnyConnection, before: NaiveDateTime, zone: TimeZone) -> Result<Vec<KnownAccount>, Error> {
    let accounts: Vec<(String, String, String, NaiveDate, NaiveDate, i64)> = direct_payment_accounts::table
        .filter(direct_payment_accounts::recorded_at.lt(before))
        .select((
            direct_payment_accounts::id,
            direct_payment_accounts::child_id,
            direct_payment_accounts::line_id,
            direct_payment_accounts::opened_on,
            direct_payment_accounts::starts_on,
            direct_payment_accounts::weeks_per_payment,
        ))
        .order(direct_payment_accounts::id)
        .load(connection)?;
    let mut steps = standing_steps(connection, before)?;
    let set_up_lines = steps.values().flatten().filter_map(|step| step.5.clone());
    let firsts: Vec<String> = accounts.iter().map(|account| account.2.clone()).chain(set_up_lines).collect();
    let lines = db::arrangement_versions(connection, &firsts, Some(before), zone)?;
    let mut payments = payments(connection, before)?;
    let (mut returns, mut audits) = (returns(connection, before)?, audits(connection, before)?);
    let (mut breaches, mut repayments) = (breaches(connection, before)?, repayments(connection, before)?);
    let known = accounts.into_iter().map(|(id, child_id, line_id, opened_on, starts_on, weeks_per_payment)| {
        let steps = steps.remove(&id).unwrap_or_default();
        let taken = steps.iter().map(|step| StandingStep { kind: step.2, on: step.3, until: step.4 });
        let mut standing = AccountDays::of(&taken.collect::<Vec<_>>());
        let set_ups = steps.iter().filter_map(|step| step.5.clone());
        let paid = set_ups.clone().chain([line_id.clone()]).collect::<Vec<_>>();
        standing.support_agreed_on = agreed_on(paid.iter().flat_map(|first| lines.standing(first)), opened_on);
        let money = Account {
            starts_on,
            weeks_per_payment,
            lines: lines.lines(&line_id),
            set_ups: set_ups.map(|line_id| SetUp { lines: lines.lines(&line_id), line_id }).collect(),
            pauses: standing.pauses.clone(),
            closed_on: standing.closed_on,
            payments: payments.remove(&id).unwrap_or_default(),
        };
        KnownAccount {
            returns: returns.remove(&id).unwrap_or_default(),
            audits: audits.remove(&id).unwrap_or_default(),
            breaches: breaches.remove(&id).unwrap_or_default(),
            repayments: repayments.remove(&id).unwrap_or_default(),
            id,
            child_id,
            line_id,
            standing,
            money,
        }
    });
    Ok(known.collect())
}

/// Steps that nothing known took back, by account, in the order recorded.
fn standing_steps(connection: &mut AnyConnection, before: NaiveDateTime) -> Result<HashMap<String, Vec<Step>>, Error> {
    use direct_payment_steps as steps;
    let rows: Vec<Step> = steps::table
        .filter(steps::recorded_at.lt(before))
        .select((steps::id, steps::account_id, steps::kind, steps::taken_on, steps::until_on, steps::line_id, steps::reverses_id))
        .order((steps::account_id, steps::number))
        .load(connection)?;
    let reversed: HashSet<String> = rows.iter().filter_map(|step| step.6.clone()).collect();
    let mut standing: HashMap<String, Vec<Step>> = HashMap::new();
    for step in rows.into_iter().filter(|step| step.6.is_none() && !reversed.contains(&step.0)) {
        standing.entry(step.1.clone()).or_default().push(step);
    }
    Ok(standing)
}

fn payments(connection: &mut AnyConnection, before: NaiveDateTime) -> Result<HashMap<String, Vec<Payment>>, Error> {
    type Row = (String, String, PaymentKind, Option<String>, Option<String>, NaiveDate, NaiveDate, NaiveDate, Pence, Option<String>);
    let came_back = bounces(connection, before)?;
    let rows: Vec<Row> = direct_payments::table
        .filter(direct_payments::recorded_at.lt(before))
        .select((
            direct_payments::id,
            direct_payments::account_id,
            direct_payments::kind,
            direct_payments::line_id,
            direct_payments::corrects_id,
            direct_payments::period_from,
            direct_payments::period_to,
            direct_payments::paid_on,
            direct_payments::amount_pence,
            direct_payments::export_id,
        ))
        .order((direct_payments::recorded_seq, direct_payments::id))
        .load(connection)?;
    let mut by_account: HashMap<String, Vec<Payment>> = HashMap::new();
    for (id, account_id, kind, line_id, corrects_id, from, to, paid_on, amount, export_id) in rows {
        let bounced_on = export_id.and_then(|export| came_back.get(&(account_id.clone(), export)).copied());
        let payment = Payment { id, kind, line_id, corrects_id, from, to, paid_on, amount, bounced_on };
        by_account.entry(account_id).or_default().push(payment);
    }
    Ok(by_account)
}

/// When the bank returned what pay files sent, by account and pay file, as far as nothing known took that back.
fn bounces(connection: &mut AnyConnection, before: NaiveDateTime) -> Result<HashMap<(String, String), NaiveDate>, Error> {
    use direct_payment_bounces as bounces;
    let rows: Vec<(String, Option<String>, String, String, NaiveDate)> = bounces::table
        .filter(bounces::recorded_at.lt(before))
        .select((bounces::id, bounces::reverses_id, bounces::account_id, bounces::export_id, bounces::bounced_on))
        .load(connection)?;
    let reversed: HashSet<String> = rows.iter().filter_map(|row| row.1.clone()).collect();
    let standing = rows.into_iter().filter(|row| row.1.is_none() && !reversed.contains(&row.0));
    Ok(standing.map(|(_, _, account, export, day)| ((account, export), day)).collect())
}

/// Reversals come with the opposite amounts and the same days, so sums need nothing more.
fn returns(connection: &mut AnyConnection, before: NaiveDateTime) -> Result<HashMap<String, Vec<(NaiveDate, Pence)>>, Error> {
    use direct_payment_returns as returns;
    let rows: Vec<(String, NaiveDate, Pence)> = returns::table
        .filter(returns::recorded_at.lt(before))
        .select((returns::account_id, returns::period_from, returns::evidenced_pence))
        .order((returns::recorded_seq, returns::id))
        .load(connection)?;
    Ok(by_account(rows))
}

/// Only audits that stand, since the last of them says how far was audited.
fn audits(connection: &mut AnyConnection, before: NaiveDateTime) -> Result<HashMap<String, Vec<AuditRow>>, Error> {
    use direct_payment_audits as audits;
    type Row = (String, String, Option<String>, NaiveDate, NaiveDate, Pence, Pence);
    let rows: Vec<Row> = audits::table
        .filter(audits::recorded_at.lt(before))
        .select((
            audits::id,
            audits::account_id,
            audits::reverses_id,
            audits::audited_on,
            audits::period_to,
            audits::evidenced_pence,
            audits::required_pence,
        ))
        .order((audits::recorded_seq, audits::id))
        .load(connection)?;
    let reversed: HashSet<String> = rows.iter().filter_map(|row| row.2.clone()).collect();
    let mut by_account: HashMap<String, Vec<_>> = HashMap::new();
    for (id, account_id, reverses, audited_on, until, spent, required) in rows {
        if reverses.is_none() && !reversed.contains(&id) {
            by_account.entry(account_id).or_default().push((audited_on, until, spent, required));
        }
    }
    Ok(by_account)
}

fn breaches(connection: &mut AnyConnection, before: NaiveDateTime) -> Result<HashMap<String, Vec<(NaiveDate, Pence)>>, Error> {
    use direct_payment_breaches as breaches;
    let rows: Vec<(String, NaiveDate, Pence)> = breaches::table
        .filter(breaches::recorded_at.lt(before))
        .select((breaches::account_id, breaches::found_on, breaches::required_pence))
        .order((breaches::recorded_seq, breaches::id))
        .load(connection)?;
    Ok(by_account(rows))
}

fn repayments(connection: &mut AnyConnection, before: NaiveDateTime) -> Result<HashMap<String, Vec<(NaiveDate, Pence)>>, Error> {
    use direct_payment_repayments as repayments;
    let rows: Vec<(String, NaiveDate, Pence)> = repayments::table
        .filter(repayments::recorded_at.lt(before))
        .select((repayments::account_id, repayments::received_on, repayments::amount_pence))
        .order((repayments::recorded_seq, repayments::id))
        .load(connection)?;
    Ok(by_account(rows))
}

fn by_account(rows: Vec<(String, NaiveDate, Pence)>) -> HashMap<String, Vec<(NaiveDate, Pence)>> {
    let mut by_account: HashMap<String, Vec<(NaiveDate, Pence)>> = HashMap::new();
    for (account_id, day, pence) in rows {
        by_account.entry(account_id).or_default().push((day, pence));
    }
    by_account
}

/// The store's own totals by financial year: what was paid for its days and did not come back, and what was repaid in it. Payments are read
/// anew.
pub(crate) fn totals(
    connection: &mut AnyConnection,
    before: NaiveDateTime,
    accounts: &[KnownAccount],
    costing: &CostingPolicy,
) -> Result<Vec<DirectPaymentTotal>, Error> {
    let repaid: Vec<(NaiveDate, i64)> = direct_payment_repayments::table
        .filter(direct_payment_repayments::recorded_at.lt(before))
        .group_by(direct_payment_repayments::received_on)
        .select((direct_payment_repayments::received_on, sql::<BigInt>("CAST(SUM(amount_pence) AS BIGINT)")))
        .load(connection)?;
    let mut totals: BTreeMap<FinancialYear, (i64, i64)> = BTreeMap::new();
    let mut paid = payments(connection, before)?;
    for account in accounts {
        let money = Account { payments: paid.remove(&account.id).unwrap_or_default(), ..account.money.clone() };
        let costing_error = |reason| Error::Costing { line: account.line_id.clone(), reason };
        for (payment, year, pence) in money.paid_by_year(costing).map_err(costing_error)? {
            if payment.kind != PaymentKind::Recovery {
                totals.entry(year).or_default().0 += pence.0;
            }
        }
    }
    for (day, pence) in repaid {
        totals.entry(FinancialYear::of(day)?).or_default().1 += pence;
    }
    let total = |(year, (paid_pence, repaid_pence)): (FinancialYear, (i64, i64))| DirectPaymentTotal {
        financial_year: year.as_str().to_owned(),
        paid_pence,
        repaid_pence,
    };
    Ok(totals.into_iter().map(total).collect())
}
