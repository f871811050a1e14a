//! The forecast outturn as known on a day, and how it moved since an earlier one.

use super::history::History;
use super::known::Known;
use crate::error::Error;
use chrono::NaiveDate;
use domain::commitments::{
    CannotCommit, Cause, Entry, KnownLine, MonthOutturn, Moved, OwnerKind, Planned, PlansByOwner, Settlement, Target, arrangement_movement,
    single_movement, turned,
};
use domain::{Direction, FinancialYear, Pence, Period, Profile};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What is asked of a history.
#[derive(Debug, Clone, Copy)]
pub struct Question<'q> {
    /// How lines are costed, and what requests weigh.
    pub profile: &'q Profile,
    /// The financial year.
    pub year: FinancialYear,
    /// Only these budget lines; none named, all.
    pub budget_lines: &'q [String],
    /// Only what was recorded by the end of that day; none, all that the snapshot has.
    pub known_on: Option<NaiveDate>,
}

/// A month of a budget line, with the ledger's signs: income is negative. Actual + committed is the forecast.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutturnMonth {
    /// The budget line.
    pub budget_line: String,
    /// The month.
    pub period: Period,
    /// What the ledger has.
    pub actual: Pence,
    /// What is still to be paid of what is planned.
    pub committed: Pence,
    /// Of that, what rests on package lines that nobody with the authority has confirmed.
    pub unconfirmed: Pence,
    /// What requests may yet add, weighted.
    pub pending: Pence,
}

/// What became of the payments of one target, or, if nothing is planned for them, for one reason. With the ledger's signs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettledPayments {
    /// The budget line.
    pub budget_line: String,
    /// `invoice`, `arrangement`, `order`, `provider`, `budget_line`; or `unmatched`.
    pub target: &'static str,
    /// The invoice's, arrangement's, order's or provider's key.
    pub target_key: Option<String>,
    /// Who was paid, where that is one provider.
    pub provider: Option<String>,
    /// Why they settle nothing.
    pub reason: Option<&'static str>,
    /// What they add up to: paid + overpaid − credit + unmatched.
    pub payments: Pence,
    /// What they have settled.
    pub paid: Pence,
    /// What is beyond all that was planned.
    pub overpaid: Pence,
    /// What was credited beyond all that had been paid.
    pub credit: Pence,
    /// What settles nothing.
    pub unmatched: Pence,
}

/// A year's forecast.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outturn {
    /// By budget line and month, every month.
    pub months: Vec<OutturnMonth>,
    /// By budget line.
    pub payments: Vec<SettledPayments>,
}

/// How a month's forecast moved, with the ledger's signs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MonthMovement {
    /// The budget line.
    pub budget_line: String,
    /// The month.
    pub period: Period,
    /// The forecast on the earlier day.
    pub before: Pence,
    /// By cause; they add up to the difference of the forecasts.
    pub causes: BTreeMap<Cause, Pence>,
    /// How what requests weigh moved: no part of the forecast.
    pub pending: Pence,
}

impl History {
    /// The forecast outturn.
    pub fn outturn(&self, question: &Question<'_>) -> Result<Outturn, Error> {
        Ok(self.outturn_since(question, None)?.0)
    }

    /// How the forecast moved since the end of an earlier day.
    pub fn movement(&self, question: &Question<'_>, since: NaiveDate) -> Result<Vec<MonthMovement>, Error> {
        Ok(self.outturn_since(question, Some(since))?.1)
    }

