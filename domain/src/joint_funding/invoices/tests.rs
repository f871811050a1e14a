//! The rules of an invoice's lines and bounds, over a package line of £10 a day that health pays half of.

use super::bounds::{TakenOff, refuse_asked_again, refuse_beyond_cost, refuse_replaced};
use super::credit_notes::{CreditedAmount, LineLeft, days_mistakes};
use super::facts::billed_by_share;
use super::lines::{budget_line_of, expected_lines, period_of, refuse_asked_before, total_mistake};
use super::proposal::{ProposedKind, proposed};
use super::*;
use crate::costing::Line;
use crate::joint_funding::{CreditCause, FundedArrangement, Funding, Share};
use crate::profile::CostingPolicy;
use crate::{Code, Frequency, Pence, Profile, Quantity, UnitRate};

const APRIL: (&str, &str) = ("2023-04-01", "2023-05-01");
const MAY: (&str, &str) = ("2023-05-01", "2023-06-01");

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

fn policy() -> CostingPolicy {
    Profile::bundled("tameside").expect("sound").costing
}

fn share(id: &str, from: &str, to: Option<&str>) -> LineShare {
    LineShare {
        funding_id: id.to_owned(),
        line_id: "line".to_owned(),
        provider_id: "health".to_owned(),
        budget_line: "chc_income".to_owned(),
        is_reversed: false,
        valid_from: day(from),
        valid_to: to.map(day),
    }
}

fn invoiced(id: &str, number: &str, share: &str, (from, to): (&str, &str), pence: i64) -> InvoicedLine {
    InvoicedLine {
        id: id.to_owned(),
        invoice_number: number.to_owned(),
        funding_id: share.to_owned(),
        from: day(from),
        to: day(to),
        adjusts_line_id: None,
        expected: Pence(pence),
        asked: Pence(pence),
    }
}

fn correcting(first: &str, line: InvoicedLine) -> InvoicedLine {
    InvoicedLine { adjusts_line_id: Some(first.to_owned()), ..line }
}

/// Half of £10 a day for each share on its days, and what stands invoiced.
fn facts<'p>(policy: &'p CostingPolicy, shares: Vec<LineShare>, lines: Vec<InvoicedLine>) -> InvoiceFacts<'p> {
    let costed = Line {
        quantity: Quantity(1000),
        frequency: Frequency::PerYear,
        unit_rate: UnitRate(36_600_000),
        valid_from: day("2023-04-01"),
        valid_to: None,
    };
    let standing = shares.iter().filter(|share| !share.is_reversed);
    let half = |share: &LineShare| Funding { share: Share::Percentage(500_000), valid_from: share.valid_from, valid_to: share.valid_to };
    let fundings = standing.map(|share| (share.funding_id.clone(), half(share))).collect();
    InvoiceFacts {
        arrangements: [("line".to_owned(), FundedArrangement::new(policy, vec![costed], fundings))].into_iter().collect(),
        shares: shares.into_iter().map(|share| (share.funding_id.clone(), share)).collect(),
        billed: billed_by_share(lines),
    }
}

fn asked(share: &str, (from, to): (&str, &str), pence: i64) -> AskedLine {
    AskedLine { funding_id: share.to_owned(), from: day(from), to: day(to), adjusts_line_id: None, amount: Pence(pence), has_reason: true }
}

fn correction(first: &str, line: AskedLine) -> AskedLine {
    AskedLine { adjusts_line_id: Some(first.to_owned()), ..line }
}

fn expected(lines: &[AskedLine]) -> Vec<ExpectedLine> {
    lines.iter().map(|line| ExpectedLine { expected: line.amount, line: line.clone() }).collect()
}

/// The codes of what is wrong with lines, by place and field.
fn mistakes(facts: &InvoiceFacts<'_>, lines: Vec<AskedLine>) -> Vec<String> {
    let mut errors = Vec::new();
    expected_lines(facts, "health", lines, &mut errors).expect("costed");
    errors.iter().map(|error| format!("{} {}", error.pointer, error.code)).collect()
}

