//! Which financial years a snapshot covers, and the day it looks from.

use crate::extract::Extract;
use chrono::{Datelike, NaiveDate};
use domain::FinancialYear;
use domain::year::NotAYear;

/// The years of a snapshot.
pub(crate) struct Calendar {
    /// Without gaps, earliest first.
    pub(crate) years: Vec<FinancialYear>,
    /// The day the snapshot looks from: a year whose last day is before it has ended.
    pub(crate) as_at: NaiveDate,
}

impl Calendar {
    /// From the first year in which anything counts to the last one opened, returned for or decided in, at least to the year of `as_at`.
    /// A line without an end is so planned up to the current year and not for ever.
    pub(crate) fn of(extract: &Extract, as_at: NaiveDate) -> Result<Self, NotAYear> {
        let mut years = extract.years.clone();
        years.push(FinancialYear::of(as_at)?);
        for day in extract.grant_returns.iter().map(|r| r.period_from).chain(extract.activity_returns.iter().map(|r| r.period_from)) {
            years.push(FinancialYear::of(day)?);
        }
        for decision in &extract.requests.decisions {
            years.push(FinancialYear::of(decision.decided_on)?);
        }
        for authorisation in &extract.requests.authorisations {
            years.push(FinancialYear::of(authorisation.authorised_on)?);
        }
        for day in extract.joint_funding.days() {
            years.push(FinancialYear::of(day)?);
        }
        for day in extract.direct_payments.iter().flat_map(|account| account.days()) {
            years.push(FinancialYear::of(day)?);
        }
        let last = years.iter().max().copied();
        for account in &extract.direct_payments {
            years.push(FinancialYear::of(account.starts_on())?);
        }
        for line in &extract.lines {
            years.push(FinancialYear::of(line.valid_from)?);
        }
        let (Some(first), Some(last)) = (years.iter().min().copied(), last) else {
            return Err(NotAYear::Year);
        };
        let years = (first.starts_on().year()..=last.starts_on().year()).map(FinancialYear::starting).collect::<Result<_, _>>()?;
        Ok(Calendar { years, as_at })
    }
}