    /// The forecast outturn and how it moved since the end of an earlier day, each settled once; without such a day no movement is told.
    /// Both tell every month of every line asked for, in one order.
    pub fn outturn_since(&self, question: &Question<'_>, since: Option<NaiveDate>) -> Result<(Outturn, Vec<MonthMovement>), Error> {
        let entries = self.entries(question.year)?;
        let (now, then) = (Known::on(self, question.known_on), since.map(|since| Known::on(self, Some(since))));
        let pending = self.pending_months(&now, question)?;
        let pending_then = then.as_ref().map(|then| self.pending_months(then, question)).transpose()?.unwrap_or_default();
        let (mut outturn, mut movement) = (Outturn { months: Vec::new(), payments: Vec::new() }, Vec::new());
        for line in self.asked(question) {
            let (policy, of_line) = (&question.profile.costing, of_line(&entries, line));
            let settlement = now.settle(policy, question.year, line, of_line)?;
            let months = settlement.months();
            let pending_in = |pending: &BTreeMap<(&str, Period), Pence>, period| pending.get(&(line, period)).copied().unwrap_or_default();
            if let Some(then) = &then {
                let old = then.settle(policy, question.year, line, of_line)?.months();
                let planned = planned_movement(then, &now, question, line)?;
                for (before, after) in old.into_iter().zip(&months) {
                    let pending = pending_in(&pending, after.period).0 - pending_in(&pending_then, after.period).0;
                    movement.push(moved(line, settlement.direction, before, *after, &planned, Pence(pending)));
                }
            }
            outturn.months.extend(months.into_iter().map(|month| OutturnMonth {
                budget_line: line.to_owned(),
                period: month.period,
                actual: month.actual,
                committed: month.committed,
                unconfirmed: month.unconfirmed,
                pending: pending_in(&pending, month.period),
            }));
            outturn.payments.extend(self.settled_payments(&now, line, &settlement));
        }
        Ok((outturn, movement))
    }

    fn asked<'q>(&'q self, question: &'q Question<'_>) -> impl Iterator<Item = &'q str> {
        let is_asked = |line: &&str| question.budget_lines.is_empty() || question.budget_lines.iter().any(|asked| asked == *line);
        self.budget_lines.keys().map(String::as_str).filter(is_asked)
    }

    /// What requests weigh by budget line and month, with the ledger's signs.
    fn pending_months<'k>(&self, known: &Known<'k>, question: &Question<'_>) -> Result<BTreeMap<(&'k str, Period), Pence>, Error> {
        let mut months: BTreeMap<(&str, Period), Pence> = BTreeMap::new();
        for ((line, _), weighed) in known.pending(question.profile, question.year)? {
            let direction = self.budget_lines.get(line).copied().unwrap_or(Direction::Expenditure);
            for (period, amount) in Period::all().zip(weighed.months) {
                let sum = months.entry((line, period)).or_default();
                *sum = sum.checked_add(turned(direction, amount)).map_err(|_| known.error(CannotCommit::TooLarge))?;
            }
        }
        Ok(months)
    }

    /// The pools of a settlement, and what is in none, by reason and provider.
    pub(super) fn settled_payments(&self, known: &Known<'_>, budget_line: &str, settlement: &Settlement<'_>) -> Vec<SettledPayments> {
        let signed = |amount: Pence| turned(settlement.direction, amount);
        // The later cell of an arrangement stays: its provider now.
        let arrangements = settlement.cells.iter().filter(|cell| cell.owner.kind == OwnerKind::Arrangement);
        let providers: HashMap<&str, &str> = arrangements.filter_map(|cell| Some((cell.owner.id, cell.provider?))).collect();
        let mut payments = Vec::new();
        for pool in &settlement.pools {
            let (target_key, provider) = match pool.target {
                Target::Invoice(id) => (Some(id.to_owned()), known.books.funder_invoiced(id)),
                Target::Arrangement(id) => (Some(self.owner_key(id).to_owned()), providers.get(id).copied()),
                Target::Order(id) => (known.books.order_number(id).map(str::to_owned), known.books.provider_of_order(id, &providers)),
                Target::Provider(id) => (Some(id.to_owned()), Some(id)),
                Target::BudgetLine => (None, None),
            };
            payments.push(SettledPayments {
                budget_line: budget_line.to_owned(),
                target: pool.target.kind(),
                target_key,
                provider: provider.map(str::to_owned),
                reason: None,
                payments: signed(pool.payments),
                paid: signed(pool.paid),
                overpaid: signed(pool.overpaid),
                credit: signed(pool.credit),
                unmatched: Pence::ZERO,
            });
        }
        let mut unmatched: BTreeMap<(&'static str, Option<&str>), i64> = BTreeMap::new();
        for one in &settlement.unmatched {
            *unmatched.entry((one.reason.as_str(), one.payment.provider)).or_default() += one.payment.amount.0;
        }
        payments.extend(unmatched.into_iter().map(|((reason, provider), pence)| SettledPayments {
            budget_line: budget_line.to_owned(),
            target: "unmatched",
            target_key: None,
            provider: provider.map(str::to_owned),
            reason: Some(reason),
            payments: Pence(pence),
            paid: Pence::ZERO,
            overpaid: Pence::ZERO,
            credit: Pence::ZERO,
            unmatched: Pence(pence),
        }));
        payments
    }
}

