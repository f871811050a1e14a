//! The one rule of what is available: in which years a change is held against its budgets, what each budget line has before and after, by
//! how much the change exceeds that, and whether it is then stopped or only told.

use crate::profile::{BudgetControlPolicy, HeldChange, HoldRule, WhenExceeded};
use crate::{Code, FinancialYear, Pence, Refusal};
use chrono::NaiveDate;
use serde::Serialize;
use std::collections::BTreeSet;
use utoipa::ToSchema;

/// The days that a change reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reach {
    /// The first day on which something is other than before.
    pub from: NaiveDate,
    /// The first day after it; none, it goes on.
    pub to: Option<NaiveDate>,
}

/// The financial years that are known of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownYears<'y> {
    /// Those that were opened.
    pub opened: &'y BTreeSet<FinancialYear>,
    /// Those in which a budget of any line is recorded.
    pub budgeted: &'y BTreeSet<FinancialYear>,
    /// The last that was closed.
    pub closed_through: Option<FinancialYear>,
    /// That of today.
    pub current: FinancialYear,
}

/// The financial years whose budgets a change is held against: the current one, those before it that it reaches which are open and not
/// closed yet, and those after it that it reaches and in which budgets are recorded. What it adds to a closed year is carried into the
/// first that is not closed. If the change ends, later years without a budget count too, up to the first that nobody opened or gave a
/// budget. Nothing is known of them, and the answer says so. Years further off are not looked at.
pub fn years_held(known: KnownYears<'_>, reach: Reach) -> BTreeSet<FinancialYear> {
    let KnownYears { opened, budgeted, closed_through, current } = known;
    let takes_closed = |year: FinancialYear| closed_through.is_some_and(|closed| closed.next_starts_on() == year.starts_on());
    let is_reached = |year: FinancialYear| reach.from < year.next_starts_on() && reach.to.is_none_or(|to| to > year.starts_on());
    let is_held_before = |year: &FinancialYear| {
        *year < current && closed_through.is_none_or(|closed| *year > closed) && (is_reached(*year) || takes_closed(*year))
    };
    let later = budgeted.iter().copied().filter(|year| *year > current && is_reached(*year));
    let ending = reach.to.is_some().then(|| std::iter::successors(current.next().ok(), |year| year.next().ok()));
    let last_known = opened.iter().chain(budgeted).copied().chain([current]).max().unwrap_or(current);
    let is_near = |year: &FinancialYear| year.starts_on() <= last_known.next_starts_on();
    let ending = ending.into_iter().flatten().take_while(|year| is_near(year) && reach.to.is_some_and(|to| to > year.starts_on()));
    opened.iter().copied().filter(is_held_before).chain([current]).chain(later).chain(ending.filter(|year| is_reached(*year))).collect()
}

/// What budget line a change takes from in a year, and how much of what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held<'a> {
    /// The financial year.
    pub year: FinancialYear,
    /// The budget line.
    pub budget_line: &'a str,
    /// What was available before: below nought where more is spoken for than there is.
    pub available: Pence,
    /// What is taken of that.
    pub taken: Pence,
    /// Whether the line has a budget in the year.
    pub budget: BudgetKnown,
}

/// What is known of a line's budget in a year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BudgetKnown {
    /// One is on record, or was.
    Recorded,
    /// None is on record for this line.
    NoneRecorded,
    /// The year is still to come, and none is on record for any line.
    NotSetYet,
}

impl Held<'_> {
    /// Whether it takes more than is available. What takes nothing never does, however little there is.
    pub fn is_exceeded(&self) -> bool {
        exceeds(self.taken, self.available)
    }

    /// What is lacking.
    pub fn short(&self) -> Pence {
        Pence(self.taken.0.saturating_sub(self.available.0))
    }

    fn when_exceeded(&self, rule: HoldRule<'_>) -> WhenExceeded {
        match self.budget {
            BudgetKnown::Recorded => rule.when_exceeded,
            BudgetKnown::NoneRecorded => rule.without_budget,
            BudgetKnown::NotSetYet => WhenExceeded::Warn,
        }
    }

    fn said(&self, change: HeldChange) -> String {
        let Held { year, budget_line, available, taken, .. } = self;
        let asked = match change {
            HeldChange::Virement | HeldChange::BudgetChange => format!("{budget_line} would give {taken} in {year}"),
            HeldChange::PurchaseOrder => format!("{taken} is ordered on {budget_line} in {year}, which"),
            _ => format!("{budget_line} would cost {taken} in {year}"),
        };
        let joined = if change == HeldChange::PurchaseOrder { "has" } else { "and has" };
        let no_budget = match self.budget {
            BudgetKnown::Recorded => "",
            BudgetKnown::NoneRecorded | BudgetKnown::NotSetYet => ", with no budget on record",
        };
        format!("{asked} {joined} {available} available{no_budget}, {} short", self.short())
    }
}

