//! What requests weigh, one rule a case.

use super::tests::{day, policy, year};
use super::*;
use crate::direct_payments::Stretch;
use crate::panel::DecisionKind;
use crate::{Frequency, Quantity, RequestState, UnitRate};

/// £10 a day, so £3,650.00 in the year.
fn daily(pounds: i64, from: &str, to: Option<&str>) -> Line {
    Line {
        quantity: Quantity(1000),
        frequency: Frequency::PerYear,
        unit_rate: UnitRate(pounds * 365 * 10_000),
        valid_from: day(from),
        valid_to: to.map(day),
    }
}

fn asked(terms: Line, weight_percent: u8, replaces: Option<Replaced<'static>>) -> AskedLine<'static> {
    AskedLine { request_line: "r", terms, weight_percent, replaces }
}

fn old(arrangement: &'static str, lines: &[Line]) -> Option<Replaced<'static>> {
    Some(Replaced { arrangement, lines: lines.to_vec(), unpaid: Vec::new() })
}

fn weighs(asked: &[AskedLine<'_>]) -> i64 {
    weighed_in_year(&policy(), year(), asked).expect("weighed").0
}

#[test]
fn a_line_weighs_what_it_adds_to_what_it_replaces() {
    let ten = daily(10, "2024-04-01", None);
    let in_march = |pounds| daily(pounds, "2025-03-01", None);
    for (case, line, expected) in [
        ("on top", asked(in_march(30), 100, None), 31 * 3_000),
        ("dearer", asked(in_march(30), 100, old("a", &[ten])), 31 * 2_000),
        ("half as likely", asked(in_march(30), 50, old("a", &[ten])), 31 * 1_000),
        ("cheaper", asked(in_march(4), 100, old("a", &[ten])), -31 * 600),
        ("in place of what ends before", asked(in_march(30), 100, old("a", &[daily(10, "2024-01-01", Some("2025-02-01"))])), 31 * 3_000),
        (
            "in place of what ends within",
            asked(in_march(30), 100, old("a", &[daily(10, "2024-01-01", Some("2025-03-11"))])),
            31 * 3_000 - 10_000,
        ),
        (
            "in place of what a variation made of it",
            asked(in_march(30), 100, old("a", &[daily(9, "2024-01-01", Some("2025-03-11")), daily(10, "2025-03-11", None)])),
            31 * 3_000 - 9_000 - 21_000,
        ),
        (
            "short, and what it replaced does not come back",
            asked(daily(30, "2025-03-01", Some("2025-03-02")), 100, old("a", &[ten])),
            3_000 - 31_000,
        ),
        ("over since last year", asked(daily(30, "2024-02-01", Some("2024-03-01")), 100, old("a", &[ten])), -365_000),
    ] {
        assert_eq!(weighs(&[line]), expected, "{case}");
    }
}

#[test]
fn days_that_are_not_paid_are_not_saved() {
    let pause = Stretch { from: day("2025-03-11"), to: Some(day("2025-03-21")) };
    let replaces = old("a", &[daily(10, "2024-01-01", None)]).map(|old| Replaced { unpaid: vec![pause], ..old });
    assert_eq!(weighs(&[asked(daily(30, "2025-03-01", None), 100, replaces)]), 31 * 3_000 - 21 * 1_000);
}

#[test]
fn what_several_replace_is_saved_once_by_what_is_likeliest_and_first() {
    let old = || old("a", &[daily(10, "2024-01-01", None)]);
    let [likely, first, later] =
        [(100, "2025-03-11"), (50, "2025-03-01"), (50, "2025-03-21")].map(|(weight, from)| asked(daily(20, from, None), weight, old()));
    assert_eq!(weighs(&[first.clone(), likely.clone()]), 21 * 1_000 + 31 * 1_000, "the likely one saves");
    assert_eq!(weighs(&[later.clone(), first.clone()]), 31 * 500 + 11 * 1_000, "the first one saves");
    assert_eq!(weighs(&[first.clone(), later.clone()]), weighs(&[later, first]));
}

#[test]
fn what_was_decided_counts_after_a_decision_and_the_paperwork_before() {
    use DecisionKind as D;
    use LinesOf::{Decision, Request};
    use RequestState as S;
    for (state, decided, expected) in [
        (S::Submitted, None, (S::Submitted, Request)),
        (S::Booked, Some(D::ApprovedInPart), (S::Booked, Request)),
        (S::Draft, Some(D::Deferred), (S::Draft, Request)),
        (S::AwaitingAuthority, Some(D::ApprovedInPart), (S::AwaitingAuthority, Decision)),
        (S::AwaitingRatification, Some(D::Approved), (S::AwaitingRatification, Decision)),
        (S::Approved, Some(D::Approved), (S::Approved, Decision)),
        (S::ApprovedInPart, Some(D::ApprovedInPart), (S::ApprovedInPart, Decision)),
        (S::UnderAppeal, Some(D::ApprovedInPart), (S::ApprovedInPart, Decision)),
        (S::UnderAppeal, Some(D::Declined), (S::UnderAppeal, Request)),
        (S::Withdrawn, None, (S::Withdrawn, Request)),
    ] {
        assert_eq!(counted(state, decided), expected, "{state} after {decided:?}");
    }
}

#[test]
fn weighted_months_add_up_to_the_weighted_year() {
    let line = Line {
        quantity: Quantity(1000),
        frequency: Frequency::Weekly,
        unit_rate: UnitRate(100_000),
        valid_from: day("2024-04-01"),
        valid_to: None,
    };
    assert_eq!(weighs(&[asked(line, 33, None)]), 17_207);
}
