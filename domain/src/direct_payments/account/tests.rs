//! What an account pays of lines that are bought once.

use super::*;
use crate::{Profile, Quantity, UnitRate};

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

fn policy() -> CostingPolicy {
    Profile::bundled("tameside").expect("sound").costing
}

fn line(frequency: Frequency, pounds: i64, from: &str) -> Line {
    Line { quantity: Quantity(1000), frequency, unit_rate: UnitRate(pounds * 10_000), valid_from: day(from), valid_to: None }
}

/// An account from 3 June 2024 without weekly support, with one set-up line of these lines.
fn with_set_up(lines: Vec<Line>) -> Account {
    Account {
        starts_on: day("2024-06-03"),
        weeks_per_payment: 4,
        lines: Vec::new(),
        set_ups: vec![SetUp { line_id: "chair".to_owned(), lines }],
        pauses: Vec::new(),
        closed_on: None,
        payments: Vec::new(),
    }
}

/// What a pay file makes of what is due by a day.
fn paid_by(account: &mut Account, by: &str) -> i64 {
    let due = account.due(&policy(), day(by)).expect("due");
    for due in &due {
        account.payments.push(Payment {
            id: format!("payment {}", account.payments.len()),
            kind: due.kind,
            line_id: due.line_id.clone(),
            corrects_id: None,
            from: due.from,
            to: due.to,
            paid_on: due.from,
            amount: due.amount,
            bounced_on: None,
        });
    }
    due.iter().map(|due| due.amount.0).sum()
}

fn differences(account: &Account) -> Vec<i64> {
    account.differences(&policy()).expect("differences").iter().map(|difference| difference.pence.0).collect()
}

#[test]
fn a_set_up_line_is_paid_once() {
    let mut account = with_set_up(vec![line(Frequency::OneOff, 250, "2024-06-03")]);
    assert_eq!((paid_by(&mut account, "2024-06-03"), paid_by(&mut account, "2024-12-31")), (25_000, 0));
    assert_eq!(differences(&account), [0; 0]);
}

#[test]
fn a_set_up_line_that_is_corrected_into_a_weekly_one_is_not_paid_again_every_week() {
    let weekly = || vec![line(Frequency::Weekly, 250, "2024-06-03")];
    // Paid as what is bought once, and corrected: all of it was paid too much, and nothing of the weeks is added.
    let mut account = with_set_up(vec![line(Frequency::OneOff, 250, "2024-06-03")]);
    paid_by(&mut account, "2024-06-03");
    account.set_ups[0].lines = weekly();
    assert_eq!((differences(&account), account.to_recover(&policy())), (vec![-25_000], Ok(Pence(25_000))));
    assert_eq!((paid_by(&mut account, "2024-12-31"), paid_by(&mut account, "2025-12-31")), (0, 0));
    // Corrected before anything was paid.
    let mut account = with_set_up(weekly());
    assert_eq!((paid_by(&mut account, "2024-06-03"), paid_by(&mut account, "2025-12-31")), (0, 0));
    // Of an arrangement with both, what is bought once is paid.
    let mut account = with_set_up(vec![line(Frequency::OneOff, 250, "2024-06-03"), line(Frequency::Weekly, 40, "2024-07-01")]);
    assert_eq!((paid_by(&mut account, "2024-07-01"), differences(&account)), (25_000, vec![]));
}
