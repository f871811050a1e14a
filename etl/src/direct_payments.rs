//! Direct payments: read from the store, and as facts. What follows from payments and lines is worked out by the same rules as an
//! account's own page.

mod read;

pub(crate) use read::{KnownAccount, read, totals};

use crate::calendar::Calendar;
use crate::error::Error;
use crate::facts::{Named, each};
use crate::manifest::TableKind;
use crate::pseudonym::{Kind, Pseudonyms};
use chrono::NaiveDate;
use domain::costing::CannotCost;
use domain::direct_payments::{AccountBalance, Payment, PaymentKind, SpentAndRepaid, by_year_of_days, change_by_year, evidenced};
use domain::{FinancialYear, Pence, Period, Profile};
use polars::prelude::*;
use std::collections::{HashMap, HashSet};

impl KnownAccount {
    /// The days that the snapshot's years must cover. A pay file may be for days to come.
    pub(crate) fn days(&self) -> impl Iterator<Item = NaiveDate> + '_ {
        let others = self.returns.iter().chain(&self.breaches).chain(&self.repayments).map(|(day, _)| *day);
        let paid_for = |payment: &Payment| [payment.paid_on, payment.from, payment.to.pred_opt().unwrap_or(payment.to)];
        self.money.payments.iter().flat_map(paid_for).chain(others).chain(self.audits.iter().map(|audit| audit.0))
    }

    /// The days on which it was paid, and what was received.
    pub(crate) fn received(&self) -> Result<Vec<(NaiveDate, Pence)>, Error> {
        self.money.received().map_err(|reason| Error::Costing { line: self.line_id.clone(), reason })
    }

    /// The account's first day.
    pub(crate) fn starts_on(&self) -> NaiveDate {
        self.money.starts_on
    }

    /// What is known at the end of a day of money that is no payment.
    fn spent_and_repaid(&self, by: NaiveDate) -> Result<SpentAndRepaid, CannotCost> {
        let audits: Vec<_> = self.audits.iter().filter(|audit| audit.0 <= by).collect();
        let sum = |pence: Vec<Pence>| Pence::checked_sum(pence);
        let by_then = |rows: &[(NaiveDate, Pence)]| rows.iter().filter(|(day, _)| *day <= by).map(|(_, pence)| *pence).collect::<Vec<_>>();
        let audited = sum(audits.iter().map(|audit| audit.2).collect())?;
        let returned = self.returns.iter().filter(|(from, _)| *from <= by).copied();
        Ok(SpentAndRepaid {
            evidenced: evidenced(audited, audits.iter().map(|audit| audit.1).max(), returned)?,
            required: sum(audits.iter().map(|audit| audit.3).collect())?.checked_add(sum(by_then(&self.breaches))?)?,
            repaid: sum(by_then(&self.repayments))?,
        })
    }
}

/// Every fact of direct payments.
pub(crate) fn build(
    accounts: &[KnownAccount],
    profile: &Profile,
    calendar: &Calendar,
    pseudonyms: &Pseudonyms,
) -> Result<Vec<Named>, Error> {
    Ok(vec![
        ("fact_direct_payments", TableKind::Fact, fact_payments(accounts, profile, pseudonyms)?),
        ("fact_direct_payment_movements", TableKind::Fact, fact_movements(accounts, pseudonyms)?),
        ("fact_direct_payment_years", TableKind::Fact, fact_years(accounts, profile, calendar, pseudonyms)?),
    ])
}

fn key(pseudonyms: &Pseudonyms, account: &KnownAccount) -> String {
    pseudonyms.of(Kind::DirectPaymentAccount, &account.id)
}

/// One row a payment that did not come back and a financial year of the days that it pays for, in the month of the first of them.
fn fact_payments(accounts: &[KnownAccount], profile: &Profile, pseudonyms: &Pseudonyms) -> Result<DataFrame, Error> {
    let mut rows: Vec<(&KnownAccount, &Payment, FinancialYear, Pence)> = Vec::new();
    for account in accounts {
        let costing = |reason| Error::Costing { line: key(pseudonyms, account), reason };
        let parts = account.money.paid_by_year(&profile.costing).map_err(costing)?;
        rows.extend(parts.into_iter().map(|(payment, year, pence)| (account, payment, year, pence)));
    }
    Ok(df!(
        "account_key" => each(&rows, |(account, ..)| key(pseudonyms, account)),
        "child_key" => each(&rows, |(account, ..)| pseudonyms.of(Kind::Child, &account.child_id)),
        "financial_year" => rows.iter().map(|(_, _, year, _)| year.as_str()).collect::<Vec<_>>(),
        "period" => each(&rows, |(_, payment, year, _)| i64::from(Period::of(payment.from.max(year.starts_on())).number())),
        "kind" => each(&rows, |(_, payment, ..)| payment.kind.as_str()),
        "amount_pence" => each(&rows, |(.., pence)| pence.0),
    )?)
}

