//! The profile's rules of costing: the weeks of a year and the school calendar.

use super::number::Weeks;
use super::toml_text::toml_date;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How a line is costed (panel practice standard 2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CostingPolicy {
    /// Weeks of service in a full year.
    pub weeks_per_year: Weeks,
    /// Of which school term; the rest is holiday.
    pub term_time_weeks_per_year: Weeks,
    /// The school calendar, as far as it is published.
    #[serde(default)]
    pub terms: Vec<Term>,
}

/// A stretch of school term, both days included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Term {
    /// First day of term.
    #[schema(value_type = String, format = Date)]
    #[serde(deserialize_with = "toml_date")]
    pub from: NaiveDate,
    /// Last day of term.
    #[schema(value_type = String, format = Date)]
    #[serde(deserialize_with = "toml_date")]
    pub to: NaiveDate,
}

/// Adds what is wrong with these rules: weeks that fit no year, terms that end before they start or overlap. `terms` are in order.
pub(super) fn check(costing: &CostingPolicy, problems: &mut Vec<String>) {
    let (weeks, term_weeks) = (costing.weeks_per_year.value, costing.term_time_weeks_per_year.value);
    if !(1..=53).contains(&weeks) || term_weeks > weeks {
        problems.push(format!("{term_weeks} term-time weeks in a year of {weeks}: a year has at most 53, and term is part of it"));
    }
    for term in costing.terms.iter().filter(|term| term.to < term.from) {
        problems.push(format!("the term from {} ends before it starts, on {}", term.from, term.to));
    }
    for pair in costing.terms.windows(2).filter(|pair| pair[1].from <= pair[0].to) {
        problems.push(format!("the term from {} starts before the one from {} ends", pair[1].from, pair[0].from));
    }
}
