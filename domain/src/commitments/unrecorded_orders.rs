//! Payments that carry the number of an order which is not on record, or not any more: they settle what their provider is planned to be paid,
//! and somebody has to look at them.

use super::Entry;
use crate::Pence;
use crate::money::TooLarge;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap, HashSet};
use utoipa::ToSchema;

/// Why an order's number stands for no order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Unrecorded {
    /// No order with the number was ever recorded.
    NotRecorded,
    /// The order with the number was cancelled.
    Cancelled,
}

/// The payments of a budget line with one number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnrecordedOrder<'e> {
    /// The budget line.
    pub budget_line: &'e str,
    /// The number, as the finance system writes it.
    pub number: &'e str,
    /// Why it stands for no order.
    pub state: Unrecorded,
    /// How many payments.
    pub count: i64,
    /// What they add up to.
    pub amount: Pence,
    /// The first and the last day on which one was posted.
    pub posted: (NaiveDate, NaiveDate),
}

/// Groups a year's payments by budget line and number, where no order that stands has the number. `recorded` are the numbers that orders
/// have or had, each with whether one stands. An entry and the one that takes it back are left out together.
pub fn unrecorded_orders<'e>(entries: &'e [Entry], recorded: &HashMap<String, bool>) -> Result<Vec<UnrecordedOrder<'e>>, TooLarge> {
    let ids: HashSet<&str> = entries.iter().map(|entry| entry.id.as_str()).collect();
    let reversed: HashSet<&str> = entries.iter().filter_map(|entry| entry.reverses.as_deref()).filter(|id| ids.contains(id)).collect();
    let is_gone = |entry: &Entry| reversed.contains(entry.id.as_str()) || entry.reverses.as_deref().is_some_and(|id| ids.contains(id));
    let mut orders: BTreeMap<(&str, &str), UnrecordedOrder<'e>> = BTreeMap::new();
    for entry in entries.iter().filter(|entry| !is_gone(entry)) {
        let Some(number) = entry.order.as_deref() else { continue };
        let state = match recorded.get(number) {
            Some(true) => continue,
            Some(false) => Unrecorded::Cancelled,
            None => Unrecorded::NotRecorded,
        };
        let budget_line = entry.budget_line.as_str();
        let none =
            UnrecordedOrder { budget_line, number, state, count: 0, amount: Pence::ZERO, posted: (entry.posted_on, entry.posted_on) };
        let order = orders.entry((budget_line, number)).or_insert(none);
        order.count += 1;
        order.amount = order.amount.checked_add(entry.amount)?;
        order.posted = (order.posted.0.min(entry.posted_on), order.posted.1.max(entry.posted_on));
    }
    Ok(orders.into_values().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    fn entry(id: &str, order: Option<&str>, on: &str, pence: i64, reverses: Option<&str>) -> Entry {
        Entry {
            id: id.to_owned(),
            posted_on: day(on),
            budget_line: "home_care".to_owned(),
            provider: None,
            order: order.map(str::to_owned),
            reverses: reverses.map(str::to_owned),
            amount: Pence(pence),
            recorded_on: day(on),
        }
    }

    #[test]
    fn payments_are_listed_by_number_until_an_order_with_the_number_stands() {
        let entries = [
            entry("1", Some("PO-1"), "2024-05-02", 100, None),
            entry("2", Some("PO-1"), "2024-04-20", 50, None),
            entry("3", Some("PO-2"), "2024-05-02", 7, None),
            entry("4", None, "2024-05-02", 1_000, None),
            // Taken back.
            entry("5", Some("PO-1"), "2024-05-03", 900, None),
            entry("6", Some("PO-1"), "2024-05-04", -900, Some("5")),
            // It takes back what counted in another year.
            entry("7", Some("PO-3"), "2024-05-04", -30, Some("0")),
        ];
        for (recorded, expected) in [
            (
                vec![],
                vec![
                    ("PO-1", Unrecorded::NotRecorded, 2, 150, "2024-04-20", "2024-05-02"),
                    ("PO-2", Unrecorded::NotRecorded, 1, 7, "2024-05-02", "2024-05-02"),
                    ("PO-3", Unrecorded::NotRecorded, 1, -30, "2024-05-04", "2024-05-04"),
                ],
            ),
            (
                vec![("PO-1", false), ("PO-2", true), ("PO-3", true)],
                vec![("PO-1", Unrecorded::Cancelled, 2, 150, "2024-04-20", "2024-05-02")],
            ),
            (vec![("PO-1", true), ("PO-2", true), ("PO-3", true)], vec![]),
        ] {
            let recorded = recorded.into_iter().map(|(number, stands)| (number.to_owned(), stands)).collect();
            let told: Vec<_> = unrecorded_orders(&entries, &recorded)
                .expect("small")
                .into_iter()
                .map(|order| (order.number, order.state, order.count, order.amount.0, order.posted))
                .collect();
            let expected: Vec<_> = expected
                .into_iter()
                .map(|(number, state, count, pence, from, to)| (number, state, count, pence, (day(from), day(to))))
                .collect();
            assert_eq!(told, expected, "{recorded:?}");
        }
    }
}
