use super::*;
use crate::profile::CostingPolicy;
use crate::{Frequency, Profile, Quantity, UnitRate};
use chrono::Months;
use proptest::prelude::*;
use std::collections::HashMap;
use std::sync::LazyLock;

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

fn policy() -> CostingPolicy {
    Profile::bundled("tameside").expect("sound").costing
}

fn year() -> FinancialYear {
    "2024-25".parse().expect("a year")
}

/// £10 times `quantity` a week.
fn weekly(quantity: i64, from: &str, to: Option<&str>) -> Line {
    Line {
        quantity: Quantity(quantity * 1000),
        frequency: Frequency::Weekly,
        unit_rate: UnitRate(100_000),
        valid_from: day(from),
        valid_to: to.map(day),
    }
}

fn arrangement(id: &str) -> Owner<'_> {
    Owner { id, kind: OwnerKind::Arrangement }
}

fn plan<'a>(id: &'a str, provider: Option<&'a str>, line: Line) -> Planned<'a> {
    Planned { owner: arrangement(id), provider, plan: Plan::Line(line) }
}

fn paid<'a>(id: &'a str, on: &str, pence: i64, provider: Option<&'a str>) -> Payment<'a> {
    Payment { id, posted_on: day(on), amount: Pence(pence), provider, matched: None, order: None }
}

static NO_ORDERS: BTreeMap<&str, &str> = BTreeMap::new();

fn book<'a>(plans: Vec<Planned<'a>>, payments: Vec<Payment<'a>>) -> Book<'a> {
    Book { plans, payments, ..Book::empty(year(), Direction::Expenditure, &NO_ORDERS) }
}

fn settle<'a>(book: &Book<'a>) -> Settlement<'a> {
    book.settle(&policy()).expect("settled")
}

/// Planned, paid, released and open of the cells that pass.
fn sums(settlement: &Settlement<'_>, passes: impl Fn(&Cell<'_>) -> bool) -> [i64; 4] {
    settlement.cells.iter().filter(|cell| passes(cell)).fold([0; 4], |[planned, paid, released, open], cell| {
        [planned + cell.planned.0, paid + cell.paid.0, released + cell.released.0, open + cell.open().0]
    })
}

#[test]
fn a_cell_lies_in_one_week_and_one_month_and_has_one_provider() {
    let moved = plan("a", Some("q"), weekly(1, "2024-05-01", Some("2024-05-03")));
    let settled = settle(&book(vec![plan("a", Some("p"), weekly(1, "2024-04-29", Some("2024-05-01"))), moved], vec![]));
    let cells: Vec<_> = settled.cells.iter().map(|cell| (cell.from, cell.to, cell.provider)).collect();
    // The week of 29 April is cut at the first of May, where the provider changes too.
    assert_eq!(cells, [(day("2024-04-29"), day("2024-05-01"), Some("p")), (day("2024-05-01"), day("2024-05-06"), Some("q"))]);
    assert_eq!(settled.cells[1].week_starts_on(), day("2024-04-29"));
    let both =
        vec![plan("a", None, weekly(1, "2024-05-06", Some("2024-05-08"))), plan("a", None, weekly(2, "2024-05-08", Some("2024-05-09")))];
    assert_eq!(settle(&book(both, vec![])).cells.len(), 1, "two lines of one arrangement and provider share a cell");
}

#[test]
fn payments_settle_the_earliest_week_first_and_the_rest_is_overpaid() {
    let plans = vec![plan("a", Some("p"), weekly(1, "2024-04-01", Some("2024-04-15")))];
    let settled = settle(&book(plans.clone(), vec![paid("1", "2024-06-01", 1_200, Some("p"))]));
    let [planned, ..] = sums(&settled, |_| true);
    assert_eq!(sums(&settled, |cell| cell.from == day("2024-04-01"))[3], 0);
    assert_eq!(settled.open(), Pence(planned - 1_200));
    let settled = settle(&book(plans, vec![paid("1", "2024-06-01", planned + 5, Some("p"))]));
    assert_eq!((settled.open(), settled.pools[0].overpaid, settled.pools[0].credit), (Pence(0), Pence(5), Pence(0)));
}

