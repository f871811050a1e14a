//! How a provider's governance stands: what it must hold, what was found of each item, and when the provider is red.

use crate::column::word_column;
use crate::profile::{Governance, GovernanceItem};
use crate::{FieldError, FinancialYear};
use chrono::NaiveDate;
use diesel::{deserialize::FromSqlRow, expression::AsExpression, sql_types::Text};
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};
use utoipa::ToSchema;

/// How an item of a provider's governance was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[derive(EnumString, IntoStaticStr, VariantArray, ToSchema, AsExpression, FromSqlRow)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[diesel(sql_type = Text)]
pub enum GovernanceStatus {
    /// In place.
    Green,
    /// Not in place.
    Red,
}

/// How an item of a provider's governance stands on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum GovernanceState {
    /// In place.
    Green,
    /// Found not to be in place.
    Red,
    /// In place once, and over.
    Expired,
    /// Nothing is on record.
    Missing,
}

word_column!(GovernanceStatus);

/// What is on record of an item of a provider's governance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GovernanceFinding {
    /// How it was found.
    pub status: GovernanceStatus,
    /// The first day it holds.
    pub valid_from: NaiveDate,
    /// The first day it no longer holds; none, no end is known.
    pub expires_on: Option<NaiveDate>,
}

impl GovernanceFinding {
    /// Whether what was found holds no longer on a day: its end is the first such day.
    pub fn is_over(&self, day: NaiveDate) -> bool {
        self.expires_on.is_some_and(|end| end <= day)
    }
}

impl GovernanceState {
    /// Whether the item is in place. The one rule of it: a provider with any item that is not green is red.
    pub fn is_green(self) -> bool {
        self == GovernanceState::Green
    }

    fn in_words(self) -> &'static str {
        match self {
            GovernanceState::Green => "in place",
            GovernanceState::Red => "not in place",
            GovernanceState::Expired => "expired",
            GovernanceState::Missing => "missing",
        }
    }

    /// How an item stands on a day, by everything on record of it, the oldest record first: of what has begun by then, the record
    /// made last counts. What is still to come takes nothing away from what holds until then.
    pub fn on(day: NaiveDate, findings: &[GovernanceFinding]) -> Self {
        match findings.iter().rfind(|finding| finding.valid_from <= day) {
            None => GovernanceState::Missing,
            Some(GovernanceFinding { status: GovernanceStatus::Red, .. }) => GovernanceState::Red,
            Some(finding) if finding.is_over(day) => GovernanceState::Expired,
            Some(_) => GovernanceState::Green,
        }
    }

    /// The rating of a provider with items in these states: green when every one of them is.
    pub fn rating(states: impl IntoIterator<Item = GovernanceState>) -> GovernanceStatus {
        let is_green = states.into_iter().all(GovernanceState::is_green);
        if is_green { GovernanceStatus::Green } else { GovernanceStatus::Red }
    }
}

/// An item that a provider must hold, and how it stands on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ItemOnDay<'i> {
    /// As the profile calls it.
    pub name: &'i str,
    /// Where the authority asks for it.
    pub clause: &'i str,
    /// How it stands.
    pub state: GovernanceState,
}

/// Why a provider with these items takes no placement on a day; none, it is green and does.
pub fn red_mistake<'i>(clause: &str, on: NaiveDate, items: impl IntoIterator<Item = ItemOnDay<'i>>) -> Option<FieldError> {
    let wanting: Vec<_> = items.into_iter().filter(|item| !item.state.is_green()).collect();
    if wanting.is_empty() {
        return None;
    }
    let named: Vec<_> = wanting.iter().map(|item| format!("{} is {} ({})", item.name, item.state.in_words(), item.clause)).collect();
    let detail = format!("the provider is red on {on} and takes no placement ({clause}): {}", named.join("; "));
    Some(FieldError::new("/provider_id", "provider_red", detail))
}