#[test]
fn a_line_asks_for_what_is_expected_of_its_own_days_or_says_why() {
    let policy = policy();
    let facts = facts(&policy, vec![share("own", "2023-04-01", Some("2023-06-01"))], vec![]);
    let plain = |pence| AskedLine { has_reason: false, ..asked("own", APRIL, pence) };
    let cases = [
        (plain(15_000), vec![]),
        (plain(14_999), vec!["/lines/0/reason required"]),
        (asked("own", APRIL, 14_999), vec![]),
        (asked("own", APRIL, 30_000), vec![]),
        (asked("own", APRIL, 30_001), vec!["/lines/0/amount_pence too_much"]),
        (asked("own", APRIL, -1), vec!["/lines/0/amount_pence minimum"]),
        (asked("none", APRIL, 1), vec!["/lines/0/funding_id unknown_reference"]),
        (asked("own", ("2023-05-01", "2023-05-01"), 1), vec!["/lines/0/period_to before_start"]),
        (asked("own", ("2023-03-31", "2023-05-01"), 1), vec!["/lines/0/period_from outside_funding"]),
        (asked("own", ("2023-05-01", "2023-06-02"), 1), vec!["/lines/0/period_to outside_funding"]),
        (correction("a", asked("own", APRIL, 1)), vec!["/lines/0/adjusts_line_id unknown_reference"]),
    ];
    for (line, expected) in cases {
        assert_eq!(mistakes(&facts, vec![line.clone()]), expected, "{line:?}");
    }
    assert_eq!(mistakes(&facts, vec![asked("own", APRIL, 1), asked("own", ("2023-04-30", "2023-05-01"), 1)]), ["/lines asked_twice"]);
    let mut errors = Vec::new();
    expected_lines(&facts, "another", vec![asked("own", APRIL, 15_000)], &mut errors).expect("costed");
    assert_eq!(errors[0].code, "other_funder");
    let found = expected_lines(&facts, "health", vec![asked("own", APRIL, 1)], &mut errors).expect("costed");
    assert_eq!(found[0].expected, Pence(15_000), "half of £10 for 30 days");
}

#[test]
fn a_correction_is_of_the_same_days_and_leaves_between_nothing_and_their_cost() {
    let policy = policy();
    let facts = facts(&policy, vec![share("own", "2023-04-01", None)], vec![invoiced("a", "CHC-1", "own", APRIL, 15_000)]);
    let cases = [
        (correction("a", asked("own", APRIL, -15_000)), vec![]),
        (correction("a", asked("own", APRIL, -15_001)), vec!["/lines/0/amount_pence below_nothing"]),
        (correction("a", asked("own", APRIL, 15_000)), vec![]),
        (correction("a", asked("own", APRIL, 15_001)), vec!["/lines/0/amount_pence too_much"]),
        (correction("a", asked("own", APRIL, 0)), vec!["/lines/0/amount_pence nothing"]),
        (correction("a", asked("own", MAY, 1)), vec!["/lines/0/period_from other_days"]),
    ];
    for (line, expected) in cases {
        assert_eq!(mistakes(&facts, vec![line.clone()]), expected, "{line:?}");
    }
    let twice = || correction("a", asked("own", APRIL, -1));
    assert_eq!(mistakes(&facts, vec![twice(), twice()]), ["/lines asked_twice"]);
}

#[test]
fn an_invoice_asks_for_something_from_one_budget_line() {
    let policy = policy();
    let other = LineShare { budget_line: "other_income".to_owned(), ..share("other", "2023-04-01", None) };
    let facts = facts(&policy, vec![share("own", "2023-04-01", None), other], vec![]);
    let mut errors = Vec::new();
    assert_eq!(budget_line_of(&facts, &[asked("own", APRIL, 1)], &mut errors), "chc_income");
    assert!(errors.is_empty());
    budget_line_of(&facts, &[asked("own", APRIL, 1), asked("other", APRIL, 1)], &mut errors);
    assert_eq!(errors[0].code, "two_budget_lines");
    for (amounts, is_refused) in [([1, 1], false), ([1, -1], true), ([1, -2], true)] {
        let lines = expected(&amounts.map(|pence| asked("own", APRIL, pence)));
        assert_eq!(total_mistake(&lines).expect("small").is_some(), is_refused, "{amounts:?}");
    }
    let lines = expected(&[asked("own", MAY, 1), asked("own", APRIL, 1)]);
    assert_eq!(period_of(&lines), Some((day("2023-04-01"), day("2023-06-01"))));
}

#[test]
fn days_are_invoiced_once_under_a_share() {
    let policy = policy();
    let facts = facts(&policy, vec![share("own", "2023-04-01", None)], vec![invoiced("a", "CHC-1", "own", APRIL, 15_000)]);
    let refused = |line: AskedLine| refuse_asked_before(&facts, &expected(&[line])).expect("costed").err().map(|refusal| refusal.code);
    assert_eq!(refused(asked("own", MAY, 15_500)), None);
    assert_eq!(refused(asked("own", ("2023-04-30", "2023-06-01"), 100)), Some(Code::PeriodOverlaps));
    assert_eq!(refused(correction("a", asked("own", APRIL, 100))), None);
}