#[test]
fn a_credit_takes_back_the_latest_week_that_its_own_pool_filled() {
    let plans = vec![plan("a", Some("p"), weekly(1, "2024-04-01", Some("2024-04-15")))];
    let release = Release { scope: Scope::Arrangement("none"), up_to: day("2024-05-01") };
    let payments =
        vec![paid("1", "2024-04-20", 1_400, Some("p")), paid("2", "2024-05-02", -500, Some("p")), paid("3", "2024-05-02", 100, None)];
    let settled = settle(&Book { releases: vec![release], ..book(plans, payments) });
    assert_eq!(sums(&settled, |cell| cell.from == day("2024-04-01"))[1], settled.cells[0].planned.0);
    assert_eq!(sums(&settled, |_| true)[1], 1_000);
    assert_eq!(settled.pools.iter().map(|pool| pool.paid.0).collect::<Vec<_>>(), [900, 100]);
}

#[test]
fn a_credit_without_payments_stays_a_credit() {
    let plans = vec![plan("a", Some("p"), weekly(1, "2024-04-01", None))];
    let settled = settle(&book(plans, vec![paid("1", "2024-04-20", -70, Some("p"))]));
    assert_eq!((settled.pools[0].credit, settled.pools[0].paid, settled.open()), (Pence(70), Pence(0), Pence(52_143)));
}

#[test]
fn a_payment_goes_where_it_says() {
    let orders = BTreeMap::from([("a", "o")]);
    let plans = vec![plan("a", Some("p"), weekly(1, "2024-04-01", None)), plan("b", Some("p"), weekly(1, "2024-04-01", None))];
    let one = |payment: Payment<'static>| {
        let book = Book { plans: plans.clone(), payments: vec![payment], ..Book::empty(year(), Direction::Expenditure, &orders) };
        let settled = settle(&book);
        let paid = |id: &str| sums(&settled, |cell| cell.owner.id == id)[1];
        (paid("a"), paid("b"), settled.unmatched.first().map(|one| one.reason))
    };
    let base = paid("1", "2024-04-20", 60_000, Some("p"));
    let (of_a, of_b, unmatched) = one(base);
    assert!(of_a + of_b == 60_000 && (0..=1_000).contains(&(of_a - of_b)) && unmatched.is_none(), "week by week: {of_a} and {of_b}");
    assert_eq!(one(Payment { matched: Some(Match::Arrangement("b")), order: Some("o"), ..base }), (0, 52_143, None));
    assert_eq!(one(Payment { order: Some("o"), ..base }), (52_143, 0, None));
    assert_eq!(one(Payment { matched: Some(Match::NotForAPackage), ..base }), (0, 0, Some(Unmatched::NotForAPackage)));
    assert_eq!(one(Payment { matched: Some(Match::Arrangement("c")), ..base }), (0, 0, Some(Unmatched::ArrangementNotPlanned)));
    assert_eq!(one(Payment { order: Some("x"), ..base }), (0, 0, Some(Unmatched::OrderNotPlanned)));
    assert_eq!(one(Payment { provider: Some("x"), ..base }), (0, 0, Some(Unmatched::ProviderNotPlanned)));
}

#[test]
fn what_is_released_stays_released_when_its_payment_is_taken_back() {
    let plans = vec![plan("a", Some("p"), weekly(1, "2024-04-01", Some("2024-04-15")))];
    let release = Release { scope: Scope::Provider("p"), up_to: day("2024-04-10") };
    let payments = vec![paid("1", "2024-04-05", 300, Some("p")), paid("2", "2024-06-05", -300, Some("p"))];
    let settled = settle(&Book { releases: vec![release], ..book(plans, payments) });
    let before = sums(&settled, |cell| cell.to <= day("2024-04-10"));
    assert_eq!((before[1], before[2], before[3]), (0, before[0], 0), "the week is cut at the day of the release");
    assert!(sums(&settled, |cell| cell.from >= day("2024-04-10"))[3] > 0);
    assert_eq!(settled.pools[0].credit, Pence(0), "what was paid could be taken back");
}