/// Everything that keeps a finding from being recorded. `item` is the code of the item it is of, `asked` what the profile asks for.
pub fn finding_mistakes(asked: Option<&Governance>, item: &str, finding: &GovernanceFinding, has_evidence: bool) -> Vec<FieldError> {
    let items = asked.map(|asked| asked.items.as_slice()).unwrap_or_default();
    let mut errors = Vec::new();
    let found = items.iter().find(|one| one.code == item);
    if found.is_none() {
        let codes: Vec<_> = items.iter().map(|item| item.code.as_str()).collect();
        let has = if codes.is_empty() { "none".to_owned() } else { codes.join(", ") };
        let detail = format!("the authority's profile asks for no such item; it asks for: {has}");
        errors.push(FieldError::new("/item", "unknown_reference", detail));
    }
    for (pointer, day) in [("/valid_from", Some(finding.valid_from)), ("/expires_on", finding.expires_on)] {
        if let Some(Err(error)) = day.map(FinancialYear::of) {
            errors.push(FieldError::new(pointer, "out_of_range", error.to_string()));
        }
    }
    if finding.expires_on.is_some_and(|end| end <= finding.valid_from) {
        let detail = "the end is the first day it no longer holds, so it is after the start";
        errors.push(FieldError::new("/expires_on", "before_start", detail));
    }
    match finding.status {
        GovernanceStatus::Red if finding.expires_on.is_some() => {
            errors.push(FieldError::new("/expires_on", "not_of_this_status", "what is not in place does not expire"));
        }
        GovernanceStatus::Red => {}
        GovernanceStatus::Green => {
            if !has_evidence {
                errors.push(FieldError::new("/evidence", "missing", "what is in place has evidence"));
            }
            errors.extend(found.and_then(|item| too_late(item, finding)));
        }
    }
    errors
}