/// Whether a change that takes this much exceeds what is available. One that takes nothing never does, however little there is.
pub fn exceeds(taken: Pence, available: Pence) -> bool {
    taken > Pence::ZERO && taken > available
}

/// That a change takes more of a budget line than it has available, where the authority lets it count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({
    "code": "budget_exceeded", "year": "2024-25", "budget_line": "targeted_outreach", "available_pence": 250000, "asked_pence": 282657,
    "detail": "targeted_outreach would cost £2,826.57 in 2024-25 and has £2,500.00 available, £326.57 short. Move budget to it, or ask for less (None in the documents: a working choice)."
}))]
pub struct BudgetWarning {
    /// What it is about: the code that a refusal would have.
    pub code: Code,
    /// The financial year.
    pub year: FinancialYear,
    /// The budget line.
    pub budget_line: String,
    /// What was available before.
    #[schema(value_type = i64)]
    pub available_pence: Pence,
    /// What the change takes of that.
    #[schema(value_type = i64)]
    pub asked_pence: Pence,
    /// The same in words, with what to do and where the authority says so.
    pub detail: String,
}

/// Refuses a change where the authority stops what exceeds, naming each shortfall; or answers with what it is told.
pub fn judge(policy: Option<&BudgetControlPolicy>, change: HeldChange, held: &[Held<'_>]) -> Result<Vec<BudgetWarning>, Refusal> {
    let rule = BudgetControlPolicy::rule_for(policy, change);
    let exceeded: Vec<&Held<'_>> = held.iter().filter(|one| one.is_exceeded()).collect();
    if exceeded.iter().any(|one| one.when_exceeded(rule) == WhenExceeded::Stop) {
        let each: Vec<String> = exceeded.iter().map(|one| one.said(change)).collect();
        return Err(Refusal::new(Code::BudgetExceeded, worded(&each.join("; "), change, rule)));
    }
    let warning = |one: &&Held<'_>| BudgetWarning {
        code: Code::BudgetExceeded,
        year: one.year,
        budget_line: one.budget_line.to_owned(),
        available_pence: one.available,
        asked_pence: one.taken,
        detail: worded(&one.said(change), change, rule),
    };
    Ok(exceeded.iter().map(warning).collect())
}