#[test]
fn what_is_carried_forward_is_paid_first_and_a_closed_year_has_nothing_open() {
    let carried = vec![Carried { owner: arrangement("old"), provider: Some("p"), amount: Pence(500) }];
    let plans = vec![plan("a", Some("p"), weekly(1, "2024-04-01", None))];
    let mut book = Book { carried, ..book(plans, vec![paid("1", "2024-03-28", 600, Some("p"))]) };
    let settled = settle(&book);
    assert_eq!(sums(&settled, |cell| cell.is_carried), [500, 500, 0, 0]);
    assert_eq!(sums(&settled, |cell| !cell.is_carried)[1], 100);
    assert_eq!(settled.months()[0].actual, Pence(600), "posted in a closed year, it counts in the first month");
    let open: i64 = settled.carry_forwards().iter().map(|carried| carried.amount.0).sum();
    assert_eq!(open, settled.open().0);
    book.is_closed = true;
    let closed = settle(&book);
    assert_eq!((closed.open(), sums(&closed, |_| true)[2]), (Pence(0), open));
}

#[test]
fn what_changes_in_a_closed_year_is_carried_again() {
    let open = |weeks: &str| settle(&book(vec![plan("a", Some("p"), weekly(1, "2025-03-03", Some(weeks)))], vec![]));
    let (shorter, longer) = (open("2025-03-17"), open("2025-03-24"));
    let first = longer.carry_forwards();
    let again = shorter.carry_again(&first, &first).expect("in bounds");
    assert_eq!(again, [Carried { owner: arrangement("a"), provider: Some("p"), amount: Pence(shorter.open().0 - longer.open().0) }]);
    // A record above nought and one below come to one cell, and one of nothing to none.
    let both: Vec<_> = first.iter().chain(&again).copied().collect();
    let cells = |carried: Vec<Carried<'static>>| settle(&Book { carried, ..book(vec![], vec![]) }).cells;
    let of = |records: &[Carried<'_>]| {
        cells(records.iter().map(|one| Carried { owner: arrangement("a"), provider: Some("p"), amount: one.amount }).collect())
    };
    assert_eq!(of(&both).iter().map(|cell| (cell.is_carried, cell.planned)).collect::<Vec<_>>(), [(true, shorter.open())]);
    assert_eq!(of(&[first[0], Carried { amount: Pence(-first[0].amount.0), ..first[0] }]).len(), 0);
    assert_eq!(shorter.carry_again(&both, &both).expect("in bounds"), []);
    // All of it gone.
    let gone = settle(&book(vec![], vec![])).carry_again(&both, &both).expect("in bounds");
    assert_eq!(gone.iter().map(|one| one.amount).collect::<Vec<_>>(), [Pence(-shorter.open().0)]);
    // What another cause made of the year is not carried with the change, nor is more taken back than was carried.
    let dearer = [Carried { amount: Pence(first[0].amount.0 + 700), ..first[0] }];
    assert_eq!(longer.carry_again(&dearer, &first).expect("in bounds")[0].amount, Pence(-700));
    let none = settle(&book(vec![], vec![]));
    assert_eq!(none.carry_again(&dearer, &first).expect("in bounds")[0].amount, Pence(-first[0].amount.0));
}

#[test]
fn income_is_settled_as_expenditure_is_and_reported_with_the_ledgers_sign() {
    let spread = Plan::Spread { amount: Pence(1_200), from: day("2024-04-01"), to: day("2024-05-01") };
    let owner = arrangement("a");
    let book = Book {
        direction: Direction::Income,
        ..book(vec![Planned { owner, provider: Some("icb"), plan: spread }], vec![paid("1", "2024-05-20", -1_000, Some("icb"))])
    };
    let settled = settle(&book);
    assert_eq!(settled.open(), Pence(200));
    let months = settled.months();
    assert_eq!((months[0].committed, months[1].actual), (Pence(-200), Pence(-1_000)));
}

#[test]
fn an_award_and_its_reversal_plan_nothing() {
    let owner = Owner { id: "g", kind: OwnerKind::Grant };
    let award = |pence| Planned {
        owner,
        provider: Some("p"),
        plan: Plan::Spread { amount: Pence(pence), from: day("2024-04-01"), to: day("2025-04-01") },
    };
    assert!(settle(&book(vec![award(100_001), award(-100_001)], vec![])).cells.is_empty());
}