/// An item that must be shown anew every so often holds no longer than that.
fn too_late(item: &GovernanceItem, finding: &GovernanceFinding) -> Option<FieldError> {
    let latest = item.ends_by(finding.valid_from)?;
    if finding.expires_on.is_some_and(|end| end <= latest) {
        return None;
    }
    let months = item.valid_for_months.unwrap_or_default();
    let detail = format!("it is valid for {months} months ({}): an end by {latest} is needed", item.clause);
    Some(FieldError::new("/expires_on", "too_late", detail))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    fn finding(status: GovernanceStatus, from: &str, to: Option<&str>) -> GovernanceFinding {
        GovernanceFinding { status, valid_from: day(from), expires_on: to.map(day) }
    }

    #[test]
    fn an_item_is_red_on_the_very_day_it_expires_and_not_the_day_before() {
        let year = [finding(GovernanceStatus::Green, "2024-02-29", Some("2025-02-28"))];
        for (on, state) in [
            ("2024-02-28", GovernanceState::Missing),
            ("2024-02-29", GovernanceState::Green),
            ("2025-02-27", GovernanceState::Green),
            ("2025-02-28", GovernanceState::Expired),
            ("2099-01-01", GovernanceState::Expired),
        ] {
            assert_eq!(GovernanceState::on(day(on), &year), state, "{on}");
        }
        assert_eq!(GovernanceState::on(day("2024-01-01"), &[]), GovernanceState::Missing);
    }

    #[test]
    fn the_record_made_last_counts_once_it_has_begun() {
        let (green, red) = (GovernanceStatus::Green, GovernanceStatus::Red);
        // Renewed ahead of time, then found wanting, then put right for the same days.
        let all = [
            finding(green, "2024-01-01", Some("2024-07-01")),
            finding(green, "2024-07-01", Some("2025-07-01")),
            finding(red, "2024-09-01", None),
            finding(green, "2024-09-10", Some("2025-07-01")),
        ];
        for (on, state) in [
            ("2024-06-30", GovernanceState::Green),
            ("2024-07-01", GovernanceState::Green),
            ("2024-09-01", GovernanceState::Red),
            ("2024-09-09", GovernanceState::Red),
            ("2024-09-10", GovernanceState::Green),
            ("2025-07-01", GovernanceState::Expired),
        ] {
            assert_eq!(GovernanceState::on(day(on), &all), state, "{on}");
        }
    }

    #[test]
    fn one_item_that_is_not_green_makes_the_provider_red_and_no_item_at_all_does_not() {
        use GovernanceState as G;
        assert_eq!(GovernanceState::rating([]), GovernanceStatus::Green);
        assert_eq!(GovernanceState::rating([G::Green, G::Green]), GovernanceStatus::Green);
        for other in [G::Red, G::Expired, G::Missing] {
            assert_eq!(GovernanceState::rating([G::Green, other]), GovernanceStatus::Red);
        }
    }
    #[test]
    fn the_words_are_those_of_the_database() {
        assert_eq!(GovernanceStatus::VARIANTS.iter().map(GovernanceStatus::as_str).collect::<Vec<_>>(), ["green", "red"]);
    }

    #[test]
    fn any_item_that_is_not_green_is_named_with_its_clause() {
        use GovernanceState as G;
        let on = day("2024-09-02");
        let item = |name, state| ItemOnDay { name, clause: "Schedule 3", state };
        let told = |items: &[ItemOnDay<'_>]| red_mistake("Clause 9", on, items.iter().copied()).map(|error| error.detail);
        for (items, wanting) in [
            (vec![], None),
            (vec![item("Insurance", G::Green), item("Policies", G::Green)], None),
            (vec![item("Insurance", G::Red)], Some("Insurance is not in place (Schedule 3)")),
            (vec![item("Insurance", G::Expired)], Some("Insurance is expired (Schedule 3)")),
            (vec![item("Insurance", G::Missing)], Some("Insurance is missing (Schedule 3)")),
            (
                vec![item("Insurance", G::Missing), item("Policies", G::Green), item("Checks", G::Red)],
                Some("Insurance is missing (Schedule 3); Checks is not in place (Schedule 3)"),
            ),
        ] {
            let expected = wanting.map(|named| format!("the provider is red on 2024-09-02 and takes no placement (Clause 9): {named}"));
            assert_eq!(told(&items), expected, "{items:?}");
            let rating = GovernanceState::rating(items.iter().map(|item| item.state));
            assert_eq!(rating == GovernanceStatus::Red, expected.is_some(), "{items:?}");
        }
    }

    #[test]
    fn a_finding_is_of_an_item_that_is_asked_for_with_evidence_and_an_end_in_time() {
        let yearly = GovernanceItem {
            code: "insurance".to_owned(),
            name: "Insurance".to_owned(),
            valid_for_months: Some(12),
            clause: "Schedule 3".to_owned(),
        };
        let lasting = GovernanceItem { code: "policies".to_owned(), valid_for_months: None, ..yearly.clone() };
        let asked = Governance { budget_lines: Vec::new(), items: vec![yearly, lasting], clause: "Clause 9".to_owned() };
        let (green, red) = (GovernanceStatus::Green, GovernanceStatus::Red);
        for (item, finding, has_evidence, mistakes) in [
            ("insurance", finding(green, "2024-06-03", Some("2025-06-03")), true, vec![]),
            ("insurance", finding(green, "2024-06-03", Some("2025-06-04")), true, vec![("/expires_on", "too_late")]),
            ("insurance", finding(green, "2024-06-03", None), true, vec![("/expires_on", "too_late")]),
            ("insurance", finding(green, "2024-06-03", Some("2025-06-03")), false, vec![("/evidence", "missing")]),
            ("policies", finding(green, "2024-06-03", None), true, vec![]),
            ("policies", finding(green, "2024-06-03", Some("2024-06-04")), true, vec![]),
            ("policies", finding(green, "2024-06-03", Some("2024-06-03")), true, vec![("/expires_on", "before_start")]),
            ("policies", finding(green, "1900-01-01", None), true, vec![("/valid_from", "out_of_range")]),
            ("policies", finding(green, "2024-06-03", Some("2200-01-01")), true, vec![("/expires_on", "out_of_range")]),
            ("policies", finding(red, "2024-06-03", None), false, vec![]),
            ("policies", finding(red, "2024-06-03", Some("2025-06-03")), false, vec![("/expires_on", "not_of_this_status")]),
            ("references", finding(green, "2024-06-03", None), true, vec![("/item", "unknown_reference")]),
        ] {
            let found = finding_mistakes(Some(&asked), item, &finding, has_evidence);
            let found: Vec<_> = found.iter().map(|error| (error.pointer.as_str(), error.code.as_str())).collect();
            assert_eq!(found, mistakes, "{item} {finding:?} {has_evidence}");
        }
        let unasked = finding_mistakes(None, "policies", &finding(red, "2024-06-03", None), false);
        assert_eq!(unasked[0].detail, "the authority's profile asks for no such item; it asks for: none");
    }
}
