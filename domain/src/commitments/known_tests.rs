//! What counts on a day, one rule a case.

use super::*;
use crate::direct_payments::StepKind;
use crate::joint_funding::{Funding, FundingState, Share};
use crate::profile::CostingPolicy;
use crate::{Frequency, LineState, Profile, Quantity, UnitRate};
use std::collections::BTreeMap;

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

fn policy() -> CostingPolicy {
    Profile::bundled("tameside").expect("sound").costing
}

fn year() -> FinancialYear {
    "2024-25".parse().expect("a year")
}

/// £10 a day in the first 28 days of April 2024 for the arrangement `a`, paid from `care`.
fn version(number: i64, state: LineState, recorded_on: &str) -> LineVersion {
    LineVersion {
        line_id: "a".to_owned(),
        version: number,
        arrangement: "a".to_owned(),
        state,
        by_correction: false,
        agreed_on: Some(day(recorded_on)),
        budget_line: "care".to_owned(),
        provider: Some("p".to_owned()),
        terms: Line {
            quantity: Quantity(1000),
            frequency: Frequency::PerYear,
            unit_rate: UnitRate(36_500_000),
            valid_from: day("2024-04-01"),
            valid_to: Some(day("2024-04-29")),
        },
        recorded_on: day(recorded_on),
    }
}

/// A quarter of the arrangement `a`, from the body `icb`, on the line of income `health`.
fn share(number: i64, state: FundingState, recorded_on: &str) -> FundingVersion {
    FundingVersion {
        funding_id: "f".to_owned(),
        version: number,
        arrangement: "a".to_owned(),
        provider: "icb".to_owned(),
        budget_line: "health".to_owned(),
        state,
        terms: Funding { share: Share::Percentage(250_000), valid_from: day("2024-04-01"), valid_to: None },
        recorded_on: day(recorded_on),
    }
}

fn entry(id: &str, reverses: Option<&str>, pence: i64) -> Entry {
    Entry {
        id: id.to_owned(),
        posted_on: day("2024-05-01"),
        budget_line: "care".to_owned(),
        provider: None,
        order: None,
        reverses: reverses.map(str::to_owned),
        amount: Pence(pence),
        recorded_on: day("2024-05-02"),
    }
}

fn open(recorded: &Recorded, line: (&str, Direction), known_on: Option<&str>) -> i64 {
    let known = Known::on(recorded, known_on.map(day));
    let book = known.book(&policy(), year(), line, &[]).expect("a book");
    book.settle(&policy()).expect("settled").open().0
}

const CARE: (&str, Direction) = ("care", Direction::Expenditure);
const HEALTH: (&str, Direction) = ("health", Direction::Income);

#[test]
fn a_line_counts_in_the_last_version_known() {
    use LineState::{Recorded as R, Reversed};
    let recorded = Recorded { versions: vec![version(1, R, "2024-04-10"), version(2, Reversed, "2024-04-20")], ..Recorded::default() };
    for (known_on, expected) in [(Some("2024-04-09"), 0), (Some("2024-04-10"), 28_000), (Some("2024-04-20"), 0), (None, 0)] {
        assert_eq!(open(&recorded, CARE, known_on), expected, "{known_on:?}");
    }
}