fn of_line<'e>(entries: &'e HashMap<String, Vec<Entry>>, line: &str) -> &'e [Entry] {
    entries.get(line).map(Vec::as_slice).unwrap_or_default()
}

/// How a month moved: by what its plans explain, and by payments for the rest.
fn moved(line: &str, direction: Direction, before: MonthOutturn, after: MonthOutturn, planned: &Planning, pending: Pence) -> MonthMovement {
    let of_month = planned.iter().filter(|((period, _), _)| *period == after.period);
    let mut causes: BTreeMap<Cause, Pence> = of_month.map(|((_, cause), amount)| (*cause, turned(direction, *amount))).collect();
    let (before_pence, after_pence) = (before.actual.0 + before.committed.0, after.actual.0 + after.committed.0);
    // What the plans do not explain: paid otherwise than planned, released, closed, carried forward.
    let rest = after_pence - before_pence - causes.values().map(|amount| amount.0).sum::<i64>();
    if rest != 0 {
        causes.insert(Cause::Payment, Pence(rest));
    }
    MonthMovement { budget_line: line.to_owned(), period: after.period, before: Pence(before_pence), causes, pending }
}

type Planning = BTreeMap<(Period, Cause), Pence>;

/// How what is planned moved, by month and cause; positive where more is planned.
fn planned_movement(then: &Known<'_>, now: &Known<'_>, question: &Question<'_>, line: &str) -> Result<Planning, Error> {
    let (policy, year) = (&question.profile.costing, question.year);
    let mut sums = Planning::new();
    let mut add = |moved: Result<Vec<Moved>, CannotCommit>| -> Result<(), Error> {
        for one in moved.map_err(|reason| now.error(reason))? {
            let sum = sums.entry((one.period, one.cause)).or_default();
            *sum = sum.checked_add(one.amount).map_err(|_| now.error(CannotCommit::TooLarge))?;
        }
        Ok(())
    };
    let mut arrangements: BTreeMap<&str, [Vec<KnownLine<'_>>; 2]> = BTreeMap::new();
    for (side, known) in [then, now].into_iter().enumerate() {
        for version in known.books.lines_of(line) {
            arrangements.entry(&version.arrangement).or_default()[side].push(known.books.compared(version));
        }
    }
    for [before, after] in arrangements.values() {
        add(arrangement_movement(policy, year, before, after))?;
    }
    for (before, after) in
        [(then.books.awards(line), now.books.awards(line)), (then.shares(policy, year, line)?, now.shares(policy, year, line)?)]
    {
        for owner in before.keys().chain(after.keys()).collect::<BTreeSet<_>>() {
            add(single_movement(policy, year, plans_of(&before, owner), plans_of(&after, owner)))?;
        }
    }
    Ok(sums)
}

fn plans_of<'p, 'h>(plans: &'p PlansByOwner<'h>, owner: &str) -> &'p [Planned<'h>] {
    plans.get(owner).map(Vec::as_slice).unwrap_or_default()
}
