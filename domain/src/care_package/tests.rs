//! Which lines count in a child's total, on the 3rd of June 2024. Costs are said as pounds a week, of 52 weeks a year.

use super::*;
use crate::{Profile, UnitRate};

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

fn on() -> NaiveDate {
    day("2024-06-03")
}

fn facts(id: &str, pounds: i64) -> LineFacts {
    LineFacts {
        id: id.to_owned(),
        service: "outreach".to_owned(),
        budget_line: "outreach".to_owned(),
        unit: Unit::Hour,
        terms: Line {
            quantity: Quantity(1_000),
            frequency: Frequency::Weekly,
            unit_rate: UnitRate(pounds * 10_000),
            valid_from: day("2024-04-01"),
            valid_to: None,
        },
    }
}

/// A line of a request.
fn asked(id: &str, pounds: i64) -> RequestLineFacts {
    RequestLineFacts { line: facts(id, pounds), request_id: format!("request of {id}"), replaces_line_id: None }
}

impl RequestLineFacts {
    fn replacing(self, line: &str) -> Self {
        RequestLineFacts { replaces_line_id: Some(line.to_owned()), ..self }
    }

    fn from(mut self, from: &str) -> Self {
        self.line.terms.valid_from = day(from);
        self
    }

    fn to(mut self, to: &str) -> Self {
        self.line.terms.valid_to = Some(day(to));
        self
    }
}

/// A line of a package, on record.
fn held(id: &str, pounds: i64) -> PackageLineFacts {
    PackageLineFacts {
        line: facts(id, pounds),
        arrangement: id.to_owned(),
        request_line_id: None,
        origin: Origin::Package,
        whatever_its_dates: false,
    }
}

impl PackageLineFacts {
    fn carrying_out(self, request_line: &str) -> Self {
        PackageLineFacts { request_line_id: Some(request_line.to_owned()), ..self }
    }

    fn continuing(self, arrangement: &str) -> Self {
        PackageLineFacts { arrangement: arrangement.to_owned(), ..self }
    }

    fn from(mut self, from: &str) -> Self {
        self.line.terms.valid_from = day(from);
        self
    }

    fn to(mut self, to: &str) -> Self {
        self.line.terms.valid_to = Some(day(to));
        self
    }

    fn once(mut self, on: &str) -> Self {
        self.line.terms.frequency = Frequency::OneOff;
        self.from(on)
    }

    fn varied(self, origin: Origin, whatever_its_dates: bool) -> Self {
        PackageLineFacts { origin, whatever_its_dates, ..self }
    }
}

fn other(origin: Origin, lines: Vec<RequestLineFacts>) -> OtherRequest {
    OtherRequest { origin, whatever_its_dates: origin == Origin::OtherRequest, lines }
}

fn approved(line: RequestLineFacts) -> Vec<OtherRequest> {
    vec![other(Origin::ApprovedRequest, vec![line])]
}

fn undecided(line: RequestLineFacts) -> Vec<OtherRequest> {
    vec![other(Origin::OtherRequest, vec![line])]
}

fn package(asked: &[RequestLineFacts], current: &[PackageLineFacts], others: &[OtherRequest]) -> CarePackage {
    let costing = Profile::bundled("tameside").expect("sound").costing;
    let arrangements = current.iter().map(|line| (line.line.id.clone(), line.arrangement.clone())).collect();
    CarePackage::of(&costing, ChildFacts { on: on(), arrangements: &arrangements, asked, current, others }).expect("it can be costed")
}

/// The ids of the lines that count, in their order.
fn counted(asked: &[RequestLineFacts], current: &[PackageLineFacts], others: &[OtherRequest]) -> String {
    let package = package(asked, current, others);
    let total = Pence::checked_sum(package.lines.iter().map(|line| line.full_year_pence)).expect("it can be added up");
    assert_eq!(package.total, total);
    package.lines.iter().map(|line| line.id.as_str()).collect::<Vec<_>>().join(" ")
}

fn check(cases: &[(&str, String, &str)]) {
    for (name, counted, expected) in cases {
        assert_eq!(counted, expected, "{name}");
    }
}

#[test]
fn the_total_is_a_full_year_of_everything_that_counts() {
    let package = package(&[asked("a", 10)], &[held("p", 20)], &undecided(asked("o", 30)));
    let lines: Vec<_> = package.lines.iter().map(|line| (line.origin, line.id.as_str(), line.full_year_pence.0)).collect();
    let expected = [(Origin::ThisRequest, "a", 52_000), (Origin::Package, "p", 104_000), (Origin::OtherRequest, "o", 156_000)];
    assert_eq!(lines, expected);
    assert_eq!(package.total, Pence(312_000));
    let of_requests: Vec<_> = package.lines.iter().map(|line| line.request_id.as_deref()).collect();
    assert_eq!(of_requests, [Some("request of a"), None, Some("request of o")]);
}