#[test]
fn what_nobody_agreed_is_told_apart_until_the_day_it_is_agreed() {
    let recorded = |agreed_on: Option<&str>| Recorded {
        versions: vec![LineVersion { agreed_on: agreed_on.map(day), ..version(1, LineState::Recorded, "2024-04-10") }],
        fundings: vec![share(1, FundingState::Recorded, "2024-04-10")],
        ..Recorded::default()
    };
    for (name, agreed_on, known_on, expected) in [
        ("never agreed", None, None, [28_000, 7_000]),
        ("agreed since", Some("2024-04-20"), None, [0, 0]),
        ("the day before", Some("2024-04-20"), Some("2024-04-19"), [28_000, 7_000]),
        ("that day", Some("2024-04-20"), Some("2024-04-20"), [0, 0]),
    ] {
        let recorded = recorded(agreed_on);
        let known = Known::on(&recorded, known_on.map(day));
        let settle = |line| known.book(&policy(), year(), line, &[]).expect("a book").settle(&policy()).expect("settled");
        let (care, health) = (settle(CARE), settle(HEALTH));
        assert_eq!([care.open().0, health.open().0], [28_000, 7_000], "{name}: it is committed either way");
        assert_eq!([care.open_unconfirmed().0, health.open_unconfirmed().0], expected, "{name}");
        let months: i64 = care.months().iter().map(|month| month.unconfirmed.0).sum();
        let income: i64 = health.months().iter().map(|month| month.unconfirmed.0).sum();
        assert_eq!([months, -income], expected, "{name}");
    }
}

#[test]
fn of_what_is_open_no_more_is_unconfirmed_than_nobody_agreed() {
    let (agreed_line, line) = (version(1, LineState::Recorded, "2024-04-10"), version(1, LineState::Recorded, "2024-04-10"));
    let from = |line: LineVersion, id: &str, from: &str, to: &str| {
        let terms = Line { valid_from: day(from), valid_to: Some(day(to)), ..line.terms };
        LineVersion { line_id: id.to_owned(), terms, ..line }
    };
    // £10 a day: of one week Monday to Wednesday are agreed, the rest is not.
    let versions = vec![
        from(agreed_line, "a", "2024-04-15", "2024-04-18"),
        from(LineVersion { agreed_on: None, ..line }, "b", "2024-04-18", "2024-04-22"),
    ];
    let recorded = Recorded { versions, ..Recorded::default() };
    let known = Known::on(&recorded, None);
    for (paid, open, unconfirmed) in [(0, 7_000, 4_000), (2_000, 5_000, 4_000), (5_000, 2_000, 2_000), (7_000, 0, 0)] {
        let entries = [entry("1", None, paid)];
        let settled = known.book(&policy(), year(), CARE, &entries).expect("a book").settle(&policy()).expect("settled");
        assert_eq!((settled.open().0, settled.open_unconfirmed().0), (open, unconfirmed), "{paid} paid");
    }
}

#[test]
fn what_a_correction_made_stays_so_after_another_variation_of_it() {
    use LineState::{Ended, Recorded as R, Reversed};
    let made = LineVersion { by_correction: true, ..version(1, R, "2024-04-10") };
    let is_by_correction = |versions: Vec<LineVersion>| {
        let recorded = Recorded { versions, ..Recorded::default() };
        let known = Known::on(&recorded, None);
        known.compared(known.lines_of("care")[0]).by_correction
    };
    assert!(is_by_correction(vec![made.clone()]));
    assert!(is_by_correction(vec![made.clone(), version(2, Ended, "2024-04-20")]), "ended since");
    assert!(!is_by_correction(vec![made, version(2, Reversed, "2024-04-20")]), "no correction took it back");
    assert!(!is_by_correction(vec![version(1, R, "2024-04-10"), version(2, Ended, "2024-04-20")]));
    let taken_back = LineVersion { by_correction: true, ..version(2, Reversed, "2024-04-20") };
    assert!(is_by_correction(vec![version(1, R, "2024-04-10"), taken_back]));
}

#[test]
fn a_share_is_open_income_on_its_own_line_while_it_stands() {
    use FundingState::Reversed;
    let stands = share(1, FundingState::Recorded, "2024-04-12");
    let versions = vec![version(1, LineState::Recorded, "2024-04-10")];
    let recorded = Recorded { versions, fundings: vec![stands, share(2, Reversed, "2024-04-20")], ..Recorded::default() };
    for (line, known_on, expected) in
        [(HEALTH, "2024-04-11", 0), (HEALTH, "2024-04-12", 7_000), (HEALTH, "2024-04-20", 0), (CARE, "2024-04-12", 28_000)]
    {
        assert_eq!(open(&recorded, line, Some(known_on)), expected, "{line:?} on {known_on}");
    }
}

