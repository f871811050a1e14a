//! What others owe over the year's end: carried, credited, received and given up.

use super::tests::{arrangement, book, day, paid, policy, release, settle, sums, year};
use super::*;
use crate::joint_funding::{Funding, FundingState, Share};
use crate::{Frequency, LineState, Quantity, UnitRate};

fn carried(pence: i64, number: i64) -> Carried<'static> {
    Carried { owner: arrangement("a"), provider: Some("icb"), amount: Pence(pence), number }
}

/// £100.00 expected of the first fortnight, spread over its days.
fn share() -> Planned<'static> {
    let plan = Plan::Spread { amount: Pence(10_000), from: day("2024-04-01"), to: day("2024-04-15") };
    Planned { owner: arrangement("a"), provider: Some("icb"), plan, is_unconfirmed: false }
}

fn income<'a>(carried: Vec<Carried<'a>>, payments: Vec<Payment<'a>>) -> Book<'a> {
    Book { direction: Direction::Income, carried, ..book(vec![share()], payments) }
}

/// Open of what was carried, and of the year's own.
fn open(book: &Book<'_>) -> (i64, i64) {
    let settled = settle(book);
    (sums(&settled, |cell| cell.is_carried)[3], sums(&settled, |cell| !cell.is_carried)[3])
}

#[test]
fn a_receipt_settles_what_its_invoice_was_for() {
    let days = |from: &str, to: &str| InvoicedDays { arrangement: "a", provider: "icb", from: day(from), to: day(to) };
    let received = |pence: i64, invoice| Payment { invoice, ..paid("1", "2024-05-20", -pence, Some("icb")) };
    for (case, invoiced, pence, expected) in [
        ("without an invoice, the oldest first", None, 4_000, (0, 9_000)),
        ("last year's", Some(days("2024-03-01", "2024-04-01")), 4_000, (0, 10_000)),
        ("last year's, in part", Some(days("2024-03-01", "2024-04-01")), 1_000, (2_000, 10_000)),
        ("this year's, beside what is owed of last", Some(days("2024-04-01", "2024-04-15")), 4_000, (3_000, 6_000)),
        ("over both", Some(days("2024-03-25", "2024-04-15")), 4_000, (0, 9_000)),
        ("of another body", Some(InvoicedDays { provider: "other", ..days("2024-04-01", "2024-04-15") }), 4_000, (3_000, 10_000)),
        ("of days that plan nothing", Some(days("2024-05-01", "2024-06-01")), 4_000, (3_000, 10_000)),
    ] {
        let invoices = invoiced.map(|days| ("i", vec![days])).into_iter().collect();
        let payments = vec![received(pence, invoiced.map(|_| "i"))];
        assert_eq!(open(&Book { invoices, ..income(vec![carried(3_000, 1)], payments) }), expected, "{case}");
    }
    let invoices = BTreeMap::from([("i", vec![days("2024-05-01", "2024-06-01")])]);
    let settled = settle(&Book { invoices, ..income(vec![], vec![received(4_000, Some("i"))]) });
    assert_eq!(settled.unmatched.iter().map(|one| one.reason.as_str()).collect::<Vec<_>>(), ["invoice_not_planned"]);
}

#[test]
fn more_than_an_invoices_days_bring_settles_nothing_else() {
    let invoices =
        BTreeMap::from([("i", vec![InvoicedDays { arrangement: "a", provider: "icb", from: day("2024-03-01"), to: day("2024-04-01") }])]);
    let payments = vec![Payment { invoice: Some("i"), ..paid("1", "2024-05-20", -4_000, Some("icb")) }];
    let settled = settle(&Book { invoices, ..income(vec![carried(3_000, 1)], payments) });
    assert_eq!((settled.open(), settled.pools[0].overpaid), (Pence(10_000), Pence(1_000)));
    assert_eq!(settled.pools[0].target.kind(), "invoice");
}