#[test]
fn a_line_of_a_package_counts_while_it_runs_or_will() {
    check(&[
        ("in force", counted(&[], &[held("p", 20)], &[]), "p"),
        ("not yet in force", counted(&[], &[held("p", 20).from("2030-01-01")], &[]), "p"),
        ("its last day is today", counted(&[], &[held("p", 20).to("2024-06-04")], &[]), "p"),
        ("it ended yesterday", counted(&[], &[held("p", 20).to("2024-06-03")], &[]), ""),
        ("bought once this year", counted(&[], &[held("p", 20).once("2024-04-01")], &[]), "p"),
        ("bought once last year", counted(&[], &[held("p", 20).once("2024-03-31")], &[]), ""),
        (
            "over, and asked for by a variation",
            counted(&[], &[held("p", 20).to("2024-05-01").varied(Origin::ThisVariation, true)], &[]),
            "p",
        ),
    ]);
}

#[test]
fn of_an_arrangement_the_dearest_line_stands_for_all() {
    let carries_on = |pounds| held("p2", pounds).continuing("p1").from("2024-09-02");
    check(&[
        ("the later is dearer", counted(&[], &[held("p1", 20), carries_on(30)], &[]), "p2"),
        ("the later is cheaper", counted(&[], &[held("p1", 20), carries_on(10)], &[]), "p1"),
        ("of one cost the first", counted(&[], &[held("p1", 20), carries_on(20)], &[]), "p1"),
        ("the dearer is over", counted(&[], &[held("p1", 40).to("2024-06-03"), carries_on(30)], &[]), "p2"),
        ("another arrangement", counted(&[], &[held("p1", 20), held("p2", 30)], &[]), "p1 p2"),
        ("of one cost what is asked for", counted(&[], &[held("p1", 20), carries_on(20).varied(Origin::ThisVariation, true)], &[]), "p2"),
        (
            "a variation that is proposed and dearer",
            counted(&[], &[held("p1", 20), held("v", 30).continuing("p1").varied(Origin::OtherVariation, true)], &[]),
            "v",
        ),
    ]);
}

#[test]
fn what_is_asked_for_counts_in_place_of_what_it_replaces_within_a_year() {
    let old = [held("p1", 30), held("p2", 40).continuing("p1")];
    check(&[
        ("on top", counted(&[asked("a", 10)], &old, &[]), "a p2"),
        ("in its place, though cheaper", counted(&[asked("a", 10).replacing("p1")], &old, &[]), "a"),
        ("by a later line of its arrangement", counted(&[asked("a", 10).replacing("p2")], &old, &[]), "a"),
        ("by the last day of the year", counted(&[asked("a", 10).replacing("p1").from("2025-06-02")], &old, &[]), "a"),
        ("after a year, so both run for one", counted(&[asked("a", 10).replacing("p1").from("2025-06-03")], &old, &[]), "a p2"),
        ("a line that is over still counts when it is asked for", counted(&[asked("a", 10).to("2024-05-01")], &[], &[]), "a"),
    ]);
}

#[test]
fn what_carries_out_a_line_heard_again_stands_aside_for_it() {
    check(&[
        ("what carries it out", counted(&[asked("a", 10)], &[held("p", 20).carrying_out("a")], &[]), "a"),
        (
            "its arrangement's line that is no dearer",
            counted(&[asked("a", 10)], &[held("p1", 10).carrying_out("a"), held("p2", 10).continuing("p1")], &[]),
            "a",
        ),
        (
            "its arrangement's line that is dearer goes on",
            counted(&[asked("a", 10)], &[held("p1", 10).carrying_out("a"), held("p2", 11).continuing("p1")], &[]),
            "a p2",
        ),
        ("another package line", counted(&[asked("a", 10)], &[held("p", 5).carrying_out("b")], &[]), "a p"),
    ]);
}

#[test]
fn an_agreed_line_counts_until_its_package_line_does() {
    check(&[
        ("not commissioned", counted(&[], &[], &approved(asked("o", 10))), "o"),
        ("carried out at the same cost", counted(&[], &[held("p", 10).carrying_out("o")], &approved(asked("o", 10))), "p"),
        ("carried out for less", counted(&[], &[held("p", 8).carrying_out("o")], &approved(asked("o", 10))), "o"),
        ("carried out until it ended", counted(&[], &[held("p", 8).carrying_out("o").to("2024-06-03")], &approved(asked("o", 10))), ""),
        (
            "carried out, and dearer since",
            counted(&[], &[held("p1", 10).carrying_out("o"), held("p2", 12).continuing("p1")], &approved(asked("o", 10))),
            "p2",
        ),
        ("over, decided long ago", counted(&[], &[], &approved(asked("o", 10).to("2024-06-03"))), ""),
        (
            "over, decided lately",
            counted(
                &[],
                &[],
                &[OtherRequest { whatever_its_dates: true, ..other(Origin::ApprovedRequest, vec![asked("o", 10).to("2024-06-03")]) }],
            ),
            "o",
        ),
    ]);
}

