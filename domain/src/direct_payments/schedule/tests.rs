//! Payments of one account, against a model that counts day by day.

use super::*;
use crate::{Frequency, Profile, Quantity, UnitRate};
use proptest::prelude::*;

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

fn policy() -> CostingPolicy {
    Profile::bundled("tameside").expect("sound").costing
}

/// So many pounds a week.
fn weekly(pounds: i64, from: &str, to: Option<&str>) -> Line {
    Line {
        quantity: Quantity(1000),
        frequency: Frequency::Weekly,
        unit_rate: UnitRate(pounds * 10_000),
        valid_from: day(from),
        valid_to: to.map(day),
    }
}

fn terms<'t>(policy: &'t CostingPolicy, lines: &'t [Line], pauses: &'t [Stretch]) -> Terms<'t> {
    Terms { policy, lines, starts_on: day("2024-02-05"), days_per_payment: 28, pauses, closed_on: None }
}

#[test]
fn periods_follow_one_another_over_a_leap_day_and_the_end_of_a_year() {
    let (policy, lines) = (policy(), [weekly(100, "2024-02-05", Some("2024-05-01"))]);
    let terms = terms(&policy, &lines, &[]);
    let planned = terms.unpaid(&[], day("2024-12-31")).expect("planned");
    let periods: Vec<_> = planned.iter().map(|one| (one.from.to_string(), one.to.to_string(), one.amount.0)).collect();
    // Four weeks are four weeks, over a leap day and a year's end too; two days are two sevenths of one.
    assert_eq!(
        periods,
        [
            ("2024-02-05".to_owned(), "2024-03-04".to_owned(), 40_000),
            ("2024-03-04".to_owned(), "2024-04-01".to_owned(), 40_000),
            ("2024-04-01".to_owned(), "2024-04-29".to_owned(), 40_000),
            ("2024-04-29".to_owned(), "2024-05-01".to_owned(), 2_857),
        ]
    );
    assert_eq!(terms.still_to_come(&[]), Ok(Some(Pence(40_000 + 40_000 + 40_000 + 2_857))));
    assert_eq!(terms.unpaid(&[], day("2024-03-03")).expect("planned").len(), 1, "the next is due on its first day");
    assert_eq!(terms.unpaid(&[], day("2024-02-04")).expect("planned"), []);
}

#[test]
fn a_pause_over_the_edge_of_two_periods_takes_its_days_from_both() {
    let (policy, lines) = (policy(), [weekly(100, "2024-02-05", Some("2024-04-01"))]);
    let pauses = [Stretch { from: day("2024-02-26"), to: Some(day("2024-03-11")) }];
    let (whole, paused) = (terms(&policy, &lines, &[]), terms(&policy, &lines, &pauses));
    let amounts = |terms: &Terms<'_>| terms.unpaid(&[], day("2024-12-31")).expect("planned").iter().map(|p| p.amount.0).collect::<Vec<_>>();
    assert_eq!(amounts(&whole).len(), amounts(&paused).len());
    let fortnight = whole.cost(day("2024-02-26"), day("2024-03-11")).expect("costed").0;
    assert_eq!(amounts(&whole).iter().sum::<i64>() - amounts(&paused).iter().sum::<i64>(), fortnight);
    let open = [Stretch { from: day("2024-03-04"), to: None }];
    assert_eq!(amounts(&terms(&policy, &lines, &open)), [40_000, 0]);
}

#[test]
fn what_is_left_of_a_period_is_due_when_the_end_moves_on() {
    let policy = policy();
    let paid = [Stretch { from: day("2024-02-05"), to: Some(day("2024-02-15")) }];
    let lines = [weekly(100, "2024-02-05", Some("2024-03-10"))];
    let planned = terms(&policy, &lines, &[]).unpaid(&paid, day("2024-12-31")).expect("planned");
    let periods: Vec<_> = planned.iter().map(|one| (one.from, one.to)).collect();
    assert_eq!(periods, [(day("2024-02-15"), day("2024-03-04")), (day("2024-03-04"), day("2024-03-10"))]);
}