#[test]
fn all_shares_together_ask_for_no_more_than_the_days_cost() {
    let policy = policy();
    let shares = || vec![share("own", "2023-04-01", None), share("other", "2023-04-01", None)];
    let facts = facts(&policy, shares(), vec![invoiced("a", "CHC-1", "other", APRIL, 20_000)]);
    let refused = |lines: &[AskedLine]| refuse_beyond_cost(&facts, &expected(lines)).expect("costed").err();
    assert_eq!(refused(&[asked("own", APRIL, 10_000)]), None);
    assert_eq!(refused(&[asked("own", MAY, 15_500)]), None, "other days have their own cost");
    let refusal = refused(&[asked("own", MAY, 15_500), asked("own", APRIL, 15_000)]).expect("£50 too much");
    assert_eq!((refusal.code, refusal.errors[0].pointer.as_str()), (Code::StateConflict, "/lines/1/amount_pence"));
    let detail = "The days from 2023-04-01 up to but not including 2023-05-01 cost £300.00 in all, whoever pays. Asked for them so far: \
                  invoice CHC-1 for £200.00. This invoice would ask for £50.00 more than they cost. Lower it, or credit another invoice first.";
    assert_eq!(refusal.detail, detail);
    let makes_room = [asked("own", APRIL, 15_000), correction("a", asked("other", APRIL, -5_000))];
    assert_eq!(refused(&makes_room), None, "what takes something off counts first");
}

#[test]
fn days_under_a_share_that_no_longer_pays_are_put_right_first() {
    let policy = policy();
    let shares = |ends| vec![share("old", "2023-04-01", ends), share("new", "2023-04-16", None)];
    let old_invoice = || vec![invoiced("a", "CHC-1", "old", APRIL, 15_000)];
    let new_line = asked("new", ("2023-04-16", "2023-05-01"), 7_500);
    let refused = |ends, lines: &[AskedLine]| {
        let facts = facts(&policy, shares(ends), old_invoice());
        refuse_replaced(&facts, &expected(lines)).expect("costed").err().map(|refusal| (refusal.code, refusal.detail))
    };
    assert_eq!(refused(None, std::slice::from_ref(&new_line)), None, "both pay for the days");
    let (code, detail) = refused(Some("2023-04-16"), std::slice::from_ref(&new_line)).expect("the old share ended");
    assert_eq!(code, Code::PeriodOverlaps);
    assert!(
        detail.starts_with("Invoice CHC-1 still asks for £75.00 for the days from 2023-04-16 up to but not including 2023-05-01"),
        "{detail}"
    );
    let put_right = |pence| [new_line.clone(), correction("a", asked("old", APRIL, pence))];
    assert_eq!(refused(Some("2023-04-16"), &put_right(-7_500)), None);
    assert!(refused(Some("2023-04-16"), &put_right(-7_499)).is_some(), "a penny still stands asked for");
}

#[test]
fn an_invoice_whose_correction_made_room_stands_while_others_fill_it() {
    let policy = policy();
    let shares = || vec![share("old", "2023-04-01", Some("2023-04-16")), share("new", "2023-04-16", None)];
    let days = ("2023-04-16", "2023-05-01");
    let first = || invoiced("a", "CHC-1", "old", APRIL, 15_000);
    let taken_off = || correcting("a", invoiced("b", "CHC-2", "old", APRIL, -7_500));
    let since = || invoiced("c", "CHC-3", "new", days, 7_500);
    let off = [TakenOff { funding_id: "old".to_owned(), from: day(APRIL.0), to: day(APRIL.1), adjusts_line_id: Some("a".to_owned()) }];
    let refused = |with: Vec<InvoicedLine>, without: Vec<InvoicedLine>| {
        let (with, without) = (facts(&policy, shares(), with), facts(&policy, shares(), without));
        refuse_asked_again(&with, &without, "CHC-2", &off).expect("costed").err().map(|refusal| refusal.detail)
    };
    assert_eq!(refused(vec![first(), taken_off()], vec![first()]), None, "nobody else asks for the days");
    let detail = refused(vec![first(), taken_off(), since()], vec![first(), since()]).expect("asked for twice");
    assert!(detail.ends_with("Reverse or credit invoice CHC-3 first."), "{detail}");
    assert_eq!(refused(vec![first(), taken_off(), since()], vec![first()]), None, "CHC-2 gave the days as much as it took off");
}

