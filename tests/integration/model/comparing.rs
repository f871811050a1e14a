//! What the program says of every account, beside what the model says.

use super::books::{CAUSES, Known, Owed, Side, day};
use super::story::Account;
use super::{LAST_DAY, YEARS, reported};
use crate::support::{Client, TestApp};
use chrono::{Months, NaiveDate};
use domain::FinancialYear;
use reports::{ForecastOutturn, OutturnRow, PaymentRow, Which, joint_funding};
use serde_json::Value;
use std::collections::HashMap;

const SIDES: [Side; 2] = [Side::Cost, Side::Income];

fn starts_on(year: &str) -> NaiveDate {
    year.parse::<FinancialYear>().unwrap().starts_on()
}

impl Account {
    fn line_of(&self, side: Side) -> &str {
        match side {
            Side::Cost => &self.budget_line,
            Side::Income => &self.income_line,
        }
    }
}

/// The ledger's sign: income is negative.
fn sign(side: Side) -> i128 {
    if side == Side::Cost { 1 } else { -1 }
}

/// What requests may yet add: they are for support, and so on the side of what it costs.
fn pending(known: &Known, side: Side, starts: NaiveDate) -> [i128; 12] {
    if side == Side::Cost { known.pending(starts) } else { [0; 12] }
}

/// A report's rows by budget line.
struct Reported<'r> {
    rows: HashMap<&'r str, Vec<&'r OutturnRow>>,
    payments: HashMap<&'r str, Vec<&'r PaymentRow>>,
}

impl<'r> Reported<'r> {
    fn of(report: &'r ForecastOutturn) -> Self {
        let mut rows: HashMap<&str, Vec<&OutturnRow>> = HashMap::new();
        report.rows.iter().for_each(|row| rows.entry(&row.budget_line).or_default().push(row));
        let mut payments: HashMap<&str, Vec<&PaymentRow>> = HashMap::new();
        report.payments.iter().for_each(|row| payments.entry(&row.budget_line).or_default().push(row));
        Reported { rows, payments }
    }
}

/// The forecast of every year as known on a day, and how it moved since an earlier one.
pub fn agree(app: &TestApp, accounts: &[Account], since: NaiveDate, known_on: NaiveDate) {
    let reports = YEARS.map(|year| (year, reported(app, year, Some(known_on), Some(since))));
    let reports = reports.each_ref().map(|(year, report)| (*year, Reported::of(report)));
    for account in accounts {
        let (before, after) = (account.history.known_on(since), account.history.known_on(known_on));
        for (year, report) in &reports {
            for side in SIDES {
                let said = || format!("{side:?} of {year}, as known on {known_on}, since {since}: {}", account.said());
                let line = account.line_of(side);
                let payments = report.payments.get(line).map(Vec::as_slice).unwrap_or_default();
                same((&before, &after), (side, starts_on(year)), (&report.rows[line], payments), &said);
            }
        }
    }
}

fn same(
    (before, after): (&Known, &Known),
    (side, starts): (Side, NaiveDate),
    (rows, payments): (&[&OutturnRow], &[&PaymentRow]),
    said: &dyn Fn() -> String,
) {
    let sign = sign(side);
    let expected = after.expected(side, starts);
    let (was_pending, is_pending) = (pending(before, side, starts), pending(after, side, starts));
    let moved = after.movement(before, side, starts);
    assert_eq!(rows.len(), 12, "{}", said());
    for (month, row) in rows.iter().enumerate() {
        let found = [row.actual_pence, row.committed_pence, row.pending_pence].map(|pence| i128::from(pence) * sign);
        let right = [expected.actual[month], expected.committed[month], is_pending[month]];
        assert_eq!(found, right, "actual, committed, pending in {}, {}", row.month, said());
        let movement = row.movement.expect("asked for");
        let found = [
            movement.new_pence,
            movement.ended_pence,
            movement.volume_pence,
            movement.rate_pence,
            movement.timing_pence,
            movement.correction_pence,
            movement.payment_pence,
        ];
        assert_eq!(found.map(|pence| i128::from(pence) * sign), moved[month], "{CAUSES:?} in {}, {}", row.month, said());
        let since = is_pending[month] - was_pending[month];
        assert_eq!(i128::from(movement.pending_pence), since, "pending since, in {}, {}", row.month, said());
    }
    let sum = |of: fn(&PaymentRow) -> i64| payments.iter().map(|row| i128::from(of(row)) * sign).sum::<i128>();
    let found = [sum(|row| row.overpaid_pence), sum(|row| row.credit_pence), sum(|row| row.unmatched_pence)];
    assert_eq!(found, [expected.overpaid, expected.credit, expected.unmatched], "overpaid, credit, unmatched: {}", said());
}