#[test]
fn an_account_without_lines_or_closed_before_it_starts_pays_nothing() {
    let (policy, lines) = (policy(), [weekly(100, "2024-02-05", None)]);
    assert_eq!(terms(&policy, &[], &[]).ends_on(), Some(day("2024-02-05")));
    let closed = Terms { closed_on: Some(day("2024-01-01")), ..terms(&policy, &lines, &[]) };
    assert_eq!((closed.ends_on(), closed.unpaid(&[], day("2024-12-31"))), (Some(day("2024-02-05")), Ok(Vec::new())));
    assert_eq!(terms(&policy, &lines, &[]).still_to_come(&[]), Ok(None));
}

#[test]
fn what_was_paid_too_much_never_takes_a_payment_below_nought() {
    let pence = |amounts: &[i64]| amounts.iter().copied().map(Pence).collect::<Vec<_>>();
    for (due, differences, expected) in [
        (100, vec![-30, -50], vec![-30, -50]),
        (60, vec![-30, -50], vec![-30, -30]),
        (0, vec![-30, -50], vec![0, 0]),
        (0, vec![20, -30, 5], vec![20, -25, 5]),
        (0, vec![], vec![]),
    ] {
        assert_eq!(corrections(Pence(due), &pence(&differences)), Ok(pence(&expected)), "{due} {differences:?}");
    }
    assert_eq!(to_recover(&pence(&[-30, -50, 10]), None), Ok(Pence(0)));
    assert_eq!(to_recover(&pence(&[-30, -50, 10]), Some(Pence(0))), Ok(Pence(70)));
    assert_eq!(to_recover(&pence(&[-30, -50, 10]), Some(Pence(60))), Ok(Pence(10)));
    assert_eq!(to_recover(&pence(&[-30]), Some(Pence(60))), Ok(Pence(0)));
}

/// What may happen to an account.
#[derive(Debug, Clone)]
enum Happening {
    /// The rate changes from a day on, before or after today.
    Rate { from: i64, pounds: i64 },
    /// A few days are not paid for.
    Pause { from: i64, days: u64 },
    /// The arrangement ends on another day.
    End { on: u64 },
    /// So many days pass, and a pay file is made.
    Export { days: u64 },
    /// The family pays back what has to be asked back.
    Repaid,
}

fn happening() -> impl Strategy<Value = Happening> {
    prop_oneof![
        2 => (-60_i64..60, 0_i64..400).prop_map(|(from, pounds)| Happening::Rate { from, pounds }),
        1 => (-60_i64..60, 1_u64..40).prop_map(|(from, days)| Happening::Pause { from, days }),
        1 => (1_u64..500).prop_map(|on| Happening::End { on }),
        4 => (1_u64..40).prop_map(|days| Happening::Export { days }),
        1 => Just(Happening::Repaid),
    ]
}

/// A payment made, and what was corrected of it since.
struct Made {
    days: Stretch,
    net: Pence,
}

/// An account whose lines follow one another, as variations leave them.
struct Account {
    policy: CostingPolicy,
    lines: Vec<Line>,
    pauses: Vec<Stretch>,
    today: NaiveDate,
    made: Vec<Made>,
    files: Vec<Pence>,
}

const START: &str = "2023-11-06";

impl Account {
    fn new() -> Self {
        let lines = vec![weekly(100, START, Some("2025-03-01"))];
        Account { policy: policy(), lines, pauses: Vec::new(), today: day(START), made: Vec::new(), files: Vec::new() }
    }