/// The shortfall, what to do about it, and where the authority says so.
fn worded(said: &str, change: HeldChange, rule: HoldRule<'_>) -> String {
    let advice = match change {
        HeldChange::Virement | HeldChange::BudgetChange => "Take less, or release commitments first",
        _ => "Move budget to it, or ask for less",
    };
    let clause = rule.clause.map(|clause| format!(" ({clause})")).unwrap_or_default();
    format!("{said}. {advice}{clause}.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::ChangeControl;

    fn year(text: &str) -> FinancialYear {
        text.parse().expect("a year")
    }

    fn years(texts: &[&str]) -> BTreeSet<FinancialYear> {
        texts.iter().map(|text| year(text)).collect()
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    #[test]
    fn a_change_is_held_against_the_current_year_and_those_it_reaches_that_are_not_closed() {
        let opened = years(&["2021-22", "2022-23", "2023-24", "2024-25", "2025-26"]);
        for (closed_through, from, expected) in [
            (None, "2024-05-01", &["2024-25"][..]),
            (None, "2024-03-31", &["2023-24", "2024-25"]),
            (None, "2022-04-01", &["2022-23", "2023-24", "2024-25"]),
            (Some("2022-23"), "2022-04-01", &["2023-24", "2024-25"]),
            // What it adds to a closed year stands in the first that is not closed, whenever it starts.
            (Some("2022-23"), "2024-05-01", &["2023-24", "2024-25"]),
            (Some("2021-22"), "2024-03-31", &["2022-23", "2023-24", "2024-25"]),
            (Some("2023-24"), "2022-04-01", &["2024-25"]),
        ] {
            let none = BTreeSet::new();
            let known = KnownYears { opened: &opened, budgeted: &none, closed_through: closed_through.map(year), current: year("2024-25") };
            let held = years_held(known, Reach { from: day(from), to: None });
            assert_eq!(held, years(expected), "{closed_through:?} {from}");
        }
        // The current year is held against also where nobody has opened it.
        let none = BTreeSet::new();
        let known = KnownYears { opened: &none, budgeted: &none, closed_through: None, current: year("2024-25") };
        assert_eq!(years_held(known, Reach { from: day("2024-05-01"), to: None }), years(&["2024-25"]));
    }

    #[test]
    fn a_later_year_counts_once_budgets_are_recorded_in_it_and_of_what_ends_before_that_too() {
        let opened = years(&["2023-24", "2024-25", "2025-26", "2026-27"]);
        for (budgeted, from, to, expected) in [
            (&["2024-25"][..], "2024-05-01", None, &["2024-25"][..]),
            (&["2025-26"], "2024-05-01", None, &["2024-25", "2025-26"]),
            (&["2025-26", "2026-27"], "2026-04-01", None, &["2024-25", "2026-27"]),
            // What ends before a later year does not reach it, and is not over before it starts.
            (&["2025-26"], "2024-05-01", Some("2025-04-01"), &["2024-25"]),
            (&["2025-26"], "2024-05-01", Some("2025-04-02"), &["2024-25", "2025-26"]),
            (&[], "2025-04-01", Some("2026-04-01"), &["2024-25", "2025-26"]),
            (&[], "2025-04-01", Some("2027-04-01"), &["2024-25", "2025-26", "2026-27"]),
            (&[], "2023-04-01", Some("2024-04-01"), &["2023-24", "2024-25"]),
        ] {
            let budgeted = years(budgeted);
            let known = KnownYears { opened: &opened, budgeted: &budgeted, closed_through: None, current: year("2024-25") };
            let held = years_held(known, Reach { from: day(from), to: to.map(day) });
            assert_eq!(held, years(expected), "{budgeted:?} {from} {to:?}");
        }
    }

    #[test]
    fn a_change_that_ends_far_off_is_held_against_the_years_that_are_known_and_the_first_after_them() {
        for (opened, budgeted, expected) in [
            (&["2024-25"][..], &[][..], &["2024-25", "2025-26"][..]),
            (&["2024-25", "2025-26"], &[], &["2024-25", "2025-26", "2026-27"]),
            (&["2024-25"], &["2026-27"], &["2024-25", "2025-26", "2026-27", "2027-28"]),
        ] {
            let (opened, budgeted) = (years(opened), years(budgeted));
            let known = KnownYears { opened: &opened, budgeted: &budgeted, closed_through: None, current: year("2024-25") };
            let held = years_held(known, Reach { from: day("2024-05-01"), to: Some(day("2094-04-01")) });
            assert_eq!(held, years(expected), "{opened:?} {budgeted:?}");
        }
    }

    #[test]
    fn what_takes_more_than_is_available_exceeds_and_what_takes_nothing_never_does() {
        for (taken, available, expected) in [
            (100, 100, false),
            (99, 100, false),
            (101, 100, true),
            (1, 0, true),
            (1, -5, true),
            (0, 0, false),
            (0, -5, false),
            (-1, -5, false),
        ] {
            assert_eq!(exceeds(Pence(taken), Pence(available)), expected, "{taken} of {available}");
        }
    }

    fn policy(when_exceeded: WhenExceeded, changes: Vec<ChangeControl>) -> BudgetControlPolicy {
        BudgetControlPolicy { when_exceeded, count_pending: false, clause: "Standing order 4".to_owned(), changes }
    }

    fn held(available: i64, taken: i64) -> Held<'static> {
        let (available, taken) = (Pence(available), Pence(taken));
        Held { year: year("2024-25"), budget_line: "outreach", available, taken, budget: BudgetKnown::Recorded }
    }

    #[test]
    fn what_exceeds_is_stopped_or_told_by_the_rule_for_its_kind_of_change_and_for_a_line_without_budget() {
        use BudgetKnown::{NoneRecorded, NotSetYet, Recorded};
        use WhenExceeded::{Stop, Warn};
        let own = |change, when_exceeded, without_budget| ChangeControl { change, when_exceeded, without_budget, clause: "F2".to_owned() };
        let stops = policy(Stop, vec![own(HeldChange::Decision, Warn, None)]);
        let warns = policy(Warn, vec![own(HeldChange::Virement, Stop, None), own(HeldChange::Grant, Stop, Some(Warn))]);
        for (policy, change, budget, (available, taken), expected) in [
            (Some(&stops), HeldChange::Grant, Recorded, (100, 100), Ok(0)),
            (Some(&stops), HeldChange::Grant, Recorded, (100, 101), Err(())),
            (Some(&stops), HeldChange::Grant, NoneRecorded, (0, 1), Err(())),
            // Of a year whose budgets are still to come nothing can be said: it is told.
            (Some(&stops), HeldChange::Grant, NotSetYet, (0, 1), Ok(1)),
            (Some(&stops), HeldChange::Decision, Recorded, (100, 101), Ok(1)),
            (Some(&warns), HeldChange::Decision, Recorded, (100, 101), Ok(1)),
            (Some(&warns), HeldChange::Virement, Recorded, (-5, 1), Err(())),
            (Some(&warns), HeldChange::Virement, Recorded, (-5, 0), Ok(0)),
            (Some(&warns), HeldChange::Virement, NoneRecorded, (0, 1), Err(())),
            (Some(&warns), HeldChange::Grant, Recorded, (11_800_000, 90_000_000), Err(())),
            (Some(&warns), HeldChange::Grant, NoneRecorded, (0, 90_000_000), Ok(1)),
            (None, HeldChange::Virement, Recorded, (0, 1), Ok(1)),
        ] {
            let judged = judge(policy, change, &[Held { budget, ..held(available, taken) }]);
            let told = judged.map(|warnings| warnings.len()).map_err(|_| ());
            assert_eq!(told, expected, "{change:?} {budget:?} {available} {taken}");
        }
    }

    #[test]
    fn a_refusal_names_every_shortfall_and_what_to_do() {
        let stop = policy(WhenExceeded::Stop, Vec::new());
        let one = held(250_000, 282_657);
        let other = Held { budget_line: "home_care", available: Pence(-100), taken: Pence(50), ..one };
        let refused = judge(Some(&stop), HeldChange::Decision, &[one, held(5, 5), other]).expect_err("refused");
        let told = "outreach would cost £2,826.57 in 2024-25 and has £2,500.00 available, £326.57 short; \
                    home_care would cost £0.50 in 2024-25 and has -£1.00 available, £1.50 short. Move budget to it, or ask for less \
                    (Standing order 4).";
        assert_eq!((refused.code, refused.detail.as_str()), (Code::BudgetExceeded, told));
        for (change, told) in [
            (
                HeldChange::Virement,
                "outreach would give £2.00 in 2024-25 and has £1.00 available, £1.00 short. Take less, or release commitments first \
                 (Standing order 4).",
            ),
            (
                HeldChange::PurchaseOrder,
                "£2.00 is ordered on outreach in 2024-25, which has £1.00 available, £1.00 short. Move budget to it, or ask for less \
                 (Standing order 4).",
            ),
        ] {
            assert_eq!(judge(Some(&stop), change, &[held(100, 200)]).expect_err("refused").detail, told);
        }
        let none = Held { budget: BudgetKnown::NoneRecorded, ..held(0, 200) };
        let told = judge(None, HeldChange::Grant, &[none]).expect("told").remove(0);
        let worded = "outreach would cost £2.00 in 2024-25 and has £0.00 available, with no budget on record, £2.00 short. Move budget to it, \
                      or ask for less.";
        assert_eq!((told.code, told.asked_pence, told.detail.as_str()), (Code::BudgetExceeded, Pence(200), worded));
    }
}