/// What funders were asked for and owe, as it stands at the end.
pub fn agree_on_receivables(app: &TestApp, accounts: &[Account]) {
    for year in YEARS {
        let report = joint_funding(&app.folder.path().join("warehouse"), &Which::Current, year.parse().unwrap()).unwrap();
        let mut found: HashMap<(&str, &str), Owed> = HashMap::new();
        for row in &report.rows {
            let amounts = [row.expected_pence, row.invoiced_pence, row.credited_pence, row.received_pence, row.outstanding_pence];
            let sums = found.entry((&row.budget_line, &row.month)).or_default();
            sums.iter_mut().zip(amounts).for_each(|(sum, pence)| *sum += i128::from(pence));
        }
        for account in accounts {
            let owed = account.history.known_on(day(LAST_DAY)).receivables(starts_on(year));
            for (month, expected) in owed.into_iter().enumerate() {
                let name = (starts_on(year) + Months::new(month.try_into().unwrap())).format("%Y-%m").to_string();
                let found = found.get(&(account.income_line.as_str(), name.as_str())).copied().unwrap_or_default();
                assert_eq!(found, expected, "expected, invoiced, credited, received, owed in {name}: {}", account.said());
            }
        }
    }
}

/// What the server has now: every week of every package, and what budget control says of every budget line.
pub async fn agree_over_http(officer: &Client, accounts: &[Account]) {
    for year in YEARS {
        let controls = officer.get(&format!("/v1/budget-control?year={year}&with_pending=true")).await.expect(200).body;
        let controls: HashMap<&str, &Value> =
            controls["items"].as_array().unwrap().iter().map(|item| (item["budget_line"].as_str().unwrap(), item)).collect();
        for account in accounts {
            let known = account.history.known_on(day(LAST_DAY));
            same_control(account, &known, year, &controls);
            same_weeks(officer, account, &known, year).await;
        }
    }
}

fn pence(record: &Value, field: &str) -> i128 {
    i128::from(record[field].as_i64().unwrap())
}

fn same_control(account: &Account, known: &Known, year: &str, controls: &HashMap<&str, &Value>) {
    for side in SIDES {
        let expected = known.expected(side, starts_on(year));
        let control = controls[account.line_of(side)];
        let found = ["actual_pence", "open_commitment_pence", "pending_pence"].map(|field| pence(control, field) * sign(side));
        let right = [expected.actual, expected.committed, pending(known, side, starts_on(year))].map(|months| months.iter().sum::<i128>());
        assert_eq!(found, right, "actual, open, pending of {side:?} of {year}: {}", account.said());
    }
}

async fn same_weeks(officer: &Client, account: &Account, known: &Known, year: &str) {
    let answer = officer.get(&format!("/v1/packages/{}/commitments?year={year}", account.package)).await.expect(200).body;
    let words = |cell: &Value, field: &str| cell[field].as_str().map(str::to_owned);
    let found: Vec<_> = answer["weeks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|cell| {
            let amounts = ["planned_pence", "paid_pence", "released_pence", "open_pence"].map(|field| pence(cell, field));
            (words(cell, "line_id").unwrap(), words(cell, "provider_id"), words(cell, "from").unwrap(), words(cell, "to").unwrap(), amounts)
        })
        .collect();
    let cells = known.expected(Side::Cost, starts_on(year)).cells;
    let expected: Vec<_> = cells
        .iter()
        .filter(|cell| known.arrangements.contains_key(&cell.owner))
        .map(|cell| {
            let amounts = [cell.planned, cell.paid, cell.released, cell.open()];
            (cell.owner.clone(), cell.provider.clone(), cell.from.to_string(), cell.to.to_string(), amounts)
        })
        .collect();
    assert_eq!(found, expected, "{year}: {}", account.said());
}
