//! What has to become of payments, worked out from sums: each provider's payments settle what it is planned to be paid, those without a
//! provider settle what is left of the budget line.

use serde_json::Value;
use std::collections::BTreeMap;

/// A budget line, and a provider's code or none.
pub type Of = (String, Option<String>);

/// What became of the payments to somebody, in pence.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Became {
    pub payments: i64,
    pub paid: i64,
    pub overpaid: i64,
    pub credit: i64,
    pub unmatched: i64,
}

/// What has to become of the payments, where so much is planned.
pub fn settled(plans: &BTreeMap<Of, i64>, payments: &BTreeMap<Of, i64>) -> BTreeMap<Of, Became> {
    let mut all = BTreeMap::new();
    for (of, payments) in payments.iter().filter(|((_, provider), _)| provider.is_some()) {
        let became = match plans.get(of) {
            Some(planned) => within(*payments, *planned),
            None => Became { payments: *payments, unmatched: *payments, ..Became::default() },
        };
        all.insert(of.clone(), became);
    }
    for (of, payments) in payments.iter().filter(|((_, provider), _)| provider.is_none()) {
        let became = within(*payments, open(plans, &all, &of.0));
        all.insert(of.clone(), became);
    }
    all
}

/// What is planned on a budget line and not settled.
pub fn open(plans: &BTreeMap<Of, i64>, settled: &BTreeMap<Of, Became>, budget_line: &str) -> i64 {
    let planned: i64 = plans.iter().filter(|((line, _), _)| line == budget_line).map(|(_, planned)| planned).sum();
    let paid: i64 = settled.iter().filter(|((line, _), _)| line == budget_line).map(|(_, became)| became.paid).sum();
    planned - paid
}

fn within(payments: i64, planned: i64) -> Became {
    Became { payments, paid: payments.clamp(0, planned), overpaid: (payments - planned).max(0), credit: (-payments).max(0), unmatched: 0 }
}

/// Rows of payments, by budget line and provider, each with one target; settled + overpaid − credit + unmatched is what was paid.
pub fn became(rows: &Value) -> BTreeMap<Of, Became> {
    let mut all = BTreeMap::new();
    for row in rows.as_array().unwrap() {
        let [payments, paid, overpaid, credit, unmatched] =
            ["payments_pence", "paid_pence", "overpaid_pence", "credit_pence", "unmatched_pence"].map(|part| pence(row, part));
        assert_eq!(payments, paid + overpaid - credit + unmatched, "{row}");
        let twice = all.insert(of_row(row), Became { payments, paid, overpaid, credit, unmatched });
        assert_eq!(twice, None, "{row}");
    }
    all
}

/// The budget line and provider of a row.
pub fn of_row(row: &Value) -> Of {
    (text(&row["budget_line"]), row["provider"].as_str().map(str::to_owned))
}

/// A text.
pub fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// An amount of a row.
pub fn pence(row: &Value, part: &str) -> i64 {
    row[part].as_i64().unwrap()
}