fn known(line_id: &str, terms: Line) -> KnownLine<'_> {
    KnownLine { line_id, terms, is_reversed: false, by_correction: false }
}

/// The year's movement by cause.
fn movement(before: &[KnownLine<'_>], after: &[KnownLine<'_>]) -> BTreeMap<&'static str, i64> {
    let mut causes = BTreeMap::new();
    for moved in arrangement_movement(&policy(), year(), before, after).expect("compared") {
        *causes.entry(moved.cause.as_str()).or_insert(0) += moved.amount.0;
    }
    causes
}

#[test]
fn a_movement_is_told_by_its_cause() {
    let old = known("1", weekly(1, "2024-04-01", Some("2024-10-01")));
    let ended = known("1", weekly(1, "2024-04-01", Some("2024-07-01")));
    let cost = |line: Line| policy().cost_in(&line, year()).expect("costed").0;
    assert_eq!(movement(&[], &[old]), BTreeMap::from([("new", cost(old.terms))]));
    let reversed = KnownLine { is_reversed: true, ..old };
    assert_eq!(movement(&[old], &[reversed]), BTreeMap::from([("correction", -cost(old.terms))]));
    assert_eq!(movement(&[old], &[ended]), BTreeMap::from([("ended", cost(ended.terms) - cost(old.terms))]));
    let longer = known("1", weekly(1, "2024-04-01", None));
    assert_eq!(movement(&[old], &[longer]), BTreeMap::from([("new", cost(longer.terms) - cost(old.terms))]));
    let back = known("2", weekly(1, "2024-08-01", Some("2024-10-01")));
    assert_eq!(movement(&[old], &[ended, back]).keys().copied().collect::<Vec<_>>(), ["timing"]);
    let more = known("2", Line { unit_rate: UnitRate(110_000), ..weekly(2, "2024-07-01", Some("2024-10-01")) });
    let causes = movement(&[old], &[ended, more]);
    assert_eq!(causes.keys().copied().collect::<Vec<_>>(), ["rate", "volume"]);
    let corrected = KnownLine { by_correction: true, ..more };
    assert_eq!(movement(&[old], &[ended, corrected]).keys().copied().collect::<Vec<_>>(), ["correction"]);
    assert_eq!(movement(&[], &[corrected]).keys().copied().collect::<Vec<_>>(), ["new"], "nothing was known that could be wrong");
    let taken_back = KnownLine { is_reversed: true, by_correction: true, ..old };
    let shorter = KnownLine { by_correction: true, ..known("2", weekly(1, "2024-05-01", Some("2024-10-01"))) };
    assert_eq!(movement(&[old], &[taken_back, shorter]).keys().copied().collect::<Vec<_>>(), ["correction"]);
}

#[test]
fn weighted_months_add_up_to_the_weighted_year() {
    let line = weekly(1, "2024-04-01", None);
    let months = weighted_by_month(&policy(), &line, "r", 33, year()).expect("weighted");
    assert_eq!(months.iter().map(|month| month.0).sum::<i64>(), 17_207);
}

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
        },
    )
}

fn any_release() -> impl Strategy<Value = Release<'static>> {
    let scope = prop_oneof![Just(Scope::BudgetLine), any_name().prop_map(Scope::Provider), any_name().prop_map(Scope::Arrangement)];
    (scope, any_day()).prop_map(|(scope, up_to)| Release { scope, up_to })
}

fn any_book() -> impl Strategy<Value = Book<'static>> {
    static ORDERS: LazyLock<BTreeMap<&str, &str>> = LazyLock::new(|| BTreeMap::from([("a", "a"), ("b", "a"), ("c", "c")]));
    let carried = (any_name(), prop::option::of(any_name()), 1_i64..50_000).prop_map(|(id, provider, pence)| Carried {
        owner: arrangement(id),
        provider,
        amount: Pence(pence),
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
        let months = weighted_by_month(&policy, &line, "r", weight, year()).expect("weighted");
        let whole = i128::from(policy.cost_in(&line, year()).expect("costed").0) * i128::from(weight);
        let whole = crate::money::divide_half_away_from_zero(whole, 100);
        prop_assert_eq!(months.iter().map(|month| i128::from(month.0)).sum::<i128>(), whole);
    }
}