#[test]
fn a_release_takes_what_was_carried_before_it() {
    let all = || Release { number: 5, ..release(Scope::BudgetLine, "2025-04-01") };
    let old = || Release { only_carried: true, ..all() };
    for (case, carried, releases, expected) in [
        ("all", vec![carried(3_000, 1)], vec![all()], (0, 0)),
        ("what was carried alone", vec![carried(3_000, 1)], vec![old()], (0, 10_000)),
        ("and what comes after is open", vec![carried(3_000, 1), carried(700, 6)], vec![all()], (700, 0)),
        ("of both", vec![carried(3_000, 1), carried(700, 6)], vec![old(), Release { number: 7, ..old() }], (0, 10_000)),
        ("less is carried after it", vec![carried(3_000, 1), carried(-700, 6)], vec![old()], (0, 10_000)),
        ("less than came after it", vec![carried(3_000, 1), carried(700, 6), carried(-200, 7)], vec![old()], (500, 10_000)),
        ("less, then more", vec![carried(3_000, 1), carried(-700, 6), carried(900, 7)], vec![old()], (900, 10_000)),
        ("another body's", vec![carried(3_000, 1)], vec![Release { scope: Scope::Provider("other"), ..all() }], (3_000, 10_000)),
    ] {
        assert_eq!(open(&Book { releases, ..income(carried, vec![]) }), expected, "{case}");
    }
}

#[test]
fn rows_of_what_was_carried_come_to_their_sum_in_any_order() {
    for amounts in [[500, -700, 900], [900, -700, 500], [-700, 900, 500]] {
        let rows = amounts.iter().zip(1..).map(|(pence, number)| carried(*pence, number)).collect();
        assert_eq!(open(&Book { releases: vec![], ..income(rows, vec![]) }).0, 700, "{amounts:?}");
    }
}

/// £10 a day from 1 April 2024 for the arrangement `a`, of which `icb` pays half.
fn recorded() -> Recorded {
    let terms = Line {
        quantity: Quantity(1000),
        frequency: Frequency::PerYear,
        unit_rate: UnitRate(36_500_000),
        valid_from: day("2024-04-01"),
        valid_to: None,
    };
    let line = LineVersion {
        line_id: "a".to_owned(),
        version: 1,
        arrangement: "a".to_owned(),
        state: LineState::Recorded,
        by_correction: false,
        budget_line: "care".to_owned(),
        provider: None,
        terms,
        recorded_on: day("2024-04-01"),
        agreed_on: Some(day("2024-04-01")),
    };
    let funding = FundingVersion {
        funding_id: "f".to_owned(),
        version: 1,
        arrangement: "a".to_owned(),
        provider: "icb".to_owned(),
        budget_line: "health".to_owned(),
        state: FundingState::Recorded,
        terms: Funding { share: Share::Percentage(500_000), valid_from: day("2024-04-01"), valid_to: None },
        recorded_on: day("2024-04-01"),
    };
    Recorded { versions: vec![line], fundings: vec![funding], ..Recorded::default() }
}

fn invoiced(from: &str, to: &str, pence: i64) -> RecordedInvoiceLine {
    RecordedInvoiceLine {
        id: "l".to_owned(),
        invoice: "i".to_owned(),
        funding_id: "f".to_owned(),
        arrangement: "a".to_owned(),
        provider: "icb".to_owned(),
        budget_line: "health".to_owned(),
        from: day(from),
        to: day(to),
        adjusts: None,
        expected: Pence(pence),
        asked: Pence(pence),
        recorded_on: day("2024-06-01"),
        reversed_on: None,
    }
}

fn credited(pence: i64) -> RecordedCredit {
    RecordedCredit { line: "l".to_owned(), is_adjustment: false, amount: Pence(pence), recorded_on: day("2024-07-01") }
}

/// Expected in April, in May, and in the year.
fn expected(recorded: &Recorded, of: FinancialYear, on: &str) -> [i64; 3] {
    let known = Known::on(recorded, Some(day(on)));
    let months = settle(&known.book(&policy(), of, ("health", Direction::Income), &[]).expect("a book")).months();
    let committed: Vec<i64> = months.iter().map(|month| -month.committed.0).collect();
    [committed[0], committed[1], committed.iter().sum()]
}