#[test]
fn a_release_or_closure_counts_from_the_day_it_was_recorded_and_a_release_until_it_is_taken_back() {
    let release = RecordedRelease {
        year: year(),
        budget_line: "care".to_owned(),
        provider: None,
        arrangement: None,
        up_to: day("2024-04-15"),
        only_carried: false,
        number: 2,
        recorded_on: day("2024-05-01"),
        reversed_on: Some(day("2024-05-03")),
    };
    let recorded = Recorded {
        versions: vec![version(1, LineState::Recorded, "2024-04-10")],
        releases: vec![release],
        closures: vec![(year(), day("2025-05-31"))],
        ..Recorded::default()
    };
    for (known_on, expected) in
        [("2024-04-30", 28_000), ("2024-05-01", 14_000), ("2024-05-02", 14_000), ("2024-05-03", 28_000), ("2025-05-31", 0)]
    {
        assert_eq!(open(&recorded, CARE, Some(known_on)), expected, "{known_on}");
    }
}

#[test]
fn a_reversal_is_for_what_the_entry_it_reverses_is_for() {
    let matched = |entry: &str, arrangement: Option<&str>| RecordedMatch {
        entry: entry.to_owned(),
        arrangement: arrangement.map(str::to_owned),
        recorded_on: day("2024-05-02"),
        reversed_on: None,
    };
    let entries = [entry("1", None, 500), entry("2", Some("1"), -500)];
    for (matches, expected) in [
        (vec![], [None, None]),
        (vec![matched("1", Some("a"))], [Some(Match::Arrangement("a")); 2]),
        (vec![matched("1", Some("a")), matched("2", None)], [Some(Match::Arrangement("a")), Some(Match::NotForAPackage)]),
        (vec![matched("1", None), matched("1", Some("a"))], [Some(Match::Arrangement("a")); 2]),
    ] {
        let recorded = Recorded { matches, ..Recorded::default() };
        let known = Known::on(&recorded, None);
        let book = known.book(&policy(), year(), CARE, &entries).expect("a book");
        assert_eq!(book.payments.iter().map(|payment| payment.matched).collect::<Vec<_>>(), expected);
    }
}

#[test]
fn an_order_counts_once_it_and_its_arrangement_are_known() {
    let recorded = Recorded {
        orders: vec![order("o", "2024-04-10", None)],
        order_lines: vec![OrderedArrangement { arrangement: "a".to_owned(), order: "o".to_owned(), recorded_on: day("2024-04-12") }],
        ..Recorded::default()
    };
    for (known_on, expected) in [("2024-04-09", None), ("2024-04-11", None), ("2024-04-12", Some("o"))] {
        let known = Known::on(&recorded, Some(day(known_on)));
        let book = known.book(&policy(), year(), CARE, &[]).expect("a book");
        let expected = expected.map(|id| ("a", vec![OnOrder { id, provider: Some("p") }])).into_iter().collect::<BTreeMap<_, _>>();
        assert_eq!(book.orders, &expected, "{known_on}");
    }
}

#[test]
fn a_cancelled_order_gives_its_number_and_its_arrangement_to_the_next() {
    let on = |order: &str, arrangement: &str, recorded_on: &str| OrderedArrangement {
        arrangement: arrangement.to_owned(),
        order: order.to_owned(),
        recorded_on: day(recorded_on),
    };
    let recorded = Recorded {
        orders: vec![order("o1", "2024-04-10", Some("2024-04-20")), order("o2", "2024-04-20", None)],
        order_lines: vec![on("o1", "a", "2024-04-10"), on("o2", "b", "2024-04-20")],
        ..Recorded::default()
    };
    let entries = [Entry { order: Some("PO1".to_owned()), ..entry("1", None, 500) }];
    for (known_on, arrangement, id) in [("2024-04-19", "a", "o1"), ("2024-04-20", "b", "o2")] {
        let known = Known::on(&recorded, Some(day(known_on)));
        let book = known.book(&policy(), year(), CARE, &[]).expect("a book");
        assert_eq!(book.orders, &BTreeMap::from([(arrangement, vec![OnOrder { id, provider: Some("p") }])]), "{known_on}");
        assert_eq!((known.order_number(id), known.order_number(if id == "o1" { "o2" } else { "o1" })), (Some("PO1"), None));
    }
    let known = Known::on(&recorded, None);
    let book = known.book(&policy(), year(), CARE, &entries).expect("a book");
    assert_eq!(book.payments[0].order, Some("o2"));
}

