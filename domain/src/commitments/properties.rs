//! What holds of every book, however its rows fall.

use super::tests::{arrangement, day, plan, policy, settle, sums, year};
use super::*;
use crate::direct_payments::Stretch;
use crate::{Frequency, Quantity, UnitRate};
use chrono::Months;
use proptest::prelude::*;
use std::collections::HashMap;
use std::sync::LazyLock;

/// Made-up ids are few, so that they meet.
const NAMES: [&str; 4] = ["a", "b", "c", "d"];

fn any_name() -> impl Strategy<Value = &'static str> {
    prop::sample::select(NAMES.to_vec())
}

fn any_day() -> impl Strategy<Value = NaiveDate> {
    (0_u64..430).prop_map(|days| day("2024-03-01") + Days::new(days))
}

fn any_line() -> impl Strategy<Value = Line> {
    let frequency =
        prop::sample::select(vec![Frequency::Weekly, Frequency::Monthly, Frequency::TermTimeWeeks, Frequency::PerYear, Frequency::OneOff]);
    (1_i64..9_000, frequency, 0_i64..300_000, any_day(), prop::option::of(1_u64..300)).prop_map(
        |(quantity, frequency, rate, valid_from, length)| Line {
            quantity: Quantity(quantity),
            frequency,
            unit_rate: UnitRate(rate),
            valid_from,
            valid_to: length.map(|days| valid_from + Days::new(days)),
        },
    )
}

fn any_plan() -> impl Strategy<Value = Planned<'static>> {
    (any_name(), prop::option::of(any_name()), any_line()).prop_map(|(id, provider, line)| plan(id, provider, line))
}

fn any_payment() -> impl Strategy<Value = Payment<'static>> {
    let matched = prop::option::weighted(0.3, prop::option::of(any_name()));
    (any_day(), -40_000_i64..90_000, prop::option::of(any_name()), matched, prop::option::weighted(0.3, any_name())).prop_map(
        |(posted_on, pence, provider, matched, order)| Payment {
            id: "entry",
            posted_on: posted_on.min(year().ends_on()),
            amount: Pence(pence),
            provider,
            matched: matched.map(|id| id.map_or(Match::NotForAPackage, Match::Arrangement)),
            order,
            invoice: None,
        },
    )
}

fn any_release() -> impl Strategy<Value = Release<'static>> {
    let scope = prop_oneof![Just(Scope::BudgetLine), any_name().prop_map(Scope::Provider), any_name().prop_map(Scope::Arrangement)];
    (scope, any_day(), any::<bool>(), 0_i64..6).prop_map(|(scope, up_to, only_carried, number)| Release {
        scope,
        up_to,
        only_carried,
        number,
    })
}

fn any_book() -> impl Strategy<Value = Book<'static>> {
    static ORDERS: LazyLock<OrdersByArrangement<'static>> = LazyLock::new(|| {
        let on = |id| vec![OnOrder { id, provider: None }];
        BTreeMap::from([("a", on("a")), ("b", on("a")), ("c", on("c"))])
    });
    let carried = (any_name(), prop::option::of(any_name()), 1_i64..50_000, 0_i64..6).prop_map(|(id, provider, pence, number)| Carried {
        owner: arrangement(id),
        provider,
        amount: Pence(pence),
        number,
    });
    (
        prop::collection::vec(any_plan(), 0..6),
        prop::collection::vec(carried, 0..3),
        prop::collection::vec(any_release(), 0..4),
        prop::collection::vec(any_payment(), 0..12),
        any::<bool>(),
        prop::bool::weighted(0.2),
    )
        .prop_map(|(plans, carried, releases, payments, is_income, is_closed)| {
            let direction = if is_income { Direction::Income } else { Direction::Expenditure };
            Book { plans, carried, releases, payments, is_closed, ..Book::empty(year(), direction, &ORDERS) }
        })
}

fn any_known<'a>(line_id: &'a str, terms: &Line, is_reversed: bool, by_correction: bool) -> KnownLine<'a> {
    KnownLine { line_id, terms: *terms, is_reversed, by_correction }
}