#[test]
fn what_a_credit_note_gives_up_is_expected_no_longer_of_its_days() {
    let next_year = year().next().expect("a year");
    let whole = 365 * 500;
    for (case, line, credit, of, then) in [
        ("all of a month", invoiced("2024-04-01", "2024-05-01", 15_000), 15_000, year(), [0, 15_500, whole - 15_000]),
        ("part of it", invoiced("2024-04-01", "2024-05-01", 15_000), 4_000, year(), [11_000, 15_500, whole - 4_000]),
        (
            "of two months, by what each was to bring",
            invoiced("2024-04-01", "2024-06-01", 30_500),
            6_100,
            year(),
            [12_000, 12_400, whole - 6_100],
        ),
        ("of some days", invoiced("2024-04-21", "2024-05-11", 10_000), 10_000, year(), [10_000, 10_500, whole - 10_000]),
        (
            "over the year's end, the old year's part",
            invoiced("2025-03-22", "2025-04-11", 10_000),
            10_000,
            year(),
            [15_000, 15_500, whole - 5_000],
        ),
        ("and the new year's", invoiced("2025-03-22", "2025-04-11", 10_000), 10_000, next_year, [10_000, 15_500, whole - 5_000]),
    ] {
        let recorded = Recorded { invoice_lines: vec![line], credits: vec![credited(credit)], ..recorded() };
        assert_eq!(expected(&recorded, of, "2024-07-01"), then, "{case}");
        assert_eq!(expected(&recorded, of, "2024-06-30"), [15_000, 15_500, whole], "{case}, before it was credited");
    }
}

#[test]
fn an_entry_is_for_the_invoices_that_receipts_say_it_paid_and_the_rest_for_what_its_funder_owes() {
    let entry = |id: &str, reverses: Option<&str>, pence| Entry {
        id: id.to_owned(),
        posted_on: day("2024-08-01"),
        budget_line: "health".to_owned(),
        provider: Some("icb".to_owned()),
        order: None,
        reverses: reverses.map(str::to_owned),
        amount: Pence(pence),
        recorded_on: day("2024-08-01"),
    };
    let receipt =
        |pence, on: &str| RecordedReceipt { invoice: "i".to_owned(), entry: "e".to_owned(), amount: Pence(pence), recorded_on: day(on) };
    let line = invoiced("2024-05-01", "2024-06-01", 15_500);
    let of = |receipts: Vec<RecordedReceipt>, entries: &[Entry], on: &str| {
        let recorded = Recorded { invoice_lines: vec![line.clone()], receipts, ..recorded() };
        let known = Known::on(&recorded, Some(day(on)));
        let months = settle(&known.book(&policy(), year(), ("health", Direction::Income), entries).expect("a book")).months();
        (-months[0].committed.0, -months[1].committed.0, -months.iter().map(|month| month.actual.0).sum::<i64>())
    };
    let one = [entry("e", None, -10_000)];
    assert_eq!(of(vec![], &one, "2024-08-02"), (5_000, 15_500, 10_000));
    assert_eq!(of(vec![receipt(8_000, "2024-08-02")], &one, "2024-08-01"), (5_000, 15_500, 10_000), "not recorded yet");
    assert_eq!(of(vec![receipt(8_000, "2024-08-02")], &one, "2024-08-02"), (13_000, 7_500, 10_000));
    assert_eq!(
        of(vec![receipt(8_000, "2024-08-02"), receipt(-8_000, "2024-08-03")], &one, "2024-08-03"),
        (5_000, 15_500, 10_000),
        "taken back"
    );
    let both = [entry("e", None, -10_000), entry("r", Some("e"), 10_000)];
    assert_eq!(of(vec![receipt(8_000, "2024-08-02")], &both, "2024-08-03"), (15_000, 15_500, 0), "the entry was reversed");
}