#[test]
fn of_an_agreed_line_and_what_it_replaces_the_dearer_counts() {
    let replacing = |pounds| approved(asked("o", pounds).replacing("p"));
    check(&[
        ("the agreed line is dearer", counted(&[], &[held("p", 20)], &replacing(30)), "o"),
        ("they cost the same", counted(&[], &[held("p", 20)], &replacing(20)), "o"),
        ("the agreed line is cheaper", counted(&[], &[held("p", 20)], &replacing(10)), "p"),
        ("what it replaces is over", counted(&[], &[held("p", 20).to("2024-06-03")], &replacing(10)), "o"),
        (
            "two cheaper lines for one arrangement: one stands aside",
            counted(
                &[],
                &[held("p", 20)],
                &[other(Origin::ApprovedRequest, vec![asked("o1", 5).replacing("p"), asked("o2", 6).replacing("p")])],
            ),
            "p o2",
        ),
        (
            "it is on record, and the old line has its end there",
            counted(&[], &[held("p", 20).to("2024-09-02"), held("new", 10).carrying_out("o").from("2024-09-02")], &replacing(10)),
            "new",
        ),
        (
            "it is on record, and the old line goes on",
            counted(&[], &[held("p", 20), held("new", 10).carrying_out("o").from("2024-09-02")], &replacing(10)),
            "p new",
        ),
    ]);
}

#[test]
fn what_an_undecided_request_would_replace_may_yet_stay() {
    check(&[
        ("both count", counted(&[], &[held("p", 20)], &undecided(asked("o", 30).replacing("p"))), "p o"),
        ("though its dates are over", counted(&[], &[], &undecided(asked("o", 30).to("2024-05-01"))), "o"),
    ]);
}

#[test]
fn other_requests_count_once_they_are_asked_for_until_they_are_refused() {
    use RequestState as S;
    let cases = [
        (S::Draft, None, None),
        (S::Submitted, None, Some(Origin::OtherRequest)),
        (S::Booked, None, Some(Origin::OtherRequest)),
        (S::Deferred, None, Some(Origin::OtherRequest)),
        (S::AwaitingRatification, None, Some(Origin::OtherRequest)),
        (S::AwaitingAuthority, None, Some(Origin::OtherRequest)),
        (S::Approved, None, Some(Origin::ApprovedRequest)),
        (S::ApprovedInPart, None, Some(Origin::ApprovedRequest)),
        (S::Declined, None, None),
        (S::Signposted, None, None),
        (S::UnderAppeal, Some(S::ApprovedInPart), Some(Origin::ApprovedRequest)),
        (S::UnderAppeal, Some(S::Declined), None),
        (S::UnderAppeal, Some(S::Signposted), None),
        (S::Withdrawn, None, None),
    ];
    for (state, before, expected) in cases {
        assert_eq!(Origin::of_other_request(state, before), expected, "{state}");
    }
}

#[test]
fn agreed_lines_count_whatever_their_dates_for_twelve_months() {
    let cases = [
        ("undecided", Origin::OtherRequest, None, true),
        ("decided today", Origin::ApprovedRequest, Some("2024-06-03"), true),
        ("a day less than twelve months ago", Origin::ApprovedRequest, Some("2023-06-04"), true),
        ("twelve months ago", Origin::ApprovedRequest, Some("2023-06-03"), false),
        ("no decision is known", Origin::ApprovedRequest, None, false),
    ];
    for (name, origin, decided_on, expected) in cases {
        assert_eq!(OtherRequest::of(origin, decided_on.map(day), on(), Vec::new()).whatever_its_dates, expected, "{name}");
    }
}

#[test]
fn a_reversed_line_never_counts_nor_does_a_variation_of_an_older_version() {
    for (state, expected) in [(LineState::Recorded, true), (LineState::Ended, true), (LineState::Reversed, false)] {
        assert_eq!(stands(state), expected, "{state}");
    }
    for (varied, last, expected) in [(1, 1, true), (1, 2, false)] {
        assert_eq!(is_still_open(varied, last), expected, "of version {varied}, the last is {last}");
    }
}

#[test]
fn what_is_asked_for_now_is_told_from_what_there_is() {
    let asked = [Origin::ThisRequest, Origin::ThisVariation, Origin::ThisLine];
    let there = [Origin::Package, Origin::ApprovedRequest, Origin::OtherRequest, Origin::OtherVariation];
    assert!(asked.into_iter().all(Origin::is_asked));
    assert!(!there.into_iter().any(Origin::is_asked));
}