#[test]
fn what_is_proposed_is_what_no_invoice_asks_for_and_what_changed() {
    let policy = policy();
    let own = share("own", "2023-04-01", Some("2023-05-16"));
    let facts = facts(&policy, vec![own.clone()], vec![invoiced("a", "CHC-1", "own", APRIL, 16_000)]);
    let period = (day("2023-04-01"), day("2023-06-01"));
    let billed = facts.billed_of("own");
    let found = proposed(&facts.arrangements, &own, billed, period).expect("costed");
    let seen: Vec<_> = found.iter().map(|days| (days.kind(), days.from, days.to, days.expected.0)).collect();
    let may = (ProposedKind::Charge, day("2023-05-01"), day("2023-05-16"), 7_500);
    assert_eq!(seen, [may, (ProposedKind::Adjustment, day("2023-04-01"), day("2023-05-01"), -1_000)]);
    let reversed = LineShare { is_reversed: true, ..own };
    let found = proposed(&facts.arrangements, &reversed, billed, period).expect("costed");
    assert!(found.iter().all(|days| days.kind() == ProposedKind::Adjustment), "{found:?}");
}

#[test]
fn no_more_is_credited_than_stands_asked_nor_as_an_adjustment_than_is_expected_less() {
    let policy = policy();
    // The share ended in the middle of April: £75 less is expected. A later correction took £100 off.
    let later = correcting("a", invoiced("b", "CHC-2", "own", APRIL, -10_000));
    let lines = vec![invoiced("a", "CHC-1", "own", APRIL, 15_000), InvoicedLine { expected: Pence(0), ..later }];
    let facts = facts(&policy, vec![share("own", "2023-04-01", Some("2023-04-16"))], lines);
    let left =
        [LineLeft { id: "a".to_owned(), funding_id: "own".to_owned(), adjusts_line_id: None, asked: Pence(15_000), left: Pence(15_000) }];
    let codes = |cause, pence| {
        let credited = [CreditedAmount { line_id: "a".to_owned(), amount: Pence(pence) }];
        let errors = days_mistakes(&facts, cause, &left, &credited).expect("costed");
        errors.into_iter().map(|error| error.code).collect::<Vec<_>>()
    };
    for (cause, pence, expected) in [
        (CreditCause::Error, 5_000, vec![]),
        (CreditCause::Error, 5_001, vec!["too_much"]),
        (CreditCause::Adjustment, 5_000, vec![]),
        (CreditCause::Adjustment, 5_001, vec!["too_much"]),
        (CreditCause::Adjustment, 7_501, vec!["not_expected"]),
    ] {
        assert_eq!(codes(cause, pence), expected, "{cause:?} {pence}");
    }
}

#[test]
fn corrections_and_credits_belong_to_the_days_of_the_first_line() {
    let lines = vec![
        invoiced("a", "CHC-1", "own", APRIL, 15_000),
        invoiced("c", "CHC-2", "own", MAY, 15_500),
        correcting("a", invoiced("b", "CHC-2", "own", APRIL, -4_000)),
    ];
    let billed = billed_by_share(lines);
    let april = &billed["own"][0];
    assert_eq!((april.asked, april.expected, billed["own"].len()), (Pence(11_000), Pence(11_000), 2));
    assert_eq!(april.by_invoice, [("CHC-1".to_owned(), Pence(15_000)), ("CHC-2".to_owned(), Pence(-4_000))]);
}

#[test]
fn days_of_an_invoice_lie_between_what_came_before_and_today() {
    let today = day("2024-06-10");
    let cases = [("2024-06-10", None), ("2024-06-11", Some("future")), ("2024-05-01", None), ("2024-04-30", Some("too_early"))];
    for (text, expected) in cases {
        let mistake = day_mistake("/issued_on", day(text), day("2024-05-01"), today).map(|error| error.code);
        assert_eq!(mistake.as_deref(), expected, "{text}");
    }
    let cases = [
        ("2024-06-10", Some("2024-06-10"), None),
        ("2024-06-11", Some("2024-06-11"), Some("/issued_on future")),
        ("2024-06-10", Some("2024-06-09"), Some("/due_on before_issue")),
        ("2024-06-10", None, Some("/due_on required")),
        ("2024-06-10", Some("2150-01-01"), Some("/due_on out_of_range")),
    ];
    for (issued, due, expected) in cases {
        let errors = dates_mistakes(day(issued), due.map(day), today);
        let found: Vec<_> = errors.iter().map(|error| format!("{} {}", error.pointer, error.code)).collect();
        assert_eq!(found, expected.into_iter().collect::<Vec<_>>(), "{issued} {due:?}");
    }
    let (issued, said) = (day("2024-06-10"), Some(day("2024-07-31")));
    assert_eq!(due_day(issued, None, Some(30)), Some(day("2024-07-10")));
    assert_eq!(due_day(issued, said, Some(30)), said);
    assert_eq!(due_day(issued, None, None), None);
}