/// One row a return, audit, breach or repayment, in the year of its day.
fn fact_movements(accounts: &[KnownAccount], pseudonyms: &Pseudonyms) -> Result<DataFrame, Error> {
    let mut rows: Vec<(String, FinancialYear, &str, i64)> = Vec::new();
    for account in accounts {
        let key = key(pseudonyms, account);
        let returns = account.returns.iter().map(|(day, pence)| (*day, "returned", *pence));
        let audits = account.audits.iter().flat_map(|audit| [(audit.0, "audited", audit.2), (audit.0, "required", audit.3)]);
        let breaches = account.breaches.iter().map(|(day, pence)| (*day, "required", *pence));
        let repayments = account.repayments.iter().map(|(day, pence)| (*day, "repaid", *pence));
        for (day, kind, pence) in returns.chain(audits).chain(breaches).chain(repayments) {
            rows.push((key.clone(), FinancialYear::of(day)?, kind, pence.0));
        }
    }
    Ok(df!(
        "account_key" => rows.iter().map(|row| row.0.as_str()).collect::<Vec<_>>(),
        "financial_year" => rows.iter().map(|row| row.1.as_str()).collect::<Vec<_>>(),
        "kind" => rows.iter().map(|row| row.2).collect::<Vec<_>>(),
        "amount_pence" => rows.iter().map(|row| row.3).collect::<Vec<_>>(),
    )?)
}

/// An account in a year.
struct AccountYear<'k> {
    account: &'k KnownAccount,
    year: FinancialYear,
    state: &'static str,
    planned: i64,
    owed: i64,
    weeks_in_hand_thousandths: Option<i64>,
}

/// One row an account and financial year from its first to the last in which it is in force, something moves, or something is owed.
fn fact_years(accounts: &[KnownAccount], profile: &Profile, calendar: &Calendar, pseudonyms: &Pseudonyms) -> Result<DataFrame, Error> {
    let mut rows = Vec::new();
    for account in accounts {
        let costing = |reason| Error::Costing { line: key(pseudonyms, account), reason };
        rows.extend(years_of(account, profile, calendar).map_err(costing)?);
    }
    Ok(df!(
        "account_key" => each(&rows, |row| key(pseudonyms, row.account)),
        "child_key" => each(&rows, |row| pseudonyms.of(Kind::Child, &row.account.child_id)),
        "financial_year" => rows.iter().map(|row| row.year.as_str()).collect::<Vec<_>>(),
        "state" => each(&rows, |row| row.state),
        "planned_pence" => each(&rows, |row| row.planned),
        "owed_pence" => each(&rows, |row| row.owed),
        "weeks_in_hand_thousandths" => each(&rows, |row| row.weeks_in_hand_thousandths),
    )?)
}

fn years_of<'k>(account: &'k KnownAccount, profile: &Profile, calendar: &Calendar) -> Result<Vec<AccountYear<'k>>, CannotCost> {
    let this_year = FinancialYear::of(calendar.as_at)?;
    let ends_on = account.money.terms(&profile.costing).ends_on();
    let moved: HashSet<FinancialYear> = account.days().map(FinancialYear::of).collect::<Result<_, _>>()?;
    let planned = planned_by_year(account, profile, calendar)?;
    let mut rows = Vec::new();
    for year in calendar.years.iter().copied() {
        let day = year.ends_on().min(calendar.as_at);
        // What was paid by the year's end, set against what was known of it by then.
        let mut money = account.money.clone();
        money.payments.retain(|payment| payment.paid_on <= year.ends_on());
        let balance = AccountBalance::of(&money, &account.spent_and_repaid(year.ends_on())?, &profile.costing, day)?;
        // Only from this year on: what earlier years' payments should have been is known today.
        let to_recover = if year >= this_year { account.money.to_recover(&profile.costing)?.0 } else { 0 };
        let owed = balance.owed_pence.0 - balance.to_recover_pence.0 + to_recover;
        let is_in_force = account.money.starts_on <= year.ends_on() && ends_on.is_none_or(|end| end > year.starts_on());
        let planned = planned.get(&year).copied().unwrap_or_default();
        if is_in_force || moved.contains(&year) || owed != 0 || planned != 0 {
            rows.push(AccountYear {
                account,
                year,
                state: account.standing.state(profile.direct_payments.needs(), day).as_str(),
                planned,
                owed,
                weeks_in_hand_thousandths: balance.weeks_in_hand_thousandths,
            });
        }
    }
    Ok(rows)
}

/// What is still to be paid, by the year of the days that it is for: what no payment was made for, and what those made should have been more
/// or less.
fn planned_by_year(account: &KnownAccount, profile: &Profile, calendar: &Calendar) -> Result<HashMap<FinancialYear, i64>, CannotCost> {
    let costing = &profile.costing;
    let mut planned: HashMap<FinancialYear, i64> = HashMap::new();
    let until = calendar.years.last().map_or(calendar.as_at, FinancialYear::ends_on);
    for due in account.money.due(costing, until)? {
        match due.kind {
            PaymentKind::Period => {
                for (year, _) in by_year_of_days(due.amount, due.from, due.to)? {
                    let (from, to) = (due.from.max(year.starts_on()), due.to.min(year.next_starts_on()));
                    *planned.entry(year).or_default() += account.money.terms(costing).cost(from, to)?.0;
                }
            }
            _ => *planned.entry(FinancialYear::of(due.from)?).or_default() += due.amount.0,
        }
    }
    // What no payment is left to set off against is asked back, and not planned: the earliest are set off first.
    let mut asked_back = account.money.to_recover(costing)?.0;
    for difference in account.money.differences(costing)?.iter().rev() {
        let recovered = asked_back.min(-difference.pence.0).max(0);
        asked_back -= recovered;
        let after = Pence(difference.paid.0 + difference.pence.0 + recovered);
        let (from, to) = (difference.of.from, difference.of.to);
        for (year, pence) in change_by_year((difference.paid, after), from, to, |from, to| account.money.terms(costing).cost(from, to))? {
            *planned.entry(year).or_default() += pence.0;
        }
    }
    Ok(planned)
}