    fn terms(&self) -> Terms<'_> {
        Terms {
            policy: &self.policy,
            lines: &self.lines,
            starts_on: day(START),
            days_per_payment: 28,
            pauses: &self.pauses,
            closed_on: None,
        }
    }

    fn paid(&self) -> Vec<Stretch> {
        self.made.iter().map(|made| made.days).collect()
    }

    fn differences(&self) -> Vec<Pence> {
        let should_be = |made: &Made| self.terms().cost(made.days.from, made.days.to.expect("an end")).expect("costed");
        self.made.iter().map(|made| Pence(should_be(made).0 - made.net.0)).collect()
    }

    /// Days from START, kept within the lines.
    fn date(&self, from_today: i64) -> NaiveDate {
        let day = if from_today < 0 {
            self.today - Days::new(from_today.unsigned_abs())
        } else {
            self.today + Days::new(from_today.unsigned_abs())
        };
        day.max(self::day(START))
    }

    fn change(&mut self, from: NaiveDate, line: Option<Line>) {
        let ends = self.lines.iter().filter_map(|line| line.valid_to).max();
        self.lines.retain(|line| line.valid_from < from);
        for line in &mut self.lines {
            line.valid_to = line.valid_to.map(|to| to.min(from));
        }
        if let (Some(line), Some(ends)) = (line, ends.filter(|ends| *ends > from)) {
            self.lines.push(Line { valid_from: from, valid_to: Some(ends), ..line });
        }
    }

    fn export(&mut self, days: u64) {
        self.today = self.today + Days::new(days);
        let due: Vec<_> =
            self.terms().unpaid(&self.paid(), self.today).expect("planned").into_iter().filter(|p| p.amount > Pence::ZERO).collect();
        let gross = Pence(due.iter().map(|planned| planned.amount.0).sum());
        let corrected = corrections(gross, &self.differences()).expect("added up");
        for (made, correction) in self.made.iter_mut().zip(&corrected) {
            made.net = Pence(made.net.0 + correction.0);
        }
        self.files.push(Pence(gross.0 + corrected.iter().map(|pence| pence.0).sum::<i64>()));
        self.made.extend(due.iter().map(|p| Made { days: Stretch { from: p.from, to: Some(p.to) }, net: p.amount }));
    }

    fn happen(&mut self, happening: Happening) {
        match happening {
            Happening::Rate { from, pounds } => self.change(self.date(from), Some(weekly(pounds, START, None))),
            Happening::Pause { from, days } => {
                let from = self.date(from);
                self.pauses.push(Stretch { from, to: Some(from + Days::new(days)) });
            }
            Happening::End { on } => self.change(day(START) + Days::new(on), None),
            Happening::Export { days } => self.export(days),
            Happening::Repaid => {
                let to_come = self.terms().still_to_come(&self.paid()).expect("costed");
                let asked = to_recover(&self.differences(), to_come).expect("added up");
                let differences: Vec<_> = self.differences().iter().map(|d| Pence(d.0.min(0))).collect();
                let taken = corrections(asked, &differences).expect("added up");
                for (made, correction) in self.made.iter_mut().zip(&taken) {
                    made.net = Pence(made.net.0 + correction.0);
                }
            }
        }
    }

    /// Slow and plainly right: every day on its own.
    fn day_by_day(&self) -> i64 {
        let cost = |day: NaiveDate| {
            self.lines.iter().map(|line| self.policy.cost_between(line, day, day + Days::new(1)).expect("costed").0).sum::<i64>()
        };
        let is_paid = |day: &NaiveDate| !self.pauses.iter().any(|pause| pause.holds(*day));
        (0..900).map(|n| day(START) + Days::new(n)).filter(is_paid).map(cost).sum()
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn what_was_paid_is_planned_and_is_to_be_adjusted_adds_up_to_what_the_lines_cost(story in prop::collection::vec(happening(), 1..25)) {
        let mut account = Account::new();
        for happening in story {
            account.happen(happening);
            let planned: i64 = account.terms().unpaid(&account.paid(), day("2099-01-01")).expect("planned").iter().map(|p| p.amount.0).sum();
            let to_come = account.terms().still_to_come(&account.paid()).expect("costed").expect("an end").0;
            prop_assert_eq!(planned, to_come);
            let net: i64 = account.made.iter().map(|made| made.net.0).sum();
            let differences: i64 = account.differences().iter().map(|pence| pence.0).sum();
            prop_assert_eq!(net + planned + differences, account.day_by_day());
            prop_assert!(account.files.iter().all(|file| file.0 >= 0), "no file asks for money");
            let mut days = account.paid();
            days.sort();
            prop_assert!(days.windows(2).all(|pair| !pair[0].overlaps(&pair[1])), "no day is paid twice");
        }
    }
}