/// Settlements compared by what is in them.
fn told(settlement: &Settlement<'_>) -> String {
    format!("{:?} {:?} {:?}", settlement.cells, settlement.pools, settlement.months())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn a_week_is_never_both_paid_and_open_and_every_penny_is_somewhere(book in any_book()) {
        let settled = settle(&book);
        for cell in &settled.cells {
            prop_assert!(cell.planned.0 > 0 && cell.paid.0 >= 0 && cell.released.0 >= 0 && cell.open().0 >= 0, "{cell:?}");
        }
        let mut left = 0;
        for pool in &settled.pools {
            prop_assert_eq!(pool.payments.0, pool.paid.0 + pool.overpaid.0 - pool.credit.0);
            prop_assert!(pool.paid.0 >= 0 && (pool.overpaid.0 == 0 || pool.credit.0 == 0));
            left += pool.overpaid.0 - pool.credit.0;
        }
        let sign = if book.direction == Direction::Income { -1 } else { 1 };
        let unmatched: i64 = settled.unmatched.iter().map(|one| sign * one.payment.amount.0).sum();
        let payments: i64 = book.payments.iter().map(|payment| sign * payment.amount.0).sum();
        prop_assert_eq!(payments, sums(&settled, |_| true)[1] + left + unmatched);
        let months: i64 = settled.months().iter().map(|month| sign * (month.actual.0 + month.committed.0)).sum();
        prop_assert_eq!(months, payments + settled.open().0);
        prop_assert!(!book.is_closed || settled.open() == Pence::ZERO);
    }

    #[test]
    fn cells_add_up_to_what_costing_says_of_each_month(book in any_book()) {
        let policy = policy();
        let mut planned: HashMap<Period, i64> = HashMap::new();
        for cell in book.cells(&policy).expect("cut").iter().filter(|cell| !cell.is_carried) {
            prop_assert!(cell.from < cell.to && cell.to <= year().next_starts_on() && cell.to <= cell.week_starts_on() + Days::new(7));
            prop_assert_eq!(Period::of(cell.to - Days::new(1)), cell.period);
            *planned.entry(cell.period).or_default() += cell.planned.0;
        }
        for period in Period::all() {
            let from = year().period_starts_on(period);
            let cost: i64 = book.plans.iter().map(|planned| match &planned.plan {
                Plan::Line(line) => policy.cost_between(line, from, from + Months::new(1)).expect("costed").0,
                Plan::Rest { .. } | Plan::Spread { .. } => 0,
            }).sum();
            prop_assert_eq!(planned.get(&period).copied().unwrap_or_default(), cost);
        }
    }

    #[test]
    fn what_was_carried_and_is_carried_again_come_to_what_is_open(book in any_book(), before in any_book()) {
        let (settled, policy) = (settle(&Book { is_closed: false, ..book }), policy());
        let before = before.settle(&policy).expect("settled").carry_forwards();
        let again = settled.carry_again(&before, &before).expect("in bounds");
        let records: Vec<_> = before.into_iter().chain(again).collect();
        prop_assert_eq!(carried_forward::sums_carried(&records).expect("in bounds").values().map(|amount| amount.0).sum::<i64>(), settled.open().0);
        prop_assert_eq!(settled.carry_again(&records, &records).expect("in bounds"), vec![]);
    }

    #[test]
    fn the_order_of_the_rows_does_not_matter(book in any_book(), by in 1_usize..5) {
        let mut turned = book.clone();
        turned.plans.reverse();
        turned.carried.reverse();
        turned.releases.reverse();
        let rows = turned.payments.len();
        if rows > 0 {
            turned.payments.rotate_left(by % rows);
        }
        prop_assert_eq!(told(&settle(&book)), told(&settle(&turned)));
    }

    // Where a release stands between a payment and its credit, the credit opens again what the release would have closed.
    #[test]
    fn one_payment_more_never_leaves_more_open(
        book in any_book(),
        payment in any_payment(),
        pence in 0_i64..90_000,
        has_credits in any::<bool>(),
    ) {
        let mut less = book;
        if has_credits {
            less.releases.clear();
        } else {
            less.payments.retain(|payment| turned(less.direction, payment.amount) >= Pence::ZERO);
        }
        let mut more = less.clone();
        more.payments.push(Payment { amount: turned(more.direction, Pence(pence)), ..payment });
        prop_assert!(settle(&more).open() <= settle(&less).open());
    }

    #[test]
    fn a_movement_adds_up_to_the_difference_of_the_plans(
        old in prop::collection::vec((any_line(), any::<bool>()), 0..4),
        new in prop::collection::vec((any_line(), any::<bool>(), any::<bool>()), 0..4),
    ) {
        let (policy, ids) = (policy(), NAMES);
        let before: Vec<_> = old.iter().zip(ids).map(|((terms, is_reversed), id)| any_known(id, terms, *is_reversed, false)).collect();
        let after: Vec<_> =
            new.iter().zip(ids).map(|((terms, is_reversed, corrects), id)| any_known(id, terms, *is_reversed, *corrects)).collect();
        let moved = arrangement_movement(&policy, year(), &before, &after).expect("compared");
        let cost = |lines: &[KnownLine<'_>], period: Period| -> i64 {
            let from = year().period_starts_on(period);
            let standing = lines.iter().filter(|line| !line.is_reversed);
            standing.map(|line| policy.cost_between(&line.terms, from, from + Months::new(1)).expect("costed").0).sum()
        };
        for period in Period::all() {
            let told: i64 = moved.iter().filter(|one| one.period == period).map(|one| one.amount.0).sum();
            prop_assert_eq!(told, cost(&after, period) - cost(&before, period));
        }
    }

    #[test]
    fn weights_never_lose_a_penny_of_the_year(line in any_line(), weight in 0_u8..=100) {
        let policy = policy();
        let asked = [AskedLine { request_line: "r", terms: line, weight_percent: weight, replaces: None }];
        let whole = i128::from(policy.cost_in(&line, year()).expect("costed").0) * i128::from(weight);
        let whole = crate::money::divide_half_away_from_zero(whole, 100);
        prop_assert_eq!(i128::from(weighed_in_year(&policy, year(), &asked).expect("weighed").0), whole);
    }

    // Carried out, the arrangement's lines end where the new one starts; a pause goes on as it is.
    #[test]
    fn a_replacement_that_is_asked_for_weighs_what_it_changes_once_it_is_carried_out(
        old in prop::collection::vec(any_line(), 1..3),
        new in any_line(),
        pause in (any_day(), prop::option::of(1_u64..90)),
    ) {
        let pause = Stretch { from: pause.0, to: pause.1.map(|days| pause.0 + Days::new(days)) };
        let planned = |lines: &[Line]| -> Vec<Planned<'static>> {
            let whose = |plan| Planned { owner: arrangement("a"), provider: None, plan, is_unconfirmed: false };
            let rest = |line: &Line| whose(Plan::Rest { line: *line, from: pause.from, to: pause.to });
            lines.iter().flat_map(|line| [whose(Plan::Line(*line)), rest(line)]).collect()
        };
        let ended = |line: &Line| Line { valid_to: Some(line.valid_to.map_or(new.valid_from, |ends| ends.min(new.valid_from))), ..*line };
        let standing: Vec<Line> = old.iter().map(ended).filter(|line| Some(line.valid_from) < line.valid_to).collect();
        let replaces = Some(Replaced { arrangement: "a", lines: old.clone(), unpaid: vec![pause] });
        let asked = [AskedLine { request_line: "r", terms: new, weight_percent: 100, replaces }];
        let weighed = weighed_by_month(&policy(), year(), &asked).expect("weighed")[0];
        let months = |plans: Vec<Planned<'_>>| cells::by_month(&policy(), year(), &plans).expect("costed");
        let mut after = planned(&standing);
        after.push(Planned { owner: arrangement("b"), provider: None, plan: Plan::Line(new), is_unconfirmed: false });
        let (before, after) = (months(planned(&old)), months(after));
        for month in 0..12 {
            prop_assert_eq!(weighed[month].0, after[month].0 - before[month].0, "month {}", month);
        }
    }
}
