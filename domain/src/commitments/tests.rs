use super::*;
use crate::profile::CostingPolicy;
use crate::{Frequency, Profile, Quantity, UnitRate};

pub(super) fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

pub(super) fn policy() -> CostingPolicy {
    Profile::bundled("tameside").expect("sound").costing
}

pub(super) fn year() -> FinancialYear {
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

pub(super) fn arrangement(id: &str) -> Owner<'_> {
    Owner { id, kind: OwnerKind::Arrangement }
}

pub(super) fn plan<'a>(id: &'a str, provider: Option<&'a str>, line: Line) -> Planned<'a> {
    Planned { owner: arrangement(id), provider, plan: Plan::Line(line), is_unconfirmed: false }
}

pub(super) fn paid<'a>(id: &'a str, on: &str, pence: i64, provider: Option<&'a str>) -> Payment<'a> {
    Payment { id, posted_on: day(on), amount: Pence(pence), provider, matched: None, order: None, invoice: None }
}

/// One that was recorded after everything that was carried.
pub(super) fn release<'a>(scope: Scope<'a>, up_to: &str) -> Release<'a> {
    Release { scope, up_to: day(up_to), only_carried: false, number: 9 }
}

static NO_ORDERS: OrdersByArrangement<'static> = BTreeMap::new();

pub(super) fn book<'a>(plans: Vec<Planned<'a>>, payments: Vec<Payment<'a>>) -> Book<'a> {
    Book { plans, payments, ..Book::empty(year(), Direction::Expenditure, &NO_ORDERS) }
}

pub(super) fn settle<'a>(book: &Book<'a>) -> Settlement<'a> {
    book.settle(&policy()).expect("settled")
}

/// Planned, paid, released and open of the cells that pass.
pub(super) fn sums(settlement: &Settlement<'_>, passes: impl Fn(&Cell<'_>) -> bool) -> [i64; 4] {
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
    let release = release(Scope::Arrangement("none"), "2024-05-01");
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
    let orders = BTreeMap::from([("a", vec![OnOrder { id: "o", provider: Some("p") }])]);
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
fn a_payment_with_an_orders_number_pays_the_days_of_the_orders_provider() {
    // One arrangement that went from p to q on 15 April.
    let plans = vec![
        plan("a", Some("p"), weekly(1, "2024-04-01", Some("2024-04-15"))),
        plan("a", Some("q"), weekly(1, "2024-04-15", Some("2024-04-29"))),
    ];
    let on = |id, provider| OnOrder { id, provider };
    let both = vec![on("o", Some("p")), on("n", Some("q"))];
    for (orders, order, expected) in [
        (both.clone(), "o", ([2_000, 0], 1_000)),
        (both, "n", ([0, 2_000], 1_000)),
        // The new provider was given no order yet: what is beyond the old one's days pays for its days.
        (vec![on("o", Some("p"))], "o", ([2_000, 1_000], 0)),
        (vec![on("o", None)], "o", ([2_000, 1_000], 0)),
    ] {
        let orders = BTreeMap::from([("a", orders)]);
        let payments = vec![Payment { order: Some(order), ..paid("1", "2024-04-30", 3_000, Some("p")) }];
        let book = Book { plans: plans.clone(), payments, ..Book::empty(year(), Direction::Expenditure, &orders) };
        let settled = settle(&book);
        let of = |provider: &str| sums(&settled, |cell| cell.provider == Some(provider))[1];
        assert_eq!(([of("p"), of("q")], settled.pools[0].overpaid.0), expected, "{order}");
    }
}

#[test]
fn what_is_released_stays_released_when_its_payment_is_taken_back() {
    let plans = vec![plan("a", Some("p"), weekly(1, "2024-04-01", Some("2024-04-15")))];
    let release = release(Scope::Provider("p"), "2024-04-10");
    let payments = vec![paid("1", "2024-04-05", 300, Some("p")), paid("2", "2024-06-05", -300, Some("p"))];
    let settled = settle(&Book { releases: vec![release], ..book(plans, payments) });
    let before = sums(&settled, |cell| cell.to <= day("2024-04-10"));
    assert_eq!((before[1], before[2], before[3]), (0, before[0], 0), "the week is cut at the day of the release");
    assert!(sums(&settled, |cell| cell.from >= day("2024-04-10"))[3] > 0);
    assert_eq!(settled.pools[0].credit, Pence(0), "what was paid could be taken back");
}

#[test]
fn what_is_carried_forward_is_paid_first_and_a_closed_year_has_nothing_open() {
    let carried = vec![Carried { owner: arrangement("old"), provider: Some("p"), amount: Pence(500), number: 0 }];
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
    assert_eq!(
        again,
        [Carried { owner: arrangement("a"), provider: Some("p"), amount: Pence(shorter.open().0 - longer.open().0), number: 0 }]
    );
    // A record above nought and one below come to one cell, and one of nothing to none.
    let both: Vec<_> = first.iter().chain(&again).copied().collect();
    let cells = |carried: Vec<Carried<'static>>| settle(&Book { carried, ..book(vec![], vec![]) }).cells;
    let of = |records: &[Carried<'_>]| {
        cells(records.iter().map(|one| Carried { owner: arrangement("a"), provider: Some("p"), amount: one.amount, number: 0 }).collect())
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
        ..book(
            vec![Planned { owner, provider: Some("icb"), plan: spread, is_unconfirmed: false }],
            vec![paid("1", "2024-05-20", -1_000, Some("icb"))],
        )
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
        is_unconfirmed: false,
    };
    assert!(settle(&book(vec![award(100_001), award(-100_001)], vec![])).cells.is_empty());
}

pub(super) fn known(line_id: &str, terms: Line) -> KnownLine<'_> {
    KnownLine { line_id, terms, is_reversed: false, by_correction: false }
}

/// The year's movement by cause.
pub(super) fn movement(before: &[KnownLine<'_>], after: &[KnownLine<'_>]) -> BTreeMap<&'static str, i64> {
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