fn order(id: &str, recorded_on: &str, cancelled_on: Option<&str>) -> RecordedOrder {
    RecordedOrder {
        id: id.to_owned(),
        number: "PO1".to_owned(),
        provider: Some("p".to_owned()),
        recorded_on: day(recorded_on),
        cancelled_on: cancelled_on.map(day),
    }
}

fn account_step(kind: StepKind, on: &str, until: Option<&str>, recorded_on: &str, reversed_on: Option<&str>) -> RecordedAccountStep {
    RecordedAccountStep {
        arrangement: "a".to_owned(),
        kind,
        on: day(on),
        until: until.map(day),
        recorded_on: day(recorded_on),
        reversed_on: reversed_on.map(day),
    }
}

#[test]
fn what_a_pause_or_a_closure_will_not_pay_is_not_open() {
    use StepKind::{Close, Pause, Resume};
    let pause = || account_step(Pause, "2024-04-08", Some("2024-04-15"), "2024-04-05", None);
    for (name, steps, known_on, expected) in [
        ("nothing", vec![], None, 28_000),
        ("a pause", vec![pause()], None, 21_000),
        ("before it was recorded", vec![pause()], Some("2024-04-04"), 28_000),
        ("one without an end", vec![account_step(Pause, "2024-04-08", None, "2024-04-05", None)], None, 7_000),
        ("one that was taken back", vec![account_step(Pause, "2024-04-08", None, "2024-04-05", Some("2024-04-09"))], None, 28_000),
        ("and before that", vec![account_step(Pause, "2024-04-08", None, "2024-04-05", Some("2024-04-09"))], Some("2024-04-08"), 7_000),
        (
            "one that was resumed",
            vec![account_step(Pause, "2024-04-08", None, "2024-04-05", None), account_step(Resume, "2024-04-10", None, "2024-04-09", None)],
            None,
            26_000,
        ),
        ("a closure", vec![account_step(Close, "2024-04-22", None, "2024-04-20", None)], None, 21_000),
        ("a pause that the closure cuts", vec![pause(), account_step(Close, "2024-04-10", None, "2024-04-09", None)], None, 7_000),
        ("a pause after the closure", vec![pause(), account_step(Close, "2024-04-03", None, "2024-04-02", None)], None, 2_000),
        ("a pause before the line", vec![account_step(Pause, "2024-03-01", Some("2024-04-02"), "2024-03-01", None)], None, 27_000),
        ("a pause over the year's end", vec![account_step(Pause, "2024-04-20", Some("2025-05-01"), "2024-04-05", None)], None, 19_000),
    ] {
        let versions = vec![version(1, LineState::Recorded, "2024-04-01")];
        let recorded = Recorded { versions, account_steps: steps, ..Recorded::default() };
        assert_eq!(open(&recorded, CARE, known_on), expected, "{name}");
    }
    // Another arrangement's account leaves it alone.
    let other = RecordedAccountStep { arrangement: "b".to_owned(), ..pause() };
    let recorded =
        Recorded { versions: vec![version(1, LineState::Recorded, "2024-04-01")], account_steps: vec![other], ..Recorded::default() };
    assert_eq!(open(&recorded, CARE, None), 28_000);
}
